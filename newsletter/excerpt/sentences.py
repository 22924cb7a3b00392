"""Paragraph -> whole sentences, in the paragraph's own words.

sentencex finds the ends; an end that would cut a link, code, a number or a
quotation in two is undone, and the sentence runs on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from sentencex import segment

_MARKS = re.compile(r"[“”„‟«»‹›\"「」『』()\[\]（）【】]")
_PAIRS = {
    "“": "”",
    "„": "“”‟",
    "‟": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    '"': '"',
    "「": "」",
    "『": "』",
}
_PAIRS |= {"(": ")", "[": "]", "（": "）", "【": "】"}
#: Deeper nesting than this is not language.
_DEEP = 6
_SPANS = re.compile(r"<(a|code|kbd|samp|q|cite)\b[^>]*>(.*?)</\1\s*>", re.I | re.S)
_TAG = re.compile(r"<[^>]*>")
#: What ends a sentence, in the scripts that mark it; closing quotes and brackets may follow.
_ENDS = frozenset(".!?…。．！？｡؟۔।॥։።។៕")
_CLOSERS = "\"”’“»›」』)]）】'"
#: Thai, Lao, Khmer and Tibetan end sentences with a space or not at all.
_UNMARKED = re.compile(r"[\u0e00-\u0fff\u1780-\u17ff]")
_SHORT = re.compile(
    r"(?:^|[\s(“\".])(?:[A-ZÀ-Þ]|Mrs?|Ms|Dr|Prof|St|Sr|Jr|vs|e\.g|i\.e|cf|ca|approx|Inc|Ltd|Co|No|Nr|Fig"
    r"|Figs|Vol|pp?|Sec|Art|Gen|Gov|Sen|Rep"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|bzw|usw|z\.\s?B|d\.\s?h|u\.\s?a|Hr|Fr|Mme|Sra?|núm"
    r"|p\.\s?ej)\.\s*$"
)
#: "3." may be a number in a list or, in German and its neighbours, a day.
_NUMBERED = re.compile(r"(?:^|[\s(“\".])\d{1,2}\.\s*$")
_MONTH = r"(?:Jan|Febr?|Mar|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])[a-zäé]*\.?"
#: "July 19." is the end of a sentence.
_DATED = re.compile(rf"\b{_MONTH}\s\d{{1,2}}\.\s*$")
#: The full stop after "login.gov" is one, whatever "gov." is short for.
_AFTER_NAME = re.compile(r"\.(?<=[\w-][\w-]\.)[a-z]{2,6}\.\s+(?=[“\"‘'(\[]?[A-ZÀ-Þ])")
#: Characters in which an abbreviation or a date is seen.
_TAIL = 24
#: What follows the full stop in "Go.USA.gov".
_IN_NAME = re.compile(r"[\w-]+\.\w")
_VERSION = re.compile(r"v\d")
_LEAD_IN = re.compile(r"[.!?…][\"”’»)\]]*\s+[\"“‘'(\[]?(?:[A-Z0-9À-Þ]|v\d)|[。！？](?!$|[」』”’）])")


_LEFT_BEHIND = re.compile(r"(?<=\s)[“„«\"(\[]\s*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence of a paragraph."""

    text: str
    count: int  #: how many sentences a reader would count in it: a quotation may hold several
    whole: bool  #: has an end, and opens no quotation or bracket that it does not close


def split(text: str, html: str, language: str) -> tuple[Piece, ...]:
    """The sentences of one block's text, in order; nothing of the text is lost or changed."""
    parts = list(segment(language or "en", text)) if text else []
    if "".join(parts) != text:
        parts = [text]
    if _AFTER_NAME.search(text):
        parts = [piece for part in parts for piece in _parted(part)]
    joined = _rejoin(_reopened(parts), _unbreakable(text, html))
    return tuple(_piece(part) for part in joined if part.strip())


def ends(text: str) -> bool:
    """Whether a text closes like a sentence; two full stops are a slip of the pen, and no end."""
    bare = text.rstrip(_CLOSERS)
    return bare[-1:] in _ENDS and bool(bare) and (not bare.endswith("..") or bare.endswith("..."))


