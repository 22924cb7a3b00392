"""Address of a page <-> how one looks at a mail. Every state of the view is an address: it can be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from newsletter.web.preview.readers import SAMPLES

TABS: Final = {"": "HTML", "text": "Text", "source": "Source", "message": "Message", "checks": "Checks"}
WIDTHS: Final = ("320", "375", "640", "full")
SCHEMES: Final = {"light": "Light", "dark": "Dark", "forced": "Forced dark"}
_NARROWEST, _WIDEST = 200, 2400
_LONGEST = 200

#: What is not asked for, and therefore not in an address.
_ORDINARY: Final = {
    "w": "640",
    "mail": "light",
    "images": "on",
    "styles": "on",
    "as_": "",
    "who": "",
    "find": "",
    "again": "",
    "of": "mjml",
    "over": "",
    "tried": "",
}

_NUMBER = re.compile(r"[0-9]{1,18}")  # what SQLite can count to


@dataclass(frozen=True, slots=True)
class View:
    """How one looks at one mail."""

    path: str  #: of the mail, without its tab: ``/n/weekly``, ``/i/weekly-2026-11-23``, ``/l/weekly/confirm``
    tab: str
    w: str  #: pixels, or ``full``
    mail: str  #: the colour scheme of the mail, whatever that of the page is
    images: str  #: ``on`` or ``off``
    styles: str  #: ``off``: without its style elements, as some readers of Gmail see it
    as_: str  #: id of a subscriber, or one of `SAMPLES`; empty: the ordinary sample person
    who: str  #: what is looked for among the subscribers
    find: str  #: what is looked for in the list
    again: str  #: ``1``: as if nothing had been sent yet
    of: str  #: ``mjml`` or ``html``: which source
    over: str  #: the errors that have been put aside
    tried: str  #: the test mail whose result is told

    @classmethod
    def of_request(cls, path: str, tab: str, asked: Mapping[str, str]) -> View:
        """What was asked for; the ordinary view where that is nonsense."""
        text = {name: asked.get(name.rstrip("_"), "").strip()[:_LONGEST] for name in _ORDINARY}
        return cls(
            path=path,
            tab=tab,
            w=_width(text["w"]),
            mail=text["mail"] if text["mail"] in SCHEMES else "light",
            images="off" if text["images"] == "off" else "on",
            styles="off" if text["styles"] == "off" else "on",
            as_=text["as_"] if text["as_"] in SAMPLES or _NUMBER.fullmatch(text["as_"]) else "",
            who=text["who"],
            find=text["find"],
            again="1" if text["again"] == "1" else "",
            of="html" if text["of"] == "html" else "mjml",
            over=text["over"],
            tried=text["tried"],
        )

    @property
    def asked(self) -> dict[str, str]:
        """What differs from the ordinary view, by the names in an address."""
        pairs = {name.rstrip("_"): getattr(self, name) for name in _ORDINARY}
        return {name: value for name, value in pairs.items() if value != _ordinary(name)}

    def link(self, **changes: Any) -> str:
        """The address of this view with these changes. What was said once is not said again."""
        other = replace(self, **{"who": "", "tried": "", "over": "", **changes})
        return other.address()

    def elsewhere(self, path: str) -> str:
        """The address of another mail, looked at in the same way."""
        return self.link(path=path, again="")

    def address(self, leaf: str | None = None) -> str:
        """The address of this very view, or of what belongs to it: its frame, its file."""
        tab = self.tab if leaf is None else leaf
        whole = f"{self.path}/{tab}" if tab else self.path
        return f"{whole}?{urlencode(self.asked)}" if self.asked else whole

    @property
    def frame(self) -> str:
        """The address of the mail itself, for the frame: only what changes its bytes is in it."""
        kept = {name: getattr(self, name) for name in ("mail", "images", "styles", "as_", "again")}
        return View.of_request(self.path, "", {k.rstrip("_"): v for k, v in kept.items()}).address("frame")

    def hidden(self, *but: str) -> tuple[tuple[str, str], ...]:
        """What a form must repeat so that its answer is looked at in the same way."""
        dropped = {*but, "who", "tried", "over"}
        return tuple((name, value) for name, value in self.asked.items() if name not in dropped)


def _ordinary(name: str) -> str:
    return _ORDINARY.get(name, _ORDINARY.get(f"{name}_", ""))


def _width(text: str) -> str:
    if text.isdecimal() and text.isascii() and len(text) < 6:
        return str(min(max(int(text), _NARROWEST), _WIDEST))
    return "full" if text == "full" else "640"
