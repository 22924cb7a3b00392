"""What checks look at, what they find, and how they say which source caused it.

A check knows values, not files: it names a *spot*, and :mod:`newsletter.proof.sources` finds its file and
line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from newsletter.issue.theme import Site, Theme
from newsletter.model import Article, Issue, Level

# ── where it comes from ─────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of config.toml; when it is not there, the table that it is missing from."""

    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What an article's file says about itself: ``title`` ``url`` ``image`` ``alt`` ``summary``."""

    path: str  #: of the article, as in `Card.path`
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an article's file; the first from it on that has `snippet`, where that is given."""

    path: str
    line: int
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A line of a file that is no article: a brief."""

    path: str  #: as people are shown it
    line: int


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the mail says: whoever wrote it, an article, the configuration, or else a template."""

    snippet: str  #: as the HTML or text has it
    path: str = ""  #: of the article that most likely wrote it


@dataclass(frozen=True, slots=True)
class Written:
    """Something that only a template can have written, or should have."""

    snippet: str  #: empty when it is not there at all
    part: str = ""  #: the file that it belongs into, as in ``parts/footer.mjml.j2``


Spot: TypeAlias = "Beside | Setting | Field | Line | Said | Written"


# ── what is looked at ───────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Mail:
    """One reader's copy of an issue, and what it was made from."""

    issue: Issue
    articles: tuple[Article, ...]  #: those that it carries
    html: str  #: every slot filled
    text: str  #: the same
    head: bytes  #: the header block of the message, lines ending in CRLF
    site: Site
    theme: Theme
    given: frozenset[str]  #: which of subject, preheader and intro the configuration says itself
    unsubscribe: tuple[str, ...]  #: how addresses begin that lead out of the list
    one_click: bool  #: there are pages that can take the one-click POST of RFC 8058
    mail_from: str  #: the envelope sender: an address
    clients: tuple[str, ...]  #: mail programs that must show everything

    @property
    def today(self) -> date:
        """The day of the issue."""
        return self.issue.date.date()

    def setting(self, key: str) -> Setting:
        """The spot of a key of the newsletter's own table."""
        return Setting(("newsletters", self.issue.newsletter, key))

    def subject(self) -> Spot:
        """The spot of the subject: the configuration, or the title of the first article."""
        if "subject" in self.given or not self.issue.cards:
            return self.setting("subject")
        return Field(self.issue.cards[0].path, "title")

    def by_path(self) -> Mapping[str, Article]:
        """The articles by their paths."""
        return {article.path: article for article in self.articles}


# ── what is found ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a check found."""

    spot: Spot
    text: str  #: what is wrong
    fix: str  #: what to do


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is called, how much it matters, and what looks."""

    id: str
    level: Level  #: unless the configuration says otherwise
    look: Callable[[Mail], Iterator[Fault]]

    @property
    def promise(self) -> str:
        """What holds when the check finds nothing, in one line."""
        return (self.look.__doc__ or "").strip().splitlines()[0]
