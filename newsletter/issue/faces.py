"""Names of faces -> the lists of faces that style sheets get.

Names stand without quotes: no quote can break an attribute on its long way through MJML and the inliner.
"""

from __future__ import annotations

import re
from typing import Final

from newsletter.issue.words import arabic_script, tags

SERIF: Final = "Iowan Old Style,Palatino Linotype,Palatino,P052,Georgia,serif"
SANS: Final = "-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif"
MONO: Final = "SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace"
NASKH: Final = "Geeza Pro,Noto Naskh Arabic,Sakkal Majalla,Segoe UI,Tahoma,serif"
KUFI: Final = "Geeza Pro,Noto Kufi Arabic,Segoe UI,Tahoma,sans-serif"
MINCHO: Final = (
    "Iowan Old Style,Palatino Linotype,Palatino,P052,Hiragino Mincho ProN,Yu Mincho,Noto Serif CJK JP,serif"
)
GOTHIC: Final = (
    "-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Hiragino Sans,Yu Gothic,Noto Sans CJK JP,sans-serif"
)
SERIF_WORD: Final = "'Palatino Linotype',Georgia,serif"
SANS_WORD: Final = "'Segoe UI',Arial,sans-serif"
_GENERIC: Final = frozenset(
    ("serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "ui-serif", "ui-sans-serif")
)
#: Word, as Outlook's engine, takes Times where it does not have the first name: these it has.
_IN_WORD: Final = frozenset(
    (
        *(
            "arial",
            "calibri",
            "cambria",
            "candara",
            "consolas",
            "constantia",
            "corbel",
            "courier new",
            "georgia",
        ),
        *("palatino linotype", "segoe ui", "tahoma", "times new roman", "trebuchet ms", "verdana"),
    )
)
_WORD: Final = re.compile(r"-?[^\W\d][\w-]*")


def usual(language: str) -> tuple[str, str]:
    """The serif and the sans that have the letters of a BCP 47 language."""
    if arabic_script(language):
        return NASKH, KUFI
    return (MINCHO, GOTHIC) if tags(language)[-1] == "ja" else (SERIF, SANS)


def odd_face(faces: str) -> str:
    """What is wrong with a list of names; empty when they can stand in a style sheet without quotes."""
    for name in filter(None, (part.strip() for part in faces.split(","))):
        for word in name.split():
            if not _WORD.fullmatch(word):
                return f'"{name}": a font name is of letters, digits and hyphens; no word begins with a digit'
    return ""


def faces(given: str, usual: str) -> str:
    """The given names, and the usual ones behind them unless they end in a kind such as ``serif``."""
    names = _names(given)
    if not names:
        return usual
    return ",".join(names) if names[-1].lower() in _GENERIC else ",".join((*names, usual))


def faces_in_word(given: str, usual: str) -> str:
    """The names that Word has, each in single quotes, and the usual ones behind them."""
    known = [f"'{name}'" for name in _names(given) if name.lower() in _IN_WORD]
    return ",".join((*known, usual))


def _names(given: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in given.split(",") if name.strip())
