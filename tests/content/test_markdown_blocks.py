"""Markdown, MDX and template code as typed blocks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.content.reader import Draft, Source
from newsletter.content.reader_markdown import read
from newsletter.model import Article


def kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in draft.blocks]


def md(text: str, path: str = "post.md") -> list[tuple[str, str]]:
    return kinds(read(Source(path, text, 1)))


BLOCKS = {
    "paragraph": ("One\ntwo  \nthree.", [("paragraph", "One two three.")]),
    "headings": ("# A\n\nB\n---\n", [("heading", "A"), ("heading", "B")]),
    "heading id": ("## A {#a}\n\n## B {.c #d}", [("heading", "A"), ("heading", "B")]),
    "list": ("- a\n  more\n- b\n\n  c\n", [("list", "a more"), ("list", "b c")]),
    "nested list": ("1. a\n   - b\n2. c", [("list", "a"), ("list", "b"), ("list", "c")]),
    "tasks": ("- [x] a\n- [ ] b", [("list", "a"), ("list", "b")]),
    "quote": ("> a\n> b", [("quote", "a b")]),
    "alert": ("> [!NOTE]\n> a", [("quote", "a")]),
    "code": ("```py\nx = {{ y }}\n```", [("code", "x = {{ y }}")]),
    "indented code": ("a\n\n    b", [("paragraph", "a"), ("code", "b")]),
    "table": ("|a|b|\n|-|-|\n|c|d|", [("table", "a | b | c | d")]),
    "footnote": ("a[^1]\n\n[^1]: b", [("paragraph", "a"), ("footnote", "b")]),
    "rule": ("a\n\n---\n", [("paragraph", "a"), ("break", "")]),
    "more": ("a\n\n<!--more-->\n\nb", [("paragraph", "a"), ("more", ""), ("paragraph", "b")]),
    "more inline": ("a <!-- more -->", [("paragraph", "a"), ("more", "")]),
    "image": ("![a](b.png)", [("image", "a")]),
    "image in text": ("a ![b](c.png) d", [("paragraph", "a d"), ("image", "b")]),
    "linked image": ("[![a](b.png)](c)", [("image", "a")]),
    "reference left over": ("a [b][c] and [^9]", [("paragraph", "a b and")]),
    "broken link": ("see [b](c d e)", [("paragraph", "see b")]),
    "emoji name": ("a :tada: b 10:30:45", [("paragraph", "a b 10:30:45")]),
    "contents": ("[TOC]\n\na", [("paragraph", "a")]),
    "container": (":::note\na\n:::", [("paragraph", "a")]),
    "admonition": ('!!! note "Title"\n    a\n', [("quote", "a")]),
    "entities": ("a &amp; b &lt;c&gt;", [("paragraph", "a & b <c>")]),
    "comment": ("<!-- x -->\n\na", [("paragraph", "a")]),
    "raw html": ("<p>a <b>b</b></p><ul><li>c</ul>", [("paragraph", "a b"), ("list", "c")]),
    "html around markdown": ("<div>\n\n*a*\n\n</div>", [("paragraph", "a")]),
    "html image": ('<img src="a.png" alt="b" width=600>', [("image", "b")]),
    "a dot of an image": ('<img src="a.png" width="1" height="1">', []),
    "figure": ('<figure><img src="a.png"><figcaption>b</figcaption></figure>', [("image", "b")]),
    "video": ('<iframe src="https://v.example/1"></iframe>', [("embed", "")]),
    "script": ("<script>alert(1)</script>\n\na", [("paragraph", "a")]),
    "inline html": ("a <span class=x>b</span><br>c", [("paragraph", "a b c")]),
}


@pytest.mark.parametrize(("text", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_markdown_becomes_typed_blocks(text: str, expected: list[tuple[str, str]]) -> None:
    assert expected == md(text)


TEMPLATE_CODE = {
    "hugo pair": ("{{< note >}}a{{< /note >}}", [("paragraph", "a")]),
    "hugo image": ('{{< img src="a.png" alt="b" >}}', [("image", "b")]),
    "hugo figure": ('{{< figure src="a.png" caption="b" >}}', [("image", "b")]),
    "hugo video": ('{{< youtube id="x" >}}', [("embed", "")]),
    "hugo ref": ('[a]({{< ref "b.md" >}}) c', [("paragraph", "a c")]),
    "in code span": ("a `{{< b >}}` c", [("paragraph", "a {{< b >}} c")]),
    "in a fence": ("```\n{% raw %}\n{{ b }}\n```", [("code", "{% raw %}\n{{ b }}")]),
    "nunjucks image": ('{% image "a.png" "b c" %}', [("image", "b c")]),
    "nunjucks link": ('[a]({{ "/b/" | url }})', [("paragraph", "a")]),
    "output": ("a {{ b }} c", [("paragraph", "a c")]),
    "raw": ("{% raw %}`{{ a }}`{% endraw %} b", [("paragraph", "{{ a }} b")]),
    "comment": ("{% comment %}a{% endcomment %}b", [("paragraph", "b")]),
    "loop": ("{% for a in b %}{% for c in d %}x{% endfor %}y{% endfor %}z", [("paragraph", "z")]),
    "condition": ("{% if a %}b{% endif %}", [("paragraph", "b")]),
    "highlight": ("{% highlight rb %}\nputs 1\n{% endhighlight %}", [("code", "puts 1")]),
    "hugo highlight": ("{{< highlight go >}}\nx\n{{< /highlight >}}", [("code", "x")]),
    "kramdown": ("a\n{: .b}\n\nc{:.d}", [("paragraph", "a"), ("paragraph", "c")]),
    "several lines": ('{{< img\n  src="a.png"\n  alt="b" >}}\n\nc', [("image", "b"), ("paragraph", "c")]),
}


@pytest.mark.parametrize(("text", "expected"), TEMPLATE_CODE.values(), ids=TEMPLATE_CODE)
def test_template_code_goes_outside_code_and_stays_inside(text: str, expected: list[tuple[str, str]]) -> None:
    assert expected == md(text)


MDX = {
    "import": ('import A from "b"\nimport { C } from "d"\n\na', [("paragraph", "a")]),
    "export": ("export const a = {\n  b: 1\n}\n\na", [("paragraph", "a")]),
    "tag": ("<Intro>\n\na\n\n</Intro>", [("paragraph", "a")]),
    "tag on the line": ('<Note kind="x">a</Note> b', [("paragraph", "a b")]),
    "attributes": (
        '<Tabs labels={["A > B", "C"]}>\n\n```js\nlet a = <B/>;\n```\n\n</Tabs>',
        [("code", "let a = <B/>;")],
    ),
    "indented text": ("<Intro>\n\n    a\n\n</Intro>", [("paragraph", "a")]),
    "comment": ("{/* a */}\n\nb", [("paragraph", "b")]),
    "expression": ("a {props.b} c", [("paragraph", "a c")]),
    "in code": ("`<A>` and `${b}`", [("paragraph", "<A> and ${b}")]),
    "truncate": ("a\n\n{/* truncate */}\n\nb", [("paragraph", "a"), ("more", ""), ("paragraph", "b")]),
    "import in prose": ("import duties were raised", [("paragraph", "import duties were raised")]),
}


@pytest.mark.parametrize(("text", "expected"), MDX.values(), ids=MDX)
def test_mdx_is_markdown_without_its_jsx(text: str, expected: list[tuple[str, str]]) -> None:
    assert expected == md(text, "post.mdx")


def test_blocks_carry_lines_levels_and_targets() -> None:
    draft = read(Source("post.md", "## A\n\n- b\n  - c\n\n```js\nd\n```\n\n![e](f.png)", 5))
    assert [(block.line, block.level, block.target) for block in draft.blocks] == [
        (5, 2, ""),
        (7, 1, ""),
        (8, 2, ""),
        (10, 0, "js"),
        (14, 0, "f.png"),
    ]


def test_inline_html_is_clean_and_whole() -> None:
    draft = read(Source("post.md", "a **b** *c* `d<e` [f](https://x.example/?a=1&b=2) <u onclick=x>g</u>", 1))
    assert draft.blocks[0].html == (
        "a <strong>b</strong> <em>c</em> <code>d&lt;e</code> <a "
        'href="https://x.example/?a=1&amp;b=2">f</a> <u>g</u>'
    )


IMAGES = {
    "field": ("image: a.png\nimage_alt: b", "a.png", "b"),
    "table": ("cover:\n  image: a.png\n  alt: b", "a.png", "b"),
    "list": ("images: [a.png, c.png]", "a.png", None),
    "alt of the body": ("image: /x/body.png", "/x/body.png", "In the body"),
    "an id": ("primary_image: some-uid", "body.png", "In the body"),
    "svg": ("image: a.svg", "body.png", "In the body"),
    "data": ("image: 'data:image/png;base64,xx'", "body.png", "In the body"),
}


@pytest.mark.parametrize(("text", "source", "alt"), IMAGES.values(), ids=IMAGES)
def test_the_image_and_its_alternative_text(
    one: Callable[..., Article], text: str, source: str, alt: str | None
) -> None:
    body = "The harbour froze over.\n\n![badge](https://img.shields.io/x.png)\n\n![In the body](body.png)\n"
    image = one(f"---\n{text}\n---\n{body}", base_url="https://site.example").image
    assert image is not None
    assert (f"https://site.example/{source.lstrip('/')}", alt, False) == (
        image.source.replace("/post/", "/"),
        image.alt,
        image.local,
    )


def test_a_missing_alternative_text_is_reported_with_its_line(one: Callable[..., Article]) -> None:
    article = one("---\ntitle: Ice\nimage: https://x.example/a.png\n---\nThe harbour froze over.\n")
    assert [p.line for p in article.problems if "no alternative text" in p.text] == [3]
