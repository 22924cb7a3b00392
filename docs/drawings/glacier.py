"""The picture of the glacier: a tongue of ice, a stake, a person with a tape; bare rock where the ice was."""

from __future__ import annotations

import random

from press import (
    DUSK,
    INK,
    MIST,
    OCHRE,
    PAPER,
    PINE,
    SAND,
    SLATE,
    TEAL,
    VERMILION,
    H,
    Sheet,
    W,
    area_mask,
    around,
    at,
    rect_mask,
    smooth,
    soften,
)


def glacier() -> Sheet:
    """A tongue of ice, a stake, a person with a tape; bare rock where the ice was."""
    s = Sheet(SAND)
    s.dots(rect_mask(0, 0, W, 240), OCHRE, 10, lambda x, y: max(0.0, (210 - y) / 90), 15)
    _peaks(s)
    ice = [
        *smooth(at("520,206 546,230 506,276 392,330 250,410 128,520 90,560")),
        *smooth(
            at(
                "150,582 300,566 470,548 640,470 740,380 770,300 716,240 "
                "720,206 684,152 634,128 580,150 520,206"
            )
        ),
    ]
    s.area(ice, PAPER)
    s.within(area_mask(ice), _flow)
    _moraine(s)
    _stake(s)
    return s


def _peaks(s: Sheet) -> None:
    back = at(
        "0,300 90,190 150,226 270,84 352,178 420,140 520,206 600,160 700,190 812,62 900,160 "
        "968,118 1072,224 1072,420 0,420"
    )
    s.area(back, SLATE)
    s.dots(area_mask(back), DUSK, 8, lambda x, y: max(0.0, (y - 110) / 70), 45)
    for top, left, right in (((270, 84), (214, 150), (322, 144)), ((812, 62), (752, 132), (872, 130))):
        mid = [
            (left[0] + (right[0] - left[0]) * f, left[1] + d) for f, d in ((0.25, 14), (0.45, -10), (0.7, 18))
        ]
        s.area([top, right, *mid[::-1], left], PAPER)
    s.area([(0, 250), (170, 290), (330, 250), (470, 300), (560, 250), (560, 603), (0, 603)], PINE)
    s.area([(1072, 214), (900, 258), (800, 226), (690, 300), (640, 420), (560, 603), (1072, 603)], TEAL)
    side = area_mask([(1072, 214), (900, 258), (800, 226), (690, 300), (640, 420), (560, 603), (1072, 603)])
    s.dots(side, PINE, 8, lambda x, y: (y - 190) / 130, 60)


def _flow(s: Sheet) -> None:
    for k in range(8):
        f = k / 7
        path = [
            (576 + 90 * f, 176),
            (602 + 92 * f, 215),
            (528 + 226 * f, 280),
            (400 + 352 * f, 345 + 10 * f),
            (258 + 430 * f, 425 + 20 * f),
            (134 + 420 * f, 530 + 10 * f),
            (100 + 380 * f, 600),
        ]
        s.stroke(smooth(path), 3.4 if k % 2 else 7, MIST)
    rnd = random.Random(3)
    for k in range(20):
        x, y = 190 + k * 61 % 480 + rnd.uniform(-12, 12), 540 - k * 9.5 + rnd.uniform(-8, 8)
        long = rnd.uniform(30, 62)
        s.area([(x, y), (x + long * 0.4, y - 2.6), (x + long, y - 7), (x + long * 0.5, y + 2.6)], SLATE)
    s.dots(None, MIST, 8, lambda x, y: max(0.0, (y - x * 0.45 - 250) / 55), 20)


def _moraine(s: Sheet) -> None:
    front = smooth(at("0,452 60,500 130,552 300,560 470,544 640,480 760,520 900,540 1072,500"))
    s.area([*front, (W, H), (0, H)], "#2A2622")
    rnd = random.Random(9)
    for _ in range(120):
        x, y = rnd.uniform(0, W), rnd.uniform(508, 600)
        if y > 566 or (x > 700 and y > 545) or x < 70:
            r = rnd.uniform(4, 15)
            s.area(
                soften([around(x, y, r * rnd.uniform(0.7, 1.1), a) for a in range(0, 360, 60)], 1),
                rnd.choice(("#4A443D", "#5C564E", "#38332E", SLATE)),
            )
    for x, y, tall in ((918, 556, 40), (826, 548, 52), (748, 528, 66)):
        s.rect(x, y - tall, 4, tall, SAND)
        s.rect(x, y - tall, 4, 9, VERMILION)


def _stake(s: Sheet) -> None:
    x, top, foot = 560.0, 214, 462
    s.oval(x + 26, foot + 4, 46, 6, MIST)
    for k in range(8):
        s.rect(x, top + k * 31, 10, 31, VERMILION if k % 2 == 0 else SAND)
    s.rect(x, top, 10, 3, INK)
    s.area(
        smooth(
            [
                (x + 10, top + 4),
                (x + 36, top - 2),
                (x + 62, top + 8),
                (x + 62, top + 32),
                (x + 36, top + 22),
                (x + 10, top + 30),
            ]
        ),
        OCHRE,
    )
    _measurer(s, x)


def _measurer(s: Sheet, x: float) -> None:
    px, py = 452.0, 470.0
    s.oval(px - 22, py + 3, 44, 5, MIST)
    s.area(
        [
            (px - 11, py - 40),
            (px + 11, py - 40),
            (px + 13, py),
            (px + 3, py),
            (px, py - 26),
            (px - 4, py),
            (px - 14, py),
        ],
        INK,
    )
    s.area(
        soften([(px - 13, py - 78), (px + 13, py - 78), (px + 16, py - 36), (px - 16, py - 36)], 1, 0.15),
        VERMILION,
    )
    s.rect(px - 22, py - 76, 12, 32, DUSK, 4)
    s.disc(px + 1, py - 90, 10, "#E9C39B")
    s.area([(px - 11, py - 90), (px - 9, py - 103), (px + 10, py - 104), (px + 14, py - 93)], OCHRE)
    s.stroke([(px + 10, py - 72), (px + 34, py - 62)], 7, VERMILION)
    s.stroke([(px + 36, py - 62), (x, py - 60)], 2.4, INK)
    s.rect(px + 31, py - 69, 11, 14, INK, 3)
