"""`issues/ID.md` -> what a person says of one issue: its subject, its intro, what leads, what stays out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Final

from newsletter.content.decode import Binary, decode
from newsletter.content.front_matter import FrontMatter, split
from newsletter.content.plain import squeeze, strip_markup
from newsletter.content.walk import Refused, contents
from newsletter.content.walk import shown as printable
from newsletter.errors import ContentError

#: A brief is a page, no book: bytes.
LARGEST: Final = 256 * 1024
_KEYS: Final = ("subject", "preheader", "intro", "pins", "omit")
#: What would turn round the line around it: embeddings, overrides, isolates.
_TURNS: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


@dataclass(frozen=True, slots=True)
class Brief:
    """What a person says of one issue. What is empty is as the configuration says."""

    subject: str = ""
    preheader: str = ""
    intro: str = ""  #: plain text, paragraphs parted by an empty line
    pins: tuple[str, ...] = ()  #: files or ids of articles that stand first, in this order
    omit: tuple[str, ...] = ()  #: files or ids of articles that are never mailed by this newsletter
    sha256: str = ""  #: of the file; empty: there is none
    shown: str = ""  #: how messages call the file
    lines: Mapping[str, int] | None = None  #: of its keys


NO_BRIEF: Final = Brief()


def read_brief(path: Path, shown: str) -> Brief:
    """The brief in a file; an empty one where there is no file. ContentError names the line of a mistake.

    A link is not followed: what it leads to may lie outside of the project.
    """
    try:
        if not path.is_symlink() and not path.exists():
            return NO_BRIEF
        raw = contents(path, LARGEST)
    except OSError as error:
        raise ContentError(f"{shown}: {error.strerror}") from None
    except Refused as error:
        raise ContentError(f"{shown}: {error}") from None
    try:
        decoded = decode(raw)
    except Binary as error:
        raise ContentError(f"{shown}: {error}") from error
    for line, told in decoded.warnings:  # what was guessed must not become the subject of a mail
        raise ContentError(f"{shown}:{line}: {told}")
    return _brief(split(decoded.text), shown, sha256(raw).hexdigest())


def _brief(found: FrontMatter, shown: str, digest: str) -> Brief:
    for line, told in found.warnings:
        raise ContentError(f"{shown}:{line}: {printable(told)}")
    for name in found.values:
        if name not in _KEYS:
            near = get_close_matches(name.casefold(), _KEYS, n=1, cutoff=0.5)
            other = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(_KEYS)}"
            told = f'there is no "{printable(name)}" in a brief; {other}'
            raise ContentError(f"{shown}:{_line(found, name)}: {told}")
    intro = _text(found, shown, "intro")
    body = _readable(_paragraphs(found.body))
    if intro and body:
        raise ContentError(
            f"{shown}:{_line(found, 'intro')}: the text below says the intro, too: keep one of them"
        )
    return Brief(
        squeeze(_text(found, shown, "subject")),
        squeeze(_text(found, shown, "preheader")),
        intro or body,
        _names(found, shown, "pins"),
        _names(found, shown, "omit"),
        digest,
        shown,
        dict(found.lines),
    )


def _line(found: FrontMatter, name: str) -> int:
    return found.lines.get(name, 1)


def _text(found: FrontMatter, shown: str, name: str) -> str:
    value = found.values.get(name, "")
    if value is None or value == "":
        return ""
    # Front matter is text whatever its dialect calls it: these two are a yes or no, never a subject.
    if not isinstance(value, str) or value.strip().lower() in ("true", "false"):
        raise ContentError(f"{shown}:{_line(found, name)}: {name} should be text, in quotes")
    return _readable(value)


def _readable(text: str) -> str:
    """The text without what nobody sees: escapes in quotes bring back what decoding has taken out."""
    return "".join(one for one in text if _is_seen(one)).strip()


def _is_seen(one: str) -> bool:
    return one in "\n\t" or (one not in _TURNS and unicodedata.category(one) not in ("Cc", "Cs"))


def _names(found: FrontMatter, shown: str, name: str) -> tuple[str, ...]:
    value = found.values.get(name, "")
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
        told = f'{name} should be a list of files or ids of articles, such as ["notes/tide.md"]'
        raise ContentError(f"{shown}:{_line(found, name)}: {told}")
    return tuple(str(one).strip() for one in names if str(one).strip())


def _paragraphs(body: str) -> str:
    """The text below, without its marks: an intro is plain."""
    parts = re.split(r"\n[ \t]*\n", body.strip())
    return "\n\n".join(filter(None, (strip_markup(part) for part in parts)))
