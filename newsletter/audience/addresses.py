"""str -> Address: our own strict grammar, so that every server reads the same mailbox in it.

RFC 5321 allows far more (quotes, comments, routes, address literals); what allows
two readings lets a mail reach another mailbox than the one that was checked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: RFC 5321 4.5.3.1, in octets.
LONGEST_LOCAL = 64
LONGEST_DOMAIN = 253
LONGEST = 254

#: RFC 5322 atext without ``%`` and ``!``, which old relays take for routes.
_ATOM_SIGNS = frozenset("#$&'*+-/=?^_`{|}~")
_PLAIN_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
#: What nearly all are: nothing below would find a fault with them, nor change more than the case.
_USUAL = re.compile(
    r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9#$&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
#: A last label that resolvers take for part of an IPv4 address (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Control, format, surrogate, private, unassigned; line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox that may be written to."""

    address: str  #: for sending: the local part as given, the domain as lower-case A-labels
    key: str  #: for comparing: case-folded NFC; dots and ``+`` parts stay, they may be other people


def parse(text: str) -> Address:
    """The address in `text`, which must hold nothing else. ValueError says in plain words what is wrong.

    Local parts outside ASCII are taken (RFC 6531) when they are letters and digits.
    """
    if len(text) <= LONGEST and _USUAL.fullmatch(text) and "=?" not in text:
        folded = text.lower()
        at = text.index("@")
        if at <= LONGEST_LOCAL and "xn--" not in folded:
            return Address(text[:at] + folded[at:], folded)
    return _parsed(text)


def _parsed(text: str) -> Address:
    if not text:
        raise ValueError("no address")
    if len(text) > 4 * LONGEST:
        raise ValueError("the address is too long")
    if any(unicodedata.category(sign) in _UNSEEN for sign in text):
        raise ValueError("the address has a control or invisible character")
    local, domain = _parts(text)
    _check_local(local)
    domain = ascii_domain(domain)
    address = f"{local}@{domain}"
    if len(address.encode()) > LONGEST:
        raise ValueError(f"the address is longer than {LONGEST} bytes")
    return Address(address, _folded(local) + "@" + domain)


def ascii_domain(domain: str) -> str:
    """The domain as lower-case A-labels (UTS 46, non-transitional). ValueError as for :func:`parse`."""
    if domain.endswith((".", "。")):
        raise ValueError("the domain ends in a dot")
    if domain.startswith("["):
        raise ValueError("the domain is an IP address")
    ascii_form = _a_labels(domain)
    if "." not in ascii_form:
        raise ValueError("the domain has no dot")
    if _NUMBER.fullmatch(ascii_form.rpartition(".")[2]):
        raise ValueError("the domain is an IP address")
    return ascii_form


def masked(address: str) -> str:
    """The address as a page may show it to whoever holds a forwarded mail: ``i••@slowpost.example``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}••@{_readable(domain)}"


def _parts(text: str) -> tuple[str, str]:
    if " " in text:
        raise ValueError("the address has a space")
    local, at, domain = text.partition("@")
    if not at:
        raise ValueError("the address has no @")
    if "@" in domain:
        raise ValueError("the address has more than one @")
    return local, domain


def _check_local(local: str) -> None:
    if not local:
        raise ValueError("nothing stands before the @")
    if len(local.encode()) > LONGEST_LOCAL:
        raise ValueError(f"the part before the @ is longer than {LONGEST_LOCAL} bytes")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise ValueError("a dot before the @ must stand between other characters")
    if "=?" in local:
        raise ValueError("the part before the @ looks like an encoded word")
    for sign in local:
        if not _may_stand(sign):
            raise ValueError(f"{sign} is not allowed before the @")
    if not local.isascii():
        _check_letters(local)


def _may_stand(sign: str) -> bool:
    if sign.isascii():
        return sign.isalnum() or sign == "." or sign in _ATOM_SIGNS
    return unicodedata.category(sign)[0] in "LM" or unicodedata.category(sign) == "Nd"


def _check_letters(local: str) -> None:
    """Refuse spellings that another program would take for a different address (RFC 6532 3.1)."""
    usual = unicodedata.normalize("NFKC", local)
    if usual != unicodedata.normalize("NFC", local):
        raise ValueError("the part before the @ has look-alike letters (full-width or ligatures)")
    if unicodedata.category(usual[0])[0] == "M":
        raise ValueError("the part before the @ begins with a combining mark")


def _a_labels(domain: str) -> str:
    plain = domain.lower()
    if _PLAIN_DOMAIN.fullmatch(plain) and "xn--" not in plain and len(plain) <= LONGEST_DOMAIN:
        return plain  # what registries handed out before IDNA may have "--" where IDNA forbids it
    import idna

    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"the domain is not valid: {str(error).rstrip('.')}") from None


def _folded(local: str) -> str:
    """Canonical caseless matching (Unicode 3.13, D145), so that spellings of one name compare equal."""
    if local.isascii():
        return local.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", local).casefold())


def _readable(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    import idna

    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain
