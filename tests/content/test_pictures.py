"""Pictures for the mail: small, upright, without metadata, never from outside."""

from __future__ import annotations

import io
import os
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image as pillow

from newsletter.content import FolderSettings, load_picture, pick_up
from newsletter.model import Image, Media, Problem

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KINDS = ["JPEG", "PNG", "GIF", "WEBP"]


def drawn(
    kind: str = "PNG", size: tuple[int, int] = (1600, 900), mode: str = "RGB", **options: object
) -> bytes:
    out = io.BytesIO()
    bitmap = (
        pillow.effect_noise(size, 60).convert(mode)
        if mode != "CMYK"
        else pillow.new("CMYK", size, (9, 9, 9, 9))
    )
    bitmap.save(out, kind, **options)
    return out.getvalue()


def load(
    root: Path, raw: bytes, width: int = 1072, budget: int = 200_000, name: str = "a.png"
) -> Media | Problem:
    (root / name).write_bytes(raw)
    return load_picture(root, Image(name, "x", local=True), width=width, budget=budget)


def media(found: Media | Problem) -> Media:
    assert isinstance(found, Media), found
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_becomes_small_and_plain(tmp_path: Path, kind: str) -> None:
    found = media(load(tmp_path, drawn(kind)))
    assert found.width <= 1072
    assert len(found.data) <= 200_000
    assert found.mime in ("image/jpeg", "image/png")
    with pillow.open(io.BytesIO(found.data)) as bitmap:
        assert (found.width, found.height) == bitmap.size
        assert "exif" not in bitmap.info


def test_metadata_stays_behind_and_the_picture_is_upright(tmp_path: Path) -> None:
    exif = pillow.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "a place that is nobody's business"
    found = media(load(tmp_path, drawn("JPEG", (300, 200), exif=exif, comment=b"secret"), name="a.jpg"))
    assert (found.width, found.height) == (200, 300)
    assert b"nobody's business" not in found.data
    assert b"secret" not in found.data


def test_cmyk_and_transparency_can_be_shown(tmp_path: Path) -> None:
    assert "image/" in media(load(tmp_path, drawn("JPEG", (300, 200), "CMYK"))).mime
    clear = pillow.new("RGBA", (300, 200), (255, 0, 0, 100))
    out = io.BytesIO()
    clear.save(out, "PNG")
    assert media(load(tmp_path, out.getvalue())).mime == "image/png"


def test_a_short_animation_moves_on(tmp_path: Path) -> None:
    frames = [pillow.new("L", (40, 30), n * 90) for n in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    found = media(load(tmp_path, out.getvalue()))
    assert ("image/gif", out.getvalue()) == (found.mime, found.data)


def test_equal_pictures_have_equal_names(tmp_path: Path) -> None:
    raw = drawn(size=(300, 200))
    assert media(load(tmp_path, raw)).name == media(load(tmp_path, raw, name="b.png")).name


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be huge and is a few bytes long."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


BAD = {
    "empty": (b"", "the image is empty"),
    "text": (b"this is no picture", "cannot be read"),
    "cut off": (drawn(size=(300, 200))[:5000], "cannot be read"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "an SVG"),
    "50,000 x 50,000": (bomb(50_000, 50_000), "far more than 60,000,000 pixels"),
    "9,000 x 9,000": (bomb(9_000, 9_000), "9000 × 9000 pixels"),
    "a page": (b"%PDF-1.4", "cannot be read"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "cannot be read"),
}


@pytest.mark.parametrize(("raw", "said"), BAD.values(), ids=BAD)
def test_what_is_no_picture_is_a_problem(tmp_path: Path, raw: bytes, said: str) -> None:
    found = load(tmp_path, raw)
    assert isinstance(found, Problem)
    assert said in found.text


@pytest.mark.parametrize(
    "source", ["../secret.png", "/etc/hostname", "out.png", "pipe.png", "folder", "a\0b", "no.png"]
)
def test_nothing_outside_the_folder_is_opened(tmp_path: Path, source: str) -> None:
    root = tmp_path / "site"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(drawn(size=(300, 200)))
    (root / "out.png").symlink_to("../secret.png")
    os.mkfifo(root / "pipe.png")
    found = load_picture(root, Image(source, "x", local=True), width=600, budget=100_000)
    assert isinstance(found, Problem)


def test_a_budget_is_kept_or_refused(tmp_path: Path) -> None:
    assert len(media(load(tmp_path, drawn(), budget=20_000)).data) <= 20_000
    assert isinstance(load(tmp_path, drawn(), budget=100), Problem)


PLACES = ["posts/a.png", "a.png", "static/a.png", "assets/img/a.png"]
NAMED = {
    "posts/a.png": "a.png",
    "a.png": "/a.png",
    "static/a.png": "/a.png",
    "assets/img/a.png": "../assets/img/a.png",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_local_picture_is_found(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_bytes(drawn(size=(300, 200)))
    (tmp_path / "posts").mkdir(exist_ok=True)
    (tmp_path / "posts" / "a.md").write_text(f"The harbour froze.\n\n![Ice]({NAMED[place]})\n")
    article = pick_up(tmp_path, FolderSettings(), NOW).articles[0]
    assert Image(place, "Ice", local=True) == article.image


def test_a_small_picture_of_the_body_is_not_the_articles(tmp_path: Path) -> None:
    (tmp_path / "icon.png").write_bytes(drawn(size=(32, 32)))
    (tmp_path / "large.png").write_bytes(drawn(size=(300, 200)))
    (tmp_path / "a.md").write_text("The harbour froze.\n\n![Icon](icon.png)\n\n![Ice](large.png)\n")
    article = pick_up(tmp_path, FolderSettings(), NOW).articles[0]
    assert Image("large.png", "Ice", local=True) == article.image
