"""What is fetched from a provider: over verified https, from the place that was named, and not much."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from newsletter.audience.hooks import LARGEST
from newsletter.web.fetching import fetch


class There(BaseHTTPRequestHandler):
    """A page, one that is too long, and one that leads elsewhere."""

    def do_GET(self) -> None:
        length = {"/long": LARGEST + 1, "/full": LARGEST}.get(self.path, 4)
        self.send_response({"/none": 404, "/moved": 302, "/broken": 500}.get(self.path, 200))
        self.send_header("Location", "/full")
        self.end_headers()
        self.wfile.write(b"x" * length)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server whose authority this computer trusts for the time of the test."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), There) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_what_is_there_is_given_up_to_the_limit(port: int) -> None:
    assert fetch(f"https://localhost:{port}/") == b"xxxx"
    assert len(fetch(f"https://localhost:{port}/full")) == LARGEST


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/long", "the answer is too long"),
        ("/moved", "the answer was 302"),
        ("/none", "the answer was 404"),
        ("/broken", "the answer was 500"),
    ],
)
def test_what_is_too_long_elsewhere_or_not_there_is_an_error(port: int, path: str, why: str) -> None:
    with pytest.raises(OSError, match=why):
        fetch(f"https://localhost:{port}{path}")


def test_a_server_that_cannot_prove_its_name_is_not_asked(port: int) -> None:
    with pytest.raises(OSError, match="certificate verify failed"):
        fetch(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize("url", ["http://localhost/", "file:///etc/passwd", "ftp://localhost/", "", "https"])
def test_nothing_but_https_is_fetched(url: str) -> None:
    with pytest.raises(OSError, match="only https is fetched"):
        fetch(url)
