"""The town clock: wheels and weights behind the dial, and a small man with a crank."""

from __future__ import annotations

import math
import random

from press import (
    INK,
    NIGHT,
    OCHRE,
    PAPER,
    PINE,
    SAND,
    SKIN,
    SLATE,
    TEAL,
    VERMILION,
    Point,
    Sheet,
    around,
    disc_mask,
    smooth,
    soften,
)

DIAL = (378.0, 292.0)


def clock() -> Sheet:
    """Behind the dial of a town clock: wheels, weights, and a small man with a crank."""
    s = Sheet(PINE)
    _bricks(s)
    x, y = DIAL
    s.dots(None, TEAL, 9, lambda a, b: max(0.0, (430 - math.dist((a, b), DIAL)) / 60), 15)
    s.disc(x, y, 276, INK)
    s.disc(x, y, 258, "#F7E7BF")
    s.dots(disc_mask(x, y, 258), OCHRE, 9, lambda a, b: max(0.0, (math.dist((a, b), DIAL) - 96) / 40), 15)
    _marks(s)
    _platform(s)
    _movement(s)
    _winder(s, 984, 462)
    return s


def _bricks(s: Sheet) -> None:
    rnd = random.Random(6)
    for row in range(26):
        for col in range(-1, 21):
            if rnd.random() < 0.34:
                x, y = col * 56 + (28 if row % 2 else 0), row * 24
                s.rect(x + 1.5, y + 1.5, 53, 21, rnd.choice(("#0C4744", "#093533", "#0B4340")))


def _marks(s: Sheet) -> None:
    x, y = DIAL
    for k in range(60):
        a = k * 6
        s.stroke([around(x, y, 246, a), around(x, y, 236, a)], 3 if k % 5 else 7, INK)
    for k in range(12):
        long = 56 if k % 3 == 0 else 40
        outer, inner = 222, 222 - long
        half = 3.6 if k % 3 else 5.4
        mark = [
            around(x, y, outer, k * 30 - half),
            around(x, y, outer, k * 30 + half),
            around(x, y, inner, k * 30 + half * 0.8),
            around(x, y, inner, k * 30 - half * 0.8),
        ]
        s.area(mark, INK)
    s.ring(x, y, 258, 5, INK)
    s.ring(x, y, 152, 4, INK)
    for a, long, wide in ((304, 128, 15), (52, 206, 10)):
        tip, tail = around(x, y, long, a), around(x, y, -44, a)
        left, right = around(x, y, long * 0.6, a - wide * 0.55), around(x, y, long * 0.6, a + wide * 0.55)
        s.area([tail, left, tip, right], INK)
        s.disc(*around(x, y, -40, a), wide * 0.7, INK)
    s.disc(x, y, 22, INK)
    s.disc(x, y, 9, VERMILION)


def _gear(s: Sheet, x: float, y: float, r: float, teeth: int, ink: str, ground: str) -> None:
    step = 360 / teeth
    rim: list[Point] = []
    for k in range(teeth):
        a = k * step
        rim += [
            around(x, y, r - 9, a - step * 0.42),
            around(x, y, r, a - step * 0.22),
            around(x, y, r, a + step * 0.22),
            around(x, y, r - 9, a + step * 0.42),
        ]
    s.area([(px + 5, py + 6) for px, py in rim], "#082C2B")
    s.area(rim, ink)
    s.disc(x, y, r * 0.72, ground)
    for k in range(6):
        s.stroke([around(x, y, r * 0.1, k * 60 + 14), around(x, y, r * 0.78, k * 60 + 14)], r * 0.13, ink)
    s.disc(x, y, r * 0.24, ink)
    s.disc(x, y, r * 0.1, INK)


def _platform(s: Sheet) -> None:
    s.rect(628, 462, 460, 16, OCHRE)
    s.rect(628, 474, 460, 8, "#8A5F1E")
    for x in (660, 770, 880, 990):
        s.area([(x, 482), (x + 22, 482), (x + 22, 520), (x + 11, 530), (x, 520)], "#082C2B")
    s.rect(628, 462, 6, 20, "#8A5F1E")
    for x, foot in ((736, 548), (866, 524)):
        s.rect(x - 1.5, 380, 3, foot - 380, SAND)
        s.rect(x - 20, foot, 40, 76, INK, 6)
        s.rect(x - 20, foot + 14, 40, 5, SLATE)
        s.rect(x - 20, foot + 28, 40, 5, SLATE)
        s.ring(x, foot + 4, 9, 4, INK)


def _movement(s: Sheet) -> None:
    s.rect(396, 284, 400, 9, INK)
    s.rect(396, 285, 400, 2.4, SLATE)
    s.disc(612, 288, 14, INK)
    for x in (676, 906):
        s.area([(x, 168), (x + 14, 168), (x + 26, 462), (x - 12, 462)], INK)
    s.rect(660, 160, 280, 14, INK, 3)
    s.rect(668, 404, 262, 12, INK)
    _gear(s, 790, 288, 100, 36, VERMILION, PINE)
    _gear(s, 714, 376, 46, 18, SAND, PINE)
    s.rect(706, 366, 62, 30, "#8A5F1E", 4)
    for k in range(7):
        s.rect(710 + k * 8.4, 366, 3, 30, SAND)
    _gear(s, 884, 376, 54, 20, OCHRE, PINE)
    _gear(s, 884, 206, 34, 14, TEAL, PINE)
    s.stroke([(884, 206), (884, 118)], 4, SLATE)
    s.stroke([(850, 118), (918, 118)], 5, SLATE)


def _winder(s: Sheet, x: float, y: float) -> None:
    s.rect(1030, 250, 3, 90, INK)
    s.glow(1031, 362, 74, OCHRE)
    s.area([(1014, 352), (1022, 336), (1040, 336), (1048, 352)], INK)
    s.area([(1018, 352), (1044, 352), (1038, 366), (1024, 366)], SAND)
    s.stroke([(884, 376), (944, 376)], 7, INK)
    s.stroke([(944, 378), (944, 410)], 6, INK)
    s.stroke([(938, 410), (958, 410)], 6, INK)
    s.area(
        [
            (x - 14, y - 44),
            (x + 12, y - 44),
            (x + 18, y),
            (x + 6, y),
            (x - 1, y - 26),
            (x - 10, y),
            (x - 22, y),
        ],
        NIGHT,
    )
    s.area(
        soften([(x - 17, y - 88), (x + 10, y - 92), (x + 18, y - 40), (x - 16, y - 38)], 1, 0.16), VERMILION
    )
    s.stroke([(x - 4, y - 80), (x - 18, y - 62), (x - 34, y - 53)], 8, "#B93A20")
    s.disc(x - 35, y - 52, 5, SKIN)
    s.disc(x - 6, y - 102, 11.5, SKIN)
    s.area(
        [(x - 21, y - 104), (x - 16, y - 114), (x + 4, y - 116), (x + 8, y - 102), (x - 2, y - 106)], NIGHT
    )
    s.area(
        smooth([(x - 12, y - 98), (x - 8, y - 92), (x + 3, y - 94), (x + 5, y - 100), (x - 2, y - 97)], True),
        PAPER,
    )
