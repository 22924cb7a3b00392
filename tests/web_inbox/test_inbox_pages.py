"""The inbox over real HTTP: what it shows, what it keeps from a hostile mail, and whom it answers."""

from __future__ import annotations

import base64
import hashlib
import re
import smtplib
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.web.maildrop import MailDrop
from newsletter.web.received import opened, origin, row

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Pages

PICTURE = b"\x89PNG\r\n\x1a\nnot much of a picture"
HTML = (
    "<html><head><style>p{color:red}</style></head>"
    '<body><p>High water</p><img src="cid:tide@x"></body></html>'
)
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"


def letter(
    to: str = "ingrid@reader.example", subject: str = "The tide turns", html: str = ""
) -> EmailMessage:
    mail = EmailMessage()
    mail["Return-Path"] = "<bounce@slowpost.example>"
    mail["Delivered-To"] = to
    mail["From"] = "Ida Vang <ida@slowpost.example>"
    mail["To"] = f"Ingrid Ås <{to}>"
    mail["Subject"] = subject
    mail["Date"] = "Sun, 22 Nov 2026 10:30:00 +0100"
    mail.set_content("Plain words about tides.\n")
    mail.add_alternative(html or HTML, subtype="html")
    mail.get_payload()[1].add_related(PICTURE, "image", "png", cid="<tide@x>")  # type: ignore[index,union-attr]
    return mail


def with_exit(header: str, one_click: bool = True) -> bytes:
    mail = letter()
    mail["List-Unsubscribe"] = header
    if one_click:
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return bytes(mail)


def test_a_mail_sent_over_smtp_shows_in_the_inbox(pages: Pages) -> None:
    mail = letter("jonas@reader.example", "Nine days to black")
    with MailDrop(pages.maildir) as drop, smtplib.SMTP("127.0.0.1", drop.port, timeout=20) as client:
        client.send_message(mail, "bounce@slowpost.example", ["jonas@reader.example"])
    (one,) = pages.json("/api/v1/messages")["messages"]
    assert (one["to"], one["subject"]) == ("jonas@reader.example", "Nine days to black")
    assert "jonas@reader.example" in pages.get("/").body
    for view in ("", "/text", "/headers", "/frame", "/raw"):
        assert pages.get(f"/m/{one['id']}{view}").status == 200


def test_the_list_is_newest_first_and_says_whom_what_and_when(pages: Pages) -> None:
    pages.file("old", bytes(letter("a@reader.example", "First")), age=60)
    pages.file("new", bytes(letter("b@reader.example", "Second")))
    listed = pages.json("/api/v1/messages")
    assert [one["subject"] for one in listed["messages"]] == ["Second", "First"]
    assert listed["messages"][0] | {"size": 0} == {
        "id": "new",
        "to": "b@reader.example",
        "to_header": "Ingrid Ås <b@reader.example>",
        "sender": "Ida Vang <ida@slowpost.example>",
        "subject": "Second",
        "date": "2026-11-22T09:30:00+00:00",
        "words": "High water",
        "size": 0,
    }
    body = pages.get("/").body
    assert body.index("Second") < body.index("First")
    assert "22 Nov, 09:30" in body and "2 mails" in body


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("anna", 1),
        ("ANNA@", 1),
        ("reader.example", 2),
        ("ingrid+%C3%85s", 2),
        ("nobody", 0),
        ("%3Cscript%3E", 0),
    ],
)
def test_one_finds_the_mails_of_a_recipient(pages: Pages, q: str, found: int) -> None:
    pages.file("1", bytes(letter("anna@reader.example")))
    pages.file("2", bytes(letter("olav@reader.example")))
    assert pages.json(f"/api/v1/messages?q={q}")["found"] == found
    body = pages.get(f"/?q={q}").body
    assert (body.count('<li><a href="/m/'), "<script>" in body) == (found, False)


def test_an_empty_or_missing_maildir_is_an_empty_inbox(pages: Pages) -> None:
    assert "Nothing has arrived yet" in pages.get("/").body
    (pages.maildir / "new").rmdir()
    assert pages.json("/api/v1/messages") == {"messages": [], "found": 0}


