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

from newsletter.content import walk
from newsletter.model import Image, Media, Problem

if TYPE_CHECKING:
    from PIL.Image import Image as Bitmap

LARGEST = 30 * 1024 * 1024  # bytes of one picture file
PIXELS = 60_000_000  # decoded at once; a camera makes 50
_SMALL = 200  # pixels: narrower pictures of a body are icons and badges
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")
_QUALITIES = (85, 75, 65, 50)


def load_picture(root: Path, image: Image, *, width: int, budget: int) -> Media | Problem:
    """The picture as JPEG, PNG or GIF bytes, at most `width` pixels wide and `budget` bytes.

    A picture that is wider or heavier is made smaller. The Problem says what is wrong with
    one that cannot be shown.
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
        return _fitted(raw, width, budget)
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


def _fitted(raw: bytes, width: int, budget: int) -> Media:
    with _opened(raw) as bitmap:
        moving = bitmap.format == "GIF" and getattr(bitmap, "n_frames", 1) > 1
        if moving and bitmap.width <= width and len(raw) <= budget:
            return _media(raw, "GIF", bitmap.width, bitmap.height)  # resized it would be large, or still
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                still = _decoded(bitmap, width)
        except Exception as wrong:  # decoders raise whatever they like
            raise _Unfit(f"the image cannot be read: {_short(wrong)}") from None
    return _encoded(still, budget)


def _decoded(bitmap: Bitmap, width: int) -> Bitmap:
    """The first frame, upright, in RGB or RGBA, at most `width` wide."""
    from PIL import ImageOps

    bitmap.draft("RGB", (width, width * 4))  # JPEG decodes at a fraction of the size, never below this
    still = ImageOps.exif_transpose(bitmap)
    clear = still.mode in ("RGBA", "LA", "PA") or "transparency" in still.info
    still = still.convert("RGBA" if clear else "RGB")
    if still.width > width:
        still = still.resize((width, max(1, round(still.height * width / still.width))), reducing_gap=3.0)
    if still.height > width * 4:
        still = still.crop((0, 0, still.width, width * 4))
    if clear and still.getextrema()[-1] == (255, 255):
        still = still.convert("RGB")
    return still


def _encoded(still: Bitmap, budget: int) -> Media:
    """PNG for what is drawn or transparent, JPEG for what is photographed; smaller until it fits."""
    drawn = still.mode == "RGBA" or still.getcolors(4096) is not None
    for _ in range(8):
        if drawn:
            raw = _bytes(still, "PNG")
            if len(raw) <= budget:
                return _media(raw, "PNG", *still.size)
        if still.mode != "RGBA":
            for quality in _QUALITIES:
                raw = _bytes(still, "JPEG", quality)
                if len(raw) <= budget:
                    return _media(raw, "JPEG", *still.size)
        if min(still.size) < 16:
            break
        still = still.resize((max(1, still.width * 3 // 4), max(1, still.height * 3 // 4)))
    raise _Unfit(f"the image cannot be made smaller than {budget:,} bytes")


def _bytes(still: Bitmap, kind: str, quality: int = 0) -> bytes:
    out = io.BytesIO()
    still.info = {}  # profiles, comments and EXIF stay behind
    if kind == "PNG":
        still.save(out, "PNG", optimize=True)
    else:
        still.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _media(raw: bytes, kind: str, width: int, height: int) -> Media:
    ending = {"JPEG": "jpg", "PNG": "png", "GIF": "gif"}[kind]
    name = f"{hashlib.sha256(raw).hexdigest()[:32]}.{ending}"
    return Media(name, f"image/{kind.lower()}", raw, width, height)
