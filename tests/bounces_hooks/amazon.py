"""Calls as Amazon SNS makes them, signed with a key of the test's own; a server that has its certificate."""

from __future__ import annotations

import base64
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.outbox.publishing import NOW

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
HOST = "https://sns.eu-west-1.amazonaws.com"
PEM = f"{HOST}/SimpleNotificationService-0123abcd.pem"
SUBSCRIBE = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0"


@lru_cache
def key(name: str) -> rsa.RSAPrivateKey:
    """The key of somebody of that name."""
    return rsa.generate_private_key(65537, 1024 if name == "short" else 2048)


def certificate(
    name: str = "sns.amazonaws.com",
    *,
    whose: str = "sns",
    issuer: str = "ca",
    days: tuple[int, int] = (-1, 30),
    elliptic: bool = False,
) -> bytes:
    """A certificate for `name`, good from and until so many days from now."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key() if elliptic else key(whose).public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .issuer_name(_called("A test authority"))
        .public_key(public)
        .serial_number(7)
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .sign(key(issuer), hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def authority(whose: str = "ca") -> bytes:
    """The certificate of whoever signs the others."""
    return certificate("A test authority", whose=whose, issuer=whose)


def envelope(
    message: object, *, at: datetime = NOW, kind: str = "Notification", **more: Any
) -> dict[str, Any]:
    """What SNS sends, without its signature."""
    made = {
        "Type": kind,
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "SignatureVersion": "2",
        "SigningCertURL": PEM,
    }
    if kind != "Notification":
        made |= {"Token": "t0", "SubscribeURL": SUBSCRIBE}
    return made | more


def signed(made: dict[str, Any], whose: str = "sns") -> bytes:
    """The call, signed as the documentation of SNS says."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    if made["Type"] == "Notification":
        names = [name for name in names if name not in ("SubscribeURL", "Token")]
    text = "".join(f"{name}\n{made[name]}\n" for name in names if name in made)
    digest = hashes.SHA1() if made["SignatureVersion"] == "1" else hashes.SHA256()
    signature = key(whose).sign(text.encode(), padding.PKCS1v15(), digest)
    return json.dumps(made | {"Signature": base64.b64encode(signature).decode()}).encode()


def mail(to: str = "r1@example.org", **more: Any) -> dict[str, Any]:
    """What SES tells of the message."""
    at = (NOW + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    return {
        "timestamp": at,
        "messageId": "0100-ses",
        "source": "ida@slowpost.example",
        "destination": [to],
    } | more


def bounce(
    to: str = "r1@example.org",
    kind: str = "Permanent",
    sub: str = "General",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 user unknown",
    **of_mail: Any,
) -> dict[str, Any]:
    who = {"emailAddress": to, "action": "failed", "status": status, "diagnosticCode": diagnostic}
    told = {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [who]}
    return {"notificationType": "Bounce", "bounce": told, "mail": mail(to, **of_mail)}


def complaint(to: str = "r1@example.org", kind: str = "abuse") -> dict[str, Any]:
    told = {"complainedRecipients": [{"emailAddress": to}], "complaintFeedbackType": kind}
    return {"eventType": "Complaint", "complaint": told, "mail": mail(to)}


@dataclass
class Amazon:
    """What is at the hosts of SNS: certificates by their path, and who asked for what."""

    port: int
    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> bytes:
        """In the place of Amazon: the same path, of the server of the test. OSError when it has none."""
        parts = urlsplit(url)
        try:
            return self._got(parts.path, parts.query)
        except HTTPError as error:
            error.close()
            raise OSError(error.code) from None

    def _got(self, path: str, query: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}?{query}", timeout=20) as answer:
            return bytes(answer.read())


@contextmanager
def amazon(pem: bytes | None = None) -> Iterator[Amazon]:
    """A real HTTP server that has a certificate, and takes confirmations."""
    files = {"/SimpleNotificationService-0123abcd.pem": pem or certificate(), "/": b"<confirmed/>"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.asked.append(self.path)
            found = files.get(urlsplit(self.path).path)
            self.send_response(404 if found is None else 200)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there = Amazon(server.server_address[1], files)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            thread.join()
