"""Whatever the bytes are, they cannot end an SMTP line or message early."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.model import Envelope
from newsletter.senders.wire_form import checked, dot_stuffed, needs_smtputf8, refused_addresses

LINES = st.lists(st.binary(max_size=12).map(lambda b: b.translate(None, b"\r\n\0")), max_size=8)
DOTTED = st.lists(st.sampled_from([b".", b"..", b"", b"a", b".a"]), max_size=8)


@settings(deadline=None)
@given(st.one_of(LINES, DOTTED))
@example([b"."])
@example([b"", b".", b""])
def test_no_body_holds_the_final_dot_and_every_server_reads_it_back(lines: list[bytes]) -> None:
    message = checked(b"".join(line + b"\r\n" for line in lines))
    stuffed = dot_stuffed(message)
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    undone = b"\r\n".join(line.removeprefix(b".") for line in stuffed.split(b"\r\n"))
    assert undone == message


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_bytes_are_refused_or_have_crlf_line_ends_only(octets: bytes) -> None:
    try:
        message = checked(octets)
    except ValueError:
        return
    assert message.endswith(b"\r\n")
    assert message.removesuffix(b"\r\n") == octets.removesuffix(b"\r\n")
    assert not set(b"\r\n\0") & set(message.replace(b"\r\n", b""))


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_an_address_is_refused_or_is_one_word_of_one_line(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    if refused_addresses(Envelope("", address)) is None:
        line = f"RCPT TO:<{address}>"
        assert line.split() == ["RCPT", f"TO:<{address}>"]
        assert len(line.splitlines()) == 1
        assert (line.count("<"), line.count(">"), line.count("@")) == (1, 1, 1)
        line.encode()


def test_only_what_ascii_cannot_say_needs_smtputf8() -> None:
    plain = Envelope("b@news.test", "ada@reader.test")
    assert not needs_smtputf8(plain, "Subject: s\r\n\r\nGrüße\r\n".encode())
    assert needs_smtputf8(plain, "Subject: Grüße\r\n\r\n".encode())
    assert needs_smtputf8(Envelope("", "jürgen@reader.test"), b"Subject: s\r\n\r\n")
    assert needs_smtputf8(Envelope("bücher@news.test", "ada@reader.test"), b"Subject: s\r\n\r\n")
