"""Links: each leads somewhere, safely, and says where. What the other end answers is asked elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

from newsletter.issue.checks.mail import Fault, Field, Mail, Said, Spot
from newsletter.issue.checks.page import Link, read
from newsletter.issue.checks.phrases import in_language, words

_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})
#: Addresses for documentation: RFC 5737, 3849, 9637.
_BOOKS: Final = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    )
)
_ACTIVE: Final = frozenset({"javascript", "vbscript", "data"})
_HOST = re.compile(r"[^\s.@:/\\,;_]+(?:\.[^\s.@:/\\,;]+)*\.?", re.UNICODE)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def relative(mail: Mail) -> Iterator[Fault]:
    """Every link is absolute: from a mailbox a relative one leads nowhere."""
    for link, spot in _links(mail):
        if not _scheme(link.href) and link.href and not link.href.startswith("#"):
            fix = "write the whole address, from https:// on"
            yield Fault(
                spot, f"the link {_shown(link.href)} is relative: it leads nowhere from a mailbox", fix
            )


def placeholder(mail: Mail) -> Iterator[Fault]:
    """No link is empty or # : those are places that were to be filled in."""
    anchors = {e.get("id") or e.get("name") for e in read(mail.html).root.iter() if isinstance(e.tag, str)}
    for link, spot in _links(mail):
        if not link.href or (link.href.startswith("#") and link.href[1:] not in anchors - {None, ""}):
            said = f'"{link.text[:60]}"' if link.text else "without text"
            text = f"the link {said} leads to {link.href or 'nothing'}: an address was never filled in"
            yield Fault(spot, text, "write the address, or take the link away")


def malformed(mail: Mail) -> Iterator[Fault]:
    """Every link is an address that a mail program can open."""
    for link, spot in _links(mail):
        if why := _malformed(link.href):
            yield Fault(spot, f"the link {_shown(link.href)} {why}", "mend the address")


def plain_http(mail: Mail) -> Iterator[Fault]:
    """Every link to a site is encrypted: https."""
    for link, spot in _links(mail):
        if _scheme(link.href) == "http" and not _malformed(link.href) and not _own_computer(link.href):
            yield Fault(spot, f"the link {_shown(link.href)} is not encrypted", "write https://")


def own_computer(mail: Mail) -> Iterator[Fault]:
    """No link leads to localhost or into a private network: readers are not there."""
    for link, spot in _links(mail):
        if _own_computer(link.href):
            text = f"the link {_shown(link.href)} leads to the reader's own computer or network"
            yield Fault(spot, text, "write the public address")


def without_text(mail: Mail) -> Iterator[Fault]:
    """Every link has a text, or a picture with an alternative text."""
    for link, spot in _links(mail):
        if not link.text and link.href:
            text = f"the link to {_shown(link.href)} has no text: a screen reader reads out its address"
            yield Fault(spot, text, "write a text, an alt text or an aria-label")


def generic(mail: Mail) -> Iterator[Fault]:
    """The text of every link says where it leads, also when it is read alone."""
    vague = in_language("generic link text", mail.issue.language)
    for link, spot in _links(mail):
        if re.sub(r"[\s\W]+$|^[\W\s]+", "", link.text).casefold() in vague:
            text = f'the link text "{link.text}" does not say where it leads'
            yield Fault(spot, text, "name what is there; screen readers list links without their sentences")


def shortened(mail: Mail) -> Iterator[Fault]:
    """No link goes through a public shortener: spam filters do not trust them."""
    short = words("shorteners")
    for link, spot in _links(mail):
        if host(link.href).removeprefix("www.") in short:
            text = f"the link {_shown(link.href)} goes through a shortener: spam filters do not trust those"
            yield Fault(spot, text, "write the address that it leads to")


def host(url: str) -> str:
    """The host of an address, lower case; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_private(name: str) -> bool:
    """Whether a host is the computer itself or in a network that is not public."""
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal", ".lan")):
        return True
    try:
        address = ipaddress.ip_address(name)
        return address.is_multicast or not address.is_global
    except ValueError:
        return False


def _links(mail: Mail) -> Iterator[tuple[Link, Spot]]:
    """Each address once; addresses that act for one reader are our own and left out."""
    seen: set[tuple[str, str]] = set()
    for link in read(mail.html).links:
        key = (link.href, "" if _scheme(link.href) else link.text)
        if key not in seen and not (mail.unsubscribe and link.href.startswith(mail.unsubscribe)):
            seen.add(key)
            yield link, spot_of(mail, link.href)


def spot_of(mail: Mail, href: str) -> Spot:
    """Who wrote an address: the front matter of an article, its body, the configuration, or a template."""
    for card in mail.issue.cards:
        if card.url and href.partition("?")[0] == card.url.partition("?")[0]:
            return Field(card.path, "url")
    for article in mail.articles:
        if any(href in (block.target, *_hrefs(block.html)) for block in article.blocks):
            return Said(href, article.path)
    return Said(href if len(href) > 3 else f'"{href}"')


def _hrefs(html: str) -> list[str]:
    return [found.replace("&amp;", "&") for found in re.findall(r'href="([^"]*)"', html)]


def _scheme(href: str) -> str:
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", href)
    return found[1].lower() if found else ""


def _malformed(href: str) -> str:
    """What is wrong with an absolute address; empty when nothing is, or when another check says it."""
    scheme = _scheme(href)
    if not scheme or scheme in _ACTIVE or scheme in ("tel", "sms"):
        return ""
    if scheme not in _SCHEMES:
        return f"begins with {scheme}:, which mail programs do not open"
    if scheme == "mailto":
        return "" if _ADDRESS.fullmatch(href[7:].partition("?")[0]) else "has no mail address in it"
    return _malformed_web(href)


def _malformed_web(href: str) -> str:
    try:
        parts = urlsplit(href)
        name, _ = parts.hostname or "", parts.port
    except ValueError as wrong:
        return f"is no address: {wrong}"
    tests: tuple[tuple[Callable[[SplitResult], bool], str], ...] = (
        (lambda p: not name, "names no site"),
        (lambda p: name in ("http", "https"), "begins with https:// twice"),
        (lambda p: bool(re.search(r"\s|%20", p.netloc)), "has a space in the name of its site"),
        (
            lambda p: not p.netloc.startswith("[") and not _HOST.fullmatch(name),
            "has a name that no site can have",
        ),
        (
            lambda p: "." not in name and ":" not in name and name != "localhost",
            "names a site without an ending",
        ),
        (lambda p: "@" in p.netloc, "has a user name or password in it"),
        (lambda p: bool(re.search(r"\s", href)), "has a space in it"),
    )
    return next((why for is_so, why in tests if is_so(parts)), "")


def _own_computer(href: str) -> bool:
    name = host(href)
    return _scheme(href) in ("http", "https") and is_private(name) and not _is_of_books(name)


def _is_of_books(name: str) -> bool:
    """Whether a host is an address that stands for others in texts: it leads nobody home by mistake."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return any(address in network for network in _BOOKS)


def _shown(href: str) -> str:
    return href if len(href) <= 80 else href[:79] + "…"
