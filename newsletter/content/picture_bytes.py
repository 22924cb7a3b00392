"""A bitmap -> the PNG or JPEG that travels: drawings stay exact, photographs become JPEG, both light.

Saving is what costs: a picture that fits is saved once or twice. One that does not is saved again at the
quality and the width that the weight of the attempts before suggest, which takes two or three.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image as Bitmap

#: Of a palette, 9 takes twice the time and saves 2 %; of true colours it saves nothing, nor does `optimize`.
_LEVEL_OF_FEW, _LEVEL_OF_MANY = 8, 6
_LIGHT: Final = 0.25  # bytes for each pixel: about what a JPEG needs
_EXACT_IS_WORTH: Final = 0.7  # a JPEG must be lighter than this part of the PNG to take its place
_BEST: Final = 85  # JPEG quality
_FAIR: Final = 75
_POOR: Final = 65  # rather than fewer pixels than the column has
_WEIGHTS: Final = {_BEST: 1.0, _FAIR: 0.74, _POOR: 0.6}  # of photographs, by quality
_NARROW: Final = 600  # pixels
_AIM: Final = 0.95  # part of the budget
_ENOUGH: Final = 0.8  # part of the budget that is worth no further attempt
_ATTEMPTS: Final = 12  # for budgets near the weight of an empty file; two or three else
_GROWTH: Final = 2.2  # weight grows with this power of the width, until two attempts tell
#: Of 255, root of the mean square error: nobody sees it; one sees it side by side.
_CLOSE, _NEAR = 1.0, 4.0

Encoded = tuple[bytes, str, tuple[int, int]]  #: bytes, kind, size


class TooHeavy(ValueError):
    """The picture cannot be made as light as it must be."""


def best(still: Bitmap, *, drawn: bool) -> Encoded:
    """The picture at its full size: a PNG when it is `drawn` or transparent, else a JPEG.

    A drawing that makes a heavy PNG becomes a JPEG too. Equal pixels give equal bytes.
    """
    if is_clear(still):
        return _png(_few_colours(still))
    if not drawn:
        return _jpeg(still, _BEST)
    exact = _png(_few_colours(still))
    if len(exact[0]) <= still.width * still.height * _LIGHT:
        return exact
    light = _jpeg(still, _BEST)
    return light if len(light[0]) < len(exact[0]) * _EXACT_IS_WORTH else exact


def lighter(still: Bitmap, first: Encoded, budget: int) -> Encoded:
    """The picture in at most `budget` bytes, as large as it can be; `first` is its best.

    :class:`TooHeavy` when not even a few pixels fit.
    """
    if is_clear(still):
        return _transparent(still.convert("RGBA"), len(first[0]), budget)
    full = still if still.mode == "L" else still.convert("RGB")
    made = first if first[1] == "JPEG" else _jpeg(full, _BEST)
    return made if len(made[0]) <= budget else _opaque(full, len(made[0]), budget)


def is_clear(still: Bitmap) -> bool:
    """Whether paper of any colour may show through."""
    return still.mode in ("RGBA", "LA", "PA") or "transparency" in still.info


def _transparent(full: Bitmap, weight: int, budget: int) -> Encoded:
    """256 colours where that is hard to see or hardly a picture would be left; fewer pixels."""
    few = _octree(full)
    wide = _width([(full.width, weight)], budget) >= _NARROW / 2
    if not wide or _apart(few, full) <= _NEAR:
        light = _png(few)
        if len(light[0]) <= budget:
            return light
        return _narrower(full, len(light[0]), budget, lambda small: _png(_octree(small)))
    return _narrower(full, weight, budget, _png)


def _opaque(full: Bitmap, weight: int, budget: int) -> Encoded:
    """A lower quality where that is enough, else fewer pixels too; `weight` is that of the best."""
    expected: float = weight
    for quality in (_FAIR, _POOR):
        if expected * _WEIGHTS[quality] <= budget * _AIM:
            made = _jpeg(full, quality)
            if len(made[0]) <= budget:
                return made
            expected = len(made[0]) / _WEIGHTS[quality]
    wide = _width([(full.width, expected * _WEIGHTS[_FAIR])], budget) >= _NARROW
    quality = _FAIR if wide else _POOR
    return _narrower(full, expected * _WEIGHTS[quality], budget, lambda small: _jpeg(small, quality))


def _narrower(full: Bitmap, weight: float, budget: int, save: Callable[[Bitmap], Encoded]) -> Encoded:
    """The widest of a few attempts that fits; `weight` is about that of the full width."""
    tried: list[tuple[int, float]] = [(full.width, weight)]
    fitting: Encoded | None = None
    for attempt in range(_ATTEMPTS):
        width = min(full.width, _width(tried, budget))
        height = max(1, round(full.height * width / full.width))
        made = save(full.resize((width, height), reducing_gap=3.0))
        tried.append((width, len(made[0])))
        fits = len(made[0]) <= budget
        if fits and (fitting is None or made[2] > fitting[2]):
            fitting = made
        if fitting and (not fits or attempt > 1 or len(made[0]) >= budget * _ENOUGH):
            return fitting
        if width == 1:
            break
    if fitting is None:
        raise TooHeavy
    return fitting


def _width(tried: list[tuple[int, float]], budget: int) -> int:
    """The width at which a picture should fit, as the last two attempts (width, weight) tell."""
    width, weight = tried[-1]
    growth = _GROWTH
    if len(tried) > 1 and tried[-2][0] != width:
        growth = math.log(tried[-2][1] / weight) / math.log(tried[-2][0] / width)
    factor = (budget * _AIM / weight) ** (1 / min(max(growth, 1.2), 3.0))
    return max(1, int(width * factor))


def _few_colours(still: Bitmap) -> Bitmap:
    """The picture with a palette, where that looks the same: a third of the weight, and of the time."""
    if still.mode in ("P", "L"):
        return still
    # Median cut is exact up to 256 colours.
    few = _quantized(still, 0) if still.mode == "RGB" else _octree(still)
    return few if _apart(few, still) <= _CLOSE else still


def _octree(still: Bitmap) -> Bitmap:
    return _quantized(still, 2)  # the one method that knows transparency


def _quantized(still: Bitmap, method: int) -> Bitmap:
    from PIL.Image import Dither

    return still.quantize(256, method=method, dither=Dither.NONE)  # dithering weighs more and moves edges


def _apart(few: Bitmap, still: Bitmap) -> float:
    """How far two pictures are apart in the channel that differs most: root of the mean square error."""
    from PIL import ImageChops, ImageStat

    difference = ImageChops.difference(few.convert(still.mode), still)
    return float(max(ImageStat.Stat(difference).rms))


def _png(still: Bitmap) -> Encoded:
    bare = still.copy()
    through = bare.info.get("transparency")
    bare.info = {}  # profiles, comments and EXIF stay behind
    kept = {} if through is None else {"transparency": through}
    out = io.BytesIO()
    bare.save(out, "PNG", compress_level=_LEVEL_OF_FEW if bare.mode == "P" else _LEVEL_OF_MANY, **kept)
    return out.getvalue(), "PNG", bare.size


def _jpeg(still: Bitmap, quality: int) -> Encoded:
    bare = still.copy() if still.mode == "L" else still.convert("RGB")
    bare.info = {}
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue(), "JPEG", bare.size
