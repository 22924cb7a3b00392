"""Plain text -> its lines, as a page dump is judged by them: wrapped ones joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from newsletter.content.plain import squeeze
from newsletter.content.reader import Repeated, Value

# Scripts without spaces say in one character what others say in three.
DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
END = re.compile(r"[.!?…。！？؟।։][\"'”’»«)\]）」』\s]*(?:\[(?:[\d,–\- ]+|[^\W\d][^\[\]]{0,30})\])*$")
ITEM = re.compile(r"^\s*(?:[-*•‣·–]\s+|\(?\d{1,3}[.)]\s+)\S")
PROSE = 120
_EDIT = re.compile(
    r"\s*(?:¶|\[\s*(?:edit|edit source|bearbeiten|modifier|editar|modifica|bewerken|redigera|rediger|edytuj"
    r"|править|編集|编辑|편집)[^\[\]]{0,40}\])\s*$",
    re.IGNORECASE,
)
_LINK_LIST = re.compile(r"^\s*1\. \w+://\S+\s*\n\s*2\. \w+:", re.MULTILINE)
_LINK_MARK = re.compile(r"(?<!\S)\[\d{1,4}\](?=\S)")


@dataclass(slots=True)
class Line:
    """One line (or one paragraph of wrapped lines), and what is decided about it."""

    number: int
    text: str  # squeezed
    raw: tuple[tuple[int, str], ...]
    blank_before: bool
    blank_after: bool = True
    part: str = ""
    rule: str = ""
    confidence: float = 0.0
    meta: dict[str, str] = field(default_factory=dict)  # a date or author that stands in it

    def be(self, part: str, rule: str, confidence: float) -> None:
        self.part, self.rule, self.confidence = part, rule, confidence

    @property
    def weight(self) -> int:
        """Its length in characters of a script with spaces."""
        return len(self.text) + 2 * len(DENSE.findall(self.text))

    @property
    def is_sentence(self) -> bool:
        return bool(END.search(self.text))

    @property
    def is_prose(self) -> bool:
        return self.weight >= PROSE and self.is_sentence

    @property
    def alone(self) -> bool:
        """Blank lines stand above and below it."""
        return self.blank_before and self.blank_after


@dataclass(slots=True)
class Dump:
    """A page dump while it is being judged."""

    lines: list[Line]
    repeated: Repeated
    name: str  #: the file's, of which a title often shares words
    fields: dict[str, Value] = field(default_factory=dict)
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def doubt(self, line: Line, text: str) -> None:
        """Ask a person to look at `line`."""
        self.warnings.append((line.number, f"needs review: {text}"))

    def said(self, key: str) -> str:
        """A field that is text; empty when it is not known."""
        value = self.fields.get(key, "")
        return value if isinstance(value, str) else ""


def lines_of(body: str, first: int) -> list[Line]:
    """The lines that are not blank; hard-wrapped ones joined to paragraphs."""
    linked = bool(_LINK_LIST.search(body))  # a text browser's copy: each link has a number before it
    numbered = [(n, _bare(raw, linked)) for n, raw in enumerate(body.split("\n"), first)]
    wrapped = _is_wrapped([text for _, text in numbered])
    made: list[Line] = []
    blank = True
    for number, raw in numbered:
        text = squeeze(raw)
        if not text:
            if made:
                made[-1].blank_after = True
            blank = True
            continue
        if made:
            made[-1].blank_after = blank
        joins = wrapped and not blank and not ITEM.match(raw) and len(made[-1].raw[-1][1].rstrip()) >= 45
        if joins:
            last = made[-1]
            last.text, last.raw = f"{last.text} {text}", (*last.raw, (number, raw))
        else:
            made.append(Line(number, text, ((number, raw),), blank))
        blank = False
    if made:
        made[-1].blank_after = True
    return made


def _bare(raw: str, linked: bool) -> str:
    """A line without the marks of a wiki's edit links and of a text browser's numbered ones."""
    if linked and "[" in raw:
        raw = _LINK_MARK.sub("", raw)
    return _EDIT.sub("", raw) if len(raw) < 200 and raw.rstrip()[-1:] in ("]", "¶") else raw


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether paragraphs were broken at a column: many lines of like length go on in the next."""
    pairs = [(a.rstrip(), b.strip()) for a, b in pairwise(lines) if a.strip() and b.strip()]
    running = sum(1 for a, b in pairs if 45 <= len(a) <= 110 and not END.search(a) and b[0].islower())
    long = sum(1 for line in lines if len(line) > 140)
    return running >= 3 and running > 3 * long


def halves(body: str) -> tuple[set[str], set[str]]:
    """The lines of a page dump above its prose, and from there on: to be counted over a folder."""
    above: set[str] = set()
    below: set[str] = set()
    here = above
    for raw in body.split("\n"):
        text = squeeze(raw)
        if text and len(text) < 1000:
            if len(text) >= PROSE and END.search(text) and here is above:
                above.add(text)  # a notice on cookies is prose too, and repeats
                here = below
            here.add(text)
    return above, below
