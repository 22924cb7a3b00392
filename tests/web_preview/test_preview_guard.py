"""Only pages of this computer are answered, nothing else is served, and looking changes nothing."""

import http.client
import re
from urllib.parse import urlencode, urlsplit

import pytest

from tests.web_preview.conftest import House


def asked(
    house: House, path: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer; `headers` with ``_`` for ``-``."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(house.url).port or 0, timeout=30)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, path, skip_host="Host" in sent)
        if method == "POST":
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, told, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


PATHS = ["/", "/n/weekly", "/n/weekly/frame", "/n/weekly/eml", "/events", "/n/weekly/checks", "/blank"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8766", "10.0.0.1"]
)
def test_another_name_for_this_computer_is_refused(still: House, path: str, host: str) -> None:
    assert asked(still, path, Host=host)[0] == 421


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1"])
def test_pages_elsewhere_are_refused(still: House, path: str, origin: str) -> None:
    assert asked(still, path, Origin=origin)[0] == 403
    assert asked(still, path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")[0] == 403


def token(house: House) -> str:
    found = re.search(r'name="token" value="([^"]+)"', asked(house, "/n/weekly")[2])
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, {}),
        ({}, {"token": "guess"}),
        ({}, {"token": "güess"}),
        ({"Origin": "https://evil.example"}, {"token": "real"}),
        ({"Origin": "null"}, {"token": "real"}),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, {"token": "real"}),
    ],
    ids=["no token", "wrong token", "odd token", "elsewhere", "nobody", "a form elsewhere"],
)
def test_a_form_that_is_not_ours_sends_nothing(
    still: House, headers: dict[str, str], said: dict[str, str]
) -> None:
    before = still.drop.count
    form = {"to": "me@example.org", **said}
    if form.get("token") == "real":
        form["token"] = token(still)
    status = asked(still, "/n/weekly/test", "POST", urlencode(form), **headers)[0]
    assert (status, still.drop.count) == (403, before)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_a_post_sends(still: House, method: str) -> None:
    before = still.drop.count
    query = urlencode({"to": "me@example.org", "token": token(still)})
    assert asked(still, f"/n/weekly/test?{query}", method)[0] == 405
    assert still.drop.count == before


@pytest.mark.parametrize(
    "path",
    [
        "/../config.toml",
        "/assets/../../../config.toml",
        "/assets/%2e%2e%2fpages%2flayout.html",
        "/assets/layout.html",
        "/n/weekly/part/..%2f..%2fconfig.toml",
        "/n/weekly/part/%2fetc%2fpasswd",
        "/n/weekly/part/tile.png",
        "/n/..%2fweekly",
        "/n/nobody",
        "/i/..%2f..%2fconfig.toml",
        "/i/weekly-1999-01-01",
        "/l/weekly/..%2fdigest",
        "/l/weekly/digest",
        "/n/weekly/%00",
    ],
)
def test_nothing_else_is_served(still: House, path: str) -> None:
    status, _, text = asked(still, path)
    assert status == 404
    assert "[sender]" not in text and "root:" not in text


def test_looking_changes_nothing(still: House) -> None:
    database = still.project.folder / ".newsletter" / "newsletter.db"
    before = [still.project.run("issues", "list").stdout, still.project.run("outbox", "status").stdout]
    for path in (
        *PATHS,
        "/n/weekly/text",
        "/n/notes",
        "/l/weekly/confirm",
        "/n/weekly?who=ana",
        "/n/weekly?as=1&again=1",
    ):
        if path != "/events":
            assert asked(still, path)[0] in (200, 302)
            assert asked(still, path, "HEAD")[0] in (200, 302)
    assert [
        still.project.run("issues", "list").stdout,
        still.project.run("outbox", "status").stdout,
    ] == before
    assert database.exists()


def test_what_every_answer_says(still: House) -> None:
    _, page, text = asked(still, "/n/weekly")
    policy = page["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert " style=" not in text and not re.search(r"<script(?! src=)|\son[a-z]+=", text)
    _, frame, _ = asked(still, "/n/weekly/frame")
    policy = frame["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert policy.endswith("sandbox allow-popups allow-popups-to-escape-sandbox")
    assert (page["referrer-policy"], frame["referrer-policy"]) == ("same-origin", "no-referrer")
    for answer in (page, frame):
        assert answer["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer


GUARDS = ("content-security-policy", "referrer-policy", "x-content-type-options")


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 302),
        ("/n/weekly", "GET", 200),
        ("/n/weekly/frame", "GET", 200),
        ("/n/weekly/eml", "GET", 200),
        ("/n/weekly/checks", "GET", 200),
        ("/l/weekly/confirm", "GET", 200),
        ("/blank", "GET", 200),
        ("/favicon.ico", "GET", 204),
        ("/n/weekly/test", "POST", 403),
        ("/n/nobody", "GET", 404),
        ("/assets/none.css", "GET", 404),
        ("/nowhere", "GET", 404),
        ("/n/weekly/", "GET", 307),
        ("/n/weekly", "DELETE", 405),
        ("/n/weekly/test", "GET", 405),
    ],
)
def test_every_answer_is_guarded_also_those_that_no_page_of_ours_gives(
    still: House, path: str, method: str, status: int
) -> None:
    given, told, _ = asked(still, path, method)

    assert (given, [name for name in GUARDS if not told.get(name)]) == (status, [])


def test_refusals_and_style_sheets_are_guarded(still: House) -> None:
    sheet = re.search(r'href="(/assets/[^"]+)"', asked(still, "/n/weekly")[2])
    assert sheet is not None
    answers = [
        asked(still, sheet[1]),
        asked(still, "/", Host="evil.example"),
        asked(still, "/", Origin="null:"),
    ]

    assert [status for status, _, _ in answers] == [200, 421, 403]
    assert [name for _, told, _ in answers for name in GUARDS if not told.get(name)] == []
