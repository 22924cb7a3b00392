"""Colour arithmetic: ``#RRGGBB`` to OKLCH and back, and the contrast ratio of WCAG 2.2.

OKLCH (Björn Ottosson, 2020) is where moving the lightness leaves the hue alone.
"""

from __future__ import annotations

import math

Oklch = tuple[float, float, float]  #: lightness 0-1, chroma, hue in degrees


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2, from 0 to 1."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def to_oklch(colour: str) -> Oklch:
    """Lightness, chroma and hue of ``#RRGGBB``."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest sRGB colour of that lightness and hue: chroma gives way, lightness never."""
    while chroma > 0 and not all(-0.0005 <= c <= 1.0005 for c in _channels(lightness, chroma, hue)):
        chroma -= 0.002
    channels = _channels(lightness, max(chroma, 0.0), hue)
    return "#" + "".join(f"{round(255 * _compress(min(1.0, max(0.0, c)))):02X}" for c in channels)


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_expand(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return red, green, blue


def _expand(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _compress(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)


def _channels(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
