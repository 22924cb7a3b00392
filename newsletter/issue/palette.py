"""A theme -> a light and a dark palette whose contrast holds.

What is given is kept as long as it can be read; else its lightness is moved, away from the paper, until it
can, and :func:`contrast_faults` tells. What is not given is derived. The paper stays warm and the same
everywhere: a client that darkens mail by itself finds nothing to turn over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from newsletter.errors import RenderError
from newsletter.issue.colours import Oklch, contrast, from_oklch, luminance, to_oklch
from newsletter.issue.theme import Theme

__all__ = ["ContrastFault", "Palette", "Scheme", "contrast", "contrast_faults", "derive"]

READABLE: Final = 4.5  #: WCAG 2.2 AA, of text
_STEP: Final = 0.005
_PAPER_HUE: Final = 85.0
_MIDDLE: Final = 0.18  #: luminance: on a ground above it dark text has the better contrast
_WHITE: Final = "#FFFFFF"
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Scheme:
    """The colours of one mode, each ``#RRGGBB``."""

    paper: str  #: the only ground
    panel: str  #: behind a note or code
    ink: str  #: headlines and heavy rules
    text: str
    soft: str  #: names, minutes, captions
    rule: str  #: hairlines: decoration only
    accent: str
    on: str  #: text on the accent


@dataclass(frozen=True, slots=True)
class Palette:
    light: Scheme
    dark: Scheme


@dataclass(frozen=True, slots=True)
class ContrastFault:
    """A colour of the theme that cannot be read as it was given."""

    key: str  #: of ``[theme]``: ``accent``, ``ink_dark`` …
    one: str  #: the colour as given
    other: str  #: the ground behind it; of a paper, the text on it
    ratio: float
    least: float  #: what the ratio must be
    used: str  #: what the mail shows instead; equal to `one` where nothing could be done


@dataclass(frozen=True, slots=True)
class _Mode:
    """What one mode derives a colour from when nobody gave it; the lightnesses are of OKLCH."""

    suffix: str  #: of its keys in the theme
    paper: Oklch
    panel: float
    panel_chroma: float
    ink: Oklch
    text: Oklch
    soft: Oklch
    rule: Oklch
    accent_contrast: float  #: on paper and panel
    accent_least: float  #: lightness
    accent_chroma: float  #: at most

    def share(self, lightness: float) -> float:
        """How far on the way from the paper to the ink a lightness is."""
        return (lightness - self.paper[0]) / (self.ink[0] - self.paper[0])


_LIGHT: Final = _Mode(
    suffix="",
    paper=(0.986, 0.006, _PAPER_HUE),
    panel=0.955,
    panel_chroma=0.012,
    ink=(0.225, 0.010, _PAPER_HUE),
    text=(0.330, 0.010, _PAPER_HUE),
    soft=(0.500, 0.012, _PAPER_HUE),
    rule=(0.885, 0.010, _PAPER_HUE),
    accent_contrast=5.0,
    accent_least=0.0,
    accent_chroma=1.0,
)
_DARK: Final = _Mode(
    suffix="_dark",
    paper=(0.205, 0.006, _PAPER_HUE),
    panel=0.262,
    panel_chroma=0.014,
    ink=(0.955, 0.008, _PAPER_HUE),
    text=(0.880, 0.008, _PAPER_HUE),
    soft=(0.720, 0.010, _PAPER_HUE),
    rule=(0.345, 0.008, _PAPER_HUE),
    accent_contrast=6.5,
    accent_least=0.74,
    accent_chroma=0.115,
)


@lru_cache(maxsize=64)
def derive(theme: Theme) -> Palette:
    """The palette of a theme. Raises RenderError when a colour is no ``#RRGGBB`` or ``#RGB``."""
    return Palette(light=_scheme(theme, _LIGHT), dark=_scheme(theme, _DARK))


def contrast_faults(theme: Theme) -> tuple[ContrastFault, ...]:
    """The colours that were given and cannot be read on their ground, and what the mail does about it.

    The measure is WCAG 2.2 AA: 4.5 on the paper. Raises RenderError as :func:`derive` does.
    """
    return tuple(fault for mode in (_LIGHT, _DARK) for fault in _faults(theme, mode))


