"""The width of a mail -> the widths of what stands in it, in whole pixels.

MJML turns a fraction of a pixel into an attribute that no client can read, so what is left over goes to the
second column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newsletter.model import Picture, Role

SIDE: Final = 32  #: pixels left and right of the text
GUTTER: Final = 24  #: pixels between two columns
_FLUID_FROM: Final = 480  #: pixels
_LOGO_HEIGHT: Final = 44
_LOGO_SIDE: Final = 104  #: Gmail's app turns pictures of 100 pixels and less over when it is dark


@dataclass(frozen=True, slots=True)
class Measures:
    """Widths in pixels. ``left + right`` and ``beside + rest`` are ``text``."""

    width: int  #: of the mail
    text: int  #: of the column of text
    left: int  #: of the first of two columns, the gutter inside it
    right: int  #: of the second
    beside: int  #: of the column of a picture beside text, the gutter inside it
    rest: int  #: of the text beside it


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture, fitted into its box and never enlarged."""

    src: str
    alt: str  #: empty when the author gave none: decoration then
    width: int
    height: int  #: 0 when not known
    fluid: bool  #: large enough to fill the width of a phone


def measures(width: int) -> Measures:
    """The measures of a mail that is `width` pixels wide at most."""
    text = width - 2 * SIDE
    left = (text + GUTTER) // 2
    beside = text * 200 // 536 + GUTTER
    return Measures(width=width, text=text, left=left, right=text - left, beside=beside, rest=text - beside)


def box(role: Role | None, measures: Measures) -> tuple[int, int] | None:
    """The width and height that a picture may take in a role; None where there is none."""
    column = measures.left - GUTTER
    beside = measures.beside - GUTTER
    return {
        Role.LEAD: (measures.text, measures.text),
        Role.ALONE: (measures.text, measures.text),
        Role.NEXT: (measures.text, measures.text),
        Role.LEFT: (column, column),
        Role.RIGHT: (column, column),
        Role.WIDE: (beside, beside * 13 // 10),
    }.get(role or Role.ROW)


def fitted(picture: Picture, width: int, height: int) -> PictureView:
    """The picture within so many pixels, whole ones, its proportions kept."""
    if not picture.width or not picture.height:
        return PictureView(src=picture.src, alt=picture.alt, width=width, height=0, fluid=True)
    scale = min(1.0, width / picture.width, height / picture.height)
    return PictureView(
        src=picture.src,
        alt=picture.alt,
        width=max(1, round(picture.width * scale)),
        height=max(1, round(picture.height * scale)),
        fluid=picture.width >= _FLUID_FROM,
    )


def logo_fitted(logo: Picture, alt: str, width: int) -> PictureView:
    """The logo 44 pixels high at most; one that would be narrower than 104 then may be that wide or high.

    Where its size is not known its width is 0: the mail then says nothing of it.
    """
    high = _LOGO_HEIGHT
    if logo.width and logo.height:
        high = max(high, min(_LOGO_SIDE, _LOGO_SIDE * logo.height // logo.width))
    shown = fitted(Picture(logo.src, alt, logo.width, logo.height), width, high)
    return shown if logo.width else PictureView(logo.src, alt, 0, high, fluid=False)
