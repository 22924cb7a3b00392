"""Pictures that a site's template code shows: where they lie, and what their alternative text is."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as pillow

from newsletter.content import PickUp
from newsletter.content.template_arguments import arguments
from newsletter.content.template_pieces import Shown, picture
from newsletter.model import Article, Image

One = Callable[..., Article]
SITE = {"base_url": "https://site.example/", "permalink": "/posts/:slug/"}
TEXT = "The harbour froze over in the night.\n\n"

PIECES = {
    "nunjucks": ('{% image "assets/a.png" "Thin ice" %}', Shown("/assets/a.png", "Thin ice")),
    "commas": ('{% image "assets/a.png", "Thin ice", "wide" %}', Shown("/assets/a.png", "Thin ice")),
    "from the root": ('{% image "/a/b.png" "Thin ice" %}', Shown("/a/b.png", "Thin ice")),
    "beside the article": ('{% image "./a/b.png" "Thin ice" %}', Shown("./a/b.png", "Thin ice")),
    "a bare file": ('{% image "b.png" "Thin ice" %}', Shown("b.png", "Thin ice")),
    "an address": ('{% image "https://x.example/b.png" %}', Shown("https://x.example/b.png", None)),
    "a class between": ('{% image "a.png" "wide-card" "Thin ice" %}', Shown("a.png", "Thin ice")),
    "bare words": ('{% image "a.png" left "Thin ice" wide %}', Shown("a.png", "Thin ice")),
    "hugo": ('{{< figure src="a/b.png" alt="Thin ice" >}}', Shown("a/b.png", "Thin ice")),
    "include, liquid": ('{% include figure.html url="/a.png" alt="Ice" %}', Shown("/a.png", "Ice")),
    "include, nunjucks": (
        '{% include "linked-figure.html",\n  image: "/a.png",\n  alt: "The \'old\' ice",\n  caption: "C" %}',
        Shown("/a.png", "The 'old' ice"),
    ),
    "render": ('{% render "image", src: "a/b.png", alt: "Ice" %}', Shown("/a/b.png", "Ice")),
    "include of something else": ('{% include "card.html", image: "/a.png" %}', None),
    "include without a picture": ("{% include image.html %}", None),
    "a quotation": (
        '{% image "a.png" "The headline: "Ice in the harbour, others at sea"" %}',
        Shown("a.png", 'The headline: "Ice in the harbour, others at sea"'),
    ),
    "a quotation in the middle": (
        '{% image "a.png" "A "thin" ice of sorts" %}',
        Shown("a.png", 'A "thin" ice of sorts'),
    ),
    "a quotation and a full stop": (
        '{% image "a.png" "A "flat" .gov chart" %}',
        Shown("a.png", 'A "flat" .gov chart'),
    ),
    "an apostrophe": ('{% image "a.png" "18F\'s ice" %}', Shown("a.png", "18F's ice")),
    "escaped": ('{% image "a.png" "The \\"thin\\" ice" %}', Shown("a.png", 'The "thin" ice')),
    "empty": ('{% image "a.png" "" %}', Shown("a.png", None)),
}


@pytest.mark.parametrize(("piece", "shown"), PIECES.values(), ids=PIECES)
def test_a_picture_of_template_code_is_read(piece: str, shown: Shown | None) -> None:
    assert shown == picture(piece)


@given(st.text(alphabet="ab =:,\"'\\%}{", max_size=80))
def test_arguments_come_out_of_anything(text: str) -> None:
    for name, value in arguments(f"{{% image {text} %}}"):
        assert f"{name}{value}".count("%}") <= text.count("%}") + 1


def test_a_tags_path_begins_where_the_site_does(one: One) -> None:
    article = one(f'{TEXT}{{% image "assets/a.png" "Thin ice" %}}\n', **SITE)
    assert article.image == Image("https://site.example/assets/a.png", "Thin ice", local=False)


def test_a_tags_path_is_looked_for_beside_the_article_too(picked: Callable[..., PickUp]) -> None:
    files: dict[str, str | bytes]
    files = {"a/post.md": f'{TEXT}{{% image "img/b.jpg" "Thin ice" %}}\n', "a/img/b.jpg": _jpeg()}
    article = picked(files, **SITE).articles[0]
    assert article.image == Image("a/img/b.jpg", "Thin ice", local=True)


def _jpeg() -> bytes:
    out = io.BytesIO()
    pillow.new("RGB", (800, 400)).save(out, "JPEG")
    return out.getvalue()


BUNDLE = f"+++\npath = '2018/11/27/ice'\n+++\n{TEXT}![Ice](ice.png)\n"


def test_a_zola_path_is_a_folder_and_its_pictures_lie_in_it(one: One) -> None:
    article = one(BUNDLE, "ice/index.md", preset="zola", base_url="https://site.example/")
    assert article.url == "https://site.example/2018/11/27/ice/"
    assert article.image == Image("https://site.example/2018/11/27/ice/ice.png", "Ice", local=False)


def test_the_slash_of_a_zola_path_changes_no_key(one: One) -> None:
    zola, other = (one(BUNDLE, "ice/index.md", preset=preset, **SITE) for preset in ("zola", "hugo"))
    assert other.url == "https://site.example/2018/11/27/ice"
    assert zola.keys == other.keys


def test_a_picture_that_is_missing_from_its_bundle_is_reported(one: One) -> None:
    problems = one(BUNDLE, "ice/index.md", preset="zola", base_url="https://site.example/").problems
    assert [(p.line, p.text) for p in problems if "image" in p.text] == [
        (6, "the image ice.png is not in ice; its address is a guess")
    ]


@pytest.mark.parametrize(("path", "source"), [("ice/index.md", "/img/ice.png"), ("ice.md", "img/ice.png")])
def test_elsewhere_a_picture_may_lie_on_the_site_alone(one: One, path: str, source: str) -> None:
    assert one(f"---\ntitle: Ice\n---\n{TEXT}![Ice]({source})\n", path, **SITE).problems == ()


LINES = {
    "yaml": "---\ntitle: Ice\nfeatured_image:\n  alt: ''\n  uid: ice-1\n---\n",
    "toml": "+++\ntitle = 'Ice'\n[image]\nalt = ''\nuid = 'ice-1'\n+++\n",
    "one line": "---\ntitle: Ice\nalt: ''\n\nimage: {alt: '', uid: ice-1}\n---\n",
    "a value": "---\ntitle: Ice\nalt: ''\n\nimage: ice-1\n---\n",
}


@pytest.mark.parametrize("head", LINES.values(), ids=LINES)
def test_the_line_of_a_picture_is_where_its_name_stands(one: One, head: str) -> None:
    problems = [(p.line, p.text) for p in one(f"{head}{TEXT}").problems]
    assert problems == [(5, '"ice-1" is an id of the site and no path')]
