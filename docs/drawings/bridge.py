"""The picture of the bridge: a steel arch, painted as far as the cradle."""

from __future__ import annotations

import math
import random

from press import (
    INK,
    MIST,
    OCHRE,
    PAPER,
    PINE,
    SLATE,
    TEAL,
    VERMILION,
    H,
    Sheet,
    W,
    area_mask,
    both,
    disc_mask,
    rect_mask,
    smooth,
    soften,
)

FRESH = 566
WATER = 452


def bridge() -> Sheet:
    """A steel arch, painted as far as the cradle."""
    s = Sheet("#F6EAD0")
    s.dots(rect_mask(0, 0, W, 300), OCHRE, 10, lambda x, y: max(0.0, (250 - y) / 95), 15)
    hills = smooth(
        [(0, 372), (120, 330), (260, 356), (420, 328), (600, 350), (790, 316), (930, 344), (1072, 310)]
    )
    s.area([*hills, (W, 470), (0, 470)], MIST)
    s.dots(area_mask([*hills, (W, 470), (0, 470)]), SLATE, 7, lambda x, y: (y - 320) / 62, 45)
    s.rect(0, WATER, W, H - WATER, TEAL)
    s.dots(rect_mask(0, WATER, W, H), PINE, 8, lambda x, y: (y - WATER) / 46, 75)
    steel = Sheet("#000000")
    _steel(steel)
    stencil = steel.image.convert("L")
    edge = area_mask(
        [(0, 0), (FRESH, 0), (FRESH - 5, 120), (FRESH + 6, 170), (FRESH - 3, 320), (FRESH + 5, 420), (0, 470)]
    )
    s.wash(stencil, "#8A8F90")
    s.dots(stencil, "#6B4A33", 8, lambda x, y: 1.2 + 1.5 * abs(math.sin(x / 61) * math.cos(y / 37)), 40)
    s.wash(both(stencil, edge), VERMILION)
    _piers(s)
    _cradle(s)
    _river(s)
    return s


def _arch(x: float, rise: float) -> float:
    t = (x - 536) / 476
    return 372 - rise * (1 - t * t)


def _steel(s: Sheet) -> None:
    white = "#FFFFFF"
    xs = [60 + k * 34 for k in range(29)]
    for rise, width in ((306, 13), (252, 10)):
        s.stroke([(x, _arch(x, rise)) for x in range(60, 1013, 7)], width, white)
    for k, x in enumerate(xs[1:-1], 1):
        s.stroke([(x, _arch(x, 306)), (x, _arch(x, 252))], 4, white)
        if k < 27:
            ends = (306, 252) if k % 2 else (252, 306)
            s.stroke([(x, _arch(x, ends[0])), (xs[k + 1], _arch(xs[k + 1], ends[1]))], 4, white)
        if k % 2 == 0 and _arch(x, 252) < 350:
            s.rect(x - 2, _arch(x, 252), 4, 362 - _arch(x, 252), white)
    s.rect(0, 358, W, 15, white)
    s.rect(0, 382, W, 6, white)
    for x in range(0, W, 22):
        s.stroke([(x, 374), (x + 11, 384)], 3.4, white)
        s.stroke([(x + 11, 384), (x + 22, 374)], 3.4, white)
    s.rect(0, 340, W, 3, white)
    for x in range(6, W, 12):
        s.rect(x, 341, 1.8, 18, white)


def _piers(s: Sheet) -> None:
    for x in (34, 986):
        s.area([(x, 388), (x + 52, 388), (x + 62, 478), (x - 10, 478)], "#5E6A70")
        s.area([(x + 26, 388), (x + 52, 388), (x + 62, 478), (x + 26, 478)], "#46525A")
        for y in range(402, 476, 15):
            s.rect(x - 6, y, 64, 1.8, "#333D45")
        s.rect(x - 8, 382, 68, 10, INK)


def _cradle(s: Sheet) -> None:
    for x in (536, 620):
        s.rect(x - 1, _arch(x, 252), 2, 262 - _arch(x, 252), INK)
    s.rect(526, 258, 104, 8, INK, 2)
    s.rect(526, 226, 104, 3, INK)
    for x in (528, 577, 626):
        s.rect(x, 226, 3, 34, INK)
    # the painter: cap, overall, long brush to the hanger
    s.disc(588, 196, 9, "#E9C39B")
    s.area([(579, 195), (580, 186), (594, 184), (602, 193), (602, 195)], INK)
    s.area(soften([(578, 207), (598, 207), (603, 236), (602, 258), (577, 258), (575, 236)], 1, 0.15), PAPER)
    s.rect(581, 236, 3, 22, MIST)
    s.stroke([(581, 212), (566, 200), (556, 182)], 6, PAPER)
    s.stroke([(558, 188), (547, 158)], 3, OCHRE)
    s.rect(541, 148, 12, 14, VERMILION, 2)
    s.rect(607, 240, 16, 18, INK, 1)
    s.rect(607, 240, 16, 5, VERMILION)
    for x, y, tall in ((566, 388, 20), (559, 388, 11), (571, 373, 26)):
        s.rect(x, y, 3.4, tall, VERMILION, 1.6)
        s.disc(x + 1.7, y + tall, 2.8, VERMILION)


def _river(s: Sheet) -> None:
    rnd = random.Random(17)
    for row in range(12):
        y = WATER + 14 + row * 12
        for _ in range(7):
            x, long = rnd.uniform(-30, W), rnd.uniform(30, 120)
            ink = VERMILION if x + long < FRESH else MIST
            s.rect(x, y, long * (0.9 if ink == VERMILION else 0.6), 3.6, ink, 1.8)
    hull = [(762, 506), (900, 506), (882, 532), (780, 532)]
    s.area(hull, INK)
    s.rect(770, 511, 122, 4, OCHRE)
    s.rect(802, 484, 62, 22, PAPER)
    for x in (808, 822, 836, 850):
        s.rect(x, 490, 8, 8, SLATE)
    s.rect(838, 462, 12, 22, VERMILION)
    for x, y, r in ((846, 448, 8), (858, 434, 11), (876, 420, 14)):
        s.wash(disc_mask(x, y, r), PAPER, 0.8)
