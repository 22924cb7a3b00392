"""The sending domain -> whether receivers can tell that mail is ours: SPF, DKIM, DMARC, PTR; MX for bounces.

What Gmail, Yahoo and Microsoft ask of bulk senders (docs/doctor.md has the list).
"""

from __future__ import annotations

import ipaddress
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsletter.doctor import spf
from newsletter.doctor.diagnosis import Diagnosis, failure, ok, warning
from newsletter.doctor.names import Names, Unanswered

#: Where the signing keys of the usual relays and providers are found.
USUAL_SELECTORS = tuple(
    "default mail dkim s1 s2 k1 k2 k3 selector1 selector2 google fm1 fm2 fm3 pm mta mx key1 relay".split()
)
_WEAK_KEY_OCTETS = 250  # an RSA key of 2,048 bits is 294 octets as SubjectPublicKeyInfo, one of 1,024 is 162


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends, and from where."""

    from_domain: str  #: of the From header, which readers see and DMARC is about
    mail_domain: str  #: of the envelope sender, which SPF is about
    addresses: tuple[str, ...]  #: public IP addresses that the mail leaves from, as far as known
    selectors: tuple[str, ...]  #: of the DKIM keys; empty: the usual ones are tried


def look(names: Names, sending: Sending) -> Iterator[Diagnosis]:
    """The lines about one sending domain. Asks DNS."""
    parts: tuple[tuple[str, Callable[[Names, Sending], Iterator[Diagnosis]]], ...] = (
        ("spf", _spf),
        ("dkim", _dkim),
        ("dmarc", _dmarc),
        ("ptr", _ptr),
        ("bounces", _bounces),
    )
    for topic, part in parts:
        try:
            yield from part(names, sending)
        except Unanswered as error:
            text = f"DNS does not answer ({error}), so this and what follows was not looked at"
            yield warning(topic, text, "try again, or name a server: --nameserver IP")
            return  # each question would wait as long


def aligned(one: str, other: str) -> bool:
    """Whether both belong to one organisation, as relaxed alignment asks (RFC 7489 3.1)."""
    return organisation(one) == organisation(other)


def organisation(domain: str) -> str:
    """The part of `domain` that somebody registered: a guess without the public suffix list."""
    labels = domain.lower().split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if deep else -2 :])


def _spf(names: Names, sending: Sending) -> Iterator[Diagnosis]:
    domain = sending.mail_domain
    own = (
        " ".join(_mechanism(address) for address in sending.addresses)
        or "include:the-name-your-provider-tells"
    )
    paste = f'{domain}. TXT "v=spf1 {own} ~all"'
    count = spf.Count()
    try:
        if not spf.record(names, domain):
            yield failure("spf", f"{domain} has no SPF record", paste)
            return
        results = {
            each: spf.check(names, domain, each, count) for each in sending.addresses or ("192.0.2.1",)
        }
    except spf.Broken as error:
        yield failure("spf", f"{domain}: {error}", paste)
        return
    refused = [address for address, result in results.items() if result != "pass"]
    if refused and sending.addresses:
        text = f"{domain}: {refused[0]} gets {results[refused[0]]}"
        yield failure(
            "spf", text, f"add {_mechanism(refused[0])} to the SPF record of {domain}, before its all"
        )
    elif not sending.addresses:
        fix = "newsletter doctor --ip ADDRESS, the public address that your mail leaves from"
        yield warning("spf", f"{domain} has a record; nobody knows from where your mail leaves", fix)
    else:
        yield ok("spf", f"{domain} passes for {', '.join(results)}")
    if not aligned(domain, sending.from_domain):
        text = f"{domain} is not {sending.from_domain}: SPF does not count for DMARC, so DKIM must"
        yield warning(
            "spf alignment", text, f"set mail_from in [sender] to an address of {sending.from_domain}"
        )


def _mechanism(address: str) -> str:
    return f"ip{ipaddress.ip_address(address).version}:{address}"


def _dkim(names: Names, sending: Sending) -> Iterator[Diagnosis]:
    domain = sending.from_domain
    for selector in sending.selectors or USUAL_SELECTORS:
        for text in names.texts(f"{selector}._domainkey.{domain}"):
            if "p=" in text:
                yield _key(f"{selector}._domainkey.{domain}", text)
                return
    if sending.selectors:
        fix = f'{sending.selectors[0]}._domainkey.{domain}. TXT "v=DKIM1; k=rsa; p=THE-KEY-OF-YOUR-RELAY"'
        yield failure("dkim", f"{domain} has no key under {', '.join(sending.selectors)}", fix)
    else:
        fix = "newsletter doctor --dkim-selector NAME; your relay or provider signs, and tells its selector"
        yield warning("dkim", f"{domain} has no key under any of the usual selectors", fix)


def _key(name: str, text: str) -> Diagnosis:
    tags = _tags(text)
    key = re.sub(r"\s", "", tags.get("p", ""))
    if not key:
        return failure(
            "dkim", f"{name} was revoked: its p= is empty", "publish the key that your relay signs with"
        )
    try:
        size = len(b64decode(key, validate=True))
    except ValueError:
        return failure("dkim", f"{name} is no key: p= is not base64", "publish the key again, in one piece")
    if tags.get("k", "rsa") == "rsa" and size < _WEAK_KEY_OCTETS:
        return warning(
            "dkim", f"{name} is shorter than 2,048 bits", "let your relay make a key of 2,048 bits"
        )
    return ok("dkim", f"{name} holds a key")


def _dmarc(names: Names, sending: Sending) -> Iterator[Diagnosis]:
    domain = sending.from_domain
    places = dict.fromkeys((f"_dmarc.{domain}", f"_dmarc.{organisation(domain)}"))
    paste = f'_dmarc.{organisation(domain)}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"'
    for place in places:
        found = [text for text in names.texts(place) if text.replace(" ", "").lower().startswith("v=dmarc1")]
        if len(found) > 1:
            yield failure("dmarc", f"{place} has {len(found)} records; there may be one", "keep one of them")
            return
        if found:
            yield from _policy(place, _tags(found[0]), sending)
            return
    yield failure("dmarc", f"{domain} has no DMARC record: Gmail and Yahoo ask bulk senders for one", paste)


def _policy(place: str, tags: dict[str, str], sending: Sending) -> Iterator[Diagnosis]:
    policy = tags.get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        yield failure("dmarc", f'{place}: p= is "{policy}"', "write p=none, p=quarantine or p=reject")
        return
    yield ok("dmarc", f"{place} says p={policy}")
    if tags.get("aspf", "r").lower() == "s" and sending.mail_domain != sending.from_domain:
        text = f"{place} says aspf=s, but bounces go to {sending.mail_domain}: only DKIM can pass"
        yield warning("dmarc alignment", text, f"remove aspf=s, or set mail_from to @{sending.from_domain}")


def _ptr(names: Names, sending: Sending) -> Iterator[Diagnosis]:
    if not sending.addresses:
        fix = "newsletter doctor --ip ADDRESS"
        yield warning("ptr", "nobody knows from which public address your mail leaves", fix)
    for address in sending.addresses:
        pointers = names.pointers(address)
        good = [name for name in pointers if address in names.addresses(name)]
        ask = (
            f"ask who gave you {address} for a PTR to the name of your server, and give that name an A record"
        )
        if not pointers:
            yield failure("ptr", f"{address} has no name: Gmail refuses it", ask)
        elif not good:
            yield failure("ptr", f"{address} is {pointers[0]}, which does not lead back to it", ask)
        else:
            yield ok("ptr", f"{address} is {good[0]}, and back")


def _bounces(names: Names, sending: Sending) -> Iterator[Diagnosis]:
    domain = sending.mail_domain
    hosts = names.mail_hosts(domain)
    if hosts == ("",):
        yield failure(
            "bounces", f"{domain} says that it takes no mail (RFC 7505)", "set mail_from in [sender]"
        )
    elif hosts or names.addresses(domain):
        yield ok("bounces", f"{domain} takes mail at {hosts[0] if hosts else domain}")
    else:
        yield failure(
            "bounces", f"{domain} takes no mail, so bounces are lost", f"{domain}. MX 10 your-mail-server"
        )


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
