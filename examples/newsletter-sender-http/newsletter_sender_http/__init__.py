"""Message → one POST of JSON to a web service.

What matters in any sender is the moment from which nobody can know: here, when the first octet of the request
may have left. Before it, a failure is certain; after it, only an answer is.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import ssl
from base64 import b64encode
from contextlib import suppress
from urllib.parse import urlsplit

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Outcome, Verdict
from newsletter.senders.smtp_verdict import printable
from newsletter.senders.wire_form import checked, refused_addresses

_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^<>\r\n]+)>", re.IGNORECASE | re.MULTILINE)
_LONGEST_ANSWER = 10_000

#: HTTP status -> what it means for the message. Others are told apart by their first digit, below.
STATUS = {
    409: (Verdict.SENT, Fault.NONE),
    400: (Verdict.FAILED, Fault.US),
    413: (Verdict.FAILED, Fault.US),
    422: (Verdict.FAILED, Fault.US),
    408: (Verdict.DEFERRED, Fault.RELAY),
    425: (Verdict.DEFERRED, Fault.RELAY),
    429: (Verdict.DEFERRED, Fault.RELAY),
    503: (Verdict.DEFERRED, Fault.RELAY),
}


class HttpSender:
    """Hands messages to the service at `url`, each over a connection of its own.

    `api_key` is shown as a bearer token; `timeout`, in seconds, is for each wait. Certificates are verified.
    """

    def __init__(self, url: str, api_key: str = "", timeout: float = 60.0) -> None:
        """PluginError for an address that is none, or that would show the key to the network."""
        parts = urlsplit(url)
        near = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or parts.scheme not in ("http", "https") or "@" in parts.netloc:
            raise PluginError(
                '[sender]: http: "url" should be an address such as "https://mail.example.org/send"'
            )
        if parts.scheme == "http" and not near:
            raise PluginError(
                '[sender]: http: "url" should begin with https:// (http is for this machine only)'
            )
        if not 0 < timeout < 86400:
            raise PluginError('[sender]: http: "timeout" must be a number of seconds above 0')
        if not (api_key.isascii() and api_key.isprintable()):
            raise PluginError('[sender]: http: "api_key" must be printable ASCII')
        self._url, self._api_key, self._timeout = parts, api_key, timeout
        self._connection: http.client.HTTPConnection | None = None

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """One attempt. ValueError, before anything is written, for bytes that are no message."""
        body = _body(envelope, checked(data))
        refusal = refused_addresses(envelope)
        if refusal is not None:
            return refusal
        try:
            connection = self._open()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Outcome(Verdict.DEFERRED, Fault.RELAY, 0, printable(f"cannot connect: {_said(error)}"))
        try:
            connection.request("POST", self._path(), body, self._headers(envelope, data))
            answer = connection.getresponse()
            said = answer.read(_LONGEST_ANSWER).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            text = f"no answer after the request was written: {_said(error)}"
            return Outcome(Verdict.IN_DOUBT, Fault.RELAY, 0, printable(text))
        # A kept connection may have ended before the next message, and nobody could tell: not worth a doubt.
        self.close()
        return judged(answer.status, said)

    def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()

    def __str__(self) -> str:
        return f"http {self._url.hostname}{self._url.path}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def _open(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            context = ssl.create_default_context()
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=context
            )
        else:
            made = http.client.HTTPConnection(host, port, timeout=self._timeout)
        self._connection = made
        made.connect()
        return made

    def _path(self) -> str:
        query = f"?{self._url.query}" if self._url.query else ""
        return f"{self._url.path or '/'}{query}"

    def _headers(self, envelope: Envelope, data: bytes) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
        return {"Content-Type": "application/json", "Idempotency-Key": key(envelope, data), **bearer}


def key(envelope: Envelope, data: bytes) -> str:
    """The same on every attempt to send this message to this person, and for nothing else."""
    found = _MESSAGE_ID.search(data.partition(b"\r\n\r\n")[0])
    return hashlib.sha256((found[1] if found else data) + b"\0" + envelope.rcpt_to.encode()).hexdigest()


def judged(status: int, said: str) -> Outcome:
    """What an answer means. When in doubt whose fault it is, it is not the reader's."""
    about_reader = status in (404, 410) and _error(said) == "recipient"
    if status in STATUS:
        verdict, fault = STATUS[status]
    elif about_reader:
        verdict, fault = Verdict.FAILED, Fault.RECIPIENT
    elif 200 <= status < 300:
        verdict, fault = Verdict.SENT, Fault.NONE
    elif 300 <= status < 500:
        verdict, fault = Verdict.DEFERRED, Fault.US
    else:  # it may have failed after it had taken the message
        verdict, fault = Verdict.IN_DOUBT, Fault.RELAY
    return Outcome(verdict, fault, status, printable(f"HTTP {status} {said}"))


def _error(said: str) -> str:
    try:
        found = json.loads(said)
    except ValueError:
        return ""
    return str(found.get("error", "")) if isinstance(found, dict) else ""


def _body(envelope: Envelope, data: bytes) -> bytes:
    fields = {
        "idempotency_key": key(envelope, data),
        "mail_from": envelope.mail_from,
        "rcpt_to": envelope.rcpt_to,
        "message": b64encode(data).decode(),
    }
    return json.dumps(fields).encode()


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