def test_a_picture_in_the_mail_is_shown_from_the_mail(pages: Pages) -> None:
    pages.file("1", bytes(letter()))
    shown = re.search(r'<img src="([^"]+)">', pages.get("/m/1/frame").body)
    assert shown is not None
    assert shown[1] == f"http://127.0.0.1:{pages.port}/m/1/part/tide%40x"
    answer = pages.get("/m/1/part/tide%40x")
    assert (answer.headers["content-type"], answer.content) == ("image/png", PICTURE)
    assert "sandbox" in answer.headers["content-security-policy"]
    assert pages.get("/m/1/part/other").status == 404


def test_a_part_that_is_no_picture_is_never_shown_as_a_page(pages: Pages) -> None:
    mail = letter()
    mail.add_attachment(b"<script>alert(1)</script>", "text", "html", cid="<page@x>")
    pages.file("1", bytes(mail))
    answer = pages.get("/m/1/part/page@x")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


def test_the_html_of_a_mail_can_run_nothing_and_load_nothing_but_its_pictures(pages: Pages) -> None:
    pages.file("1", bytes(letter(html=f"<HEAD lang=en></HEAD><body>{EVIL}<form action=/x></form></body>")))
    frame = pages.get("/m/1/frame")
    here = f"http://127.0.0.1:{pages.port}"
    assert frame.headers["content-security-policy"] == (
        f"default-src 'none'; img-src data: {here}/m/1/part/; style-src 'unsafe-inline'; form-action 'none'; "
        f"base-uri 'none'; frame-ancestors {here}; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    assert '<HEAD lang=en><base target="_blank">' in frame.body
    page = pages.get("/m/1").body
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "allow-scripts" not in page and "allow-same-origin" not in page


def test_nothing_that_a_mail_says_becomes_markup(pages: Pages) -> None:
    mail = letter('"<b>"@reader.example', EVIL)
    mail["X-Evil"] = EVIL
    mail["List-Unsubscribe"] = '<http://127.0.0.1/"onclick=alert(1)>, <mailto:"><script>@x>'
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.get_payload()[0].set_content(EVIL)  # type: ignore[index,union-attr]
    pages.file("1", bytes(mail))
    for path in ("/", "/m/1", "/m/1/text", "/m/1/headers", f"/?q={'%3Cb%3E%22'}", "/m/1?w=%22%3E&mail=%3C"):
        body = pages.get(path).body
        assert "<script" not in body and "<img" not in body and '"onclick' not in body, path
    assert "&lt;script&gt;alert(1)" in pages.get("/m/1").body


def test_every_page_carries_a_policy_without_script(pages: Pages) -> None:
    pages.file("1", bytes(letter()))
    for path in ("/", "/m/1", "/m/1/text", "/m/1/headers", "/m/none"):
        answer = pages.get(path)
        style = re.search(r"<style>(.*?)</style>", answer.body, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; frame-src 'self'; form-action 'self' ; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        assert not re.search(r"<script|url\(|@import|\son\w+=|\sstyle=|javascript:", answer.body)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("LOCALHOST:8000", 200),
        ("[::1]:1", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost:80:80", 421),
        ("localhost@evil.example", 421),
        ("localhost; script-src *", 421),
    ],
)
def test_only_a_name_of_this_computer_is_answered(pages: Pages, host: str, status: int) -> None:
    pages.file("1", bytes(letter()))
    for path in (
        "/",
        "/m/1",
        "/m/1/frame",
        "/m/1/raw",
        "/m/1/part/tide@x",
        "/api/v1/messages",
        "/api/v1/messages/1",
    ):
        assert pages.get(path, host=host).status == status, path


@pytest.mark.parametrize(
    "id",
    [
        "..",
        ".",
        "%2e%2e",
        "..%2f..%2fsecret",
        "..%2fsecret",
        "%2fetc%2fpasswd",
        "link",
        "%00",
        "1%0d%0aX:y",
    ],
)
def test_an_address_that_names_no_mail_leads_nowhere(pages: Pages, id: str) -> None:
    (pages.maildir / "new" / "link").symlink_to(pages.maildir.parent / "secret")
    for path in (f"/m/{id}", f"/m/{id}/raw", f"/m/{id}/frame", f"/api/v1/messages/{id}"):
        answer = pages.get(path)
        assert (answer.status, b"not a mail" in answer.content) == (404, False)


def test_the_file_is_handed_out_as_it_lies_there(pages: Pages) -> None:
    pages.file("1.a", bytes(letter()))
    (pages.maildir / "new" / "1.a").rename(pages.maildir / "cur" / "1.a:2,S")
    answer = pages.get("/m/1.a/raw")
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.content == (pages.maildir / "cur" / "1.a:2,S").read_bytes()
    assert answer.headers["content-disposition"] == 'attachment; filename="1.a.eml"'


def test_the_one_click_button_posts_to_this_computer(pages: Pages) -> None:
    pages.file("1", with_exit("<mailto:out@slowpost.example>, <http://localhost:81/u/tok>"))
    answer = pages.get("/m/1")
    assert (
        '<form method="post" action="http://localhost:81/u/tok">'
        '<button class="btn btn-main" name="List-Unsubscribe" value="One-Click">'
    ) in answer.body
    assert "form-action 'self' http://localhost:81;" in answer.headers["content-security-policy"]
    assert "<code>mailto:out@slowpost.example</code>" in answer.body
    assert pages.json("/api/v1/messages/1")["list_unsubscribe"] == {
        "urls": ["http://localhost:81/u/tok"],
        "mailtos": ["mailto:out@slowpost.example"],
        "one_click": "http://localhost:81/u/tok",
    }


@pytest.mark.parametrize(
    ("header", "one_click"),
    [
        ("<https://evil.example/u/tok>", True),
        ("<http://127.0.0.1.evil.example/u>", True),
        ("<http://127.0.0.1@evil.example/u>", True),
        ("<javascript:alert(1)>", True),
        ("<mailto:out@slowpost.example>", True),
        ("<http://127.0.0.1:81/u/tok>", False),
    ],
)
def test_there_is_no_button_that_posts_elsewhere(pages: Pages, header: str, one_click: bool) -> None:
    pages.file("1", with_exit(header, one_click))
    answer = pages.get("/m/1")
    assert "One-Click" not in answer.body and 'href="javascript' not in answer.body
    assert "form-action 'self' ;" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://127.0.0.1:8000/u/x", "http://127.0.0.1:8000"),
        ("https://localhost/u", "https://localhost"),
        ("http://[::1]:1/", "http://[::1]:1"),
        ("http://[::1/", ""),
        ("http://localhost:99999/", ""),
        ("ftp://localhost/", ""),
        ("http://10.0.0.1/", ""),
    ],
)
def test_the_origin_of_a_url_is_told_for_this_computer_only(url: str, found: str) -> None:
    assert origin(url) == found


