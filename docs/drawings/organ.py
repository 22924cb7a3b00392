"""The picture of the organ: an organ front, and the tuner half way up it."""

from __future__ import annotations

from press import (
    DUSK,
    INK,
    MIST,
    NIGHT,
    OCHRE,
    PINE,
    SAND,
    SKIN,
    SLATE,
    TEAL,
    VERMILION,
    Sheet,
    rect_mask,
    smooth,
    soften,
)


def organ() -> Sheet:
    """An organ front, and the tuner half way up it."""
    s = Sheet(PINE)
    s.dots(None, TEAL, 10, lambda x, y: max(0.0, (360 - y) / 100), 30)
    groups = ((92.0, 7, 1), (296.0, 9, 0), (549.0, 9, 0), (810.0, 7, 1))
    s.rect(60, 500, 952, 103, "#3A2A20")
    for x, n, kind in groups:
        _pipes(s, x, n, kind)
    _case(s)
    _tuner(s)
    return s


def _pipe(s: Sheet, x: float, top: float, wide: float) -> None:
    foot, mouth = 498.0, 424.0
    s.area(
        [
            (x, top),
            (x + wide, top),
            (x + wide, mouth + 26),
            (x + wide * 0.62, foot),
            (x + wide * 0.38, foot),
            (x, mouth + 26),
        ],
        OCHRE,
    )
    s.rect(x + wide * 0.2, top, wide * 0.16, mouth - top, "#F8DFA0")
    s.dots(
        rect_mask(x + wide * 0.58, top, wide * 0.42, foot - top),
        "#8A5F1E",
        6,
        lambda a, b: max(0.0, (a - x - wide * 0.5) / wide * 4.4),
        30,
    )
    s.area([(x, mouth + 26), (x, foot), (x + wide * 0.38, foot)], PINE)
    s.area([(x + wide, mouth + 26), (x + wide, foot), (x + wide * 0.62, foot)], PINE)
    s.area([(x + wide * 0.2, mouth), (x + wide / 2, mouth - wide * 0.7), (x + wide * 0.8, mouth)], "#C98A2B")
    s.rect(x + wide * 0.18, mouth, wide * 0.64, 7, INK)
    s.oval(x + wide / 2, top, wide / 2, 5, INK)
    s.rect(x + wide - 1.5, top, 1.5, mouth + 26 - top, INK)


def _pipes(s: Sheet, x: float, n: int, kind: int) -> None:
    wide = 25.2
    for k in range(n):
        mid = abs(k - (n - 1) / 2)
        top = 70 + mid * 34 if kind else 250 - mid * 26
        _pipe(s, x + k * wide, top, wide - 1)


def _case(s: Sheet) -> None:
    for x in (68, 272, 525, 778, 988):
        top = 112 if x == 525 else 40
        s.rect(x, top, 22, 510 - top, "#5A3B28")
        s.rect(x + 4, top, 5, 510 - top, "#8A5F3A")
    for x0, x1, y in ((60, 298, 34), (778, 1016, 34), (292, 784, 108)):
        s.rect(x0, y, x1 - x0, 18, VERMILION, 3)
        s.rect(x0, y + 14, x1 - x0, 4, "#8E2B17")
    for x, y, n in ((294, 126, 9), (547, 126, 9), (90, 52, 7), (800, 52, 7)):
        for k in range(n):  # carved pendants under the cornice
            mid = x + 14 + k * (26 if y == 52 else 25.4)
            s.area([(mid - 11, y), (mid + 11, y), (mid, y + 14)], "#5A3B28")
    s.rect(46, 494, 980, 20, VERMILION, 3)
    s.rect(46, 510, 980, 5, "#8E2B17")
    for x in range(84, 990, 76):
        s.rect(x, 532, 60, 71, "#4A3426")
        s.rect(x + 6, 538, 48, 71, "#5A3B28")


def _tuner(s: Sheet) -> None:
    s.stroke([(838, 600), (786, 190)], 6, SAND)
    s.stroke([(880, 600), (822, 190)], 6, SAND)
    for k in range(15):
        f = k / 15
        s.stroke([(838 - 52 * f, 594 - 410 * f), (880 - 58 * f, 594 - 410 * f)], 4, SAND)
    x, y = 824, 382
    s.area(
        [
            (x - 12, y - 30),
            (x + 14, y - 30),
            (x + 22, y + 26),
            (x + 8, y + 28),
            (x + 2, y),
            (x - 2, y + 12),
            (x - 14, y + 12),
        ],
        NIGHT,
    )
    s.area(soften([(x - 16, y - 84), (x + 14, y - 84), (x + 18, y - 26), (x - 14, y - 24)], 1, 0.16), SLATE)
    s.stroke([(x - 8, y - 76), (x - 36, y - 98), (x - 50, y - 126)], 9, DUSK)
    s.stroke([(x - 50, y - 124), (x - 62, y - 150)], 4, MIST)
    s.area([(x - 70, y - 146), (x - 56, y - 152), (x - 64, y - 172)], MIST)
    s.disc(x - 2, y - 100, 13, SKIN)
    s.area(
        smooth(
            [
                (x - 14, y - 106),
                (x - 4, y - 117),
                (x + 10, y - 112),
                (x + 15, y - 92),
                (x + 6, y - 88),
                (x + 6, y - 104),
            ],
            True,
        ),
        INK,
    )
    s.stroke([(x + 12, y - 74), (x + 26, y - 48), (x + 12, y - 36)], 8, DUSK)
