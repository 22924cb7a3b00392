"""The picture of sourdough: a jar of starter, awake; beside it a ring nobody wears."""

from __future__ import annotations

import math
import random

from press import (
    INK,
    OCHRE,
    PAPER,
    PINE,
    SAND,
    TEAL,
    VERMILION,
    Sheet,
    W,
    area_mask,
    at,
    both,
    disc_mask,
    rect_mask,
    smooth,
    soften,
    turned,
)


def sourdough() -> Sheet:
    """A jar of starter, awake; beside it a ring nobody wears."""
    s = Sheet(OCHRE)
    s.disc(536, 300, 262, "#F0C469")
    s.dots(None, VERMILION, 11, lambda x, y: max(0.0, (math.dist((x, y), (536, 300)) - 250) / 92), 15)
    s.rect(0, 500, W, 103, TEAL)
    s.dots(rect_mask(0, 500, W, 103), PINE, 8, lambda x, y: (y - 498) / 34, 75)
    s.rect(0, 496, W, 7, INK)
    s.oval(560, 556, 200, 17, PINE)
    _jar(s)
    _ring_and_spoon(s)
    return s


def _jar(s: Sheet) -> None:
    glass = [(372, 176), (700, 176), (716, 206), (716, 530), (700, 556), (372, 556), (356, 530), (356, 206)]
    s.area(soften(glass, 2), INK)
    inner = soften(
        [(382, 186), (690, 186), (706, 210), (706, 526), (692, 546), (380, 546), (366, 526), (366, 210)], 2
    )
    s.area(inner, "#DCE7E4")
    dough = [
        (340, 560),
        (340, 262),
        *smooth([(366, 256), (440, 226), (536, 214), (632, 222), (706, 250)]),
        (730, 260),
        (730, 560),
    ]
    inside = both(area_mask(inner), area_mask(dough))
    s.wash(inside, "#FBF0D8")
    s.within(inside, _bubbles)
    _face(s)
    s.wash(area_mask([(384, 220), (404, 220), (404, 510), (384, 500)]), PAPER, 0.75)
    s.wash(rect_mask(356, 392, 360, 13), VERMILION)
    s.rect(356, 403, 360, 2, "#8E2B17")
    # it has been over the edge on one side
    s.area(
        smooth(
            [(664, 190), (706, 176), (734, 196), (736, 286), (728, 330), (716, 336), (708, 296), (700, 240)],
            True,
        ),
        "#FBF0D8",
    )
    s.area(smooth([(716, 210), (726, 214), (724, 290), (718, 292)], True), SAND)
    _cloth(s)


def _bubbles(s: Sheet) -> None:
    rnd = random.Random(77)
    kept: list[tuple[float, float, float]] = [(468, 330, 48), (604, 326, 48), (530, 466, 34)]
    for _ in range(2600):
        x, y = rnd.uniform(362, 710), rnd.uniform(226, 546)
        r = rnd.choice((4, 5, 6, 8, 10, 13, 17))
        if 384 < y < 412:
            continue
        if all(math.dist((x, y), (a, b)) > r + q + 3.5 for a, b, q in kept):
            kept.append((x, y, r))
    for a, b, q in kept[3:]:
        s.disc(a, b, q, "#EBD2A0")
        s.disc(a + q * 0.16, b + q * 0.2, q * 0.76, "#F6E4BF")
        s.disc(a - q * 0.34, b - q * 0.38, max(1.2, q * 0.17), PAPER)


def _face(s: Sheet) -> None:
    for x in (468, 604):
        s.disc(x, 330, 45, "#DDB873")
        s.disc(x, 331, 40, PAPER)
        s.disc(x - 15, 347, 16, INK)
        s.disc(x - 20, 342, 4.6, PAPER)
        lid = rect_mask(x - 60, 270, 120, 56)
        s.wash(both(lid, disc_mask(x, 330, 45)), "#E3C488")
        s.stroke([(x - 44, 327), (x + 44, 327)], 4.4, INK)
    s.disc(530, 466, 25, "#DDB873")
    s.oval(530, 466, 20, 20, "#7A3B22")
    s.wash(both(disc_mask(530, 466, 20), disc_mask(533, 484, 17)), VERMILION)
    s.disc(521, 457, 4, PAPER)


def _cloth(s: Sheet) -> None:
    cloth = smooth(
        at(
            "350,178 372,132 440,116 536,112 632,116 700,132 722,178 744,232 706,222 672,238 "
            "624,216 580,236 536,218 488,238 446,216 398,236 366,220 326,230"
        ),
        True,
    )
    s.area(cloth, TEAL)

    def checks(t: Sheet) -> None:
        for k in range(11):
            t.area(
                turned(
                    [(300 + k * 46, 90), (318 + k * 46, 90), (318 + k * 46, 260), (300 + k * 46, 260)],
                    536,
                    180,
                    (k - 5) * -1.6,
                ),
                "#2C8B74",
            )
        for k in range(4):
            y = 124 + k * 32
            t.stroke(
                smooth([(310, y + 20), (430, y + 2), (536, y), (642, y + 2), (760, y + 20)]), 9, "#9BC7A4"
            )

    s.within(area_mask(cloth), checks)
    s.stroke(smooth([(356, 188), (440, 196), (536, 198), (632, 196), (716, 188)]), 12, VERMILION)
    s.stroke(smooth([(358, 193), (440, 201), (536, 203), (632, 201), (714, 193)]), 2, "#8E2B17")


def _ring_and_spoon(s: Sheet) -> None:
    s.oval(222, 562, 46, 9, PINE)
    s.oval(216, 548, 40, 19, "#8A5F1E")
    s.oval(216, 545, 40, 19, "#F6D37C")
    s.oval(216, 545, 31, 12.5, "#8A5F1E")
    s.oval(216, 549, 30, 10.5, TEAL)
    s.stroke([(184, 538), (196, 531)], 3, PAPER)
    s.stroke(smooth([(812, 572), (888, 556), (990, 532), (1072, 508)]), 13, "#8A5F1E")
    s.stroke(smooth([(812, 568), (888, 552), (990, 528), (1072, 504)]), 10, SAND)
    s.area(
        smooth([(756, 574), (776, 556), (812, 552), (836, 562), (826, 580), (790, 592), (764, 590)], True),
        "#8A5F1E",
    )
    s.area(
        smooth([(756, 570), (776, 552), (812, 548), (836, 558), (826, 576), (790, 588), (764, 586)], True),
        SAND,
    )
    s.area(smooth([(770, 570), (788, 560), (812, 558), (820, 566), (804, 576), (784, 580)], True), OCHRE)