def test_a_view_is_an_address(pages: Pages) -> None:
    pages.file("1", bytes(letter()))
    body = pages.get("/m/1?w=375&mail=dark").body
    assert '<div class="mail mail-375 mail-dark">' in body
    assert 'href="/m/1?w=full&amp;mail=dark"' in body and 'href="/m/1?w=375"' in body


def test_newer_and_older_lead_through_the_list(pages: Pages) -> None:
    for age, id in enumerate(("c", "b", "a")):
        pages.file(id, bytes(letter()), age=age)
    links = [re.findall(r'<a class="btn" href="([^"]+)">(\w+)<', pages.get(f"/m/{id}").body) for id in "cba"]
    assert links == [
        [("/m/b", "Older")],
        [("/m/c", "Newer"), ("/m/a", "Older")],
        [("/m/b", "Newer")],
    ]


def test_a_mail_without_html_or_without_text_says_so(pages: Pages) -> None:
    pages.file("1", b"Subject: a\n\nwords\n")
    pages.file("2", b"Subject: a\nContent-Type: text/html\n\n<p>words\n")
    assert "This mail has no HTML part" in pages.get("/m/1").body
    assert pages.get("/m/1/frame").status == 404
    assert "This mail has no text part" in pages.get("/m/2/text").body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed_from_here(pages: Pages, method: str) -> None:
    pages.file("1", bytes(letter()))
    assert {pages.get(path, method=method).status for path in ("/", "/m/1", "/api/v1/messages/1")} == {405}


@given(
    st.binary(max_size=300),
    st.sampled_from(["Subject", "To", "Date", "From", "Content-Type", "List-Unsubscribe"]),
)
def test_no_mail_is_too_broken_to_be_shown(tmp_path: Path, junk: bytes, name: str) -> None:
    path = tmp_path / str(hashlib.sha256(name.encode() + junk).hexdigest())
    path.write_bytes(name.encode() + b": " + junk + b"\nContent-ID: <a>\n\nbody\n")
    row("x", path)
    opened("x", path)
