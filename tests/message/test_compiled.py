"""A compiled message says, after decoding, what a direct render says, for whoever it is."""

import html
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.issue.slots import RECIPIENT_SLOTS
from newsletter.message.headers import HeaderError, varying
from newsletter.message.write import Content, Identity, Recipient, Writer, filled

WHEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
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
HOSTILE = [
    "",
    ".",
    "..",
    "From here",
    " leading",
    "trailing ",
    "Tom & Jerry <x>",
    "=3D=",
    "%%NAME%%",
    "Ünïcödé 漢字",
    "é" * 320,
    "a" * 320,
    "quote\"s'",
    "\u202eabc",
]
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=90) | st.sampled_from(
    HOSTILE
)
#: What a template may hold: text of any kind with slots anywhere in it.
templates = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\x00%"), max_size=160)
    | st.sampled_from(
        ["\n", "\n.\n", "From x\n", "   \n", *(f"%%{name}%%" for name in sorted(RECIPIENT_SLOTS))]
    ),
    max_size=12,
).map("".join)


LINKS = (("PREFERENCES_URL", "https://news.slowpost.example/p/tok.en-2"),)


def parts(data: bytes) -> tuple[str, str]:
    """Text and HTML as a mail program decodes them."""
    parsed = cast(EmailMessage, message_from_bytes(data, policy=policy.default))
    text, page = parsed.iter_parts()
    return tuple(  # type: ignore[return-value]
        cast(bytes, part.get_payload(decode=True)).decode().replace("\r\n", "\n") for part in (text, page)
    )


@given(page=templates, text=templates, name=texts)
@example(page="<p>%%NAME%%</p>\n.\n%%ADDRESS%%", text=".%%NAME%%\n.", name=".")
@example(page="%%NAME%%", text="%%NAME%%", name="x" * 75 + ".y")
@example(page="%%NAME%%", text="%%NAME%%", name="x" * 151)
def test_what_is_compiled_decodes_to_a_direct_render(page: str, text: str, name: str) -> None:
    content = Content("s", page, text, (), {})
    to = Recipient(name, "aroha@reader.example", "tok.en-1", LINKS)
    direct_page, direct_text = filled(content, IDENTITY, to)

    data = Writer(content, IDENTITY)(to, id="<7@slowpost.example>", date=WHEN).data

    assert parts(data) == (direct_text, direct_page)


@given(page=templates, name=texts)
@example(page=".00" + "\U00010000" * 6, name="")
@example(page=".." + "\U00010000" * 6, name="From " + "x" * 71)
@example(page="%%NAME%%", name="x" * 75 + ".y")
@example(page="%%NAME%%", name="x" * 151)
@example(page="\x80" * 12 + "0000" + "%%ADDRESS%%", name="")
@example(page="%%NAME%%", name="\xe9" * 12 + "0000")
@example(page="%%NAME%%", name="\xe9" * 12 + "000.")
def test_every_line_of_the_body_is_safe_on_the_wire(page: str, name: str) -> None:
    writer = Writer(Content("s", page, page, (), {}), IDENTITY)
    data = writer(Recipient(name, "a@b.example", "t", LINKS), id="<7@slowpost.example>", date=WHEN).data
    lines = data.split(b"\r\n")

    assert b"\n" not in b"".join(lines) and b"\r" not in b"".join(lines)
    assert [line for line in lines if line.startswith((b".", b"From "))] == []
    assert [line for line in lines if len(line) > 76] == []


def test_values_of_the_variant_are_filled_for_good_and_escaped() -> None:
    content = Content("s", "<p>%%PREHEADER%% %%NAME%%</p>", "%%PREHEADER%%", (), {"PREHEADER": "A & B"})
    data = Writer(content, IDENTITY)(Recipient("N", "a@b.example", "t"), id="<7@x>", date=WHEN).data

    assert parts(data) == ("A & B", f"<p>{html.escape('A & B')} N</p>")


def test_a_slot_without_a_value_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(KeyError, match="UNKNOWN"):
        Writer(Content("s", "%%UNKNOWN%%", "", (), {}), IDENTITY)(
            Recipient("N", "a@b.example", "t"), id="<7@x>", date=WHEN
        )


@pytest.mark.parametrize(
    "value", ["a\r\nBcc: x", "a\nBcc: x", "a\rb", "a\r\n\r\nbody", "a\r\n \r\nbody", "a\x00", "a\u2028b"]
)
def test_no_value_breaks_out_of_its_header(value: str) -> None:
    with pytest.raises(HeaderError):
        varying(("To", value))


if __name__ == "__main__":  # what one message costs
    content = Content(
        "s", "<p>%%NAME%%</p>" * 10 + "x" * 27_000, "%%NAME%% %%UNSUBSCRIBE_URL%%" + "y" * 7_000, (), {}
    )
    writer, began, n = Writer(content, IDENTITY), time.process_time(), 20_000
    for i in range(n):
        writer(Recipient("Aroha", f"a{i}@b.example", f"tok{i}"), id=f"<{i}@x>", date=WHEN)
    print(1e6 * (time.process_time() - began) / n, "microseconds")
