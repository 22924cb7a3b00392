"""One value of config.toml -> the same value, checked or parsed.

Each function raises ValueError with the whole sentence: what the value should be, and what stands there.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from newsletter.audience.subscriptions import LONGEST_TOPIC

_SECRET = re.compile(r"password|secret|token|api_?key", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_MAILBOX = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^<>"]*?))\s*<(?P<address>[^<>]*)>\s*')
_DURATION = re.compile(r"([0-9]{1,5})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address, as in ``Ida Vang <ida@slowpost.example>``; the name may be empty."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the ``@``."""
        return self.address.rpartition("@")[2]

    def __str__(self) -> str:
        if not self.name:
            return self.address
        quote = '"' if re.search(r"[^\w\s!#$%&'*+/=?^`{|}~-]", self.name) else ""
        return f"{quote}{self.name}{quote} <{self.address}>"


def is_secret(key: object) -> bool:
    """Whether the value of a key so named must never be shown."""
    return bool(_SECRET.search(str(key)))


def shown(value: object) -> str:
    """`value` as it stands in the file, short and on one line."""
    if isinstance(value, int) and abs(value) >= 10**30:
        return "a very large number"
    if isinstance(value, bool | int | float | str):
        text = printable(json.dumps(value, ensure_ascii=False))
        return text if len(text) <= 60 else f"{text[:56]}…{text[-1]}"
    kinds = {dict: "a table", list: "a list", tuple: "a list", type(None): "nothing"}
    return kinds.get(type(value), f"the date or time {value}")


def printable(text: str) -> str:
    """`text` without anything that a terminal would act upon or hide."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """``, did you mean "…"?`` for the nearest of `choices`, or nothing."""
    near = nearest(word, choices)
    return f', did you mean "{near}"?' if near else ""


def nearest(word: str, choices: Iterable[str]) -> str:
    """The one of `choices` that `word` was most likely meant to be; empty when none is near."""
    folded = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(word.casefold().replace("-", "_"), folded, n=1, cutoff=0.6)
    found = found or difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def one_line(text: str) -> str:
    """Text that may enter a header, a path or a page title: no line breaks, no control characters."""
    if _CONTROL.search(text):
        raise ValueError(f"should be one line of text without control characters, got {shown(text)}")
    return text


def filled(text: str) -> str:
    """One line of text that says something."""
    if not text.strip():
        raise ValueError("should not be empty")
    return one_line(text)


def address(text: str) -> str:
    """An address as in RFC 5321, ASCII, at most 254 characters."""
    match = _ADDRESS.fullmatch(text)
    if match is None or len(match["local"]) > 64 or len(text) > 254:
        ascii_only = "" if text.isascii() else " (write a domain with other letters in its xn-- form)"
        raise ValueError(f'should be an address such as "ida@example.org", got {shown(text)}{ascii_only}')
    return text


def mailbox(value: object) -> Mailbox:
    """``Name <address>``, ``"Last, First" <address>`` or an address alone."""
    if isinstance(value, Mailbox):
        return value
    wanted = f'should be "Name <address>" such as "Ida Vang <ida@example.org>", got {shown(value)}'
    if not isinstance(value, str) or _CONTROL.search(value):
        raise ValueError(wanted)
    match = _MAILBOX.fullmatch(value)
    found = (
        Mailbox((match["quoted"] or match["plain"] or "").strip(), match["address"].strip())
        if match
        else None
    )
    found = found or Mailbox("", value.strip())
    try:
        address(found.address)
    except ValueError:
        raise ValueError(wanted) from None
    return found


def website(text: str) -> str:
    """An absolute http or https address, without the slash at its end."""
    wrong = f'should be an address such as "https://example.org", got {shown(text)}'
    try:
        parts = urlsplit(one_line(text))
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError(wrong) from None
    if "@" in parts.netloc:
        raise ValueError("should not carry a user name or password")
    if not usable or parts.query or parts.fragment or " " in text:
        raise ValueError(wrong)
    return text.rstrip("/")


def public_url(text: str) -> str:
    """Where readers reach the subscriber pages: https, or http on this machine (RFC 8058 asks for https)."""
    url = website(text)
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f"should begin with https:// (http is for this machine only), got {shown(text)}")
    return url


def site_origin(text: str) -> str:
    """A site as browsers name it in ``Origin``: scheme, host and perhaps a port (RFC 6454)."""
    parts = urlsplit(website(text))
    if parts.path.strip("/") or parts.query or parts.username:
        raise ValueError(f'should be a site only, such as "https://example.org", got {shown(text)}')
    return f"{parts.scheme}://{parts.netloc}".lower()


def network(text: str) -> str:
    """An IP address, or a network as ``10.0.0.0/8``."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        example = '"127.0.0.1" or "10.0.0.0/8"'
        raise ValueError(f"should be an address or a network such as {example}, got {shown(text)}") from None


