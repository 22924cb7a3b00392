"""Final HTML -> how much of it each mail program shows, by what caniemail has tested.

The table is derived from caniemail's data (MIT, Rémi Parmentier) by ``benchmarks/derive_support.py``: for
each feature and client the answer for the newest version that was tested.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

import lxml.html

from newsletter.issue.checks.page import parsed

_WORTH: Final = {"y": 1.0, "a": 0.5, "n": 0.0}
_DECLARATION = re.compile(r"([a-zA-Z-]+)\s*:\s*([^;{}]+)")
_MEDIA = re.compile(r"@media[^{]*")
_UNITS: Final = {
    unit: re.compile(r"\d%" if unit == "percent" else rf"\d{unit}\b")
    for unit in ("rem", "vw", "vh", "em", "percent", "px", "pt")
}
_AT_RULES: Final = {
    "@font-face": "css-at-font-face",
    "@import": "css-at-import",
    "@supports": "css-at-supports",
}
#: The programs that most people read mail with.
LARGE: Final = {
    "gmail.desktop-webmail": "Gmail",
    "gmail.android": "Gmail Android",
    "apple-mail.ios": "Apple Mail iOS",
    "outlook.outlook-com": "Outlook.com",
    "outlook.windows": "Outlook Windows",
    "yahoo.desktop-webmail": "Yahoo",
}
#: Attributes that share their name with an element or with something else that was tested.
_OTHER_THINGS: Final = frozenset({"style", "title", "cite", "summary"})


class Table(NamedTuple):
    """What was tested, and what came of it."""

    clients: tuple[str, ...]
    titles: Mapping[str, str]
    letters: Mapping[str, str]  #: by feature: one of ``yanu`` for each client


@lru_cache(1)
def table() -> Table:
    """The table that ships with us."""
    found = json.loads(files(__package__).joinpath("support.json").read_text("utf-8"))
    features = found["features"]
    return Table(
        clients=tuple(found["clients"]),
        titles={feature: title for feature, (title, _) in features.items()},
        letters={feature: letters for feature, (_, letters) in features.items()},
    )


def scores(html: str) -> Mapping[str, float]:
    """Client, such as ``gmail.desktop-webmail`` -> how much of `html` it shows, from 0 to 100.

    Each use of a feature counts 1 where the newest tested version shows it, 0.5 where it shows it partly, 0
    where it does not, and not at all where nobody knows. A client of which nothing is known is left out.
    """
    used = features(html)
    found = {client: _score(used, number) for number, client in enumerate(table().clients)}
    return {client: score for client, score in found.items() if score is not None}


def unsupported(html: str, client: str) -> tuple[str, ...]:
    """The features that `html` uses and `client` does not show, most used first. ValueError for a client
    that is not in the table."""
    number = table().clients.index(client)
    return tuple(f for f, _ in features(html).most_common() if table().letters[f][number] == "n")


def _score(used: Counter[str], client: int) -> float | None:
    worth = [(_WORTH[letter], n) for f, n in used.items() if (letter := table().letters[f][client]) != "u"]
    total = sum(n for _, n in worth)
    return 100 * sum(share * n for share, n in worth) / total if total else None


@lru_cache(8)
def features(html: str) -> Counter[str]:
    """How often `html` uses each feature that was tested."""
    used = Counter(_used(parsed(html)))
    return Counter({feature: n for feature, n in used.items() if feature in table().letters})


def _used(page: lxml.html.HtmlElement) -> Iterator[str]:
    for element in page.iter():
        if isinstance(element.tag, str):
            yield f"html-{element.tag}"
            yield from _attributes(element)
            yield from _declared(element.get("style", ""))
    yield from _style_sheet("\n".join(style.text or "" for style in page.iter("style")))


def _attributes(element: lxml.html.HtmlElement) -> Iterator[str]:
    for name in element.attrib:
        if name not in _OTHER_THINGS:
            longer = f"html-{name}-attribute"
            yield longer if longer in table().letters else f"html-{name}"


def _style_sheet(css: str) -> Iterator[str]:
    for media in _MEDIA.findall(css):
        yield "css-at-media"
        if "prefers-color-scheme" in media:
            yield "css-at-media-prefers-color-scheme"
    yield from _declared(re.sub(r"@media[^{]*\{", "", css))
    for rule, feature in _AT_RULES.items():
        yield from [feature] * css.count(rule)


def _declared(css: str) -> Iterator[str]:
    for name, value in _DECLARATION.findall(css):
        yield f"css-{name.lower()}"
        yield from (f"css-unit-{unit}" for unit, pattern in _UNITS.items() if pattern.search(value))
        if "linear-gradient" in value:
            yield "css-linear-gradient"
        if "!important" in value:
            yield "css-important"
        if name.lower() == "display" and value.strip().startswith("none"):
            yield "css-display-none"
