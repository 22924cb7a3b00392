"""MJML -> its mistakes that MJML itself accepts in silence, reports without a place, or crashes on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from newsletter.issue.html_tags import NO_PARAGRAPH, VOID, read_otherwise
from newsletter.issue.mjml_safe import is_clean
from newsletter.issue.mjml_tags import ATTRIBUTES, CHILDREN, DEFAULTS, attributes_of, kind_of
from newsletter.issue.mjml_values import fits

#: Behind 250 levels of the finished page the inliner loses text; what MJML puts around is less than 50.
DEEPEST: Final = 200

#: In text these are dropped by one parser and kept by the next; MJML cannot be given the first and the last.
_UNFIT = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff]")
_NAME: Final = r"[a-zA-Z][\w:.-]*"
_QUOTED: Final = r""""[^"]*"|'[^']*'"""
_TOKEN: Final = re.compile(
    rf"""<!--(?P<comment>[^-]*(?:-(?!->)[^-]*)*)-->
    |<(?P<opaque>mj-style|style|script)(?![\w:.-])(?P<settings>[^<>"']*(?:(?:{_QUOTED})[^<>"']*)*)(?<!/)>
        (?P<inside>[^<]*(?:<(?!/(?P=opaque)\s*>)[^<]*)*)</(?P=opaque)\s*>
    |</(?P<close>{_NAME})[^<>"']*(?:(?:{_QUOTED})[^<>"']*)*>
    |<(?P<tag>{_NAME})(?P<attributes>[^<>"']*(?:(?:{_QUOTED})[^<>"']*)*)>
    |(?P<stray><(?:!--|!\[CDATA\[|!\[|[!?]|/?[a-zA-Z])?)""",
    re.DOTALL | re.VERBOSE | re.ASCII,
)
_ATTRIBUTE = re.compile(
    rf"""\s+(?P<name>{_NAME})(?:\s*=\s*(?:(?P<value>{_QUOTED})|(?P<bare>[^\s"'>]+)))?|(?P<junk>[^\s/]\S*)""",
    re.ASCII,
)
#: A tag that ends where its first ``>`` stands, without its ``<`` and ``>``; no style and no script.
_PLAIN = re.compile(
    rf"""/(?P<close>{_NAME})[^<>"']*(?:(?:{_QUOTED})[^<>"']*)*
    |(?!(?:mj-style|style|script)(?![\w:.-]))(?P<tag>{_NAME})(?P<attributes>[^<>"']*(?:(?:{_QUOTED})[^<>"']*)*)""",
    re.DOTALL | re.VERBOSE | re.ASCII,
)
_NARROW: Final = frozenset({"p", "a", "P", "A"})  #: in which HTML parsers do not take everything
_COMMENTED = re.compile("<!--.*?-->", re.DOTALL)
_PARTS: Final = frozenset({"mj-head", "mj-body"})
_STRAY: Final = {
    "<": "a bare < in the text; write &lt;",
    "<a": "this tag cannot be read; is a quote missing, or its >?",
    "<!--": "this comment is never closed",
    "<![CDATA[": "MJML takes no CDATA; write the text as it is, with &lt; for <",
    "<![": "write a condition for Outlook as a comment: <!--[if mso]> … <![endif]-->",
    "<!": "no doctype belongs here: <mjml> comes first, and the page gets its doctype by itself",
    "<?": "no XML declaration belongs here: <mjml> comes first",
}


class Fault(NamedTuple):
    """A mistake, and how many characters into the MJML it stands."""

    offset: int
    reason: str


class Read(NamedTuple):
    """What one walk over MJML finds."""

    faults: tuple[Fault, ...]
    #: Where tags begin of which MJML may not print all as it is; behind the last fault, none.
    unclean: tuple[int, ...]


_Open = tuple[str, int]  # a tag, and where it stands


class _Tag(NamedTuple):
    """What a tag says, whatever stands around its parent."""

    tag: str
    attributes: str
    closes: bool
    opens: bool
    faulty: bool
    clean: bool


def lint(mjml: str) -> tuple[Fault, ...]:
    """The mistakes in order. A tag that is closed in the wrong place is the last one told."""
    return read(mjml).faults


def read(mjml: str) -> Read:
    """The mistakes of :func:`lint`, and the tags that are to be mended for MJML."""
    unclean: list[int] = []
    return Read(tuple(_walk(mjml, unclean)), tuple(unclean))


