"""MJML -> its mistakes that MJML itself accepts in silence or reports without a place.

The tables are those of MJML 5 less what its Rust implementation does not know (mj-html-attributes, mj-include
is left to Jinja's ``include``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_PADDING: Final = "padding padding-top padding-bottom padding-left padding-right"
_BORDER: Final = "border border-top border-bottom border-left border-right border-radius"
_FONT: Final = "color font-family font-size font-style font-weight letter-spacing line-height"
_BOX: Final = f"{_PADDING} container-background-color align"
_SECTION: Final = (
    f"{_PADDING} {_BORDER} background-color background-url background-repeat background-size "
    "background-position background-position-x background-position-y direction full-width text-align"
)
_ACCORDION: Final = (
    "border font-family icon-align icon-width icon-height icon-wrapped-url icon-wrapped-alt "
    "icon-unwrapped-url icon-unwrapped-alt icon-position"
)
_NAVBAR: Final = (
    "base-url hamburger ico-align ico-open ico-close ico-color ico-font-size ico-font-family ico-line-height "
    "ico-text-transform ico-text-decoration ico-padding ico-padding-top ico-padding-right ico-padding-bottom "
    "ico-padding-left align"
)
_THUMBS: Final = "tb-border tb-border-radius"

ATTRIBUTES: Final = {
    "mjml": "lang dir owa",
    "mj-head": "",
    "mj-attributes": "",
    "mj-title": "",
    "mj-preview": "",
    "mj-breakpoint": "width",
    "mj-font": "name href",
    "mj-style": "inline",
    "mj-raw": "position",
    "mj-body": "width background-color",
    "mj-wrapper": f"{_SECTION} gap",
    "mj-section": f"{_SECTION} text-padding",
    "mj-group": "background-color direction vertical-align width",
    "mj-column": f"{_PADDING} {_BORDER} background-color direction vertical-align width "
    "inner-background-color " + " ".join(f"inner-{name}" for name in _BORDER.split()),
    "mj-hero": f"{_PADDING} mode height background-url background-width background-height "
    "background-position background-color border-radius vertical-align inner-background-color inner-padding "
    + " ".join(f"inner-{name}" for name in _PADDING.split()),
    "mj-text": f"{_BOX} {_FONT} background-color height text-decoration text-transform vertical-align",
    "mj-image": f"{_BOX} {_BORDER} alt href name src srcset sizes title rel fluid-on-mobile target "
    "width height max-height font-size usemap",
    "mj-button": f"{_BOX} {_BORDER} {_FONT} background-color height href name title inner-padding rel "
    "target text-align text-decoration text-transform vertical-align width",
    "mj-divider": f"{_BOX} border-color border-style border-width width",
    "mj-spacer": f"{_PADDING} border border-top border-bottom border-left border-right "
    "container-background-color height",
    "mj-table": f"{_BOX} {_FONT} border cellpadding cellspacing role table-layout vertical-align width",
    "mj-social": f"{_BOX} {_FONT} border border-radius icon-size icon-height icon-padding inner-padding "
    "mode table-layout text-padding text-decoration vertical-align",
    "mj-social-element": f"{_PADDING} {_FONT} align icon-position background-color border border-radius href "
    "icon-size icon-height icon-padding name text-padding rel src srcset sizes alt title target "
    "text-decoration vertical-align",
    "mj-navbar": f"{_PADDING} {_NAVBAR}",
    "mj-navbar-link": f"{_PADDING} {_FONT} href name target rel text-decoration text-transform",
    "mj-accordion": f"{_PADDING} {_ACCORDION} container-background-color",
    "mj-accordion-element": f"{_ACCORDION} background-color",
    "mj-accordion-title": f"{_PADDING} {_FONT} background-color",
    "mj-accordion-text": f"{_PADDING} {_FONT} background-color",
    "mj-carousel": f"{_BOX} {_THUMBS} border-radius icon-width left-icon right-icon thumbnails "
    "tb-hover-border-color tb-selected-border-color tb-width",
    "mj-carousel-image": f"{_THUMBS} alt href rel target title src thumbnails-src border-radius",
}
_EVERYWHERE: Final = frozenset({"css-class", "mj-class"})
#: In ``mj-attributes`` any component stands for its defaults, and these two besides.
_ONLY_IN_ATTRIBUTES: Final = frozenset({"mj-all", "mj-class"})

_VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)

_SKIP = r"<!--.*?-->|<(?P<opaque>mj-style|style)\b[^>]*>.*?</(?P=opaque)\s*>"
_NAME = r"[a-zA-Z][\w:-]*"
_TOKEN: Final = re.compile(
    rf"""{_SKIP}|<(?P<close>/?)(?P<tag>{_NAME})(?P<attributes>[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"""\s(?P<name>{_NAME})\s*(?:=\s*(?:"[^"]*"|'[^']*'))?""")


class Fault(NamedTuple):
    """A mistake, and how many characters into the MJML it stands."""

    offset: int
    reason: str


def lint(mjml: str) -> Iterator[Fault]:
    """The mistakes in order: unknown tags and attributes, tags that are not closed or closed twice."""
    open_tags: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(mjml):
        tag = token["tag"]
        if tag is None:
            continue
        if token["close"]:
            fault = _closing(tag, open_tags, token.start())
            if fault:
                yield fault
                return
            continue
        if tag == "mjml" or tag.startswith("mj-"):
            yield from _opening(
                token, inside_defaults="mj-attributes" in (name for name, _ in open_tags[-1:])
            )
        if tag.lower() not in _VOID and not token["attributes"].endswith("/"):
            open_tags.append((tag, token.start()))
    for tag, offset in open_tags[-1:]:
        yield Fault(offset, f"<{tag}> is never closed")


def _closing(tag: str, open_tags: list[tuple[str, int]], offset: int) -> Fault | None:
    if open_tags and open_tags[-1][0] == tag:
        open_tags.pop()
        return None
    if any(tag == name for name, _ in open_tags):
        name, opened = open_tags[-1]
        return Fault(opened, f"<{name}> is not closed before </{tag}>")
    return Fault(offset, f"</{tag}> closes nothing")


def _opening(token: re.Match[str], *, inside_defaults: bool) -> Iterator[Fault]:
    tag = token["tag"]
    if inside_defaults:
        if tag not in ATTRIBUTES and tag not in _ONLY_IN_ATTRIBUTES:
            yield Fault(token.start(), _unknown("tag", tag, [*ATTRIBUTES, *_ONLY_IN_ATTRIBUTES]))
        return
    if tag not in ATTRIBUTES:
        yield Fault(token.start(), _unknown("tag", tag, list(ATTRIBUTES)))
        return
    known = {*ATTRIBUTES[tag].split(), *_EVERYWHERE}
    for attribute in _ATTRIBUTE.finditer(token["attributes"]):
        name = attribute["name"]
        if name not in known:
            at = token.start("attributes") + attribute.start("name")
            yield Fault(at, f"<{tag}> has an {_unknown('attribute', name, sorted(known))}")


def _unknown(kind: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f'unknown {kind} "{name}"' + (f', did you mean "{near[0]}"?' if near else "")
