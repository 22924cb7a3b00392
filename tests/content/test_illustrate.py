"""The pictures of cards and of whole articles: found, small enough together, told about when they are not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image as pillow

from newsletter.content import PickUp
from newsletter.content.illustrate import MAIL_BUDGET, Illustrated, Places, illustrate, logo
from newsletter.errors import ContentError
from newsletter.excerpt import Limits, make_card
from newsletter.excerpt.lead import lead
from newsletter.model import Block, BlockKind, Picture

BASE = "https://slowpost.example"


def noise(size: tuple[int, int] = (900, 600)) -> bytes:
    out = io.BytesIO()
    pillow.effect_noise(size, 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


def drawing(colour: str = "red", size: tuple[int, int] = (600, 300)) -> bytes:
    out = io.BytesIO()
    pillow.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def places(mode: Literal["cid", "hosted", "site"] = "cid") -> Places:
    return Places(mode, BASE, "https://news.example/media", lambda media: f"{media.name}@news.example")


@pytest.fixture
def shown(picked: Callable[..., PickUp], tmp_path: Path) -> Callable[..., Illustrated]:
    """What becomes of the pictures of articles that are carried whole."""

    def show(files: dict[str, str | bytes], mode: str = "cid", taken: int = 0) -> Illustrated:
        articles = picked(files, base_url=BASE).articles
        cards = [make_card(article, lead(), Limits()) for article in articles]
        return illustrate(tmp_path / "site", cards, articles, places(mode), taken=taken)  # type: ignore[arg-type]

    return show


def pictures(found: Illustrated) -> list[Picture]:
    return [part for body in found.bodies.values() for part in body if isinstance(part, Picture)]


def test_an_image_of_a_body_becomes_the_picture_that_the_mail_shows(
    shown: Callable[..., Illustrated],
) -> None:
    text = "# A\n\nBefore.\n\n![A red field](images/red.png)\n\nBehind.\n"
    found = shown({"a.md": text, "images/red.png": drawing()})
    (body,) = found.bodies.values()
    assert [part.text if isinstance(part, Block) else part.alt for part in body] == [
        "Before.",
        "A red field",
        "Behind.",
    ]
    (picture,) = pictures(found)
    assert (picture.width, picture.height) == (600, 300)
    assert picture.src == f"cid:{found.media[0].name}@news.example"
    assert found.problems == ()


def test_any_cards_that_a_mail_may_have_keep_to_the_budget_together(
    picked: Callable[..., PickUp], tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {f"{n}.png": noise((600, 400 + n)) for n in range(6)}
    files |= {f"{n}.md": f"---\ntitle: T{n}\nimage: {n}.png\n---\n\nText.\n" for n in range(6)}
    cards = [make_card(article, lead(), Limits()) for article in picked(files).articles]
    heaviest = {}
    for most in (0, 2, 6):
        found = illustrate(tmp_path / "site", cards, (), places(), taken=300_000, most=most)
        weights = sorted(len(media.data) for media in found.media)
        assert sum(weights[-most or None :]) <= MAIL_BUDGET - 300_000
        heaviest[most] = weights[-1]
    assert heaviest[2] > heaviest[6] == heaviest[0], "a picture need not make room for those of other mails"


def test_pictures_of_cards_and_bodies_together_keep_to_the_budget(shown: Callable[..., Illustrated]) -> None:
    files: dict[str, str | bytes] = {f"{n}.png": noise((600, 400 + n)) for n in range(5)}
    files["a.md"] = "# A\n\nText.\n\n" + "\n\n".join(f"![n{n}]({n}.png)" for n in range(5))
    found = shown(files, taken=300_000)
    assert len(pictures(found)) == 5
    weight = sum(len(medium.data) for medium in found.media)
    assert 100_000 < weight <= MAIL_BUDGET - 300_000


def test_a_picture_that_stands_twice_travels_once(shown: Callable[..., Illustrated]) -> None:
    found = shown({"a.md": "# A\n\nText.\n\n![x](r.png)\n\nMore.\n\n![y](r.png)\n", "r.png": drawing()})
    assert [picture.alt for picture in pictures(found)] == ["x", "y"]
    assert len(found.media) == 1


def test_what_cannot_be_shown_is_left_out_and_told_with_its_line(shown: Callable[..., Illustrated]) -> None:
    text = (
        "# A\n\nText.\n\n![good](r.png)\n\n![broken](broken.png)\n\n![gone](gone.png)\n\n![](noalt.png)\n\n"
    )
    text += "![out](../../out.png)\n"
    found = shown(
        {"a.md": text, "r.png": drawing(), "noalt.png": drawing("blue"), "broken.png": b"no picture" * 99}
    )
    # what is not in the folder may be on the site: it is linked, and told
    assert [picture.alt for picture in pictures(found)] == ["good", "gone", "", "out"]
    assert pictures(found)[-1].src == f"{BASE}/out.png"  # a path cannot climb above the host
    told = {problem.line: problem.text for problem in found.problems}
    assert "has no alternative text" in told[11]
    assert "the mail loads it from the site" in told[9]
    assert "the mail loads it from the site" in told[13]


def test_hosted_pictures_have_an_address_of_ours(shown: Callable[..., Illustrated]) -> None:
    found = shown({"a.md": "# A\n\nText.\n\n![x](r.png)\n", "r.png": drawing()}, mode="hosted")
    assert [picture.src for picture in pictures(found)] == [
        f"https://news.example/media/{found.media[0].name}"
    ]


def test_a_post_without_pictures_keeps_its_blocks(shown: Callable[..., Illustrated]) -> None:
    found = shown({"a.md": "# A\n\nText.\n\n* one\n* two\n\n> said\n"})
    (body,) = found.bodies.values()
    kinds = [part.kind for part in body if isinstance(part, Block)]
    assert kinds == [BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.LIST, BlockKind.QUOTE]


def test_a_logo_knows_its_natural_size(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(drawing(size=(300, 60)))
    picture, media = logo(tmp_path, "logo.png", places("hosted"))
    assert picture is not None and (picture.width, picture.height) == (300, 60)
    assert len(media) == 1
    assert logo(tmp_path, "", places()) == (None, ())
    assert logo(tmp_path, "https://x.example/l.png", places()) == (
        Picture("https://x.example/l.png", "", 0, 0),
        (),
    )


def test_a_logo_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"^no\.png: "):
        logo(tmp_path, "no.png", places())


def test_what_is_made_of_pictures_and_logos_is_kept_in_the_folder_that_is_named(
    picked: Callable[..., PickUp], tmp_path: Path
) -> None:
    files = {
        "a.md": "# A\n\nText.\n\n![x](r.png)\n",
        "r.png": drawing(size=(603, 301)),
        "logo.png": drawing(size=(301, 77)),
    }
    articles, cache = picked(files).articles, tmp_path / "kept"
    first = illustrate(tmp_path / "site", (), articles, places(), cache=cache)
    assert len(list(cache.iterdir())) == 1
    logo(tmp_path / "site", "logo.png", places(), cache=cache)
    assert len(list(cache.iterdir())) == 2
    assert illustrate(tmp_path / "site", (), articles, places()) == first
