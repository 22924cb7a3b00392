"""The text of CSS -> its declarations and rules: as much of it as mails use, and nothing that is guessed.

What cannot be read with certainty is told apart (None), so that whoever changes styles leaves it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

Declarations = tuple[tuple[str, str], ...]  #: names in lower case, values as they are, in order

_VALUE: Final = r"""(?:[^;"'()\\{}]|"[^"\\]*"|'[^'\\]*'|\([^()\\]*\))*"""
_DECLARATION = re.compile(rf"\s*([a-zA-Z-][\w-]*)\s*:\s*({_VALUE}?)\s*(?:;|\Z)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMBINED = re.compile(r"[\s>+~]+")
_SIMPLE = re.compile(r"[.#][\w-]+|\[[^\]]*\]|::?[\w-]+(?:\([^)]*\))?|\*|[a-zA-Z][\w-]*")
_CLASS = re.compile(r"\.([\w-]+)")
_ASIDE = re.compile(r"\[[^\]]*\]|:[\w-]+\([^)]*\)")
_EMPTY_MEDIA = re.compile(r"@media[^{}]*\{\s*\}")
_PLAIN = re.compile(r"[\w\s.#,>-]*")


@lru_cache(maxsize=4096)
def declarations(style: str) -> Declarations | None:
    """Those of a style attribute; None when any of it is not plain: a slot, ``!important``, a hack."""
    if "!" in style or "%%" in style or "/*" in style:
        return None
    found, at, text = [], 0, style.strip()
    while at < len(text):
        one = _DECLARATION.match(text, at)
        if one is None or not one[2]:
            return None
        found.append((one[1].lower(), one[2]))
        at = one.end()
    names = [name for name, _ in found]
    return tuple(found) if len(set(names)) == len(names) else None


def style_of(found: Mapping[str, str]) -> str:
    """Declarations as a style attribute says them."""
    return ";".join(f"{name}:{value}" for name, value in found.items())


@lru_cache(maxsize=64)
def is_plain(css: str) -> bool:
    """Whether every selector is of tags, classes and ids, inside one another: blind to siblings and texts."""
    bare = _COMMENT.sub("", css)
    selectors = _RULE.sub(lambda rule: rule[1] + ",", bare)
    return "@" not in bare and _PLAIN.fullmatch(selectors) is not None


@dataclass(frozen=True, slots=True)
class Said:
    """What style sheets say of an element, wherever it stands."""

    names: frozenset[str]  #: of properties
    weak: frozenset[str]  #: those that are also said without ``!important``


@dataclass(frozen=True, slots=True)
class _Rule:
    """Whom a selector styles (empty: whatever its tag, id, classes), and how."""

    tag: str
    id: str
    classes: frozenset[str]
    said: Said


class Rules:
    """The rules that stay in style sheets. One inside ``@media`` counts like any other."""

    def __init__(self, sheets: tuple[str, ...]) -> None:
        self._rules = tuple(rule for css in sheets for rule in _rules(css))

    def of(self, tag: str, id: str, classes: frozenset[str]) -> Said:
        """What may be said of such an element; what selectors ask of those around it is taken as given."""
        found = [
            rule.said
            for rule in self._rules
            if rule.tag in ("", tag) and rule.id in ("", id) and rule.classes.issubset(classes)
        ]
        return Said(
            frozenset[str]().union(*(said.names for said in found)),
            frozenset[str]().union(*(said.weak for said in found)),
        )


def _rules(css: str) -> Iterator[_Rule]:
    for selectors, body in _RULE.findall(_COMMENT.sub("", css)):
        said = _said(body)
        for selector in selectors.split(","):
            last = _COMBINED.split(selector.strip())[-1]
            parts = _SIMPLE.findall(last)
            tags = ["html" if part == ":root" else part.lower() for part in parts if part[0] not in ".#[*"]
            tags = [tag for tag in tags if tag[0] != ":"]
            ids = [part[1:] for part in parts if part[0] == "#"]
            classes = frozenset(part[1:] for part in parts if part[0] == ".")
            yield _Rule(tags[0] if tags else "", ids[0] if ids else "", classes, said)


def _said(body: str) -> Said:
    parted = [text.partition(":") for text in body.split(";")]
    told = [(name.strip().lower(), value) for name, colon, value in parted if colon]
    weak = frozenset(name for name, value in told if "!important" not in value.replace(" ", "").lower())
    return Said(frozenset(name for name, _ in told), weak)


@lru_cache(maxsize=64)
def without_unused(css: str, present: frozenset[str]) -> str:
    """The style sheet without the selectors that ask for a class that is not `present`."""
    kept = _RULE.sub(lambda rule: _kept(rule, present), css)
    return _EMPTY_MEDIA.sub("", kept)


def _kept(rule: re.Match[str], present: frozenset[str]) -> str:
    wanted = [one for one in rule[1].split(",") if present.issuperset(_CLASS.findall(_ASIDE.sub("", one)))]
    return f"{','.join(wanted)}{{{rule[2]}}}" if wanted else ""
