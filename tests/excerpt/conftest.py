"""Articles out of a few words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from newsletter.model import Article, Block, BlockKind

Make = Callable[..., Article]

_PLAIN = Article(
    identity="id:made",
    keys=("id:made",),
    path="made.md",
    title="Lanterns along the quay",
    url="https://example.org/lanterns",
    date=None,
    date_precision="none",
    updated=None,
    language="en",
    authors=("Ines Falk",),
    tags=("harbour",),
    summary="",
    standfirst="",
    image=None,
    blocks=(),
    expires=None,
    weight=0,
    problems=(),
)


def _block(number: int, given: object) -> Block:
    if isinstance(given, Block):
        return given
    kind, text, html = (*given, "")[:3] if isinstance(given, tuple) else (BlockKind.PARAGRAPH, given, "")
    return Block(BlockKind(kind), str(text), str(html), number, 2 if kind == "heading" else 0)


@pytest.fixture(scope="session")
def make() -> Make:
    """``make("A paragraph.", ("heading", "A heading"), ("paragraph", text, html), title=…)``."""

    def made(*blocks: object, **fields: object) -> Article:
        return replace(_PLAIN, blocks=tuple(_block(n, b) for n, b in enumerate(blocks, 1)), **fields)  # type: ignore[arg-type]

    return made
