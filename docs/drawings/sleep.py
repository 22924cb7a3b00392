"""The picture of sleep: a sleeper whose blanket goes on as hills."""

from __future__ import annotations

import math
import random

from press import (
    DUSK,
    INK,
    MIST,
    NIGHT,
    OCHRE,
    PAPER,
    PINE,
    SAND,
    SKIN,
    SLATE,
    TEAL,
    VERMILION,
    H,
    Point,
    Sheet,
    W,
    area_mask,
    at,
    both,
    disc_mask,
    smooth,
)


def sleep() -> Sheet:
    """A sleeper whose blanket goes on as hills."""
    s = Sheet(NIGHT)
    s.dots(None, DUSK, 9, lambda x, y: max(0.0, (y - 20) / 95), 30)
    for r, ink in ((150, "#1B3049"), (112, "#24405E")):
        s.disc(786, 142, r, ink)
    s.disc(786, 142, 74, SAND)
    s.disc(816, 124, 64, "#24405E")
    rnd = random.Random(33)
    for _ in range(44):
        x, y = rnd.uniform(0, W), rnd.uniform(0, 300)
        if math.dist((x, y), (786, 142)) > 120:
            s.disc(x, y, rnd.choice((1.3, 1.5, 2.6)), SAND)
    _far_hills(s)
    _pillow(s)
    _blanket(s)
    _sleeper(s)
    return s


def _far_hills(s: Sheet) -> None:
    far = smooth([(380, 330), (520, 296), (660, 330), (800, 276), (940, 310), (1072, 262)])
    s.area([(380, H), *far, (W, H)], "#1F3A55")
    for x, tall in ((560, 22), (574, 30), (588, 20), (980, 26), (994, 36), (1010, 28), (1026, 22)):
        foot = 308 if x < 700 else 292
        s.area([(x - tall * 0.3, foot + 6), (x, foot - tall), (x + tall * 0.3, foot + 6)], "#122740")


def _pillow(s: Sheet) -> None:
    pillow = smooth(
        at("-40,330 40,292 180,300 330,288 398,330 404,408 360,462 180,470 -40,470"),
        True,
    )
    s.rect(-20, 440, 400, 200, MIST)
    s.area(pillow, PAPER)
    s.dots(area_mask(pillow), MIST, 8, lambda x, y: max(0.0, (y - 340) / 28), 20)
    s.stroke(smooth([(392, 330), (372, 348), (366, 372)]), 3, MIST)
    s.stroke(smooth([(20, 318), (44, 336), (52, 362)]), 3, MIST)


def _ridge(down: float) -> list[Point]:
    base = at(
        "282,470 330,402 430,350 540,372 650,420 760,396 850,344 930,330 1010,368 1110,396 1240,380 1330,400"
    )
    return smooth([(x - down * 0.42, y + down * (1 + 0.08 * math.sin(x / 90))) for x, y in base])


def _blanket(s: Sheet) -> None:
    inks = (TEAL, SAND, VERMILION, TEAL, OCHRE, PINE, SLATE)
    downs = (0, 52, 66, 84, 142, 162, 220)
    for down, ink in zip(downs, inks, strict=True):
        s.area([*_ridge(down), (W + 60, H + 60), (-80, H + 60)], ink)
    s.dots(area_mask([*_ridge(0), *_ridge(52)[::-1]]), PINE, 8, lambda x, y: 2.6 * abs(math.sin(x / 105)), 60)
    s.dots(
        area_mask([*_ridge(84), *_ridge(142)[::-1]]),
        PINE,
        8,
        lambda x, y: 2.6 * abs(math.sin(x / 105 + 0.6)),
        60,
    )
    s.dots(area_mask([*_ridge(162), *_ridge(220)[::-1]]), TEAL, 9, 2.2, 45)
    s.stroke(_ridge(59)[30:], 2.4, INK)
    top = _ridge(0)
    for k, tall in ((76, 30), (79, 44), (82, 34), (96, 30), (99, 46), (102, 54), (105, 38)):
        x, y = top[k]
        s.area([(x - tall * 0.28, y + 5), (x, y - tall), (x + tall * 0.28, y + 5)], PINE)
    x, y = top[89]
    s.rect(x - 16, y - 22, 34, 26, INK)
    s.area([(x - 22, y - 20), (x + 1, y - 40), (x + 24, y - 20)], VERMILION)
    s.rect(x - 5, y - 16, 10, 11, OCHRE)


def _sleeper(s: Sheet) -> None:
    hair = smooth(
        at("102,372 112,312 168,270 232,276 262,310 240,336 214,372 206,420 140,424"),
        True,
    )
    s.area(hair, INK)
    face = smooth(
        at("168,350 196,308 240,296 276,312 288,344 302,362 294,372 296,394 276,414 236,424 196,412"),
        True,
    )
    s.area(face, SKIN)
    s.dots(both(disc_mask(238, 384, 24), area_mask(face)), VERMILION, 7, 1.8, 30)
    s.area(
        smooth([(150, 330), (190, 286), (246, 280), (272, 304), (236, 312), (200, 336), (178, 372)], True),
        INK,
    )
    s.stroke(smooth([(244, 352), (256, 360), (270, 356)]), 3.6, INK)
    s.stroke(smooth([(272, 394), (280, 397), (288, 394)]), 3, INK)
    s.stroke(smooth([(240, 334), (254, 330), (266, 334)]), 3, INK)
    s.oval(190, 376, 10, 14, "#D9AA7C")
    _sheet_fold(s)


def _sheet_fold(s: Sheet) -> None:
    s.area(
        [
            (-20, H + 20),
            (-20, 478),
            *smooth(at("40,470 130,450 220,452 300,440 356,404 398,396 404,424 372,478 318,546 270,640")),
        ],
        SAND,
    )
    s.stroke(smooth([(372, 398), (398, 396), (404, 424), (372, 478), (318, 546), (270, 640)]), 5, VERMILION)
    for k in range(5):
        s.stroke(
            smooth(
                [
                    (30 + k * 52, 500 + k % 2 * 22),
                    (70 + k * 50, 520 + k % 2 * 24),
                    (84 + k * 46, 566 + k % 2 * 20),
                ]
            ),
            2.6,
            OCHRE,
        )
    s.area(smooth([(290, 436), (312, 414), (350, 402), (374, 410), (362, 430), (324, 446)], True), SKIN)
    for k in range(3):
        s.stroke([(344 + k * 8, 420 - k * 2), (366 + k * 3, 414 - k)], 1.8, "#C08F63")
