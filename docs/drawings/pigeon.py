"""The picture of the pigeon: a pigeon with a letter, over roofs."""

from __future__ import annotations

import random

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
    Point,
    Sheet,
    W,
    area_mask,
    at,
    disc_mask,
    smooth,
)


def pigeon() -> Sheet:
    """A pigeon with a letter, over roofs."""
    s = Sheet("#CFE0E0")
    s.dots(None, PAPER, 10, lambda x, y: max(0.0, (y - 60) / 85), 20)
    s.disc(196, 168, 84, OCHRE)
    s.dots(disc_mask(196, 168, 84), VERMILION, 8, lambda x, y: max(0.0, (y - 120) / 42), 15)
    for x, y, long in ((40, 250, 190), (96, 268, 120), (800, 90, 180), (850, 108, 240), (392, 66, 90)):
        s.rect(x, y, long, 9, PAPER, 4.5)
    _roofs(s)
    _wing(
        s,
        [(640, 248), (668, 150), (742, 58), (852, 14)],
        [(902, 6), (872, 92), (812, 168), (760, 246)],
        "#37516B",
    )
    _letter(s)
    _bird(s)
    _wing(
        s,
        [(590, 252), (574, 150), (604, 58), (660, -6)],
        [(712, 22), (738, 98), (736, 182), (716, 262)],
        SLATE,
    )
    return s


def _roofs(s: Sheet) -> None:
    rnd = random.Random(2)
    for base, tall, inks in (
        (470, 90, ("#8FA6AE", "#9FB4B8")),
        (530, 110, (DUSK, SLATE)),
        (603, 120, (VERMILION, "#B93A20", PINE)),
    ):
        x = -40.0
        while x < W:
            wide, up = rnd.uniform(90, 170), rnd.uniform(0.5, 1.0) * tall
            ink = rnd.choice(inks)
            if rnd.random() < 0.7:
                cx = x + wide * rnd.choice((0.3, 0.66))
                s.rect(cx, base - up - 34, 17, 70, ink)
                s.rect(cx - 3, base - up - 38, 23, 7, INK if base > 600 else ink)
            s.area(
                [
                    (x, base - up * 0.4),
                    (x + wide / 2, base - up - 14),
                    (x + wide, base - up * 0.4),
                    (x + wide, H),
                    (x, H),
                ],
                ink,
            )
            if base > 500:
                s.area(
                    [
                        (x - 6, base - up * 0.36),
                        (x + wide / 2, base - up - 20),
                        (x + wide + 6, base - up * 0.36),
                        (x + wide / 2, base - up),
                    ],
                    INK if base > 600 else "#22364F",
                )
                wx, wy = x + wide / 2 - 9, base - up * 0.5
                s.rect(wx, wy, 18, 24, OCHRE if rnd.random() < 0.6 else "#20303F")
                s.rect(wx + 8, wy, 2, 24, INK)
            x += wide


def _wing(s: Sheet, lead: list[Point], trail: list[Point], ink: str) -> None:
    front, back = smooth(lead), smooth(trail)
    shape = [*front, *back]
    s.area(shape, ink)
    s.dots(area_mask(shape), NIGHT, 8, lambda x, y: max(0.0, (150 - y) / 52), 30)
    n = 9
    for k in range(n):  # the flight feathers, root to tip
        f = k / (n - 1)
        tip = back[int((len(back) - 1) * f * 0.86)]
        root = front[int((len(front) - 1) * (0.94 - 0.6 * f))]
        end = (tip[0] + (tip[0] - root[0]) * 0.16, tip[1] + (tip[1] - root[1]) * 0.16)
        near = (root[0] + (tip[0] - root[0]) * 0.35, root[1] + (tip[1] - root[1]) * 0.35)
        s.stroke([near, end], 21, NIGHT if k < 4 else ink)
        s.stroke([near, end], 2, MIST)
    (ax, ay), (bx, by) = lead[0], trail[-1]
    s.area(
        smooth([(ax, ay), (ax + 18, ay + 32), ((ax + bx) / 2, ay + 50), (bx - 10, by + 26), (bx, by)]), ink
    )


def _bird(s: Sheet) -> None:
    tail = smooth([(800, 268), (890, 262), (968, 286), (976, 312), (960, 334), (880, 330), (800, 316)])
    s.area(tail, DUSK)
    for y0, y1 in ((276, 278), (290, 300), (302, 322)):
        s.stroke([(830, y0), (968, y1)], 2, MIST)
    body = smooth(
        at(
            "420,226 448,198 492,196 540,226 640,234 760,250 848,276 838,306 740,346 620,358 "
            "520,334 462,286 430,258"
        ),
        closed=True,
    )
    s.area(body, "#6E8AA0")
    s.dots(area_mask(body), DUSK, 8, lambda x, y: max(0.0, (y - 268) / 26), 30)
    neck = smooth(
        [(452, 262), (494, 216), (560, 232), (572, 268), (548, 322), (500, 322), (466, 290)], closed=True
    )
    s.area(neck, TEAL)
    s.dots(area_mask(neck), VERMILION, 9, lambda x, y: max(0.0, (y - 236) / 24), 60)
    s.disc(458, 228, 38, SLATE)
    s.area(smooth([(430, 218), (408, 226), (392, 240), (398, 244), (432, 240)], True), INK)
    s.area(smooth([(432, 242), (402, 247), (406, 252), (434, 252)], True), "#3B332A")
    s.area(smooth([(436, 212), (420, 214), (414, 224), (432, 228)], True), PAPER)
    s.disc(452, 220, 9, OCHRE)
    s.disc(450, 220, 4.6, INK)
    s.stroke(smooth([(650, 352), (668, 372), (700, 380)]), 7, VERMILION)
    s.stroke(smooth([(690, 346), (712, 364), (742, 368)]), 7, VERMILION)


def _letter(s: Sheet) -> None:
    box = [(270, 236), (404, 214), (418, 298), (284, 320)]
    s.area([(x + 5, y + 6) for x, y in box], "#8FA6AE")
    s.area(box, PAPER)
    s.stroke([box[0], (350, 272), box[1]], 3.4, INK)
    s.stroke([*box, box[0]], 3.4, INK)
    s.disc(350, 273, 14, VERMILION)
    s.disc(350, 273, 7, "#A9351E")
