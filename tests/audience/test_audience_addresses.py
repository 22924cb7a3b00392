"""What is an address, what is none, and which two are the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.audience.addresses import Address, masked, parse

TAKEN = {
    "plain": ("ann@slowpost.example", "ann@slowpost.example", "ann@slowpost.example"),
    "case of the local part is kept": (
        "Ann.B@SlowPost.Example",
        "Ann.B@slowpost.example",
        "ann.b@slowpost.example",
    ),
    "plus and apostrophe": ("o'neil+x@a.example", "o'neil+x@a.example", "o'neil+x@a.example"),
    "domain in letters": ("x@münchen.example", "x@xn--mnchen-3ya.example", "x@xn--mnchen-3ya.example"),
    "sharp s stays (UTS 46)": ("x@faß.example", "x@xn--fa-hia.example", "x@xn--fa-hia.example"),
    "full-width domain": ("x@ｅxample。com", "x@example.com", "x@example.com"),
    "letters beyond ASCII": ("Jürgen@a.example", "Jürgen@a.example", "jürgen@a.example"),
    "two hyphens as registries gave them": ("x@r3---sn.example", "x@r3---sn.example", "x@r3---sn.example"),
    "64 bytes before the @": ("a" * 64 + "@b.example", "a" * 64 + "@b.example", "a" * 64 + "@b.example"),
}

REFUSED = {
    "empty": ("", "no address"),
    "no at": ("ann.example", "the address has no @"),
    "two at": ("a@b@c.example", "the address has more than one @"),
    "full-width at": ("a＠b.example", "the address has no @"),
    "space": ("a b@c.example", "the address has a space"),
    "display name": ("Ann <a@c.example>", "the address has a space"),
    "quoted": ('"a"@c.example', '" is not allowed before the @'),
    "comment": ("a(x)@c.example", "( is not allowed before the @"),
    "percent route": ("a%b@relay.example", "% is not allowed before the @"),
    "bang route": ("a!b@c.example", "! is not allowed before the @"),
    "address literal": ("a@[127.0.0.1]", "the domain is an IP address"),
    "bare address": ("a@127.0.0.1", "the domain is an IP address"),
    "full-width digits": ("a@１２７.0.0.1", "the domain is an IP address"),
    "hexadecimal": ("a@0x7f.0x1", "the domain is an IP address"),
    "trailing dot": ("a@b.example.", "the domain ends in a dot"),
    "no dot": ("a@localhost", "the domain has no dot"),
    "dots": ("a..b@c.example", "a dot before the @ must stand between other characters"),
    "first dot": (".a@c.example", "a dot before the @ must stand between other characters"),
    "nothing before": ("@c.example", "nothing stands before the @"),
    "65 bytes": ("a" * 65 + "@c.example", "the part before the @ is longer than 64 bytes"),
    "65 bytes in 33 letters": ("é" * 32 + "a@c.example", "the part before the @ is longer than 64 bytes"),
    "NUL": ("a\0@c.example", "the address has a control or invisible character"),
    "CRLF": ("a@c.example\r\nBcc: x@y.example", "the address has a control or invisible character"),
    "zero width": ("a\u200bb@c.example", "the address has a control or invisible character"),
    "right-to-left override": ("a\u202eb@c.example", "the address has a control or invisible character"),
    "encoded word": ("=?x?q?y?=@c.example", "the part before the @ looks like an encoded word"),
    "full-width letters": (
        "ａnn@c.example",
        "the part before the @ has look-alike letters (full-width or ligatures)",
    ),
    "emoji": ("😀@c.example", "😀 is not allowed before the @"),
}


@pytest.mark.parametrize(("text", "address", "key"), TAKEN.values(), ids=TAKEN)
def test_an_address_keeps_its_local_part_and_folds_its_domain(text: str, address: str, key: str) -> None:
    assert parse(text) == Address(address, key)


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_says_why_in_plain_words(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse(text)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    "domain",
    ["a..example", "-a.example", "a_b.example", "xn--zzzzzz.example", "☃.example", "a" * 64 + ".example"],
)
def test_a_domain_that_no_registry_gives_out_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match=r"^the domain is not valid: .*[^.]$"):
        parse(f"a@{domain}")


def test_a_domain_of_256_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="domain"):
        parse("a@" + ".".join(["b" * 50] * 5) + ".x")


def test_composed_and_decomposed_letters_are_one_person() -> None:
    decomposed = unicodedata.normalize("NFD", "Jürgen@a.example")
    assert parse(decomposed).key == parse("JÜRGEN@a.example").key


@given(
    st.text(max_size=40) | st.from_regex(r"[a-zà-ž.+%\"]{1,9}@[a-z0-9.-]{1,9}\.[a-z]{1,5}", fullmatch=True)
)
def test_whatever_is_taken_is_safe_in_a_header_and_stays_itself(text: str) -> None:
    try:
        found = parse(text)
    except ValueError as refusal:
        assert str(refusal).isprintable() or not text.isprintable()
        return
    assert found.address.count("@") == 1
    assert found.address.isprintable()
    assert not set(found.address) & set(' "<>(),:;\\[]%!\r\n')
    assert parse(found.address) == found


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ingrid@slowpost.example", "i••@slowpost.example"),
        ("i@slowpost.example", "i••@slowpost.example"),
        ("jo@xn--mnchen-3ya.example", "j••@münchen.example"),
    ],
)
def test_a_masked_address_tells_its_owner_enough_and_others_little(address: str, shown: str) -> None:
    assert masked(address) == shown
