"""Links -> what their sites answer: asked with HEAD, then GET, a few at a time, each once.

Only sites of the open internet are asked: an address that leads into a private network is refused, whatever
a name resolves to, unless it is the newsletter's own.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from newsletter.issue.checks import Fault, Mail
from newsletter.issue.checks.links import host as host_of
from newsletter.issue.checks.links import is_private, spot_of
from newsletter.issue.checks.page import read

PATIENCE: Final = 10.0  #: seconds for each answer
AT_ONCE: Final = 8
GONE: Final = frozenset({404, 410})
#: Sites that do not know the method, or want no programs, say so with these; GET is asked then.
_ASK_AGAIN: Final = frozenset({400, 403, 404, 405, 406, 410, 429, 500, 501, 503})
_AGENT: Final = "newsletter-check (link checker)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question."""

    url: str
    code: int  #: HTTP status; 0 when there was no answer
    why: str  #: in words, where there was none

    @property
    def good(self) -> bool:
        return 200 <= self.code < 300  # what leads elsewhere has been followed

    @property
    def gone(self) -> bool:
        """Whether the site says that there is no such page."""
        return self.code in GONE


def faults(mail: Mail, *, own: str) -> Iterator[tuple[bool, Fault]]:
    """(whether the page is gone, the fault) of each link that does not answer well."""
    urls = tuple(dict.fromkeys(_asked(mail)))
    for answer in answers(urls, own=(host_of(own), host_of(mail.site.url))):
        if not answer.good:
            told = f"answers {answer.code}" if answer.code else answer.why
            text = f"the link {answer.url[:80]} {told}"
            fix = "mend the address, or publish the page first" if answer.gone else "look whether it is there"
            yield answer.gone, Fault(spot_of(mail, answer.url), text, fix)


def _asked(mail: Mail) -> Iterator[str]:
    page = read(mail.html)
    for url in (*(link.href for link in page.links), *(image.src for image in page.images)):
        if url.startswith(("http://", "https://")) and host_of(url) and not url.startswith(mail.unsubscribe):
            yield url


def answers(urls: tuple[str, ...], *, own: tuple[str, ...] = ()) -> tuple[Answer, ...]:
    """What each address answers, in their order. Hosts in `own` may be in a private network."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return tuple(pool.map(lambda url: ask(url, own), urls))


def ask(url: str, own: Sequence[str] = ()) -> Answer:
    """One address: HEAD, and GET where HEAD is not answered well."""
    answer = _ask(url, "HEAD", own)
    return _ask(url, "GET", own) if answer.code in _ASK_AGAIN or not answer.code else answer


def _ask(url: str, method: str, own: Sequence[str]) -> Answer:
    request = urllib.request.Request(url, method=method, headers={"User-Agent": _AGENT})
    opener = urllib.request.OpenerDirector()
    for handler in _handlers(own):
        opener.add_handler(handler)
    try:
        with opener.open(request, timeout=PATIENCE) as response:
            return Answer(url, response.status, "")
    except urllib.error.HTTPError as error:
        error.close()
        return Answer(url, error.code, "")
    except _Refused as why:
        return Answer(url, 0, str(why))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(url, 0, f"does not answer: {_said(error)}")


def _handlers(own: Sequence[str]) -> Iterator[urllib.request.BaseHandler]:
    """Web addresses only, no proxies from the environment, and redirections through the same gate."""
    yield _Web(own)
    yield _SecureWeb(own)
    yield urllib.request.HTTPRedirectHandler()
    yield urllib.request.HTTPErrorProcessor()
    yield urllib.request.HTTPDefaultErrorHandler()
    yield urllib.request.UnknownHandler()


class _Refused(Exception):
    """An address that is not asked."""


class _Web(urllib.request.HTTPHandler):
    def __init__(self, own: Sequence[str]) -> None:
        super().__init__()
        self._own = own

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_guarded(http.client.HTTPConnection, self._own), req)


class _SecureWeb(urllib.request.HTTPSHandler):
    def __init__(self, own: Sequence[str]) -> None:
        self._trust = ssl.create_default_context()
        super().__init__(context=self._trust)
        self._own = own

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        made = _guarded(http.client.HTTPSConnection, self._own)
        return self.do_open(made, req, context=self._trust)


def _guarded(kind: type[http.client.HTTPConnection], own: Sequence[str]) -> Callable[..., Any]:
    """Connections that look where they lead after the name was resolved and before a byte is sent."""

    def made(name: str, **options: Any) -> http.client.HTTPConnection:
        connection = kind(name, **options)
        trusted = urlsplit(f"//{name}").hostname in own
        connection._create_connection = lambda *args, **more: _dial(*args, trusted=trusted, **more)  # type: ignore[attr-defined]
        return connection

    return made


def _dial(
    address: tuple[str, int], timeout: float, source_address: Any = None, *, trusted: bool
) -> socket.socket:
    """A connection to the first public address of a host."""
    found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
    public = [row for row in found if trusted or not is_private(str(row[4][0]).partition("%")[0])]
    if not public:
        raise _Refused("leads into a private network, and is not asked")
    host, port = str(public[0][4][0]), address[1]
    return socket.create_connection((host, port), timeout, source_address)


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(error).__name__)[:80]
