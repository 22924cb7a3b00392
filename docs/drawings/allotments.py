"""The picture of the allotments: fifteen plots from above, one gate, and the people on the list."""

from __future__ import annotations

import math
import random
from functools import partial
from itertools import pairwise

from press import (
    DUSK,
    INK,
    MIST,
    NIGHT,
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
    at,
    disc_mask,
    rect_mask,
    smooth,
    soften,
    turned,
)

EARTH = ("#6B4B34", "#5B402D", "#7A573B")


def allotments() -> Sheet:
    """Fifteen plots from above, one gate, and the people on the list."""
    s = Sheet("#E7D3A4")
    s.rect(0, 0, W, 452, PINE)
    s.rect(0, 0, W, 430, "#CDB888")
    rnd = random.Random(14)
    kinds = [0, 1, 2, 3, 4, 5, 6, 1, 0, 7, 2, 6, 3, 8, 1]
    for k, kind in enumerate(kinds):
        col, row = k % 5, k // 5
        x, y = -6 + col * 219.0, -14 + row * 149.0
        w, h = 203.0, 133.0
        if (col, row) == (3, 2):
            h = 118.0
        s.rect(x, y, w, h, EARTH[k % 3], 4)
        s.within(rect_mask(x, y, w, h), partial(_plot, x=x, y=y, kind=kind, rnd=rnd))
    _hedge(s, rnd)
    _queue(s)
    return s


def _cabbage(s: Sheet, x: float, y: float, r: float) -> None:
    s.disc(x + 2, y + 3, r, "#2E2018")
    s.disc(x, y, r, TEAL)
    s.disc(x, y, r * 0.66, "#2C8B74")
    s.disc(x, y, r * 0.3, "#9BC7A4")


def _plot(s: Sheet, x: float, y: float, kind: int, rnd: random.Random) -> None:
    if kind in (0, 3):
        for i in range(7):
            for j in range(4):
                _cabbage(s, x + 20 + i * 28, y + 24 + j * 29, 11 if kind == 0 else 8 + 4 * (i % 2))
    elif kind in (1, 6):
        for i in range(9):
            ink = ("#2C8B74", TEAL) if kind == 1 else (OCHRE, VERMILION)
            s.rect(x + 10 + i * 22, y + 8, 10, 118, ink[i % 2], 5)
    elif kind in (2, 8):
        for j in range(6):
            s.rect(x + 8, y + 10 + j * 20, 188, 9, ("#9BC7A4", "#2C8B74")[j % 2], 4)
    else:
        {4: _shed, 5: _greenhouse, 7: _pond}[kind](s, x, y)
    if kind == 3:
        _shed(s, x + 96, y + 20)
    if kind == 8:
        s.rect(x + 70, y, 62, 133, EARTH[0])
        _person(s, x + 100, y + 60, VERMILION, 205)
    if kind in (2, 1):
        for _ in range(9):
            s.disc(x + rnd.uniform(8, 195), y + rnd.uniform(8, 125), 3, rnd.choice((VERMILION, OCHRE, PAPER)))


def _shed(s: Sheet, x: float, y: float) -> None:
    s.rect(x + 34, y + 34, 74, 64, "#2E2018")
    s.rect(x + 26, y + 24, 74, 32, SLATE)
    s.rect(x + 26, y + 56, 74, 32, DUSK)
    for k in range(1, 6):
        s.rect(x + 26 + k * 12.3, y + 24, 1.4, 64, NIGHT)
    s.rect(x + 138, y + 30, 34, 34, INK, 3)
    s.rect(x + 142, y + 34, 26, 26, "#7FA3B5", 2)


def _greenhouse(s: Sheet, x: float, y: float) -> None:
    s.rect(x + 28, y + 26, 158, 88, "#2E2018")
    s.rect(x + 20, y + 18, 158, 88, "#A9CFCB")
    for i in range(8):
        for j in range(2):
            _cabbage(s, x + 34 + i * 19, y + 40 + j * 44, 7)
    s.wash(
        area_mask([(x + 20, y + 18), (x + 100, y + 18), (x + 50, y + 106), (x + 20, y + 106)]), PAPER, 0.45
    )
    for k in range(8):
        s.rect(x + 20 + k * 22.3, y + 18, 2, 88, PAPER)
    s.rect(x + 20, y + 60, 158, 4, PAPER)


def _pond(s: Sheet, x: float, y: float) -> None:
    s.rect(x, y, 204, 134, "#2C8B74")
    s.dots(rect_mask(x, y, 204, 134), TEAL, 8, 2.2, 30)
    shape = smooth(
        [(x + 40, y + 60), (x + 90, y + 24), (x + 160, y + 44), (x + 168, y + 96), (x + 96, y + 114)],
        closed=True,
    )
    s.area(shape, DUSK)
    s.stroke([*shape, shape[0]], 5, MIST)
    for dx, dy in ((90, 56), (118, 84), (136, 62)):
        s.disc(x + dx, y + dy, 9, "#9BC7A4")
        s.disc(x + dx + 3, y + dy - 2, 3, VERMILION)


def _hedge(s: Sheet, rnd: random.Random) -> None:
    for x in range(-10, W + 20, 13):
        for y in (434, 446, 458):
            if not 700 < x < 792:
                s.disc(
                    x + rnd.uniform(-4, 4),
                    y + rnd.uniform(-3, 3),
                    rnd.uniform(9, 13),
                    rnd.choice((PINE, TEAL, PINE, "#0F5249")),
                )
    s.rect(692, 420, 106, 54, "#CDB888")
    for x in (690, 788):
        s.rect(x + 3, 425, 14, 50, "#2E2018", 2)
        s.rect(x, 420, 14, 50, INK, 2)
    s.rect(706, 440, 80, 12, VERMILION)
    for x in range(712, 786, 12):
        s.rect(x, 434, 5, 24, VERMILION, 1)


def _person(s: Sheet, x: float, y: float, ink: str, heading: float) -> None:
    shadow = [(x - 8, y - 4), (x + 26, y + 20), (x + 20, y + 28), (x - 12, y + 8)]
    s.wash(area_mask(soften(shadow, 2)), "#6B5330", 0.75)
    body = [(x - 15, y - 6), (x + 15, y - 6), (x + 15, y + 6), (x - 15, y + 6)]
    s.area(soften(turned(body, x, y, heading), 2), ink)
    s.disc(x, y, 7.4, INK if ink not in (INK, NIGHT) else OCHRE)


def _queue(s: Sheet) -> None:
    s.dots(rect_mask(0, 470, W, H), OCHRE, 9, lambda x, y: (y - 470) / 60, 15)
    path = smooth(
        at("746,492 770,520 740,552 640,548 540,520 440,508 340,530 240,562 130,548 40,520 -30,530"),
        steps=40,
    )
    inks = (VERMILION, SLATE, TEAL, INK, PAPER, DUSK, OCHRE, TEAL, VERMILION, SLATE, NIGHT)
    gone, n = 34.0, 0
    for a, b in pairwise(path):
        gone += math.dist(a, b)
        if gone >= 34:
            bearing = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) + 90
            _person(s, a[0], a[1], inks[n % len(inks)], bearing)
            gone, n = 0.0, n + 1
    s.wash(disc_mask(992, 572, 60), "#6B5330", 0.75)
    for x, y, r, ink in (
        (968, 552, 62, PINE),
        (950, 538, 40, TEAL),
        (984, 544, 34, TEAL),
        (958, 570, 30, "#2C8B74"),
        (946, 532, 16, "#2C8B74"),
    ):
        s.disc(x, y, r, ink)
