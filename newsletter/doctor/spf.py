"""An SPF record and an address -> pass, fail … (RFC 7208), as far as a doctor needs it: no macros, no exp."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from newsletter.doctor.names import Names

MOST_LOOKUPS = 10  # RFC 7208 4.6.4
_TERM = re.compile(r"([+?~-]?)([a-z0-9]+)(?::([^/]+))?((?:/\d+)?(?://\d+)?)", re.IGNORECASE)
_RESULTS = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


class Broken(Exception):
    """The record is one that receivers cannot use (permerror); the message says why."""


@dataclass(slots=True)
class Count:
    """The DNS questions that a record costs its receivers."""

    lookups: int = 0

    def add(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise Broken(f"it asks more than {MOST_LOOKUPS} questions of DNS")


def record(names: Names, domain: str) -> str:
    """The one SPF record of `domain`; empty when there is none. :class:`Broken` when there are several."""
    found = [text for text in names.texts(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if len(found) > 1:
        raise Broken(f"{domain} has {len(found)} SPF records; there may be one")
    return found[0] if found else ""


def check(names: Names, domain: str, address: str, count: Count) -> str:
    """What a receiver concludes when `address` sends for `domain`; ``none`` without a record."""
    text = record(names, domain)
    if not text:
        return "none"
    redirect = ""
    for term in text.split()[1:]:
        if term.lower().startswith("redirect="):
            redirect = term.partition("=")[2]
        elif "=" not in term.partition(":")[0]:
            found = _TERM.fullmatch(term)
            if found is None:
                raise Broken(f'"{term}" of {domain} is not understood')
            if _matches(names, found, domain, address, count):
                return _RESULTS[found[1]]
    if redirect:
        count.add()
        return check(names, redirect, address, count)
    return "neutral"


def _matches(names: Names, term: re.Match[str], domain: str, address: str, count: Count) -> bool:
    kind, target, length = term[2].lower(), term[3] or domain, term[4]
    if "%" in target:
        count.add()
        return False  # a macro: only a receiver can fill it
    match kind:
        case "all":
            return True
        case "ip4" | "ip6":
            return _is_in(address, f"{target}{length}")
        case "include":
            count.add()
            return check(names, target, address, count) == "pass"
        case "a":
            count.add()
            return _is_one_of(address, names.addresses(target), length)
        case "mx":
            count.add()
            hosts = names.mail_hosts(target)
            return any(_is_one_of(address, names.addresses(host), length) for host in hosts[:10])
        case "exists":
            count.add()
            return bool(names.addresses(target))
        case "ptr":
            count.add()
            return any(name.endswith(target.lower()) for name in names.pointers(address))
    raise Broken(f'"{term[0]}" of {domain} is no mechanism of SPF')


def _is_one_of(address: str, found: tuple[str, ...], length: str) -> bool:
    four, _, six = length.partition("//")
    lengths = {4: four, 6: f"/{six}" if six else ""}
    return any(_is_in(address, f"{each}{lengths[ipaddress.ip_address(each).version]}") for each in found)


def _is_in(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        raise Broken(f'"{network}" is no network') from None
