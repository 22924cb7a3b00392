"""A page with markers -> its frame and its blocks.

A marker is a comment in front of each block, and one behind the last, with a noncharacter in it. Outside text
has none (:func:`newsletter.issue.slots.guard`) and so cannot look like a marker, not even in an attribute,
where HTML leaves ``<!--`` as it is.

MJML closes all that it opens within a section, so what stands between two markers is whole, and the same
whatever its neighbours are. A pair is one section: its left block opens it and its right block closes it.
"""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

from newsletter.errors import RenderError
from newsletter.issue.slots import BLOCKS

_OURS: Final = "\ufdd0"
_MARKER = re.compile(rf"<!--{_OURS}(\S+?)-->")
_END: Final = "end"
_BEGINS, _ENDS = f"<mj-raw><!--{_OURS}", "--></mj-raw>"
_NAMELESS = re.compile(rf"{_BEGINS}(\S+?){_ENDS}")
_NAMED = re.compile(rf"\n?[ \t]*<!-- (card:\d+:[a-z]+|section:\d+|{_END}) -->\n?")


def marker(key: str) -> Markup:
    """What a template writes in front of the block `key`."""
    return Markup(f"{_BEGINS}{key}{_ENDS}")


def end_marker() -> Markup:
    """What a template writes behind the last block."""
    return marker(_END)


def split(html: str, keys: tuple[str, ...], template: str) -> tuple[str, tuple[str, ...]]:
    """The frame, ``%%BLOCKS%%`` in the place of the blocks, and the blocks in the order of `keys`.

    Raises RenderError when the template lost, doubled or moved a marker.
    """
    marks = list(_MARKER.finditer(html))
    found = tuple(mark[1] for mark in marks)
    if found != (*keys, _END):
        missing = next((key for key in keys if key not in found), _END)
        raise RenderError(
            f"{template}: the marks of the blocks are not all there once and in order (see {missing}); "
            "write {{ block.mark }} before each block and {{ blocks_end }} after the last"
        )
    ends = [mark.start() for mark in marks[1:]]
    blocks = tuple(html[mark.end() : end] for mark, end in zip(marks[:-1], ends, strict=True))
    return html[: marks[0].start()] + BLOCKS + html[marks[-1].end() :], blocks


def with_names(mjml: str) -> str:
    """MJML for people to look at: where a marker was stands the name of its block, as a comment."""
    return _NAMELESS.sub(r"<!-- \1 -->", mjml)


def only(mjml: str, keys: tuple[str, ...]) -> str:
    """The same of these blocks alone, in their order."""
    first, *others = _NAMED.split(mjml)
    texts = dict(zip(others[::2], others[1::2], strict=True))
    if _END not in texts:
        return mjml  # of a letter
    return "".join((first, *(f"\n    <!-- {key} -->\n{texts[key]}" for key in keys), "\n", texts[_END]))