def topic(text: str) -> str:
    """A topic as readers may choose it: words with single blanks between them."""
    if not text or text != " ".join(text.split()) or len(text) > LONGEST_TOPIC:
        raise ValueError(
            f"should be 1 to {LONGEST_TOPIC} characters without blanks around, got {shown(text)}"
        )
    return text


def is_loopback(host: str) -> bool:
    """Whether `host` is this computer."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(text: str) -> str:
    """``host:port``; an IPv6 host stands in brackets."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})", text)
    if match is None or int(match[2]) > 65535:
        raise ValueError(f'should be an address and a port such as "127.0.0.1:8765", got {shown(text)}')
    return text


def zone(text: str) -> str:
    """The name of an IANA time zone that this machine knows."""
    try:
        if text not in ("localtime", "posixrules"):
            ZoneInfo(text)
            return text
    except (OSError, KeyError, ValueError):
        pass
    near = nearest(text, available_timezones())
    hint = f', did you mean "{near}"?' if near else ""
    raise ValueError(f'should be a time zone such as "Europe/Copenhagen", got {shown(text)}{hint}')


def language(text: str) -> str:
    """A BCP 47 tag, by its shape."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f'should be a language tag such as "en" or "pt-BR", got {shown(text)}')
    return text


def colour(text: str) -> str:
    """``#rrggbb``; the short ``#rgb`` is written out, because some mail programs know only the long form."""
    if re.fullmatch(r"#[0-9A-Fa-f]{3}", text):
        return "#" + "".join(digit * 2 for digit in text[1:])
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        raise ValueError(f'should be a colour such as "#0B6B5E", got {shown(text)}')
    return text


def duration(value: object) -> timedelta:
    """``15m``, ``36h``, ``3d``."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError(f'should be a time span such as "15m", "36h" or "3d", got {shown(value)}')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def duration_text(span: timedelta) -> str:
    """`span` as `duration` reads it, in hours unless it does not come out even."""
    seconds = int(span.total_seconds())
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def newsletter_name(text: str) -> str:
    """A name that is safe in a file name, an issue id, a List-Id and a variable."""
    if not _NAME.fullmatch(text):
        fitting = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        hint = f'; try "{fitting}"' if fitting else ""
        raise ValueError(f"a newsletter's name has only small letters, digits and hyphens{hint}")
    return text


def sender_name(text: str) -> str:
    """The name of one of several senders: as a newsletter's, for it stands in variables too."""
    if not _NAME.fullmatch(text):
        raise ValueError("a sender's name has only small letters, digits and hyphens")
    return text


def webhook_name(text: str) -> str:
    """The name of a webhook adapter: it stands in the address that the provider calls."""
    if not _NAME.fullmatch(text):
        raise ValueError("the name of a webhook has only small letters, digits and hyphens")
    return text


def domain(text: str) -> str:
    """A domain in ASCII, in small letters."""
    if not re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", text) or len(text) > 253:
        raise ValueError(f'should be a domain such as "example.org", got {shown(text)}')
    return text.lower()


def list_id(text: str) -> str:
    """A List-Id as in RFC 2919: two or more words with dots between them."""
    if not re.fullmatch(rf"{_ATOM}(?:\.{_ATOM})+", text) or len(text) > 255:
        raise ValueError(f'should be a name with dots such as "weekly.example.org", got {shown(text)}')
    return text


def pattern(text: str) -> str:
    """A file pattern below the project's folder."""
    if text.startswith(("/", "~", "\\")) or ".." in text.split("/") or "" in text.split("/"):
        raise ValueError(f'should be a pattern of files such as "subscribers/*.csv", got "{text}"')
    return text
