"""A local picture -> a Media that may travel in a mail: small, upright, without metadata.

What a picture claims is not believed: the header is read first, its pixels are counted
before any is decoded, and nothing outside the folder is opened.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.content import gif_bytes, picture_bytes, walk
from newsletter.content.picture_cache import Key, keep, media, recall
from newsletter.model import Image, Media, Problem

if TYPE_CHECKING:
    from PIL.Image import Image as Bitmap

LARGEST = 30 * 1024 * 1024  # bytes of one picture file
PIXELS = 60_000_000  # decoded at once; a camera makes 50
_SMALL = 200  # pixels: narrower pictures of a body are icons and badges
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")
_FEW_COLOURS = 4096
_EVEN = 0.5  # bytes for each pixel of a PNG file; photographs need one and more
_ORIENTATION = 0x0112  # in EXIF
ANY = 0  #: a budget that set no bound


def load_picture(
    root: Path, image: Image, *, width: int, budget: int, cache: Path | None = None
) -> Media | Problem:
    """The picture as JPEG, PNG or GIF bytes, at most `width` pixels wide and `budget` bytes.

    A picture that is wider or heavier is made smaller. The Problem says what is wrong with
    one that cannot be shown. What was made is kept in the folder `cache`, if there is to be one;
    the same file makes the same bytes with and without it.
    """
    folder = root if root.is_dir() else root.parent
    path = walk.inside(folder, image.source) if image.local else None
    if path is None:
        return Problem(image.source, 0, "the image is not in the folder")
    try:
        raw = walk.contents(path, LARGEST)
    except walk.Refused as why:
        return Problem(image.source, 0, f"the image is {why}")
    if not raw:
        return Problem(image.source, 0, "the image is empty")
    try:
        return _known(raw, width, budget, cache) or _made(raw, width, budget, cache)
    except _Unfit as why:
        return Problem(image.source, 0, str(why))


def is_small(root: Path, relative: str) -> bool:
    """Whether a local picture is narrower than an article's picture is; True when it cannot be read."""
    path = walk.inside(root, relative)
    if path is None:
        return True
    try:
        with _opened(walk.contents(path, LARGEST)) as bitmap:
            return bitmap.width < _SMALL
    except (_Unfit, walk.Refused):
        return True


class _Unfit(ValueError):
    """Why a picture cannot be shown."""


def _opened(raw: bytes) -> Bitmap:
    """The picture with its header read and nothing decoded."""
    from PIL import Image as pillow

    head = raw[:1000].lstrip().lower()
    if head.startswith((b"<svg", b"<?xml")) or b"<svg" in head:
        raise _Unfit("the image is an SVG, which no mail shows; use PNG or JPEG")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; we count ourselves
            bitmap = pillow.open(io.BytesIO(raw), formats=_FORMATS)
    except pillow.DecompressionBombError:
        raise _Unfit(f"the image has far more than {PIXELS:,} pixels, which is all that is read") from None
    except Exception as wrong:  # decoders raise whatever they like
        raise _Unfit(f"the image cannot be read: {_short(wrong)}") from None
    if bitmap.width * bitmap.height > PIXELS:
        raise _Unfit(f"the image has {bitmap.width} × {bitmap.height} pixels; at most {PIXELS:,} are read")
    if min(bitmap.size) < 1:
        raise _Unfit("the image has no pixels")
    return bitmap


def _short(wrong: Exception) -> str:
    text = str(wrong).split("<_io")[0].strip() or type(wrong).__name__
    return text[:100]


def _known(raw: bytes, width: int, budget: int, cache: Path | None) -> Media | None:
    """What became of the same bytes before."""
    source = hashlib.sha256(raw).hexdigest()
    for limit in (ANY, budget):
        found = recall(cache, Key(source, width, limit))
        if found is not None and len(found.data) <= budget:
            return found
    return None


def _made(raw: bytes, width: int, budget: int, cache: Path | None) -> Media:
    made, limit = _fitted(raw, width, budget)
    keep(cache, Key(hashlib.sha256(raw).hexdigest(), width, limit), made)
    return made


