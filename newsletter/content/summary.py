"""Fields and body -> the author's own words about the article.

The fields stand in their order of precedence. An opening that was cut off is no summary;
and a field that states nothing (a call, a question, a label, the title again) gives way to
the first one behind it that does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.content import fields as names
from newsletter.content.page import Page
from newsletter.content.plain import strip_markup, words
from newsletter.model import Block, BlockKind

#: What a card takes unless the newsletter says otherwise; a longer sentence cannot stand on it.
CARD = 260
_PAGE = ("summary", "ogdescription", "description")
_CUT = ("…", "...", "[…]", "[...]", "&hellip;")
_ENDS = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*$")
# After an initial or a short form ("U.S.", "Dr.", "Inc.") a sentence goes on.
_SENTENCE = re.compile(
    r"([。！？｡]|[.!?．؟۔।॥](?<![\W_][^\W_]\.)(?<!\b[A-Z][a-z]\.)(?<!\b[Ii]nc\.)(?<!\bMrs\.)"
    r"(?=[\"'”’»)\]]*(?:\s|$)))[\"'”’»)\]]*"
)
_STATES = frozenset(".。｡．۔।॥")
_AFTER_TITLE = re.compile(r"\s*[—–:|]\s*(?=\S)|\s+-\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Summary:
    """The author's words; empty when there are none."""

    text: str = ""
    first: str = ""  #: by precedence alone: what identifies an article without a body
    line: int = 0  #: of its field; 0 when the page says it elsewhere


def find(page: Page, title: str, blocks: Sequence[Block]) -> Summary:
    """The first field; where that states nothing, the first behind it that does, and that a card takes."""
    titled = words(title)
    best = Summary()
    for said, line in _given(page, blocks):
        text = _without_title(said, titled, 2 * len(title) + 9)
        states = _states(text) and (len(text) > 2 * len(title) + 9 or words(text) != titled)
        if not best.first:
            best = Summary(text, said, line)
            if states:
                break
        elif states and not too_long(text):
            return Summary(text, best.first, line)
    return best


def too_long(text: str) -> str:
    """What is wrong with a summary whose first sentence no card takes; empty when nothing is."""
    if len(text) <= CARD:
        return ""
    end = _SENTENCE.search(text)
    length = end.end() if end else len(text)
    return f"the summary's first sentence has {length} characters; cards take {CARD}" if length > CARD else ""


def _given(page: Page, blocks: Sequence[Block]) -> Iterator[tuple[str, int]]:
    for fields, keys in ((page.fields, names.SUMMARY), (page.said, _PAGE)):
        for name, value in fields.given(keys):
            said = strip_markup(value) if isinstance(value, str) else ""
            if said and not _cut_off(said, blocks):
                yield said, fields.line(name)


def _states(text: str) -> bool:
    """Whether a sentence of it ends in a full stop."""
    return any(found[1] in _STATES for found in _SENTENCE.finditer(text))


def _cut_off(said: str, blocks: Sequence[Block]) -> bool:
    """Ends in an ellipsis, or is the body's first words stopped inside a paragraph."""
    if said.endswith(_CUT):
        return True
    if _ENDS.search(said):
        return False
    spoken = words(said)
    opening: list[str] = []
    for block in blocks[:12]:
        if block.kind is BlockKind.HEADING:
            continue
        opening += words(block.text)
        if opening == spoken:
            return False
        if len(opening) > len(spoken):
            return len(spoken) > 5 and spoken[:-1] == opening[: len(spoken) - 1]
    return False


def _without_title(said: str, titled: list[str], far: int) -> str:
    """The text without the title and a dash or colon, where its first `far` characters begin with them."""
    if not titled or words(said[:far])[: len(titled)] != titled:
        return said
    found = re.match(r"[\W_]*" + r"[\W_]+".join(map(re.escape, titled)), said, re.IGNORECASE)
    end = _AFTER_TITLE.match(said, found.end()) if found else None
    return said[end.end() :] if end else said
