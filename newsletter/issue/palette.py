"""One accent -> a light and a dark palette whose contrast holds.

The work is done in OKLCH (Björn Ottosson, 2020), where moving the lightness leaves the hue alone: the hue of
the accent is kept, its lightness is moved until text in it can be read on the paper and on the panel. The
paper stays warm and the same everywhere: a client that darkens mail by itself finds nothing to turn over.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from newsletter.errors import RenderError

LIGHT_CONTRAST: Final = 5.0  #: of the accent on paper and panel; WCAG 2.2 AA asks for 4.5
DARK_CONTRAST: Final = 6.5
_PAPER_HUE: Final = 85.0
_STEP: Final = 0.005
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


def derive(accent: str) -> Palette:
    """The palette of an accent. Raises RenderError when it is no ``#RRGGBB`` or ``#RGB``."""
    if not _HEX.fullmatch(accent):
        raise RenderError(f"theme: accent {accent!r} is not a colour; write it as #RRGGBB")
    digits = accent[1:].upper()
    whole = "#" + (digits if len(digits) == 6 else "".join(d * 2 for d in digits))
    return Palette(light=_light(whole), dark=_dark(whole))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _light(accent: str) -> Scheme:
    lightness, chroma, hue = _to_oklch(accent)
    paper, ink = _oklch(0.986, 0.006, _PAPER_HUE), _oklch(0.225, 0.010, _PAPER_HUE)
    panel = _oklch(0.955, min(chroma, 0.012), hue)
    reads, level = accent, lightness
    while min(contrast(reads, paper), contrast(reads, panel)) < LIGHT_CONTRAST:
        level -= _STEP
        reads = _oklch(level, chroma, hue)
    return Scheme(
        paper=paper,
        panel=panel,
        ink=ink,
        text=_oklch(0.330, 0.010, _PAPER_HUE),
        soft=_oklch(0.500, 0.012, _PAPER_HUE),
        rule=_oklch(0.885, 0.010, _PAPER_HUE),
        accent=reads,
        on="#FFFFFF",  # white is lighter than the paper on which the accent reads
    )


def _dark(accent: str) -> Scheme:
    lightness, chroma, hue = _to_oklch(accent)
    paper = _oklch(0.205, 0.006, _PAPER_HUE)
    panel = _oklch(0.262, min(chroma, 0.014), hue)
    level, chroma = max(lightness, 0.74), min(chroma, 0.115)
    reads = _oklch(level, chroma, hue)
    while min(contrast(reads, paper), contrast(reads, panel)) < DARK_CONTRAST:
        level += _STEP
        reads = _oklch(level, chroma, hue)
    return Scheme(
        paper=paper,
        panel=panel,
        ink=_oklch(0.955, 0.008, _PAPER_HUE),
        text=_oklch(0.880, 0.008, _PAPER_HUE),
        soft=_oklch(0.720, 0.010, _PAPER_HUE),
        rule=_oklch(0.345, 0.008, _PAPER_HUE),
        accent=reads,
        on=paper,
    )


# ── colour arithmetic ───────────────────────────────────────────────────────


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_expand(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return red, green, blue


def _expand(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _compress(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(colour: str) -> tuple[float, float, float]:
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _from_oklch(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest sRGB colour of that lightness and hue: chroma gives way, lightness never."""
    while chroma > 0 and not all(-0.0005 <= c <= 1.0005 for c in _from_oklch(lightness, chroma, hue)):
        chroma -= 0.002
    channels = _from_oklch(lightness, max(chroma, 0.0), hue)
    return "#" + "".join(f"{round(255 * _compress(min(1.0, max(0.0, c)))):02X}" for c in channels)