def _piece(part: str) -> Piece:
    text = part.strip()
    ended = ends(text) or _UNMARKED.search(text) is not None
    breaks = [
        b for b in _LEAD_IN.finditer(text) if not _shortens(text[max(0, b.start() - _TAIL) : b.start() + 1])
    ]
    return Piece(text, 1 + len(breaks), ended and not _open_ended(text))


def _parted(part: str) -> list[str]:
    """A part cut where it runs on after the name of a site or a file."""
    cuts = [found.end() for found in _AFTER_NAME.finditer(part)]
    return [part[a:b] for a, b in pairwise((0, *cuts, len(part)))]


def _shortens(ending: str) -> bool:
    """Whether a full stop belongs to an abbreviation or a number."""
    tail = ending[-_TAIL:]
    if tail[-2:-1].isdigit():
        return _NUMBERED.search(tail) is not None and not _DATED.search(tail)
    return _SHORT.search(tail) is not None


def _reopened(parts: list[str]) -> list[str]:
    """Parts with an opening mark that was left at an end moved to where it belongs."""
    moved = ""
    out: list[str] = []
    for part in parts:
        whole = moved + part
        left = _LEFT_BEHIND.search(whole) if part is not parts[-1] else None
        moved = whole[left.start() :] if left else ""
        out.append(whole[: left.start()] if left else whole)
    return out


def _rejoin(parts: list[str], unbreakable: tuple[tuple[int, int], ...]) -> list[str]:
    """Parts with the wrong breaks undone."""
    joined: list[str] = parts[:1]
    at = len(parts[0]) if parts else 0
    for left, right in pairwise(parts):
        if any(start < at < end for start, end in unbreakable) or _runs_on(left, right):
            joined[-1] += right
        else:
            joined.append(right)
        at += len(right)
    return joined


def _runs_on(left: str, right: str) -> bool:
    """Whether the break stands in the middle of a sentence."""
    ending, opening = left.rstrip(), right.lstrip()
    if not ending or not opening:
        return True
    if opening[0].islower() and not (_VERSION.match(opening) and ending[-1] in ".!?"):
        return True
    if not any(map(str.isalnum, opening)):
        return True
    if ending == left and opening == right and _IN_NAME.match(opening):
        return True
    if _shortens(ending) and not (ending[-2].isdigit() and opening[0].isupper() and len(ending) > 40):
        return True
    return ending[-1] in "」』”" and ending == left and opening == right


def _unbreakable(text: str, html: str) -> tuple[tuple[int, int], ...]:
    """Where no sentence may end: inside links, code, quotations and brackets."""
    spans = _quoted(text) if _MARKS.search(text) else []
    at = 0
    for found in _SPANS.finditer(html) if "<" in html else ():
        inner = " ".join(unescape(_TAG.sub("", found.group(2))).split())
        start = text.find(inner, at) if inner else -1
        if start >= 0:
            at = start + len(inner)
            spans.append((start, at))
    return tuple(spans)


def _quoted(text: str) -> list[tuple[int, int]]:
    """From each opening mark to its closing one; marks without a partner are left out."""
    spans: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    for found in _MARKS.finditer(text):
        mark, at = found.group(), found.start()
        closes = next(
            (k for k in range(1, min(_DEEP, len(waiting)) + 1) if mark in _PAIRS[waiting[-k][0]]), None
        )
        if closes is not None:
            spans.append((waiting[-closes][1], at + 1))
            del waiting[-closes:]
        elif mark in _PAIRS:
            waiting.append((mark, at))
    return spans


def _open_ended(text: str) -> bool:
    """Whether a quotation or bracket is opened and not closed, or closed and not opened."""
    waiting: list[str] = []
    for mark in _MARKS.findall(text):
        if waiting and mark in _PAIRS[waiting[-1]]:
            waiting.pop()
        elif mark in _PAIRS:
            waiting.append(mark)
        else:
            return True
    return bool(waiting)
