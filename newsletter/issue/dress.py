"""The page that MJML wrote -> the one that is sent: styles inlined, and said as mail programs understand.

One walk over the elements (:mod:`newsletter.issue.kinds`), then the style sheets that stay.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from newsletter.issue.css import Rules, is_plain, without_unused
from newsletter.issue.inliner import Inliner
from newsletter.issue.kinds import Kinds
from newsletter.issue.places import inlined
from newsletter.issue.trim import COLUMN

INLINE: Final = "/*inline*/"  #: at the beginning of a style sheet that goes into the elements
USED: Final = "/*used*/"  #: at the beginning of one that goes out without rules for absent classes

_REFERENCE = re.compile(r"&#(?:([0-9]{3,7})|[xX]([0-9a-fA-F]{2,6}));")
_COLUMNS = re.compile(r"@media only screen and \(min-width:(\d+)px\) \{ \.mj-column-")
_SHEET = re.compile(r"(?P<opened><style(?:\s[^>]*)?>)(?P<css>.*?)</style>", re.DOTALL)
_TWIN: Final = ".moz-text-html .mj-column-"
_FLUID: Final = "table.mj-full-width-mobile"
_BASE: Final = "#outlook a {"
_CLASSES = re.compile(r'\sclass="([^"]*)"')
_OUTLOOK = re.compile(r"\.([\w-]+)")


def dressed(html: str, inliner: Inliner, protect: Callable[[str], str]) -> str:
    """The page, finished but for the style sheets that are marked :data:`USED`: see :func:`spared`.

    Where the rules look at neighbours or texts, the inliner is given the whole page, made safe by `protect`.
    """
    page, sheets = _parted(html)
    if not is_plain(sheets.inlined):
        page, sheets = _parted(inlined(html, lambda numbered: inliner(protect(numbered))))
        sheets = sheets._replace(inlined="")
    page = _kinds(sheets.inlined, sheets.staying, inliner).dress(_REFERENCE.sub(_meant, page))
    return _with_styles(page, _marked)


def _meant(reference: re.Match[str]) -> str:
    """What a numeric reference stands for; those of ASCII stay, they guard what is special in HTML."""
    number = int(reference[1]) if reference[1] else int(reference[2], 16)
    surrogate = 0xD800 <= number < 0xE000
    return chr(number) if 0xA0 <= number <= sys.maxunicode and not surrogate else reference[0]


class _Sheets(NamedTuple):
    inlined: str  #: what goes into the elements
    staying: tuple[str, ...]  #: what templates say besides


def _parted(page: str) -> tuple[str, _Sheets]:
    """The page without the style sheets that are to be inlined, and what all of them say."""
    inlined, staying = [], []

    def sort(css: str) -> str | None:
        if css.startswith(INLINE):
            inlined.append(css.removeprefix(INLINE))
            return ""
        if not (_COLUMNS.match(css) or css.startswith((_TWIN, _BASE)) or _is_fluid(css)):
            staying.append(css)
        return None

    return _with_styles(page, sort), _Sheets("".join(inlined), tuple(staying))


def _with_styles(page: str, change: Callable[[str], str | None]) -> str:
    """The page with what `change` makes of its style sheets (None: as it is); one that is empty goes.

    Those for Outlook, in comments, are none of its business.
    """
    made, at = [], 0
    while (begin := page.find("<style", at)) >= 0:
        made.append(page[at:begin])
        found = _SHEET.match(page, begin)
        if page.rfind("<!--", 0, begin) > page.rfind("-->", 0, begin):
            at, instead = page.index("-->", begin), None
        elif found is None:  # another tag that begins like it
            at, instead = begin + len("<style"), None
        else:
            at, instead = found.end(), change(found["css"].lstrip())
        if instead is None:
            made.append(page[begin:at])
        elif instead and found:
            made.append(f"{found['opened']}{instead}</style>")
    return "".join((*made, page[at:]))


def _is_fluid(css: str) -> bool:
    return css.count("{") == 3 and _FLUID in css


@lru_cache(maxsize=8)
def _kinds(inlined: str, staying: tuple[str, ...], inliner: Inliner) -> Kinds:
    return Kinds(inlined, Rules(staying), inliner)


# ── the style sheets that stay ──────────────────────────────────────────────


def spared(page: str) -> str:
    """A page that is put together, without the rules that nothing in it asks for; and without empty sheets.

    It is done last, for the same frame stands around few blocks or many.
    """
    if USED not in page:
        return page
    classes = frozenset(name for said in _CLASSES.findall(page) for name in said.split())
    return _with_styles(page, lambda css: _without(css, classes))


def without_sheets(page: str) -> str:
    """The page without the style sheets of which a mail may not need all rules."""
    return _with_styles(page, lambda css: "" if css.startswith(USED) else None)


def _without(css: str, classes: frozenset[str]) -> str | None:
    if not css.startswith(USED):
        return None
    asked = classes | {"moz-text-html"}
    outlook = {name for name in _OUTLOOK.findall(css) if name.endswith("-outlook")}
    return without_unused(css.removeprefix(USED), asked | outlook).strip()


def _marked(css: str) -> str | None:
    """MJML's rules, marked as those that a template marks: some of them a mail may not need."""
    if from_width := _COLUMNS.match(css):
        phones = f"@media only screen and (max-width:{int(from_width[1]) - 1}px)"
        return f"{USED}{css.strip()}{phones}{{.{COLUMN}{{max-width:100%!important}}}}"
    if css.startswith(_TWIN) or _is_fluid(css):
        return USED + css
    return None
