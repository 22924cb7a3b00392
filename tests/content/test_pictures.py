"""Pictures for the mail: small, upright, without metadata, never from outside."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image as pillow
from PIL.PngImagePlugin import PngInfo

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


def poster(colours: int = 48, size: tuple[int, int] = (900, 500)) -> pillow.Image:
    """A drawing: even fields with a coarse grain, in few colours."""
    grain = pillow.effect_noise((size[0] // 20, size[1] // 20), 60).quantize(3).convert("L")
    grain = grain.resize(size, pillow.Resampling.NEAREST)
    fields = pillow.linear_gradient("L").resize(size).quantize(colours // 3).convert("L")
    return pillow.merge("RGB", (fields, grain, fields))


def saved(bitmap: pillow.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    bitmap.save(out, kind, **options)
    return out.getvalue()


def opened(found: Media | Problem) -> pillow.Image:
    return pillow.open(io.BytesIO(media(found).data))


@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_a_drawing_of_few_colours_stays_exact_and_gets_light(tmp_path: Path, mode: str) -> None:
    drawing = poster()
    raw = saved(drawing if mode == "RGB" else drawing.quantize(256))
    found = load(tmp_path, raw)
    assert opened(found).mode == "P"
    assert opened(found).convert("RGB").tobytes() == drawing.tobytes()
    assert len(media(found).data) <= len(raw) * 1.05


def test_a_grey_photograph_is_a_photograph(tmp_path: Path) -> None:
    found = media(load(tmp_path, drawn("JPEG", (700, 500), "L"), name="a.jpg"))
    assert found.mime == "image/jpeg"


def test_a_picture_of_sixteen_bits_keeps_its_levels(tmp_path: Path) -> None:
    grey = pillow.linear_gradient("L").convert("I").point(lambda level: level * 256).convert("I;16")
    levels = opened(load(tmp_path, saved(grey))).convert("L").tobytes()
    assert levels == pillow.linear_gradient("L").tobytes()


def sign(mode: str) -> pillow.Image:
    """A red field with a soft hole; in a palette the hole is hard."""
    clear = pillow.new("RGBA", (300, 200), (255, 0, 0, 255))
    clear.putalpha(pillow.radial_gradient("L").resize(clear.size))
    if mode == "P":
        clear.putalpha(clear.getchannel("A").point(lambda level: 255 if level > 99 else 0))
    return clear.quantize(16) if mode == "P" else clear


@pytest.mark.parametrize("mode", ["RGBA", "P"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_paper_shows_through_as_it_did(tmp_path: Path, mode: str, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    raw = saved(sign("P" if kind == "GIF" else mode), kind, **options)
    with pillow.open(io.BytesIO(raw)) as bitmap:
        alpha = bitmap.convert("RGBA").getchannel("A")
    shown = opened(load(tmp_path, raw)).convert("RGBA").getchannel("A")
    assert max(abs(a - b) for a, b in zip(shown.tobytes(), alpha.tobytes(), strict=True)) <= 4


def test_a_picture_that_only_could_be_transparent_is_a_photograph(tmp_path: Path) -> None:
    noise = pillow.open(io.BytesIO(drawn(size=(600, 400)))).convert("RGBA")
    assert media(load(tmp_path, saved(noise))).mime == "image/jpeg"


SIZES = {
    "a camera's": ({"size": (4000, 2667)}, (1072, 715)),
    "a camera's, turned": ({"size": (4000, 2667), "turned": 6}, (1072, 1608)),
    "upside down": ({"size": (2200, 1100), "turned": 3}, (1072, 536)),
    "narrow": ({"size": (500, 400)}, (500, 400)),
    "very high": ({"size": (100, 5000)}, (100, 4288)),
}


@pytest.mark.parametrize(("made", "size"), SIZES.values(), ids=SIZES)
def test_a_photograph_is_as_wide_as_it_may_be(
    tmp_path: Path, made: dict[str, object], size: tuple[int, int]
) -> None:
    exif = pillow.Exif()
    exif[0x0112] = made.get("turned", 1)
    field = pillow.linear_gradient("L").resize(made["size"]).convert("RGB")
    found = media(load(tmp_path, saved(field, "JPEG", exif=exif), name="a.jpg"))
    assert found.width == size[0]
    assert abs(found.height - size[1]) <= 1


@pytest.mark.parametrize("budget", [100_000, 20_000, 5_000])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_a_heavy_picture_spends_its_budget_and_no_more(tmp_path: Path, mode: str, budget: int) -> None:
    bitmap = pillow.effect_noise((1300, 900), 60).convert(mode)
    if mode == "RGBA":
        bitmap.putalpha(pillow.radial_gradient("L").resize(bitmap.size))
    found = media(load(tmp_path, saved(bitmap, compress_level=1), budget=budget))
    assert budget * 0.5 < len(found.data) <= budget
    assert abs(found.width / found.height - 13 / 9) < 0.05


def test_an_animation_leaves_its_metadata_behind(tmp_path: Path) -> None:
    frames = [pillow.new("L", (40, 30), n * 90) for n in range(3)]
    more = {"save_all": True, "append_images": frames[1:], "duration": 100, "loop": 2}
    raw = saved(frames[0], "GIF", comment=b"a place that is nobody's business", **more)
    found = media(load(tmp_path, raw + b"and behind the end"))
    assert found.data == saved(frames[0], "GIF", **more)
    assert opened(found).info["loop"] == 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_profiles_and_notes_stay_behind(tmp_path: Path, kind: str) -> None:
    notes = PngInfo()
    notes.add_text("Author", "secret")
    more: dict[str, object] = {"pnginfo": notes} if kind == "PNG" else {}
    raw = saved(poster(), kind, icc_profile=b"secret" * 30, dpi=(72, 72), **more)
    found = opened(load(tmp_path, raw))
    assert not found.info.keys() & {"icc_profile", "exif", "dpi", "comment", "Author", "xmp"}
    assert b"secret" not in media(load(tmp_path, raw)).data


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


ELSEWHERE = """
import sys
if sys.argv[5] == "without Pillow":
    sys.modules["PIL"] = None
