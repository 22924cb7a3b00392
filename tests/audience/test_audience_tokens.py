"""Links that cannot be forged, and the keys that they hang on."""

import hashlib
import hmac
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from newsletter.audience.tokens import Tokens, load_keys
from newsletter.errors import ConfigError

OLD, NEW = "old-" + "k" * 40, "new-" + "k" * 40


@given(st.integers(1, 2**62), st.from_regex(r"[a-z][a-z0-9_-]{0,30}|\*", fullmatch=True))
def test_a_token_reads_as_what_it_was_made_for(subscriber_id: int, newsletter: str) -> None:
    tokens = Tokens((NEW,))
    token = tokens.unsubscribe(subscriber_id, newsletter)
    assert tokens.read_unsubscribe(token) == (subscriber_id, newsletter)
    assert token == tokens.unsubscribe(subscriber_id, newsletter)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_the_newest_key_signs_and_all_verify() -> None:
    before, rotated, after = Tokens((OLD,)), Tokens((NEW, OLD)), Tokens((NEW,))
    assert rotated.read_unsubscribe(before.unsubscribe(7, "weekly")) == (7, "weekly")
    assert after.read_unsubscribe(rotated.unsubscribe(7, "weekly")) == (7, "weekly")
    assert after.read_unsubscribe(before.unsubscribe(7, "weekly")) is None


def test_an_inert_token_is_no_token_for_anything_else() -> None:
    tokens = Tokens((NEW,))
    assert tokens.is_inert(tokens.inert())
    assert tokens.read_unsubscribe(tokens.inert()) is None
    assert not tokens.is_inert(tokens.unsubscribe(7, "weekly"))
    assert not tokens.is_inert(Tokens((OLD,)).inert())


AT = datetime(2026, 11, 23, 8, 30, 1, 234_000, UTC)
MADE: dict[str, tuple[Callable[[Tokens], str], Callable[[Tokens, str], object], object]] = {
    "unsubscribe": (lambda t: t.unsubscribe(7, "weekly"), Tokens.read_unsubscribe, (7, "weekly")),
    "preferences": (lambda t: t.preferences(7), Tokens.read_preferences, 7),
    "confirm": (lambda t: t.confirm(7, AT), Tokens.read_confirm, (7, AT)),
    "undo": (lambda t: t.undo(7, "*", AT), Tokens.read_undo, (7, "*", AT)),
    "form": (lambda t: t.form(AT), Tokens.read_form, AT),
    "inert": (lambda t: t.inert(7, "weekly"), lambda t, token: t.is_inert(token) or None, True),
}


@pytest.mark.parametrize("purpose", MADE)
def test_what_a_token_was_made_for_is_read_with_any_key_of_the_list(purpose: str) -> None:
    make, read, meant = MADE[purpose]
    assert read(Tokens((NEW, OLD)), make(Tokens((OLD,)))) == meant
    assert read(Tokens((NEW,)), make(Tokens((NEW, OLD)))) == meant
    assert read(Tokens((NEW,)), make(Tokens((OLD,)))) is None


@pytest.mark.parametrize("purpose", MADE)
def test_a_token_is_worthless_for_every_other_purpose(purpose: str) -> None:
    tokens = Tokens((NEW,))
    token = MADE[purpose][0](tokens)
    assert [other for other, (_, read, _) in MADE.items() if read(tokens, token) is not None] == [purpose]


@pytest.mark.parametrize(("one", "other"), [("unsubscribe", "inert"), ("confirm", "unsubscribe")])
def test_the_signature_of_one_purpose_does_not_hold_for_the_words_of_another(one: str, other: str) -> None:
    """The words alone can be copied between tokens; the keys differ."""
    tokens = Tokens((NEW,))
    words, sealed = MADE[one][0](tokens), MADE[other][0](tokens)
    mixed = words.partition(".")[0] + "." + sealed.partition(".")[2]
    assert [
        name for name, (_, read, _) in MADE.items() if read(tokens, mixed) is not None and name != other
    ] == []
    if words.partition(".")[0] != sealed.partition(".")[0]:
        assert MADE[other][1](tokens, mixed) is None


@pytest.mark.parametrize("purpose", MADE)
def test_a_truncated_or_lengthened_token_is_worthless(purpose: str) -> None:
    tokens = Tokens((NEW,))
    make, read, _ = MADE[purpose]
    token = make(tokens)
    cut = [token[:length] for length in range(len(token))]
    assert [one for one in [*cut, token + "A", "A" + token, token * 2] if read(tokens, one) is not None] == []


def test_the_same_is_signed_the_same_each_time_and_as_the_library_does_it() -> None:
    tokens = Tokens((NEW,))
    key = hmac.digest(NEW.encode(), b"newsletter.confirm", "sha256")
    library = URLSafeSerializer(
        key, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "none"}
    )
    assert tokens.confirm(7, AT) == tokens.confirm(7, AT) == library.dumps([7, 1795422601234])


@given(st.data())
def test_a_token_with_one_character_changed_is_worthless(data: st.DataObject) -> None:
    tokens = Tokens((NEW,))
    token = tokens.unsubscribe(7, "weekly")
    # The last character of each base64 part carries spare bits: it may change and mean the same.
    place = data.draw(st.integers(0, len(token) - 2).filter(lambda at: token[at + 1] != "."))
    other = data.draw(st.sampled_from("aZ09-_.\0é").filter(lambda sign: sign != token[place]))
    assert tokens.read_unsubscribe(token[:place] + other + token[place + 1 :]) is None


@pytest.mark.parametrize("token", ["", ".", "a.b", "x" * 100_000, "é", "\udcff", "WzEsMl0."])
def test_nonsense_is_no_token(token: str) -> None:
    assert Tokens((NEW,)).read_unsubscribe(token) is None
    assert not Tokens((NEW,)).is_inert(token)


def test_a_new_key_file_is_for_its_owner_alone_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "state" / "keys"
    keys = load_keys(path)
    assert load_keys(path) == keys
    assert [len(key) >= 32 for key in keys] == [True]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_are_read_newest_first_and_comments_are_not_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# rotated in November\n{NEW}\n\n{OLD}\n")
    assert load_keys(path) == (NEW, OLD)


def test_a_configured_key_signs_and_the_file_still_verifies(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    assert load_keys(path, NEW) == (NEW,)
    assert not path.exists()
    path.write_text(OLD)
    assert load_keys(path, NEW) == (NEW, OLD)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", ": holds no key; restore it, or delete it and old links stop working"),
        (b"# nothing\n", ": holds no key; restore it, or delete it and old links stop working"),
        (b"# a\nshort\n", ":2: the key is shorter than 32 characters"),
        (b"\xff\xfe", ": 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
def test_a_key_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as refusal:
        load_keys(path)
    assert str(refusal.value) == f"{path}{reason}"


def test_a_short_configured_key_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        load_keys(tmp_path / "keys", "hunter2")
    assert "hunter2" not in str(refusal.value)


def test_two_processes_that_meet_at_the_first_start_have_the_same_key(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from newsletter.audience.tokens import load_keys; sys.stdin.readline();"
        "print(*load_keys(pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "keys")]
    pair = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for one in pair:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = [one.communicate(timeout=60)[0] for one in pair]
    assert answers[0] == answers[1] != ""
