"""Links that are asked: a real server on this computer answers."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from newsletter.proof import links

ASKED: list[tuple[str, str]] = []


class Pages(BaseHTTPRequestHandler):
    """``/404`` answers 404; ``/no-head/200`` knows GET only; ``/to/…`` leads on; ``/cut`` says nothing."""

    def do_HEAD(self) -> None:
        ASKED.append(("HEAD", self.path))
        self._answer(405 if "no-head" in self.path else None)

    def do_GET(self) -> None:
        ASKED.append(("GET", self.path))
        self._answer(None)

    def _answer(self, code: int | None) -> None:
        if self.path == "/cut":
            self.connection.close()
            return
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
        else:
            self.send_response(code or int(self.path.rpartition("/")[2]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    ASKED.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


OWN = ("127.0.0.1",)


@pytest.mark.parametrize(
    ("path", "good", "gone"),
    [
        ("/200", True, False),
        ("/404", False, True),
        ("/410", False, True),
        ("/403", False, False),
        ("/503", False, False),
        ("/no-head/200", True, False),
        ("/to//200", True, False),
        ("/to//404", False, True),
        ("/cut", False, False),
    ],
)
def test_what_a_site_answers_is_told(site: str, path: str, good: bool, gone: bool) -> None:
    answer = links.ask(site + path, OWN)

    assert (answer.good, answer.gone) == (good, gone)


def test_head_is_asked_first_and_get_only_where_it_is_not_answered_well(site: str) -> None:
    links.ask(f"{site}/200", OWN)
    links.ask(f"{site}/404", OWN)

    assert ASKED == [("HEAD", "/200"), ("HEAD", "/404"), ("GET", "/404")]


@pytest.mark.parametrize("path", ["/200", "/to/http://127.0.0.1:9/"])
def test_a_private_address_is_not_asked(site: str, path: str) -> None:
    answer = links.ask(site + path)

    assert (answer.why, ASKED) == ("leads into a private network, and is not asked", [])


def test_a_redirection_into_a_private_network_is_not_followed(site: str) -> None:
    port = site.rpartition(":")[2]

    answer = links.ask(f"{site}/to/http://localhost:{port}/200", OWN)

    assert (answer.code, answer.why) == (0, "leads into a private network, and is not asked")


def test_a_redirection_to_a_file_is_not_followed(site: str) -> None:
    answer = links.ask(f"{site}/to/file:///etc/hostname", OWN)

    assert not answer.good


def test_each_address_is_answered_in_its_place(site: str) -> None:
    urls = tuple(f"{site}/{code}" for code in (200, 404, 403, 410, 204))

    assert [answer.code for answer in links.answers(urls, own=OWN)] == [200, 404, 403, 410, 204]


def test_a_name_that_nobody_has_does_not_answer() -> None:
    assert links.ask("http://nobody.invalid/").why.startswith("does not answer")
