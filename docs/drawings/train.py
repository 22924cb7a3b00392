"""The night train: a sleeper stands at a red signal by a lake; the moon is in no hurry either."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageOps
from press import (
    DUSK,
    INK,
    NIGHT,
    OCHRE,
    PINE,
    SAND,
    SLATE,
    TEAL,
    VERMILION,
    H,
    S,
    Sheet,
    W,
    disc_mask,
    rect_mask,
    smooth,
    soften,
)

SHORE = 456


def night_train() -> Sheet:
    """A sleeper stands at a red signal beside a lake; the moon is in no hurry either."""
    s = Sheet(NIGHT)
    for r, ink in ((470, "#192C46"), (345, "#203755"), (245, DUSK), (172, "#3B5877")):
        s.disc(300, 176, r, ink)
    s.dots(rect_mask(0, 0, W, 400), SLATE, 9, lambda x, y: max(0.0, (y - 120) / 120), 30)
    s.disc(300, 176, 116, SAND)
    s.dots(disc_mask(300, 176, 116), OCHRE, 8, lambda x, y: max(0.0, (y - x * 0.35 - 40) / 60), 15)
    for x, y, r in ((262, 150, 19), (330, 206, 26), (318, 122, 10), (276, 226, 12)):
        s.wash(disc_mask(x, y, r), OCHRE, 0.35)
    rnd = random.Random(8)
    for _ in range(46):
        star = (rnd.uniform(0, W), rnd.uniform(0, 250))
        if math.dist(star, (300, 176)) > 190:
            s.disc(*star, rnd.choice((1.3, 1.3, 2.2)), SAND)
    _forest(s)
    _house(s)
    _train(s)
    _bank(s)
    _lake(s)
    return s


def _spruce(s: Sheet, x: float, foot: float, tall: float, ink: str) -> None:
    wide, left, right = tall * 0.21, [], []
    for k in range(6):
        y, half = foot - tall + tall * (k + 1) / 6.4, wide * (k + 1) / 6
        left += [(x - half, y), (x - half * 0.52, y - tall * 0.012)]
        right += [(x + half, y), (x + half * 0.52, y - tall * 0.012)]
    s.area([(x, foot - tall), *right, (x + 4, foot), (x - 4, foot), *left[::-1]], ink)


def _forest(s: Sheet) -> None:
    rnd = random.Random(21)
    ridge = smooth(
        [(0, 318), (130, 300), (300, 322), (470, 296), (640, 262), (800, 244), (940, 268), (1072, 240)]
    )
    s.area([*ridge, (W, 460), (0, 460)], "#1D3450")
    for x in range(-8, W + 20, 19):
        _spruce(s, x + rnd.uniform(-5, 5), 400, rnd.uniform(62, 104) + 40 * (x > 560), "#16293F")
    for x in range(-14, W + 20, 25):
        _spruce(s, x + rnd.uniform(-8, 8), 430, rnd.uniform(70, 128), "#0C1828")
    for x, tall in ((884, 232), (846, 196), (922, 186), (62, 210), (26, 168)):
        _spruce(s, x, 430, tall, "#0C1828")


def _house(s: Sheet) -> None:
    s.rect(962, 262, 78, 120, "#0A1420")
    s.area([(948, 268), (1001, 216), (1054, 268)], "#0A1420")
    s.rect(1022, 222, 12, 40, "#0A1420")
    s.rect(990, 282, 22, 28, OCHRE)
    s.rect(1000, 282, 2, 28, "#0A1420")
    s.rect(990, 295, 22, 2, "#0A1420")
    s.area([(1028, 212), *smooth([(1030, 196), (1046, 178), (1038, 158), (1056, 132)]), (1034, 214)], DUSK)


def _coach(s: Sheet, x: float, lit: str) -> None:
    s.rect(x, 336, 226, 74, TEAL, 7)
    s.rect(x + 6, 326, 214, 18, PINE, 8)
    s.rect(x, 384, 226, 5, SAND)
    s.rect(x, 394, 226, 16, PINE)
    for k, state in enumerate(lit):
        wx = x + 15 + k * 25
        ink = {"o": OCHRE, "h": OCHRE, "p": OCHRE}.get(state, "#0C2430")
        s.rect(wx, 350, 17, 24, ink, 2)
        if state == "h":
            s.rect(wx, 350, 17, 13, VERMILION, 2)
        if state == "p":
            s.disc(wx + 9, 362, 4.6, INK)
            s.rect(wx + 3, 366, 12, 8, INK, 3)
    for bx in (x + 34, x + 192):
        s.rect(bx - 28, 410, 56, 8, INK)
        for wx in (bx - 17, bx + 17):
            s.disc(wx, 419, 11, INK)
            s.disc(wx, 419, 4, SLATE)


def _train(s: Sheet) -> None:
    for x, lit in ((-118, "o..ho..h"), (118, ".h..o.p."), (354, "h...h..o"), (590, "..h....h")):
        s.rect(x + 224, 360, 16, 48, "#0A1420")
        _coach(s, x, lit)
    nose = [(826, 330), (962, 330), (1002, 352), (1016, 384), (1018, 410), (826, 410)]
    s.area(soften(nose, 2, 0.12), VERMILION)
    s.area([(956, 340), (984, 346), (1002, 372), (956, 372)], "#0C2430")
    s.rect(826, 386, 190, 5, SAND)
    s.rect(828, 396, 190, 14, "#7E2718")
    s.rect(848, 346, 60, 26, "#A9351E")
    for y in (351, 358, 365):
        s.rect(852, y, 52, 2.4, "#7E2718")
    s.stroke([(866, 330), (896, 310), (866, 294)], 3.4, INK)
    s.stroke([(842, 294), (892, 294)], 3.4, INK)
    for bx in (872, 972):
        s.rect(bx - 32, 410, 64, 8, INK)
        for wx in (bx - 18, bx + 18):
            s.disc(wx, 419, 12, INK)
            s.disc(wx, 419, 4, SLATE)
    s.disc(1008, 392, 5, SAND)
    s.rect(0, 290, W, 1.6, "#0A1420")


def _bank(s: Sheet) -> None:
    s.rect(0, 429, W, 4, SLATE)
    s.rect(0, 433, W, SHORE - 433, "#0A1420")
    s.dots(rect_mask(0, 435, W, SHORE - 435), DUSK, 6, 1.5, 20)
    s.rect(1045, 318, 5, 116, INK)
    s.glow(1047, 317, 46, VERMILION)
    s.rect(1035, 304, 25, 46, INK, 9)
    s.disc(1047, 317, 8, VERMILION)
    s.disc(1047, 337, 8, "#12302C")
    # the attendant, out for air
    s.glow(745, 432, 34, OCHRE)
    s.disc(722, 400, 6.4, "#E9C39B")
    s.rect(713, 391, 18, 6, VERMILION, 2)
    s.area(soften([(713, 407), (731, 407), (736, 438), (709, 438)], 1, 0.12), "#86A6BF")
    s.rect(714, 436, 6, 10, INK)
    s.rect(724, 436, 6, 10, INK)
    s.stroke([(729, 412), (743, 426)], 4.4, "#86A6BF")
    s.rect(741, 428, 8, 12, OCHRE, 2)


def _lake(s: Sheet) -> None:
    deep = (H - SHORE) * S
    above = s.image.crop((0, (SHORE - 165) * S, W * S, SHORE * S)).resize((W * S, deep))
    still = Image.blend(ImageOps.flip(above), Image.new("RGB", above.size, "#10203A"), 0.42)
    strip = 2 * S
    for top in range(0, deep, strip):
        shift = round(math.sin(top / strip * 0.42) * (0.6 + top / deep * 4.4) * S)
        band = still.crop((0, top, W * S, min(top + strip, deep)))
        s.image.paste(band, (shift, SHORE * S + top))
        s.image.paste(
            band.crop((0, 0, 30, band.height)).resize((60, band.height)), (shift - 60, SHORE * S + top)
        )
    s.rect(0, SHORE, W, 2.5, SLATE)
    rnd = random.Random(5)
    for row in range(13):
        y, spread = SHORE + 9 + row * 11, 20 + row * 7
        for _ in range(2 + row // 3):
            long = rnd.uniform(24, 62 + row * 7)
            x = 300 + rnd.gauss(0, spread * 0.62) - long / 2
            s.rect(x, y, long, 4.2, SAND if row < 8 else OCHRE, 2)
    for _ in range(26):
        y = SHORE + 12 + rnd.randrange(12) * 11
        s.rect(rnd.uniform(0, W), y + 4, rnd.uniform(20, 80), 2, SLATE, 1)
