"""An address that an author wrote -> the one that the mail links to.

A mail opens http and https only; links to the publication's own host carry the newsletter's parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote_plus, urlsplit
from zoneinfo import ZoneInfo

from newsletter.issue.theme import Site
from newsletter.model import Issue

Link = Callable[[str], str]  #: an outside address -> the one to show; empty when a mail cannot open it

#: What may stand in braces in the value of a link parameter.
PLACEHOLDERS: Final = ("newsletter", "issue", "date")
_USUAL = re.compile(r"""[^\x00-\x20"<>\\^`{|}\x7f-\U0010ffff]*""")
_BRACES = re.compile(r"\{([^{}]*)\}")


def web_address(url: str) -> str:
    """The address if a mail can open it, ASCII and without spaces; else empty.

    Only http and https: a relative address leads nowhere from a mailbox, and ``javascript:`` must not.
    """
    cleaned = url.strip()
    if not cleaned.lower().startswith(("http://", "https://")):
        return ""
    return _ascii(cleaned)


def _ascii(address: str) -> str:
    if _USUAL.fullmatch(address):
        return address
    return "".join(_encoded(character) for character in address)


def any_address(url: str, link: Link) -> str:
    """As `link`, and ``mailto:`` and ``tel:`` as they are."""
    cleaned = url.strip()
    if cleaned.lower().startswith(("mailto:", "tel:")):
        return _ascii(cleaned)
    return link(cleaned)


def unknown_placeholders(value: str) -> tuple[str, ...]:
    """What stands in braces in a parameter's value and means nothing."""
    return tuple(name for name in _BRACES.findall(value) if name not in PLACEHOLDERS)


def linker(issue: Issue, site: Site) -> Link:
    """The way in which links of this issue are written.

    A link to the host of ``site.url`` (with or without ``www.``) gets the site's link parameters: its own
    query stays as it is and wins over a parameter of the same name, its fragment stays last.
    """
    filled = {
        "newsletter": issue.newsletter,
        "issue": issue.id,
        "date": issue.date.astimezone(ZoneInfo(site.timezone)).date().isoformat(),
    }
    params = tuple(
        (name, _BRACES.sub(lambda found: filled.get(found[1], found[0]), value))
        for name, value in site.link_params
    )
    host = _host(site.url)

    def link(url: str) -> str:
        address = web_address(url)
        return tagged(address, params) if params and host and _host(address) == host else address

    return link


def tagged(address: str, params: tuple[tuple[str, str], ...]) -> str:
    """The address with these parameters behind its own."""
    before, hash_, fragment = address.partition("#")
    path, _, query = before.partition("?")
    own = {unquote_plus(part.partition("=")[0]) for part in query.split("&")}
    more = (f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params if name not in own)
    joined = "&".join(part for part in (query.rstrip("&"), *more) if part)
    return f"{path}?{joined}{hash_}{fragment}" if joined else address


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return (parts.hostname or "").removeprefix("www.") + port


def _encoded(character: str) -> str:
    if "!" <= character <= "~" and character not in '"<>\\^`{|}':
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
