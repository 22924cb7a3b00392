"""The public address of the reader pages -> whether a mail program that presses unsubscribe gets there."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.doctor.diagnosis import Diagnosis, failure, ok, warning
from newsletter.senders.smtp_verdict import printable

SECONDS = 15.0
_BODY = b"List-Unsubscribe=One-Click"  # RFC 8058
_RUN = "start `newsletter run`, and let your web server pass public_url on to [web] bind"


def look(public_url: str, inert_token: str) -> Iterator[Diagnosis]:
    """The lines about `public_url`. `inert_token` is one that unsubscribes nobody. Asks over the network."""
    topic = "public url"
    if not public_url:
        fix = 'set public_url = "https://news.example.org" in [web]; Gmail and Yahoo ask bulk senders for it'
        yield warning(topic, "there is none: readers can leave by mail only", fix)
        return
    answered = _asked(public_url, "GET", "/")
    if isinstance(answered, str):
        yield failure(topic, answered, _RUN)
        return
    if answered.status >= 500 or answered.status == 404:
        yield failure(topic, f"{public_url}/ answers {answered.status}", _RUN)
        return
    yield ok(topic, f"{public_url} answers")
    yield _one_click(public_url, inert_token)


def _one_click(public_url: str, token: str) -> Diagnosis:
    topic = "one-click"
    answered = _asked(public_url, "POST", f"/u/{token}")
    if isinstance(answered, str):
        return failure(topic, answered, _RUN)
    if 300 <= answered.status < 400:
        where = answered.headers.get("location", "")
        fix = "let public_url be the address that it leads to: mail programs follow no redirect (RFC 8058)"
        return failure(topic, f"a POST is answered by {answered.status} to {printable(where)}", fix)
    if answered.status != 200:
        fix = "let your web server pass POST requests to /u/ on, without a login, a cookie or a filter"
        return failure(topic, f"a POST is answered by {answered.status}", fix)
    return ok(topic, "a POST without cookie or login is answered by 200")


def _asked(url: str, method: str, path: str) -> http.client.HTTPResponse | str:
    """The answer, its body unread; or why there is none. Follows no redirect, as mail programs do."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        posts = method == "POST"
        form = {"Content-Type": "application/x-www-form-urlencoded"} if posts else {}
        connection.request(method, f"{parts.path}{path}", _BODY if posts else None, form)
        answer = connection.getresponse()
        answer.read(100_000)
        return answer
    except (OSError, http.client.HTTPException) as error:
        return printable(f"{url} cannot be reached: {getattr(error, 'strerror', None) or error}")
    finally:
        connection.close()