def _faults(theme: Theme, mode: _Mode) -> Iterator[ContrastFault]:
    scheme = _scheme(theme, mode)
    for name, used in (("accent", scheme.accent), ("ink", scheme.ink)):
        key = name + mode.suffix
        given = _given(theme, key)
        if given and contrast(given, scheme.paper) < READABLE:
            ratio = round(contrast(given, scheme.paper), 2)
            yield ContrastFault(key, given, scheme.paper, ratio, READABLE, used)
    texts = (scheme.ink, scheme.text, scheme.soft, scheme.accent)
    ratio, text = min((_least(text, (scheme.paper, scheme.panel)), text) for text in texts)
    if ratio < READABLE:
        key = f"paper{mode.suffix}"
        yield ContrastFault(key, scheme.paper, text, round(ratio, 2), READABLE, scheme.paper)


def _least(text: str, grounds: tuple[str, ...]) -> float:
    return min(contrast(text, ground) for ground in grounds)


def _given(theme: Theme, key: str) -> str:
    """The colour as ``#RRGGBB``, capitals; empty when it is to be derived."""
    colour: str = getattr(theme, key)
    if not colour and key != "accent":
        return ""
    if not _HEX.fullmatch(colour):
        raise RenderError(f"theme: {key} {colour!r} is not a colour; write it as #RRGGBB")
    digits = colour[1:].upper()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _scheme(theme: Theme, mode: _Mode) -> Scheme:
    paper, ink = _given(theme, f"paper{mode.suffix}"), _given(theme, f"ink{mode.suffix}")
    base = to_oklch(paper) if paper else mode.paper
    paper = paper or from_oklch(*base)
    far = to_oklch(ink) if ink else _far_from(paper, mode)
    accent = _given(theme, "accent")
    panel = _between(base, far, mode.share(mode.panel), *_tint(accent, mode))
    grounds = (paper, panel)
    reads = _accent(_given(theme, f"accent{mode.suffix}"), accent, grounds, mode)
    ink = _readable(ink or from_oklch(*far), grounds, READABLE)

    def shade(model: Oklch) -> str:
        chroma, hue = (model[1], model[2]) if far[1:] == mode.ink[1:] else (min(model[1], far[1]), far[2])
        return _between(base, far, mode.share(model[0]), chroma, hue)

    return Scheme(
        paper=paper,
        panel=panel,
        ink=ink,
        text=_readable(shade(mode.text), grounds, READABLE),
        soft=_readable(shade(mode.soft), grounds, READABLE),
        rule=shade(mode.rule),
        accent=reads,
        on=_on(reads, paper, ink, mode),
    )


def _far_from(paper: str, mode: _Mode) -> Oklch:
    """The ink of the mode, unless the paper is of the other mode's kind."""
    usual = _LIGHT if luminance(paper) > _MIDDLE else _DARK
    return mode.ink if usual is mode else usual.ink


def _tint(accent: str, mode: _Mode) -> tuple[float, float]:
    _, chroma, hue = to_oklch(accent)
    return min(chroma, mode.panel_chroma), hue


def _between(base: Oklch, far: Oklch, share: float, chroma: float, hue: float) -> str:
    return from_oklch(base[0] + share * (far[0] - base[0]), chroma, hue)


def _accent(own: str, accent: str, grounds: tuple[str, ...], mode: _Mode) -> str:
    """The mode's own accent, if it has one; else the light one's hue at a lightness that reads."""
    if own and mode is _DARK:
        return _readable(own, grounds, READABLE)
    lightness, chroma, hue = to_oklch(accent)
    dim = luminance(grounds[0]) <= _MIDDLE
    start = accent
    if mode is _DARK and dim:
        start = from_oklch(max(lightness, mode.accent_least), min(chroma, mode.accent_chroma), hue)
    return _readable(start, grounds, mode.accent_contrast)


def _readable(colour: str, grounds: tuple[str, ...], least: float) -> str:
    """The colour, its lightness moved away from the grounds until it has that contrast or is at its end."""
    level, chroma, hue = to_oklch(colour)
    step = -_STEP if luminance(grounds[0]) > _MIDDLE else _STEP
    while _least(colour, grounds) < least and 0 < level < 1:
        level = min(1.0, max(0.0, level + step))
        colour = from_oklch(level, chroma, hue)
    return colour


def _on(accent: str, paper: str, ink: str, mode: _Mode) -> str:
    wanted = (_WHITE, paper, ink) if mode is _LIGHT else (paper, ink, _WHITE)
    reading = (colour for colour in wanted if contrast(colour, accent) >= READABLE)
    return next(reading, "") or max((*wanted, "#000000"), key=lambda colour: contrast(colour, accent))
