"""A mail's HTML -> the copy of it in the frame: what one mail program or another would make of it.

Only this copy is changed; the Source and Message tabs show the true bytes. What a mail contains is hostile:
the frame has neither scripts nor an origin, and loads nothing but pictures.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from typing import Final
from urllib.parse import quote, unquote

from newsletter.web.preview.views import View

_CID = re.compile(r"\bcid:([^\"'\s)<>]+)", re.IGNORECASE)
_HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)
_HEAD_END = re.compile(r"</head\s*>", re.IGNORECASE)
_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style\s*>)", re.IGNORECASE | re.DOTALL)
_MEDIA = re.compile(r"(\smedia=)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_SCHEME_META = re.compile(r"<meta\b[^>]*\bname=[\"']?(supported-)?color-schemes?\b[^>]*>", re.IGNORECASE)
_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_SCHEME_RULE = re.compile(r"(?<![\w-])((?:supported-)?color-schemes?\s*:)[^;}]*", re.IGNORECASE)
_ALWAYS: Final = "(min-width:0)"
_NEVER: Final = "(max-width:0)"
#: Programs that turn colours by themselves leave pictures as they are: they are turned back here.
_TURNED: Final = "<style data-preview>img,video{filter:invert(1) hue-rotate(180deg)!important}</style>"
#: A picture that comes late must not move what the browser has put back where it was.
_STEADY: Final = "<style data-preview>html{overflow-anchor:none}</style>"
#: Links open a tab of their own, and what they open is an ordinary page again.
_SANDBOX: Final = "sandbox allow-popups allow-popups-to-escape-sandbox"


def framed(mail: str, view: View, pictures: str, names: Collection[str], hosted: str = "") -> str:
    """The HTML of a mail for the frame of this view.

    Pictures come from below `pictures`: those that travel (``cid:``) by their names, and those that will be
    `hosted` below an address of ours which may not be served yet.
    """
    text = _STYLE.sub("", mail) if view.styles == "off" else mail
    text = _with_scheme(text, "dark" if view.mail == "dark" else "light")
    text = _CID.sub(lambda found: _local(found, pictures, names), text)
    if hosted:
        text = text.replace(f'"{hosted}/', f'"{pictures}')
    text = _HEAD.sub(r'\g<0><base target="_blank">', text, count=1)
    ours = _STEADY + (_TURNED if view.mail == "forced" else "")
    return _HEAD_END.sub(ours + r"\g<0>", text, count=1)


def policy(here: str, pictures: str, view: View) -> str:
    """The Content-Security-Policy of the frame. It has no origin, so that ``'self'`` would be nobody."""
    sources = "'none'" if view.images == "off" else f"data: https: {pictures}"
    return (
        f"default-src 'none'; img-src {sources}; style-src 'unsafe-inline'; form-action 'none'; "
        f"base-uri 'none'; frame-ancestors {here}; {_SANDBOX}"
    )


def _with_scheme(text: str, scheme: str) -> str:
    """The mail's own rules for a scheme, decided: not every browser tells a frame which one is meant."""

    def decided(found: re.Match[str]) -> str:
        return _ALWAYS if found[1].lower() == scheme else _NEVER

    def styled(found: re.Match[str]) -> str:
        rules = _SCHEME_RULE.sub(rf"\g<1> {scheme}", _PREFERS.sub(decided, found[2]))
        return found[1] + rules + found[3]

    text = _STYLE.sub(styled, text)
    text = _MEDIA.sub(lambda found: found[1] + _PREFERS.sub(decided, found[2]), text)
    return _SCHEME_META.sub(f'<meta name="color-scheme" content="{scheme}">', text)


def _local(found: re.Match[str], pictures: str, names: Collection[str]) -> str:
    name = unquote(html.unescape(found[1])).partition("@")[0]
    return f"{pictures}{quote(name, safe='')}" if name in names else found[0]
