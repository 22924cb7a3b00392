"""Page -> the kinds of elements that it is made of, and what each kind looks like in the end.

Elements are of one kind when tag and attributes are the same, up to the root: a selector of tags, classes and
ids cannot tell them apart, and what they inherit is the same, too. A mail of five hundred elements has a
hundred kinds, and the next mail from the same templates has nearly the same ones. So the inliner is given
one element of each kind, and those that it has seen before it is not given again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Final

from lxml import etree

from newsletter.issue.css import Rules, declarations, style_of
from newsletter.issue.inliner import Inliner
from newsletter.issue.trim import Box, trim

Attributes = tuple[tuple[str, str], ...]
#: Attributes that no rule and no pass looks at, and that are seldom the same twice.
_OWN: Final = frozenset({"href", "src", "alt", "title", "aria-label", "lang", "start"})
_FEW: Final = 5  #: attributes: what has no more is seldom alone of its kind
_MANY: Final = 4096  #: kinds; an ordinary template has some hundred
_NUMBER: Final = "data-kind"
#: A section of MJML: what centres it and caps its width may as well stand on its one table.
_SECTION: Final = "margin:0px auto;max-width:"
_FIRST: Final = {"font-weight": "400", "font-style": "normal"}  #: what the root hands down


@dataclass(slots=True, eq=False)
class Kind:
    """All elements with the same tag and attributes inside elements of one kind."""

    tag: str
    given: Attributes  #: without :data:`_OWN`
    above: Kind | None
    is_section: bool  #: of MJML
    #: Attributes to set (None: to take away); while nobody has looked at the kind yet, None.
    edits: tuple[tuple[str, str | None], ...] | None = None
    classes: frozenset[str] = frozenset()  #: in the end
    handed: dict[str, str] = field(default_factory=lambda: _FIRST)  #: what those inside inherit
    room: str = ""  #: see :class:`newsletter.issue.trim.Box`
    inside: dict[tuple[str, Attributes, bool], Kind] = field(default_factory=dict)


class Kinds:
    """The kinds of the pages with one set of style sheets. Any thread may use it."""

    def __init__(self, inlined: str, rules: Rules, inliner: Inliner) -> None:
        """`inlined`: the rules that `inliner` writes into elements; `rules`: what others say of them."""
        self._inlined, self._rules, self._inliner = inlined, rules, inliner
        self._lock = threading.Lock()
        self._root, self._count = Kind("", (), None, False), 0

    def dress(self, page: etree._Element) -> frozenset[str]:
        """Give every element of a page its styles. The classes that are in use then."""
        with self._lock:
            try:
                return self._dressed(page)
            except BaseException:
                self._root = Kind("", (), None, False)  # none is known by half
                raise

    def _dressed(self, page: etree._Element) -> frozenset[str]:
        if self._count > _MANY:
            self._root, self._count = Kind("", (), None, False), 0
        walk = _Walk()
        walk.through(page, self._root)
        for kind, style in zip(walk.fresh, self._styles(walk.fresh), strict=True):
            _finish(kind, style, self._rules)
        self._count += len(walk.fresh)
        for element, kind in walk.waiting:
            _edit(element, kind.edits or ())
        return frozenset[str]().union(*{kind.classes for kind in walk.found})

    def _styles(self, fresh: list[Kind]) -> list[str]:
        """What the inliner makes of the styles of each, in a page that has one of each."""
        given = [dict(kind.given).get("style", "") for kind in fresh]
        if not self._inlined or not fresh:
            return given
        numbers = {kind: n for n, kind in enumerate(fresh)}
        done = etree.fromstring(self._inliner(_page(self._root, numbers, self._inlined)), etree.HTMLParser())
        for element in done.iter("*"):
            if (number := element.get(_NUMBER)) is not None:
                given[int(number)] = element.get("style", "")
        return given


class _Walk:
    """The way through a page: elements of known kinds get their styles, the others wait."""

    def __init__(self) -> None:
        self.found = set[Kind]()
        self.fresh: list[Kind] = []  #: not seen before; those around before those inside
        self.waiting: list[tuple[etree._Element, Kind]] = []

    def through(self, page: etree._Element, root: Kind) -> None:
        """All elements but the head, and what is in it."""
        kinds: dict[etree._Element | None, Kind] = {None: root}
        for element in page.iter("*"):
            above, tag = kinds.get(element.getparent()), element.tag
            if above is None or tag == "head":
                continue
            key = (tag, _given(element, tag), tag == "div" and _is_section(element))
            kind = above.inside.get(key)
            if kind is None:
                kind = above.inside[key] = Kind(*key[:2], above, key[2])
                self.fresh.append(kind)
            kinds[element] = kind
            if kind.edits is None:
                self.waiting.append((element, kind))
            elif kind.edits:
                _edit(element, kind.edits)
        del kinds[None]
        self.found.update(kinds.values())


def _edit(element: etree._Element, edits: tuple[tuple[str, str | None], ...]) -> None:
    for name, value in edits:
        if value is None:
            del element.attrib[name]
        else:
            element.set(name, value)


def _given(element: etree._Element, tag: str) -> Attributes:
    given: list[tuple[str, str]] = element.items()  # type: ignore[assignment]  # text, as it was parsed from it
    if len(given) > _FEW or tag in ("a", "img"):
        return tuple(one for one in given if one[0] not in _OWN)
    return tuple(given)


def _is_section(element: etree._Element) -> bool:
    """Of a ``div``."""
    if not element.get("style", "").startswith(_SECTION):
        return False
    if len(element) != 1 or element[0].tag != "table" or (element.text or element[0].tail or "").strip():
        return False
    table = element[0]
    return table.get("align") == "center" and table.get("style", "").startswith("width:100%")


# ── a page with one of each ─────────────────────────────────────────────────

_SEEN: Final = ("class", "id", "style")  #: by plain selectors, and by what merges styles
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())


def _page(root: Kind, numbers: dict[Kind, int], inlined: str) -> str:
    """HTML with every numbered kind inside what it stands in."""
    wanted = set(numbers)
    for kind in numbers:
        while kind.above is not None and kind.above not in wanted:
            kind = kind.above
            wanted.add(kind)
    written = "".join(_written(kind, wanted, numbers) for kind in root.inside.values() if kind in wanted)
    return "<!DOCTYPE html>\n" + written.replace("<body", f"<head><style>{inlined}</style></head><body", 1)


def _written(kind: Kind, wanted: set[Kind], numbers: dict[Kind, int]) -> str:
    said = [f' {name}="{escape(value)}"' for name, value in kind.given if name in _SEEN]
    mark = f' {_NUMBER}="{numbers[kind]}"' if kind in numbers else ""
    opened = f"<{kind.tag}{''.join(said)}{mark}>"
    if kind.tag in _VOID:
        return opened
    inner = "".join(_written(one, wanted, numbers) for one in kind.inside.values() if one in wanted)
    return f"{opened}{inner}</{kind.tag}>"


# ── what becomes of a kind ──────────────────────────────────────────────────


def _finish(kind: Kind, style: str, rules: Rules) -> None:
    """Decide what changes in elements of a kind; that of those around it is decided."""
    given = dict(kind.given)
    found = declarations(style)
    above = kind.above or kind
    classes = given.get("class", "").split()
    box = Box(
        tag=kind.tag,
        attributes={name: value for name, value in given.items() if name not in ("class", "style")},
        classes=classes,
        styles=dict(found or ()),
        said=rules.of(kind.tag, given.get("id", ""), frozenset(classes)),
        inherited=above.handed,
        is_section=kind.is_section,
        room=above.room,
    )
    handed = trim(box)
    kind.handed, kind.room = handed if found is not None else {}, box.room
    kind.classes = frozenset(box.classes)
    if found is None:
        style = ";".join(part for part in (style.rstrip("; "), style_of(box.styles)) if part)
    elif box.styles != dict(found):
        style = style_of(box.styles)
    kind.edits = tuple(_edits(given, box, style))


def _edits(given: dict[str, str], box: Box, style: str) -> Iterator[tuple[str, str | None]]:
    now = {"class": " ".join(box.classes), "style": style}
    if box.classes == given.get("class", "").split():
        now["class"] = given.get("class", "")
    for name, value in now.items():
        if value != given.get(name, ""):
            yield name, value or None
    for name, value in given.items():
        if name not in now and box.attributes.get(name) != value:
            yield name, box.attributes.get(name)
