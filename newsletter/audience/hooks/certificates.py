"""A certificate's address, octets, their signature -> certain that SNS signed them, or :class:`Refused`.

The certificate comes over TLS from a host of Amazon's, which is what makes it theirs. It is kept, and asked
for seldom: whoever calls us with addresses that they make up must not let us call out for them.
"""

from __future__ import annotations

import base64
import re
import threading
from binascii import Error
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from newsletter.audience.hooks import Fetch, Refused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_MOST: Final = 8  #: certificates that are kept
_FETCHES: Final = 8  #: within:
_AN_HOUR: Final = timedelta(hours=1)
_SHORTEST_KEY: Final = 2048
_NAME = re.compile(r"sns(?:[.-][a-z0-9-]{1,30})?\.amazonaws\.com(?:\.cn)?", re.ASCII)


class Certificates:
    """Those of SNS that were seen."""

    def __init__(self) -> None:
        self._kept: dict[str, Certificate] = {}
        self._fetched: list[datetime] = []
        self._lock = threading.Lock()

    def check(
        self, address: str, signed: bytes, signature: str, version: str, now: datetime, fetch: Fetch
    ) -> None:
        """That the owner of the certificate at `address`, which must be one of SNS, signed those octets.

        `version` "1" is RSA with SHA-1, "2" with SHA-256. :class:`Refused` when not; OSError when the
        certificate cannot be had.
        """
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.hashes import SHA1, SHA256

        digest = {"1": SHA1, "2": SHA256}.get(version)
        if digest is None:
            raise Refused(403, "its signature is of an unknown version")
        key = self._certificate(address, now, fetch).public_key()
        if not isinstance(key, RSAPublicKey) or key.key_size < _SHORTEST_KEY:
            raise Refused(403, "its certificate has another kind of key")
        try:
            key.verify(base64.b64decode(signature, validate=True), signed, PKCS1v15(), digest())
        except (InvalidSignature, Error, ValueError):
            raise Refused(403, "its signature is not right") from None

    def _certificate(self, address: str, now: datetime, fetch: Fetch) -> Certificate:
        with self._lock:
            found = self._kept.get(address)
            if found is not None and _holds(found, now):
                return found
            self._fetched = [at for at in self._fetched if at > now - _AN_HOUR]
            if len(self._fetched) >= _FETCHES:
                raise OSError("too many certificates were asked for")  # the real one comes again
            self._fetched.append(now)
        found = _read(fetch(address))
        if not _holds(found, now):
            raise Refused(403, "its certificate is not one of SNS that holds today")
        with self._lock:
            if len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[address] = found
        return found


def _read(octets: bytes) -> Certificate:
    """The first of the file; where others follow, each must have signed the one before it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.x509 import load_pem_x509_certificates

    try:
        chain = load_pem_x509_certificates(octets)
        for one, signer in pairwise(chain):
            one.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature):
        raise Refused(403, "its certificate cannot be read") from None
    return chain[0]


def _holds(certificate: Certificate, now: datetime) -> bool:
    begun, over = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begun <= now <= over and any(_NAME.fullmatch(name) for name in _names(certificate))


def _names(certificate: Certificate) -> tuple[str, ...]:
    from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName
    from cryptography.x509.oid import NameOID

    try:
        alternative = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
        more = tuple(alternative.get_values_for_type(DNSName))
    except (ExtensionNotFound, ValueError):
        more = ()
    own = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return (*more, *(str(each.value) for each in own))