def _walk(mjml: str, unclean: list[int]) -> Iterator[Fault]:
    if unfit := _UNFIT.search(mjml):
        yield Fault(unfit.start(), f"no page may have the character U+{ord(unfit[0]):04X}")
    stack: list[_Open] = []
    first, *pieces = mjml.split("<")
    following, at, roots, narrow, parent, parts = len(first), 0, 0, 0, "", set[str]()
    only_tags = True  #: may stand here
    for piece in pieces:
        begin, following = following, following + 1 + len(piece)
        if begin < at:
            continue  # inside of what was taken whole
        if begin > at and only_tags and not (text := mjml[at:begin]).isspace():
            yield _text(text, at, parent)
        head, ended, _ = piece.partition(">")
        one = _read(head, parent) if ended else None
        if one is None:
            token: re.Match[str] = _TOKEN.match(mjml, begin)  # type: ignore[assignment]  # a stray < is one
            at = token.end()
            if token.lastgroup not in ("close", "attributes"):
                if token["opaque"]:
                    unclean.append(begin)
                yield from _other(token, parent)
                continue
            one = _of_token(token, parent)
        else:
            at = begin + len(head) + 2
        tag, attributes, closes, opens, faulty, clean = one
        if closes:
            if tag != parent:
                yield _misplaced(tag, stack, begin)
                return
            stack.pop()
            narrow -= parent in _NARROW
            parent = stack[-1][0] if stack else ""
            only_tags = parent in CHILDREN
            continue
        roots += not stack
        if not clean:
            unclean.append(begin)
        if faulty or narrow or roots > 1:
            yield from _opening(tag, attributes, begin, stack, roots)
        if tag in _PARTS:
            if tag in parts:
                yield Fault(begin, f"a second <{tag}>; there is one of each")
            parts.add(tag)
        if opens:
            stack.append((tag, begin))
            parent = tag
            narrow += parent in _NARROW
            only_tags = parent in CHILDREN
        if len(stack) > DEEPEST:
            yield Fault(begin, f"<{tag}> is nested more than {DEEPEST} levels deep")
            return
    if only_tags and mjml[at:].strip():
        yield _text(mjml[at:], at, parent)
    for tag, offset in stack[-1:]:
        yield Fault(offset, f"<{tag}> is never closed")


@lru_cache(maxsize=4096)
def _read(head: str, parent: str) -> _Tag | None:
    """What stands between ``<`` and ``>``, if it is a tag by itself: most are written often."""
    token = _PLAIN.fullmatch(head)
    return _of_token(token, parent) if token else None


def _of_token(token: re.Match[str], parent: str) -> _Tag:
    if token["close"]:
        return _Tag(token["close"], "", True, False, False, True)
    tag, attributes = token["tag"], token["attributes"]
    opens = not attributes.endswith("/") and tag.lower() not in VOID
    faulty = bool(_of_tag(tag, attributes, parent))
    return _Tag(tag, attributes, False, opens, faulty, is_clean(tag + attributes))


# ── what stands between the tags ────────────────────────────────────────────


def _text(text: str, begin: int, parent: str) -> Fault:
    """Text where only tags may stand."""
    offset = begin + len(text) - len(text.lstrip())
    if not parent:
        return Fault(offset, "text outside <mjml>; nothing may stand before or after it")
    return Fault(offset, f"text directly in <{parent}> is not shown in its place; put it into <mj-text>")


def _other(token: re.Match[str], parent: str) -> Iterator[Fault]:
    """Comments, styles, scripts, and what is none of all."""
    if token["stray"]:
        yield Fault(token.start(), _STRAY.get(token["stray"]) or _STRAY["<a"])
    elif token["opaque"]:
        yield from _placed(token["opaque"], parent, token.start())
        yield from _attributes(token["opaque"], token["settings"], token.start("settings"))
        inside = token["inside"]
        if token["opaque"] == "style":  # in which comments are for browsers of the last century
            inside = _COMMENTED.sub(lambda found: "-" * len(found[0]), inside)
        if "<" in inside:
            offset = token.start("inside") + inside.index("<")
            yield Fault(offset, f"MJML takes no < inside <{token['opaque']}>")
    elif token["comment"].startswith((">", "->")) or "--!>" in token["comment"]:
        yield Fault(token.start(), "for HTML parsers this comment ends before its -->")
    elif not token["comment"].startswith("[") and "--" in f"{token['comment']}-":
        yield Fault(token.start(), "a comment may not have -- in it, nor end in -")


def _misplaced(tag: str, stack: list[_Open], offset: int) -> Fault:
    """A closing tag that does not close what was opened last."""
    if tag.lower() in VOID:
        return Fault(offset, f"</{tag}> closes nothing; write <{tag}>")
    if any(tag == each for each, _ in stack):
        name, opened = stack[-1]
        return Fault(opened, f"<{name}> is not closed before </{tag}>")
    return Fault(offset, f"</{tag}> closes nothing")


# ── tags ────────────────────────────────────────────────────────────────────


def _opening(tag: str, attributes: str, offset: int, stack: list[_Open], roots: int) -> Iterable[Fault]:
    parent = stack[-1][0] if stack else ""
    if roots > 1 and not stack and (tag in ATTRIBUTES or not tag.lower().startswith("mj")):
        reason = f"<{tag}> after the end of <mjml>; there is one <mjml>, and all is inside"
        return (Fault(offset, reason),)
    found = _of_tag(tag, attributes, parent)
    moved = (Fault(offset + fault.offset, fault.reason) for fault in found)
    return (*moved, *_html(tag, stack, offset))


@lru_cache(maxsize=4096)
def _of_tag(tag: str, attributes: str, parent: str) -> tuple[Fault, ...]:
    """What can be said of a tag without its surroundings, from its `<` on: most tags are written often."""
    if parent == "mj-attributes":
        known: Iterable[str] = (*ATTRIBUTES, *DEFAULTS)
    elif tag.lower().startswith("mj"):
        known = ATTRIBUTES
    else:
        known = ()
    if known and tag not in known:
        return (Fault(0, _unknown_tag(tag, known)),)
    found = [
        *_placed(tag, parent, 0),
        *(Fault(0, reason) for reason in read_otherwise(tag, parent)),
        *_attributes(tag, attributes, len(tag) + 1),
    ]
    if tag == "mj-social-element" and not re.search(r"\ssrc\s*=", attributes):
        reason = "<mj-social-element> needs a src: without one its icon is loaded from mailjet.com"
        found.append(Fault(0, reason))
    return tuple(found)


def _placed(tag: str, parent: str, offset: int) -> Iterator[Fault]:
    """A tag where its parent does not take it."""
    inside = CHILDREN.get(parent)
    if inside is not None and tag not in inside:
        wanted = f"; there may be {', '.join(f'<{name}>' for name in sorted(inside))}" if inside else ""
        where = f"directly in <{parent}>" if parent else "outside <mjml>"
        yield Fault(offset, f"<{tag}> may not stand {where}{wanted}")
    elif inside is None and parent != "mj-attributes" and tag in ATTRIBUTES:
        yield Fault(offset, f"<{tag}> inside <{parent}> stays as it is: in there is HTML, not MJML")


def _html(tag: str, stack: list[_Open], offset: int) -> Iterator[Fault]:
    """What HTML parsers take apart."""
    around, tag = [each.lower() for each, _ in stack], tag.lower()
    if tag == "table" and "a" in around:
        yield Fault(offset, "<table> inside <a>: the link would be empty; put the link into the cells")
    if tag == "a" and "a" in around:
        yield Fault(offset, "<a> inside <a>: the first link ends where the second begins")
    if tag in NO_PARAGRAPH and "p" in around:
        yield Fault(stack[around.index("p")][1], f"<p> is not closed before <{tag}>, which ends it")


def _attributes(tag: str, text: str, offset: int) -> Iterator[Fault]:
    ours, seen = tag in ATTRIBUTES or tag in DEFAULTS, set()
    for each in _ATTRIBUTE.finditer(text):
        name, at = each["name"], offset + each.start("junk" if each["junk"] else "name")
        if each["junk"]:
            yield Fault(at, f'<{tag}>: cannot read {each["junk"][:40]!r}; attributes are name="value"')
            return
        if name.lower() in seen:
            yield Fault(at, f"<{tag}> has the attribute {name} twice")
        elif each["bare"]:
            yield Fault(at, f'<{tag}>: a value stands in quotes: {name}="{each["bare"]}"')
        elif ours:
            yield from _attribute(tag, name, each["value"], at)
        seen.add(name.lower())


def _attribute(tag: str, name: str, value: str | None, offset: int) -> Iterator[Fault]:
    known = attributes_of(tag)
    if name not in known:
        yield Fault(offset, f"<{tag}> has an {_unknown('attribute', name, known)}")
    elif value is None:
        yield Fault(offset, f"<{tag}>: the attribute {name} has no value")
    elif (kind := kind_of(tag, name)) and not fits(value[1:-1], kind):
        yield Fault(offset, f"<{tag}> has {name}={value}; write {kind}")


def _unknown_tag(tag: str, known: Iterable[str]) -> str:
    if tag == "mj-include":
        return 'there is no <mj-include>; write {% include "parts/name.mjml.j2" %}'
    return _unknown("tag", tag, known)


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.lower(), sorted(known), n=1)
    return f'unknown {kind} "{name}"' + (f', did you mean "{near[0]}"?' if near else "")
