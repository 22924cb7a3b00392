"""Shapes -> a printed sheet.

Everything is drawn three times too large and brought down at the end, so that edges are smooth.
Coordinates are those of the finished picture: 1072 x 603, from the top left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

W, H, S = 1072, 603, 3

TEAL, PINE, INK, PAPER = "#0B6B5E", "#0A3D3B", "#1E1B17", "#FCFAF6"
OCHRE, SAND, VERMILION = "#E2A93F", "#F2E1BD", "#D9482B"
SLATE, MIST, DUSK, NIGHT = "#4A6782", "#BCCED6", "#2B4462", "#142339"
SKIN = "#E9C39B"

Point = tuple[float, float]
Mask = Image.Image
Radius = float | Callable[[float, float], float]


def blank() -> Mask:
    """A stencil that lets nothing through."""
    return Image.new("L", (W * S, H * S), 0)


def scaled(points: Sequence[Point]) -> list[Point]:
    """Picture coordinates to sheet coordinates."""
    return [(x * S, y * S) for x, y in points]


def area_mask(points: Sequence[Point]) -> Mask:
    """A stencil of a polygon."""
    mask = blank()
    ImageDraw.Draw(mask).polygon(scaled(points), fill=255)
    return mask


def rect_mask(x: float, y: float, w: float, h: float) -> Mask:
    """A stencil of a rectangle."""
    return area_mask([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])


def disc_mask(x: float, y: float, r: float) -> Mask:
    """A stencil of a disc."""
    mask = blank()
    ImageDraw.Draw(mask).ellipse([(x - r) * S, (y - r) * S, (x + r) * S, (y + r) * S], fill=255)
    return mask


def both(one: Mask, other: Mask) -> Mask:
    """Where both stencils are open."""
    return ImageChops.multiply(one, other)


def at(points: str) -> list[Point]:
    """Points written as in SVG: `12,40 18,36`."""
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def smooth(points: Sequence[Point], closed: bool = False, steps: int = 14) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    p = list(points)
    p = [p[-1], *p, p[0], p[1]] if closed else [p[0], *p, p[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        curve += [_between(a, b, c, d, k / steps) for k in range(steps)]
    return curve if closed else [*curve, p[-2]]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    def one(i: int) -> float:
        bend = 2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]
        twist = -a[i] + 3 * b[i] - 3 * c[i] + d[i]
        return 0.5 * (2 * b[i] + (c[i] - a[i]) * t + bend * t * t + twist * t**3)

    return one(0), one(1)


def soften(points: Sequence[Point], rounds: int = 2, cut: float = 0.22) -> list[Point]:
    """Corners cut off (Chaikin), as a stone's are."""
    p = list(points)
    for _ in range(rounds):
        q: list[Point] = []
        for (ax, ay), (bx, by) in zip(p, p[1:] + p[:1], strict=True):
            q.append((ax + (bx - ax) * cut, ay + (by - ay) * cut))
            q.append((bx + (ax - bx) * cut, by + (ay - by) * cut))
        p = q
    return p


def turned(points: Sequence[Point], x: float, y: float, degrees: float) -> list[Point]:
    """The points turned about (x, y)."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(x + (px - x) * c - (py - y) * s, y + (px - x) * s + (py - y) * c) for px, py in points]


def around(x: float, y: float, r: float, degrees: float) -> Point:
    """The point at a distance and a bearing; 0 is up, 90 is right."""
    a = math.radians(degrees - 90)
    return x + r * math.cos(a), y + r * math.sin(a)


class Sheet:
    """One picture on the press."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (W * S, H * S), ground)
        self.pen = ImageDraw.Draw(self.image)

    def area(self, points: Sequence[Point], ink: str) -> None:
        """A filled polygon."""
        self.pen.polygon(scaled(points), fill=ink)

    def rect(self, x: float, y: float, w: float, h: float, ink: str, radius: float = 0) -> None:
        """A filled rectangle."""
        self.pen.rounded_rectangle([x * S, y * S, (x + w) * S - 1, (y + h) * S - 1], radius * S, fill=ink)

    def disc(self, x: float, y: float, r: float, ink: str) -> None:
        """A filled circle."""
        self.oval(x, y, r, r, ink)

    def oval(self, x: float, y: float, rx: float, ry: float, ink: str) -> None:
        """A filled ellipse."""
        self.pen.ellipse([(x - rx) * S, (y - ry) * S, (x + rx) * S, (y + ry) * S], fill=ink)

    def ring(self, x: float, y: float, r: float, width: float, ink: str) -> None:
        """A circle line whose outer edge has radius r."""
        self.pen.ellipse(
            [(x - r) * S, (y - r) * S, (x + r) * S, (y + r) * S], outline=ink, width=round(width * S)
        )

    def stroke(self, points: Sequence[Point], width: float, ink: str) -> None:
        """A line with round joints and ends."""
        self.pen.line(scaled(points), fill=ink, width=round(width * S), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, ink)

    def wash(self, mask: Mask, ink: str, strength: float = 1.0) -> None:
        """Ink through a stencil, thinned to a strength of 0 to 1."""
        self.image.paste(ink, (0, 0), mask.point([round(v * strength) for v in range(256)]))

    def over(self, mask: Mask, ink: str) -> None:
        """A second ink printed over the first: dark stays dark."""
        printed = ImageChops.multiply(self.image, Image.new("RGB", self.image.size, ink))
        self.image.paste(printed, (0, 0), mask)

    def dots(self, mask: Mask | None, ink: str, pitch: float, radius: Radius, angle: float = 30) -> None:
        """A halftone screen through a stencil; the radius may depend on the place."""
        screen = blank()
        pen = ImageDraw.Draw(screen)
        reach = int(math.hypot(W, H) / pitch / 2) + 2
        # Whole pixels and few sizes: dots that are alike to the last pixel make a small file.
        c, s = round(math.cos(math.radians(angle)) * pitch), round(math.sin(math.radians(angle)) * pitch)
        for i in range(-reach, reach):
            for j in range(-reach, reach):
                x, y = W // 2 + i * c - j * s, H // 2 + i * s + j * c
                if -pitch < x < W + pitch and -pitch < y < H + pitch:
                    r = round((radius(x, y) if callable(radius) else radius) * S) / S
                    if r > 0.4:
                        pen.ellipse([(x - r) * S, (y - r) * S, (x + r) * S, (y + r) * S], fill=255)
        self.wash(screen if mask is None else both(screen, mask), ink)

    def glow(self, x: float, y: float, reach: float, ink: str) -> None:
        """Light round a lamp, as a screen that fades."""
        self.dots(disc_mask(x, y, reach), ink, 6, lambda a, b: 2.4 * (1 - math.dist((a, b), (x, y)) / reach))

    def within(self, mask: Mask, draw: Callable[[Sheet], None]) -> None:
        """Whatever is drawn stays inside the stencil."""
        copy = Sheet(INK)
        copy.image.paste(self.image)
        draw(copy)
        self.image.paste(copy.image, (0, 0), mask)

    def save(self, path: Path, colours: int) -> int:
        """The finished PNG with a palette; its size in bytes."""
        small = self.image.resize((W, H), Image.Resampling.LANCZOS)
        flat = small.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        path.parent.mkdir(parents=True, exist_ok=True)
        flat.save(path, optimize=True)
        return path.stat().st_size
