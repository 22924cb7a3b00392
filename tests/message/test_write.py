"""The whole message: parts, headers, and the same bytes every time."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.message import mime
from newsletter.message.write import Content, Identity, Recipient, embed, message_id, write
from newsletter.model import Media, Message

WHEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PICTURE = Media("ab12.png", "image/png", bytes(range(256)) * 9, 4, 4)
IDENTITY = Identity(
    title="The Slow Post",
    from_name="Ida Vang",
    from_address="ida@slowpost.example",
    reply_to="",
    mail_from="bounces@slowpost.example",
    list_id="weekly.slowpost.example",
    public_url="https://news.slowpost.example",
    unsubscribe_mailto="leave@slowpost.example",
)
BY_MAIL = Identity(**{f: getattr(IDENTITY, f) for f in Identity.__slots__} | {"public_url": ""})


def content(html: str = "<p>%%NAME%% %%PREHEADER%%</p>", text: str = "%%NAME%%\n.\nFrom here\n") -> Content:
    pictures = (embed(PICTURE, "slowpost.example"),)
    return Content("A snail, timed", html, text, pictures, {"PREHEADER": "Also: ferries"})


def written(
    made: Content | None = None, identity: Identity = IDENTITY, name: str = "Aroha Ngāta"
) -> tuple[Message, EmailMessage]:
    to = Recipient(name, "aroha@reader.example", "tok.en-1")
    id = message_id(b"key", "7", "slowpost.example")
    message = write(made or content(), identity, to, id=id, date=WHEN)
    return message, cast(EmailMessage, message_from_bytes(message.data, policy=policy.default))


def test_a_message_has_text_and_html_and_its_picture_without_a_defect() -> None:
    _, parsed = written()
    parts = list(parsed.walk())

    assert [part.get_content_type() for part in parts] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert [defect for part in parts for defect in part.defects] == []
    assert "Aroha Ngāta" in parts[1].get_content()
    assert parts[3].get_content().strip() == "<p>Aroha Ngāta Also: ferries</p>"
    assert PICTURE.data == parts[4].get_content()
    assert parts[4]["Content-ID"] == "<ab12.png@slowpost.example>"


def test_without_pictures_there_is_no_related_part() -> None:
    _, parsed = written(Content("s", "<p>x</p>", "x", (), {}))

    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


def test_one_click_unsubscribe_stands_as_rfc_8058_wants_it() -> None:
    message, parsed = written()

    assert b"<https://news.slowpost.example/u/tok.en-1>" in message.data
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed["List-Id"] == "The Slow Post <weekly.slowpost.example>"


def test_without_pages_readers_leave_by_mail_and_nothing_claims_one_click() -> None:
    _, parsed = written(content("<a href='%%UNSUBSCRIBE_URL%%'>x</a>", "%%UNSUBSCRIBE_URL%%"), BY_MAIL)

    assert parsed["List-Unsubscribe"] == "<mailto:leave@slowpost.example?subject=unsubscribe%20tok.en-1>"
    assert "List-Unsubscribe-Post" not in parsed
    assert "mailto:leave@slowpost.example" in cast(EmailMessage, parsed.get_body(("html",))).get_content()


def test_every_attempt_has_the_same_bytes() -> None:
    assert written()[0] == written()[0]
    assert b"Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n" in written()[0].data


def test_a_message_id_tells_nothing_and_differs_by_reader_and_issue() -> None:
    ids = {message_id(key, who, "x.example") for key in (b"1", b"2") for who in ("7", "8")}

    assert len(ids) == 4
    assert all(re.fullmatch(r"<[0-9a-f]{32}@x\.example>", id) for id in ids)


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "%%UNSUBSCRIBE_URL%%",
        "=?utf-8?q?a=0D=0ABcc:_v=40t.test?=",
        "a\r\nBcc: v@x.example",
    ],
)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    _, parsed = written(name=name)

    assert "Bcc" not in parsed
    html = cast(EmailMessage, parsed.get_body(("html",))).get_content()
    assert "<script>" not in html
    assert "https://news" not in html


@given(st.text(max_size=500))
@example(".\n.\r\n..")
@example("From me\nFrom you")
@example("x" * 200 + " \n \t")
@example("=3D = =\r")
@example("Ünïcödé " * 30)
def test_quoted_printable_is_exact_and_safe_on_the_wire(text: str) -> None:
    import quopri

    encoded = mime.quoted_printable(text)

    wanted = re.sub(r"\r\n|\r", "\n", text)
    assert wanted == quopri.decodestring(encoded.replace(b"\r\n", b"\n")).decode()
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))
        assert b"\n" not in line and b"\r" not in line


def test_all_lines_of_a_message_end_in_crlf_and_are_short() -> None:
    message, _ = written()

    assert b"\n" not in message.data.replace(b"\r\n", b"")
    assert b"\r" not in message.data.replace(b"\r\n", b"")
    assert max(map(len, message.data.split(b"\r\n"))) <= 78