def _fitted(raw: bytes, width: int, budget: int) -> tuple[Media, int]:
    """The picture, and the budget that it was made for: ANY when it would fit each that is larger."""
    with _opened(raw) as bitmap:
        moving = bitmap.format == "GIF" and getattr(bitmap, "n_frames", 1) > 1
        if moving and bitmap.width <= width and (bare := _bare(raw)) and len(bare) <= budget:
            # resized it would be large, or still
            return media(bare, "image/gif", bitmap.width, bitmap.height), ANY
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                still, drawn = _decoded(bitmap, width, len(raw))
        except Exception as wrong:  # decoders raise whatever they like
            raise _Unfit(f"the image cannot be read: {_short(wrong)}") from None
    return _encoded(still, drawn, budget, moving)


def _bare(raw: bytes) -> bytes:
    """An animation without its metadata; empty when it is damaged: then its first frame may still show."""
    try:
        return gif_bytes.bare(raw)
    except ValueError:
        return b""


def _encoded(still: Bitmap, drawn: bool, budget: int, moving: bool) -> tuple[Media, int]:
    made = picture_bytes.best(still, drawn=drawn)
    limit = budget if moving or len(made[0]) > budget else ANY
    if len(made[0]) > budget:
        try:
            made = picture_bytes.lighter(still, made, budget)
        except picture_bytes.TooHeavy:
            raise _Unfit(f"the image cannot be made smaller than {budget:,} bytes") from None
    raw, kind, size = made
    return media(raw, f"image/{kind.lower()}", *size), limit


def _decoded(bitmap: Bitmap, width: int, weight: int) -> tuple[Bitmap, bool]:
    """The first frame, upright, at most `width` wide, and whether it was drawn rather than photographed.

    Its mode is P (not resized), L, RGB or RGBA.
    """
    from PIL import ImageOps

    turned = bitmap.getexif().get(_ORIENTATION) in (5, 6, 7, 8)
    # A JPEG decodes at a fraction of its size, never below this.
    bitmap.draft("RGB", (1, width) if turned else (width, 1))
    still = _cropped(_of_bytes(ImageOps.exif_transpose(bitmap)), width)
    drawn = _is_drawn(still, bitmap.format or "", weight)
    if "transparency" in still.info and _is_opaque(still.convert("RGBA")):
        del still.info["transparency"]
    if still.mode != "P" or still.width > width:
        still = _plain(still)
    if still.width > width:
        still = still.resize((width, max(1, round(still.height * width / still.width))), reducing_gap=3.0)
    return (still.convert("RGB") if still.mode == "RGBA" and _is_opaque(still) else still), drawn


def _of_bytes(still: Bitmap) -> Bitmap:
    """Levels of 16 bits, which Pillow would cut off at 255, as levels of 8."""
    if still.mode != "I" and not still.mode.startswith("I;16"):
        return still
    grey = still.point(lambda level: level * (1 / 256)).convert("L")
    grey.info.pop("transparency", None)  # a level of 16 bits
    return grey


def _is_opaque(still: Bitmap) -> bool:
    return still.getextrema()[-1] == (255, 255)


def _cropped(still: Bitmap, width: int) -> Bitmap:
    """What of a very high picture is shown: its top."""
    highest = max(width, still.width) * 4
    return still if still.height <= highest else still.crop((0, 0, still.width, highest))


def _is_drawn(still: Bitmap, kind: str, weight: int) -> bool:
    """Whether a picture has few colours, or large even areas as a screenshot has."""
    if kind == "JPEG":
        return False  # a grey photograph has few colours as well
    if kind == "PNG" and weight < still.width * still.height * _EVEN:
        return True
    return still.mode in ("P", "1") or still.getcolors(_FEW_COLOURS) is not None


def _plain(still: Bitmap) -> Bitmap:
    """In L, RGB or RGBA."""
    if picture_bytes.is_clear(still):
        return still.convert("RGBA")
    return still.convert("L" if still.mode in ("1", "L") else "RGB")
