"""Real content folders, repeated under new identities: a folder of any size."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

#: Where the real folders stand: beside the checkout, or where the variable says.
CORPORA = Path(
    os.environ.get("NEWSLETTER_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "corpora")
)

_ADDRESS = re.compile(
    r"(?m)^(path|url|permalink|canonical\w*|source_url|slug|id)(\s*[:=]\s*)([\"']?)(?=\S)(?!https?://)"
)
_LINK = re.compile(r"(?m)^((?:source_url|canonical\w*|url)\s*[:=]\s*[\"']?https?://[^\s\"']+)")


def make(target: Path, articles: int) -> int:
    """Fill a new folder with so many content files; return how many bytes they have."""
    written = size = 0
    for round_, source, text in _endless():
        if written == articles:
            return size
        path = target / f"r{round_}" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        data = _renewed(text, round_).encode()
        path.write_bytes(data)
        written, size = written + 1, size + len(data)
    raise SystemExit(f"no content folders in {CORPORA}; set NEWSLETTER_CORPORA")


def body(text: str) -> str:
    """What follows the front matter."""
    found = re.match(r"\s*(---|\+\+\+)\r?\n.*?\r?\n\1[ \t]*\r?\n", text, re.DOTALL)
    return text[found.end() :] if found else text


def _endless() -> Iterator[tuple[int, str, str]]:
    files = [p for p in sorted(CORPORA.rglob("*")) if p.suffix in (".md", ".markdown", ".mdx")]
    files = [p for p in files if not p.name.startswith("LICENSE")]
    round_ = 0
    while files:
        for path in files:
            yield round_, path.relative_to(CORPORA).as_posix(), path.read_text("utf-8-sig")
        round_ += 1


def _renewed(text: str, round_: int) -> str:
    """The same article as another one: other addresses, and a sentence of its own."""
    head, rest = text[: len(text) - len(body(text))], body(text)
    head = _LINK.sub(rf"\1?round={round_}", head)
    head = _ADDRESS.sub(rf"\1\2\3r{round_}-", head)
    return f"{head}{rest}\n\nThis is number {round_} of this article.\n"
