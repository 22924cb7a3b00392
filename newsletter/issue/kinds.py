"""Page -> the kinds of elements that it is made of, and what each kind looks like in the end.

Elements are of one kind when tag and attributes are the same, up to the root: a selector of tags, classes and
ids cannot tell them apart, and what they inherit is the same, too. A mail of five hundred elements has a
hundred kinds, and the next mail from the same templates has nearly the same ones. So the inliner is given
one element of each kind, and those that it has seen before it is not given again.

The page is never parsed into a tree: it is MJML's, and what is inside was linted, so that its tags stand
right. What is between the tags goes out as it came.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final
from urllib.parse import quote

from newsletter.issue.css import Rules, declarations, style_of
from newsletter.issue.html_tags import VOID
from newsletter.issue.inliner import Inliner
from newsletter.issue.slots import HIDDEN
from newsletter.issue.trim import Box, trim

_HEAD_ENDS = re.compile(r"<!--.*?-->|</head>", re.DOTALL)
#: Attributes that no rule and no pass looks at, and that are seldom the same twice.
_OWN = re.compile(r'\s+(?:href|src|alt|title|aria-label|lang|start)="[^"]*"')
_ATTRIBUTE = re.compile(r'\s+([^\s="]+)(?:="([^"]*)")?')
_MANY: Final = 4096  #: kinds; an ordinary template has some hundred
_NUMBER: Final = "data-kind"
#: A section of MJML: what centres it and caps its width may as well stand on its one table.
_SECTION: Final = 'style="margin:0px auto;max-width:'
_ITS_TABLE = re.compile(r'\s*<table(?=[^>]*\salign="center")[^>]*\sstyle="width:100%')
_TABLES = re.compile(r"<!--[^-]*(?:-(?!->)[^-]*)*-->|<(/?)table\b")
_AFTER = re.compile(r"</table>\s*</div>")
_ADDRESS = re.compile(r'(?:href|src)="[^"]*"')
_NOT_ASCII = re.compile(rf"[^\x00-\x7f{HIDDEN}]+")  #: what is hidden comes back by itself
_FIRST: Final = {"font-weight": "400", "font-style": "normal"}  #: what the root hands down


@dataclass(slots=True, eq=False)
class Kind:
    """All elements with the same tag and attributes inside elements of one kind."""

    head: str  #: what stands between ``<`` and ``>``, without :data:`_OWN`
    above: Kind | None
    is_section: bool  #: of MJML
    tag: str
    end: str  #: how its closing tag begins; empty where there is none
    given: dict[str, str]  #: the attributes
    after: str  #: what goes out behind its opening tag: the closing one that MJML left out
    #: Its attributes as they go out; while nobody has looked at the kind yet, None.
    written: str | None = None
    stays: bool = False  #: nothing of it changes
    handed: dict[str, str] = field(default_factory=lambda: _FIRST)  #: what those inside inherit
    room: str = ""  #: see :class:`newsletter.issue.trim.Box`
    inside: dict[str, Kind] = field(default_factory=dict)  #: by head; a section's has a mark behind


class Kinds:
    """The kinds of the pages with one set of style sheets. Any thread may use it."""

    def __init__(self, inlined: str, rules: Rules, inliner: Inliner) -> None:
        """`inlined`: the rules that `inliner` writes into elements; `rules`: what others say of them."""
        self._inlined, self._rules, self._inliner = inlined, rules, inliner
        self._lock = threading.Lock()
        self._root, self._count = _root(), 0

    def dress(self, page: str) -> str:
        """The page with styles for every element."""
        with self._lock:
            try:
                return self._dressed(page)
            except BaseException:
                self._root = _root()  # none is known by half
                raise

    def _dressed(self, page: str) -> str:
        if self._count > _MANY:
            self._root, self._count = _root(), 0
        walk = _Walk()
        walk.through(page, self._root)
        for kind, style in zip(walk.fresh, self._styles(walk.fresh), strict=True):
            _finish(kind, style, self._rules)
        self._count += len(walk.fresh)
        for place, kind, own in walk.waiting:
            walk.pieces[place] = _going(walk.pieces[place], kind, own)
        return "<".join(walk.pieces)

    def _styles(self, fresh: list[Kind]) -> list[str]:
        """What the inliner makes of the styles of each, in a page that has one of each."""
        given = [kind.given.get("style", "") for kind in fresh]
        if not self._inlined or not fresh:
            return given
        from lxml import etree

        numbers = {kind: n for n, kind in enumerate(fresh)}
        done = etree.fromstring(self._inliner(_page(self._root, numbers, self._inlined)), etree.HTMLParser())
        for element in done.iter("*"):
            if (number := element.get(_NUMBER)) is not None:
                given[int(number)] = element.get("style", "")
        return given


def _root() -> Kind:
    return Kind("", None, False, "", "", {}, "")


def after_head(page: str, begin: int = 0) -> int:
    """Where the head of a page ends, if its comments say what they like."""
    return next(found.end() for found in _HEAD_ENDS.finditer(page, begin) if found[0] == "</head>")


class _Walk:
    """The way through a page: elements of known kinds get their styles, the others wait."""

    def __init__(self) -> None:
        self.pieces: list[str] = []  #: of the page, as they go out: a ``<`` between two of them
        self.fresh: list[Kind] = []  #: not seen before; those around before those inside
        self.waiting: list[tuple[int, Kind, str]] = []  #: (piece, kind, own attributes)

    def through(self, page: str, root: Kind) -> None:
        """All elements but the head, and what is in it."""
        first, *pieces = page.split("<")
        out, kind, following, at = self.pieces, root, len(first), 0
        out.append(first)
        for piece in pieces:
            begin, following = following, following + 1 + len(piece)
            if begin < at:  # inside of what stays as it is
                out.append(piece)
                continue
            if piece.startswith("/"):
                assert piece.startswith(kind.end) and kind.above, f"{kind.head} is closed by {piece}"
                out.append(piece)
                kind = kind.above
                continue
            head = piece.partition(">")[0]
            own, one = "", kind.inside.get(head)
            if one is None:
                if head.startswith("!") or head == "head":
                    at = page.index("-->" if head.startswith("!--") else ">", begin)
                    at = after_head(page, begin) - len("/head>") if head == "head" else at
                    out.append(piece)
                    continue
                own, one = self._met(page, begin, head, kind)
            if one.written is None:
                self.waiting.append((len(out), one, own))
            out.append(piece if one.written is None or (one.stays and not own) else _going(piece, one, own))
            if one.end:
                kind = one

    def _met(self, page: str, begin: int, head: str, above: Kind) -> tuple[str, Kind]:
        """Of a tag whose head is not known as it is: its own attributes, as they go out, and its kind."""
        own = "".join(_OWN.findall(head))
        bare = _OWN.sub("", head) if own else head
        is_section = _SECTION in bare and _is_section(page, begin + 1 + len(head))
        key = bare + ">" * is_section  # never a head
        kind = above.inside.get(key)
        if kind is None:
            tag = re.match(r"[^\s/]*", bare)[0].lower()  # type: ignore[index]  # it matches anything
            # HTML has no tag that closes itself; MJML writes those with a colon so when they are empty.
            closed = bare.endswith("/") and tag not in VOID
            said = _ATTRIBUTE.findall(bare.rstrip("/") if closed else bare)
            given = {name.lower(): unescape(value) for name, value in said}
            end = "" if closed or tag in VOID else f"/{bare[: len(tag)]}"
            kind = Kind(bare, above, is_section, tag, end, given, f"></{tag}" if closed else "")
            above.inside[key] = kind
            self.fresh.append(kind)
        return own if own.isascii() else _addressed(own), kind


def _going(piece: str, kind: Kind, own: str) -> str:
    """A piece as it goes out; the same whether or not its kind has been seen before."""
    head, _, text = piece.partition(">")
    return piece if kind.stays and own in head else f"{kind.tag}{own}{kind.written}>{text}"


def _is_section(page: str, at: int) -> bool:
    """Of a ``div`` whose head ends there: it holds one centred table, and nothing else."""
    if not _ITS_TABLE.match(page, at + 1):
        return False
    depth = 0
    for found in _TABLES.finditer(page, at):
        depth += {None: 0, "": 1, "/": -1}[found[1]]
        if found[1] and not depth:
            return _AFTER.match(page, found.start()) is not None
    return False


def _addressed(own: str) -> str:
    """Addresses are ASCII: what is not is percent-encoded (RFC 3987 3.1), as HTML parsers would."""
    return _ADDRESS.sub(lambda found: _NOT_ASCII.sub(lambda one: quote(one[0]), found[0]), own)


# ── a page with one of each ─────────────────────────────────────────────────

_SEEN: Final = ("class", "id", "style")  #: by plain selectors, and by what merges styles


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
    said = [f' {name}="{escape(value)}"' for name, value in kind.given.items() if name in _SEEN]
    mark = f' {_NUMBER}="{numbers[kind]}"' if kind in numbers else ""
    opened = f"<{kind.tag}{''.join(said)}{mark}>"
    if not kind.end:
        return opened
    inner = "".join(_written(one, wanted, numbers) for one in kind.inside.values() if one in wanted)
    return f"{opened}{inner}</{kind.tag}>"


# ── what becomes of a kind ──────────────────────────────────────────────────


def _finish(kind: Kind, style: str, rules: Rules) -> None:
    """Decide how elements of a kind go out; that of those around it is decided."""
    given, found, above = kind.given, declarations(style), kind.above or kind
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
    if found is None:
        style = ";".join(part for part in (style.rstrip("; "), style_of(box.styles)) if part)
    elif box.styles != dict(found):
        style = style_of(box.styles)
    kind.written = _attributes(kind, box, style) + kind.after
    kind.stays = kind.tag + kind.written == kind.head


def _attributes(kind: Kind, box: Box, style: str) -> str:
    """As they go out: what nobody changed as it was written."""
    now = {**box.attributes, "class": " ".join(box.classes), "style": style}
    if box.classes == kind.given.get("class", "").split():
        now["class"] = kind.given.get("class", "")
    as_written = {found[1].lower(): found[0] for found in _ATTRIBUTE.finditer(kind.head)}
    order = (*kind.given, *(name for name in ("class", "style") if name not in kind.given))
    said = [
        as_written[name] if now.get(name) == kind.given.get(name) else f' {name}="{escape(now[name])}"'
        for name in order
        if now.get(name) or (name in now and name not in ("class", "style"))
    ]
    return "".join(said)
