"""A block with all its pieces -> the block, ended behind the last piece that the mail has room for.

Gmail shows the first 102,400 bytes of a mail and hides the rest. A block stands in many mails, so it ends
where it must in the heaviest of those (:func:`level`); one that has the mail to itself is a block of its own,
and uses all the room. The marks are comments as in
:mod:`.split`, with a noncharacter of their own; what leads to the rest is rendered in any case, and goes when
nothing had to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from newsletter.errors import RenderError

HEAVIEST: Final = 90_000  #: bytes of HTML
SLOTS: Final = 4_500  #: bytes that the slots of a reader, and the style rules of a mail may take
_OURS: Final = "\ufdd2"
_MARK = re.compile(rf"<!--{_OURS}(\S+) (\w+)-->")


_TAIL: Final = ["pieces", "rest", "over"]


def before_piece(key: str, n: int, *, heading: bool) -> Markup:
    """What a template writes in front of the piece `n` of the block `key`."""
    return Markup(f"<!--{_OURS}{key} {'h' if heading else 'p'}{n}-->")


def after_last(key: str) -> Markup:
    """What a template writes behind the last piece."""
    return Markup(f"<!--{_OURS}{key} pieces-->")


def before_rest(key: str, *, end: bool = False) -> Markup:
    """What a template writes before what leads to the rest, and at its `end`."""
    return Markup(f"<mj-raw><!--{_OURS}{key} {'over' if end else 'rest'}--></mj-raw>")


def level(weights: Iterable[int], room: int, most: int) -> int:
    """So many bytes each article may have, that any `most` fit; what short ones leave, others get."""
    heaviest = sorted(weights)[-most:] if most else []
    for place, each in enumerate(heaviest):
        share = room // (len(heaviest) - place)
        if each > share:
            return share
        room -= each
    return HEAVIEST


@dataclass(frozen=True, slots=True)
class Ended:
    """A block without its marks."""

    html: str
    kept: int  #: pieces; all of them unless the block was too heavy
    whole: bool


def has_pieces(html: str) -> bool:
    """Whether there are pieces in a block."""
    return bool(_MARK.search(html))


def weight(html: str) -> int:
    """Bytes of the HTML, marks not counted."""
    return len(_MARK.sub("", html).encode("utf-8", "surrogatepass"))


def ended(html: str, room: int, template: str, *, elsewhere: bool) -> Ended:
    """The block in so many bytes, if it has any pieces that can go.

    It is left whole where the rest is not to be found `elsewhere`. Raises RenderError when the template
    lost or moved a mark.
    """
    marks = list(_MARK.finditer(html))
    names = [mark[2] for mark in marks]
    count = len(marks) - 3
    numbers = [name.lstrip("hp") for name in names[:-3]]
    if numbers != [str(n) for n in range(count)] or names[-3:] != _TAIL:
        raise RenderError(
            f"{template}: the marks of the pieces are not all there once and in order; "
            "write {{ piece.mark }} before each piece, {{ article.pieces_end }} after the last, "
            "then {{ article.rest }} and {{ article.rest_end }} around what leads to the rest"
        )
    starts = [mark.start() for mark in marks]
    without_rest = html[: starts[-2]] + html[marks[-1].end() :]
    if not elsewhere or weight(without_rest) <= room:
        return Ended(_MARK.sub("", without_rest), count, True)
    kept = count
    short = html
    while kept and weight(short) > room:
        kept -= 1
        while kept and names[kept - 1].startswith("h"):
            kept -= 1  # a heading announces what is not there
        short = html[: starts[kept]] + html[starts[count] :]
    return Ended(_MARK.sub("", short), kept, False)
