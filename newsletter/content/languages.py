"""Paths -> the language of a file and the article of which it is a variant.

A language is said by a field, by the ending before the ending (``post.fr.md``), or by a
folder (``fr/post.md``). A folder counts only where it stands beside another language
or names the configured one: a folder called ``it`` may be about computers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

_CODES = frozenset(
    [
        "aa",
        "ab",
        "af",
        "am",
        "ar",
        "as",
        "az",
        "ba",
        "be",
        "bg",
        "bn",
        "bo",
        "br",
        "bs",
        "ca",
        "co",
        "cs",
        "cy",
        "da",
        "de",
        "dv",
        "dz",
        "el",
        "en",
        "eo",
        "es",
        "et",
        "eu",
        "fa",
        "fi",
        "fo",
        "fr",
        "fy",
        "ga",
        "gd",
        "gl",
        "gn",
        "gu",
        "ha",
        "he",
        "hi",
        "hr",
        "ht",
        "hu",
        "hy",
        "id",
        "ig",
        "is",
        "it",
        "ja",
        "jv",
        "ka",
        "kk",
        "km",
        "kn",
        "ko",
        "ku",
        "ky",
        "la",
        "lb",
        "lo",
        "lt",
        "lv",
        "mg",
        "mi",
        "mk",
        "ml",
        "mn",
        "mr",
        "ms",
        "mt",
        "my",
        "nb",
        "ne",
        "nl",
        "nn",
        "no",
        "oc",
        "or",
        "pa",
        "pl",
        "ps",
        "pt",
        "qu",
        "ro",
        "ru",
        "rw",
        "sa",
        "sc",
        "sd",
        "si",
        "sk",
        "sl",
        "so",
        "sq",
        "sr",
        "sv",
        "sw",
        "ta",
        "te",
        "tg",
        "th",
        "ti",
        "tk",
        "tl",
        "tr",
        "tt",
        "ug",
        "uk",
        "ur",
        "uz",
        "vi",
        "wo",
        "xh",
        "yi",
        "yo",
        "zh",
        "zu",
    ]
)
_TAG = re.compile(r"([a-z]{2,3})(?:[-_](hans|hant|latn|cyrl))?(?:[-_]([a-z]{2}|\d{3}))?$", re.IGNORECASE)
_SUFFIX = re.compile(r"^(.+)\.([a-zA-Z]{2,3}(?:[-_][a-zA-Z]{2,4}){0,2})$")


@dataclass(frozen=True, slots=True)
class Variant:
    """The language that a path names (empty: none), and the path without it."""

    language: str
    neutral: str


def tag(text: str) -> str:
    """`text` as a BCP 47 tag in its usual case; empty when it is none that we know."""
    found = _TAG.match(text.strip())
    if not found or found[1].lower() not in _CODES:
        return ""
    script = f"-{found[2].title()}" if found[2] else ""
    return found[1].lower() + script + (f"-{found[3].upper()}" if found[3] else "")


def variants(paths: Iterable[str], default: str) -> dict[str, Variant]:
    """What each path says about language."""
    paths = list(paths)
    folders = _language_folders(paths, default)
    return {path: _variant(path, folders) for path in paths}


def _language_folders(paths: list[str], default: str) -> set[str]:
    """Folders that stand for a language: two languages side by side, or the configured one."""
    siblings: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        parts = path.split("/")[:-1]
        for depth, part in enumerate(parts[:3]):
            if tag(part):
                siblings["/".join(parts[:depth])].add(part)
    known = set(paths)
    found = set()
    for parent, names in siblings.items():
        for name in names:
            folder = f"{parent}/{name}".lstrip("/")
            main = tag(name).split("-")[0] == default.split("-")[0]
            if main or len({tag(n) for n in names}) > 1 or _has_twin(folder, parent, known):
                found.add(folder)
    return found


def _has_twin(folder: str, parent: str, known: set[str]) -> bool:
    """Whether a file of the folder stands one level higher too: the default language has no folder."""
    prefix = f"{parent}/" if parent else ""
    return any(p.startswith(folder + "/") and prefix + p[len(folder) + 1 :] in known for p in known)


def _variant(path: str, folders: set[str]) -> Variant:
    pure = PurePosixPath(path)
    suffix = _SUFFIX.match(pure.stem)
    if suffix and tag(suffix[2]):
        return Variant(tag(suffix[2]), str(pure.with_name(suffix[1] + pure.suffix)))
    parts = path.split("/")
    for depth in range(len(parts) - 1):
        if "/".join(parts[: depth + 1]) in folders:
            return Variant(tag(parts[depth]), "/".join((*parts[:depth], *parts[depth + 1 :])))
    return Variant("", path)


# The scripts of which one language is by far the most likely author, and those that share them.
_SCRIPTS = (
    ("\u3040", "\u30ff", "ja", "ja"),
    ("\uac00", "\ud7af", "ko", "ko"),
    ("\u4e00", "\u9fff", "zh", "zh ja ko"),
    ("\u0600", "\u06ff", "ar", "ar fa ur ps sd ug ku"),
    ("\u0590", "\u05ff", "he", "he yi"),
    ("\u0400", "\u04ff", "ru", "ru uk be bg sr mk kk ky mn tg tt ba cv"),
    ("\u0370", "\u03ff", "el", "el"),
    ("\u0900", "\u097f", "hi", "hi mr ne sa"),
    ("\u0e00", "\u0e7f", "th", "th"),
)


def by_script(text: str, default: str) -> str:
    """The language of a text whose script `default` is never written in; else `default`."""
    sample = [c for c in text[:2000] if c.isalpha()]
    if not sample or sum(c > "\u0370" for c in sample) * 2 < len(sample):
        return default
    for first, last, language, sharing in _SCRIPTS:
        share = sum(first <= c <= last for c in sample) / len(sample)
        if share > (0.1 if language == "ja" else 0.5):
            return default if default.split("-")[0] in sharing.split() else language
    return default
