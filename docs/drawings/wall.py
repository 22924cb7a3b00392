"""The picture of the wall: a dry-stone wall with one stone out; somebody looks through."""

from __future__ import annotations

import random

from press import (
    INK,
    OCHRE,
    PAPER,
    PINE,
    SAND,
    SLATE,
    TEAL,
    VERMILION,
    H,
    S,
    Sheet,
    W,
    area_mask,
    rect_mask,
    smooth,
    soften,
    turned,
)

STONES = ("#5A7185", "#6E8596", "#4B6277", "#8598A2", "#3F566B", "#9C968A", "#79828A")
GAP = (556.0, 676.0)


def wall() -> Sheet:
    """A dry-stone wall with one stone out; somebody looks through."""
    s = Sheet(SAND)
    s.dots(rect_mask(0, 0, W, 260), OCHRE, 9, lambda x, y: max(0.0, (y - 20) / 62), 15)
    s.disc(870, 112, 62, VERMILION)
    far = smooth([(0, 148), (160, 108), (330, 142), (520, 92), (700, 138), (880, 104), (1072, 146)])
    s.area([*far, (W, 330), (0, 330)], SLATE)
    near = smooth([(0, 186), (200, 160), (420, 190), (640, 150), (860, 184), (1072, 158)])
    s.area([*near, (W, 340), (0, 340)], TEAL)
    s.dots(area_mask([*near, (W, 340), (0, 340)]), PINE, 8, 2.0, 60)
    s.rect(0, 226, W, 310, "#20262E")
    _courses(s)
    _coping(s)
    _grass(s)
    _stone_out(s)
    _robin(s, 236, 153)
    return s