from pathlib import Path
from newsletter.content import load_picture
from newsletter.model import Image, Media
root, name, budget, cache = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
found = load_picture(root, Image(name, "x", local=True), width=600, budget=budget, cache=cache)
print(found.name, found.mime, found.width, found.height) if isinstance(found, Media) else print(found.text)
"""


def elsewhere(site: Path, cache: Path, *, budget: int = 90_000, pillow: bool = True) -> str:
    """What another process makes of the picture, which needs Pillow unless it only remembers."""
    arguments = (str(site), "a.png", str(budget), str(cache), "" if pillow else "without Pillow")
    ran = subprocess.run(
        (sys.executable, "-c", ELSEWHERE, *arguments), capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a picture that must become lighter."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.png").write_bytes(drawn())
    return tmp_path / "site"


def said(found: Media | Problem) -> str:
    return " ".join(map(str, (media(found).name, media(found).mime, media(found).width, media(found).height)))


def test_what_was_made_is_not_made_again(site: Path, tmp_path: Path) -> None:
    first = elsewhere(site, tmp_path / "cache")
    assert elsewhere(site, tmp_path / "cache", pillow=False) == first
    image = Image("a.png", "x", local=True)
    assert said(load_picture(site, image, width=600, budget=90_000)) == first
    with pytest.raises(subprocess.CalledProcessError):  # it was the memory, and nothing else
        elsewhere(site, tmp_path / "none", pillow=False)


def test_a_picture_that_fits_is_kept_for_every_budget_that_it_fits(site: Path, tmp_path: Path) -> None:
    (site / "a.png").write_bytes(saved(poster(size=(500, 300))))
    first = elsewhere(site, tmp_path / "cache")
    assert elsewhere(site, tmp_path / "cache", budget=80_000, pillow=False) == first
    least = int(next((tmp_path / "cache").iterdir()).stat().st_size / 2)
    assert elsewhere(site, tmp_path / "cache", budget=least) != first


def test_a_picture_that_changed_is_made_again(site: Path, tmp_path: Path) -> None:
    first = elsewhere(site, tmp_path / "cache")
    (site / "a.png").write_bytes(drawn(size=(1500, 900)))
    assert elsewhere(site, tmp_path / "cache") != first


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def changed(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def foreign(file: Path) -> None:
    file.write_bytes(os.urandom(5000))


def linked(file: Path) -> None:
    file.rename(file.with_name("other"))
    file.symlink_to("other")


def piped(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize("harm", [emptied, cut, changed, foreign, linked, piped, Path.unlink])
def test_a_damaged_cache_changes_nothing(site: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    first = elsewhere(site, tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    harm(kept)
    assert elsewhere(site, tmp_path / "cache") == first
    assert elsewhere(site, tmp_path / "cache", pillow=False) == first  # and it is whole again


def test_where_nobody_may_write_nothing_is_kept(site: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert elsewhere(site, tmp_path / "file" / "cache") == elsewhere(site, tmp_path / "cache")
