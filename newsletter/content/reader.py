"""Source -> Draft: what a reader is, and how to write another.

A reader turns the body of one file into typed blocks. It is a function of one
:class:`Source` that returns a :class:`Draft`, decorated with the endings of the
files that it reads::

    from newsletter.content.reader import Draft, Source, reads
    from newsletter.model import Block, BlockKind

    @reads(".shout")
    def read(source: Source) -> Draft:
        lines = enumerate(source.body.split("\\n"), source.line)
        return Draft(tuple(Block(BlockKind.PARAGRAPH, text, "", n) for n, text in lines if text.strip()))

and is named in the ``newsletter.readers`` entry points of its distribution::

    [project.entry-points."newsletter.readers"]
    shout = "my_package.shout:read"

What comes in is decoded (no BOM, ``\\n`` line ends, no control characters) and
its front matter is gone. A reader opens no files, knows no site, raises nothing for
what an author may write, and takes time linear in the size of the body: what is
wrong becomes a :class:`newsletter.model.Problem` with its line in the file, which is
``source.line`` + the line within the body. ``Draft.fields`` is for what the page
says about itself outside front matter (``og:title``, a byline); front matter wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from newsletter.model import Block, Problem

#: What front matter may hold: text as the author wrote it, lists, and tables of the same.
Value: TypeAlias = "str | tuple[Value, ...] | Mapping[str, Value]"


@dataclass(frozen=True, slots=True)
class Repeated:
    """Lines, squeezed, that stand in many plain-text files: what a site puts around its articles."""

    above: frozenset[str] = frozenset()  #: above the prose
    below: frozenset[str] = frozenset()  #: in the prose and below it


@dataclass(frozen=True, slots=True)
class Source:
    """The body of one file, ready to be read."""

    path: str  #: relative to the folder, with ``/``
    body: str  #: what follows the front matter
    line: int  #: the line of the file on which `body` begins, from 1
    has_fields: bool = False  #: front matter stood above it
    repeated: Repeated = Repeated()  #: what many plain-text files of this folder have in common


@dataclass(frozen=True, slots=True)
class Traced:
    """What became of one line of a page dump, and why."""

    line: int
    text: str
    part: str  #: ``title`` ``standfirst`` ``date`` ``author`` ``caption`` ``body`` ``heading`` ``chrome``
    rule: str  #: the rule that decided
    confidence: float  #: 0 to 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader found in one body."""

    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...] = ()
    fields: Mapping[str, Value] = field(default_factory=dict)
    trace: tuple[Traced, ...] = ()


class Reader(Protocol):
    """A callable that reads the files whose names end in one of `endings`."""

    @property
    def endings(self) -> tuple[str, ...]:
        """Lower-case, each with its dot."""

    def __call__(self, source: Source) -> Draft:
        """The blocks of `source`, in reading order."""


@dataclass(frozen=True, slots=True)
class _Reads:
    endings: tuple[str, ...]
    function: Callable[[Source], Draft]

    def __call__(self, source: Source) -> Draft:
        return self.function(source)


def reads(*endings: str) -> Callable[[Callable[[Source], Draft]], Reader]:
    """Make a function a :class:`Reader` of files with these endings."""
    return lambda function: _Reads(endings, function)