def _stone(s: Sheet, box: tuple[float, float, float, float], rnd: random.Random, ink: str) -> None:
    x0, y0, x1, y1 = box

    def j() -> float:
        return rnd.uniform(-4.5, 4.5)

    mid = (x0 + x1) / 2
    corners = [
        (x0 + 3 + j() / 2, y0 + 3 + j()),
        (mid + j() * 2, y0 + 2 + j() / 2),
        (x1 - 3 + j() / 2, y0 + 3 + j()),
        (x1 - 2, (y0 + y1) / 2 + j()),
        (x1 - 3 + j() / 2, y1 - 2 + j() / 2),
        (mid + j() * 2, y1 - 2),
        (x0 + 3 + j() / 2, y1 - 2 + j() / 2),
        (x0 + 2, (y0 + y1) / 2 + j()),
    ]
    shape = soften(corners, 2, 0.2)
    s.area(shape, ink)
    s.pen.line([(x * S, y * S) for x, y in shape[: len(shape) // 3]], fill="#B4C1C6", width=4)


def _courses(s: Sheet) -> None:
    rnd = random.Random(30)
    y = 222.0
    for row, tall in enumerate((50, 46, 68, 54, 50, 50)):
        x = -rnd.uniform(10, 60)
        while x < W:
            wide = rnd.uniform(58, 132) if row < 4 else rnd.uniform(80, 168)
            if row == 2 and x < GAP[0] < x + wide + 40:
                wide = GAP[0] - x
            if row == 2 and abs(x - GAP[0]) < 1:
                _look_through(s, y, tall)
                x = GAP[1]
                continue
            _stone(s, (x, y, x + wide, y + tall), rnd, rnd.choice(STONES))
            x += wide
        y += tall
    s.dots(rect_mask(0, 222, W, 95), "#3A4F63", 9, 1.7, 30)
    s.dots(rect_mask(0, 390, W, 150), "#26394B", 9, lambda x, y: (y - 380) / 48, 30)
    _look_through(s, 318, 68)


def _look_through(s: Sheet, y: float, tall: float) -> None:
    x0, x1 = GAP
    hole = soften(
        [(x0 + 3, y + 5), (616, y), (x1 - 3, y + 4), (x1, y + tall - 6), (620, y + tall), (x0, y + tall - 3)]
    )

    def beyond(t: Sheet) -> None:
        t.rect(x0, y, 130, tall, OCHRE)
        t.rect(x0, y + 46, 130, 40, TEAL)
        for dx, dy, r in (
            (-30, 26, 19),
            (-12, 14, 19),
            (10, 12, 19),
            (28, 24, 20),
            (0, 30, 30),
            (-24, 44, 20),
            (26, 46, 20),
        ):
            t.disc(622 + dx, y + 26 + dy, r, PAPER)
        for side in (-1, 1):
            t.area(
                soften([(622 + side * 12, y + 34), (622 + side * 38, y + 28), (622 + side * 34, y + 42)]), INK
            )
        t.area(
            smooth(
                [(606, y + 32), (622, y + 24), (638, y + 32), (634, y + 58), (622, y + 72), (610, y + 58)],
                True,
            ),
            INK,
        )
        for side in (-1, 1):
            t.disc(622 + side * 8, y + 40, 3.8, OCHRE)
            t.rect(622 + side * 8 - 2.6, y + 39.2, 5.2, 1.8, INK)

    s.area(turned(hole, 616, y + tall / 2, 0), "#0F1216")
    s.within(
        area_mask([(x * 0.96 + 616 * 0.04, py * 0.95 + (y + tall / 2) * 0.05) for x, py in hole]), beyond
    )


def _coping(s: Sheet) -> None:
    rnd = random.Random(4)
    x = -14.0
    while x < W:
        wide, tall = rnd.uniform(26, 46), rnd.uniform(40, 58)
        lean = rnd.uniform(4, 12)
        shape = [(x, 226), (x + lean, 228 - tall), (x + lean + wide - 4, 230 - tall), (x + wide - 2, 226)]
        s.area([(px + 3, py + 3) for px, py in soften(shape, 2, 0.16)], "#20262E")
        s.area(soften(shape, 2, 0.16), rnd.choice(STONES))
        x += wide
    s.rect(0, 222, W, 5, "#20262E")


def _grass(s: Sheet) -> None:
    rnd = random.Random(12)
    line = smooth([(0, 520), (180, 508), (400, 520), (640, 506), (860, 518), (1072, 504)])
    s.area([*line, (W, H), (0, H)], TEAL)
    s.dots(area_mask([*line, (W, H), (0, H)]), PINE, 8, lambda x, y: (y - 506) / 34, 75)
    for _ in range(150):
        x, y = rnd.uniform(0, W), rnd.uniform(506, 532)
        lean, tall = rnd.uniform(-7, 7), rnd.uniform(12, 30)
        s.area([(x - 2.4, y), (x + lean, y - tall), (x + 2.4, y)], rnd.choice((TEAL, TEAL, PINE, "#2C8B74")))


def _stone_out(s: Sheet) -> None:
    s.oval(640, 577, 84, 11, PINE)
    stone = soften(
        [(572, 536), (610, 516), (668, 512), (706, 536), (710, 562), (684, 580), (606, 582), (570, 564)], 2
    )
    s.area(stone, VERMILION)
    s.dots(area_mask(stone), "#A3301B", 7, lambda x, y: max(0.0, (y - 524) / 17), 30)
    s.pen.line([(x * S, y * S) for x, y in stone[2:14]], fill="#F2A48D", width=7)
    # the hammer
    s.stroke([(770, 580), (846, 530)], 7, OCHRE)
    s.area(turned([(826, 514), (868, 514), (872, 524), (868, 536), (826, 536)], 847, 527, -34), INK)


def _robin(s: Sheet, x: float, y: float) -> None:
    s.stroke([(x - 3, y + 14), (x - 4, y + 27)], 2, INK)
    s.stroke([(x + 5, y + 14), (x + 5, y + 27)], 2, INK)
    s.area([(x - 14, y + 4), (x - 36, y - 4), (x - 34, y + 3), (x - 12, y + 14)], INK)
    s.area(
        smooth(
            [
                (x - 18, y + 2),
                (x - 2, y - 12),
                (x + 14, y - 20),
                (x + 24, y - 10),
                (x + 18, y + 8),
                (x, y + 17),
            ],
            True,
        ),
        "#3B332A",
    )
    s.area(
        smooth([(x + 8, y - 10), (x + 20, y - 16), (x + 24, y - 4), (x + 18, y + 9), (x + 6, y + 14)], True),
        VERMILION,
    )
    s.area([(x + 23, y - 14), (x + 33, y - 11), (x + 23, y - 8)], OCHRE)
    s.disc(x + 17, y - 13, 2.1, PAPER)
