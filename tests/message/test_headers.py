"""Header fields: nothing breaks out, nothing is folded where it must not be."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.message import headers

INJECTION = "=?utf-8?q?Hi=0D=0ABcc:_victim=40t.test=0D=0A=0D=0A<b>new_body</b>?="


def decoded(value: str) -> str:
    return str(make_header(decode_header(value.replace("\r\n", ""))))


@given(st.text(max_size=400))
@example(INJECTION)
@example("a\u2028Bcc: v@t.test")
@example("a\r\nBcc: v@t.test")
@example("\x00")
@example("=?utf-8?q?x?= =?utf-8?b?eA==?=")
@example("é" * 300)
@example("a  b" + "ü  x" * 60)
def test_no_text_adds_a_header(text: str) -> None:
    block = headers.block(
        [
            ("From", headers.mailbox("Ida", "ida@slowpost.example")),
            ("To", headers.mailbox(text, "reader@example.org")),
            ("Subject", headers.unstructured(text)),
        ]
    )
    message = message_from_bytes(block + b"\r\nbody")

    assert [name.lower() for name in message] == ["from", "to", "subject"]
    assert message.get_payload() == "body"
    assert not message.defects


@given(st.text(max_size=400))
@example(INJECTION)
def test_the_standard_parser_sees_no_other_header_either(text: str) -> None:
    # policy.default decodes encoded words: before Python 3.13 a line break inside one became a new header.
    block = headers.block(
        [("Subject", headers.unstructured(text)), ("To", headers.mailbox(text, "a@b.example"))]
    )
    message = message_from_bytes(block + b"\r\nbody", policy=policy.default)

    assert [name.lower() for name in message] == ["subject", "to"]
    assert "Bcc" not in message
    assert "\n" not in str(message["Subject"])


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300))
@example("a  b   c")
@example("Ærø: a ferry, twice  over")
@example("x" * 200)
def test_a_subject_comes_out_as_it_went_in(text: str) -> None:
    wanted = headers.clean(text)

    assert decoded(headers.unstructured(text)) == wanted


@given(st.text(max_size=300))
@example("é" * 300)
@example("🦉" * 100)
def test_lines_stay_short_enough(text: str) -> None:
    words = [len(line) for line in f"Subject: {headers.unstructured(text)}".split("\r\n")]
    assert max(words) <= 76


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ida Vang", "Ida Vang <i@x.example>"),
        ("", "i@x.example"),
        ("Okafor, Winifred", '"Okafor, Winifred" <i@x.example>'),
        ('George "Skip" Pynn', '"George \\"Skip\\" Pynn" <i@x.example>'),
        ("a\\b", '"a\\\\b" <i@x.example>'),
        ("O'Neill", "O'Neill <i@x.example>"),
        ("a@b.example", '"a@b.example" <i@x.example>'),
    ],
)
def test_a_name_is_quoted_when_it_must_be(name: str, expected: str) -> None:
    assert expected == headers.mailbox(name, "i@x.example")


def test_a_long_unsubscribe_address_stays_whole() -> None:
    # The standard library turns one of over 77 characters into an encoded word (cpython #85725).
    link = "https://news.slowpost.example/u/" + "a" * 160
    block = headers.block([("List-Unsubscribe", headers.uris(link, "mailto:u@slowpost.example?subject=x"))])

    assert b"<" + link.encode() + b">" in block
    assert b"=?" not in block
    assert block.count(b"\r\n") == 2


@pytest.mark.parametrize("bad", ["https://x.example/ü", "https://x.example/a b", "https://x.example/<a>"])
def test_what_is_no_uri_is_no_list_header(bad: str) -> None:
    with pytest.raises(headers.HeaderError):
        headers.uris(bad)


@pytest.mark.parametrize(
    "value", ["a\r\nBcc: v@t.example", "a\nBcc: v", "a\rBcc: v", "a\r\n\r\nbody", "a\r\n \r\nbody"]
)
def test_the_block_is_read_back_before_it_is_used(value: str) -> None:
    with pytest.raises(headers.HeaderError):
        headers.block([("Subject", value)])
