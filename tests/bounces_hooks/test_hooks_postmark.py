"""Postmark: behind its password, what follows from each kind of record, and twice the same is once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from newsletter.audience.hooks import Call, Refused
from newsletter.audience.hooks.postmark import Postmark
from newsletter.audience.subscribers import show
from newsletter.delivery.bounced import bounced
from newsletter.errors import PluginError
from tests.bounces_hooks.conftest import Hooks
from tests.bounces_hooks.postmarks import PASSWORD, USERNAME, change, headers, record
from tests.inbox.returned import address
from tests.inbox.test_bounce_recording import sent


def never(url: str) -> bytes:
    raise AssertionError(url)


def call(peer: str = "192.0.2.7") -> Call:
    return Call(record(), {"authorization": headers()["Authorization"]}, peer, datetime.now(UTC))


def said(hooks: Hooks) -> list[tuple[str, str]]:
    with hooks.database.read() as connection:
        return [(row.action, row.status) for row in bounced(connection)]


def test_a_hard_bounce_shuts_the_reader_out_and_twice_the_same_is_once(hooks: Hooks) -> None:
    sent(hooks.database)

    assert hooks.call("postmark", record(), headers()) == (200, "taken")
    once = hooks.everything()
    assert hooks.call("postmark", record(), headers()) == (200, "taken")

    assert hooks.everything() == once
    assert (hooks.reasons(1), hooks.reasons(2)) == (["hard bounce"], [])


@pytest.mark.parametrize(
    ("kind", "details", "expected", "reasons"),
    [
        ("HardBounce", "", [("failed", "5.1.1")], ["hard bounce"]),
        ("HardBounce", "smtp;550 5.7.1 we do not like you", [("failed", "5.7.1")], []),
        ("BadEmailAddress", "", [("failed", "5.1.1")], ["hard bounce"]),
        ("SoftBounce", "smtp;552 5.2.2 over quota", [("failed", "4.2.2")], []),
        ("SoftBounce", "smtp;550 5.1.1 user unknown", [("failed", "4.1.1")], []),
        ("Transient", "", [("failed", "4.0.0")], []),
        ("DnsError", "", [("failed", "4.0.0")], []),
        ("SpamNotification", "", [("failed", "5.7.1")], []),
        ("Blocked", "", [("failed", "5.7.1")], []),
        ("SpamComplaint", "", [("complaint", "")], ["complaint"]),
        ("Unsubscribe", "", [("unsubscribed", "")], ["unsubscribed"]),
        ("AutoResponder", "I am away", [], []),
        ("ChallengeVerification", "", [], []),
        ("SomethingNew", "smtp;550 5.1.1 user unknown", [], []),
    ],
)
def test_each_type_of_bounce_has_its_meaning(
    hooks: Hooks, kind: str, details: str, expected: list[tuple[str, str]], reasons: list[str]
) -> None:
    sent(hooks.database)

    assert hooks.call("postmark", record(Type=kind, Details=details), headers())[0] == 200
    assert (said(hooks), hooks.reasons()) == (expected, reasons)


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        ({}, ["unsubscribed"]),
        ({"Origin": "Admin"}, []),
        ({"SuppressionReason": "HardBounce", "Origin": "Customer"}, ["hard bounce"]),
        ({"SuppressionReason": "SpamComplaint"}, ["complaint"]),
        ({"SuppressSending": False}, []),
        ({"SuppressSending": "true"}, []),
    ],
)
def test_what_postmark_suppresses_by_the_readers_word_we_suppress_too(
    hooks: Hooks, given: dict[str, Any], reasons: list[str]
) -> None:
    sent(hooks.database)
    assert hooks.call("postmark", change(**given), headers())[0] == 200
    assert hooks.reasons() == reasons


def test_who_leaves_through_postmark_has_left_and_the_consent_log_knows(hooks: Hooks) -> None:
    sent(hooks.database)
    hooks.call("postmark", change(), headers())

    reader = show(hooks.database, 1)
    assert reader is not None
    assert [one.status for one in reader.subscriptions] == ["unsubscribed"]
    assert len(hooks.everything()["consent"]) == 1


def test_our_mark_in_the_metadata_names_the_message(hooks: Hooks) -> None:
    sent(hooks.database)
    sent(hooks.database, name="weekly-2")
    hooks.call("postmark", record(Metadata={"mail_from": address(1)}), headers())
    with hooks.database.read() as connection:
        assert [row.delivery_id for row in bounced(connection)] == [1]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (headers("another-password-of-theirs"), 401),
        (headers(PASSWORD + "x"), 401),
        (headers(""), 401),
        (headers(scheme="Bearer"), 401),
        ({"Content-Type": "application/json"}, 401),
        ({"Content-Type": "application/json", "Authorization": "Basic"}, 401),
        ({"Content-Type": "application/json", "Authorization": "Basic \xff"}, 401),
        (headers(kind="text/plain"), 415),
        (headers(kind="application/x-www-form-urlencoded"), 415),
    ],
)
def test_without_the_password_nothing_changes(hooks: Hooks, given: dict[str, str], status: int) -> None:
    sent(hooks.database)
    before = hooks.everything()

    assert hooks.call("postmark", record(), given)[0] == status
    assert hooks.everything() == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"RecordType": []}', b'{"a": "\\ud800"}', b"1" * 5000]
)
def test_what_cannot_be_understood_changes_nothing(hooks: Hooks, body: bytes) -> None:
    sent(hooks.database)
    before = hooks.everything()
    assert hooks.call("postmark", body, headers())[0] in (200, 400)
    assert hooks.everything() == before


@pytest.mark.parametrize("peer", ["198.51.100.1", "", "testclient", "2001:db9::1"])
def test_with_a_list_of_networks_a_call_from_elsewhere_is_refused(peer: str) -> None:
    hook = Postmark(USERNAME, PASSWORD, ("192.0.2.0/24", "2001:db8::/32"))

    assert hook.verify(call(), never).id == ""
    assert hook.verify(call("2001:db8::7"), never).id == ""
    with pytest.raises(Refused, match="it comes from elsewhere"):
        hook.verify(call(peer), never)


@pytest.mark.parametrize(
    ("username", "password", "ips"),
    [("postmark", "short", ()), ("", PASSWORD, ()), ("a:b", PASSWORD, ()), ("postmark", PASSWORD, ("here",))],
)
def test_options_that_protect_nothing_are_refused(username: str, password: str, ips: tuple[str, ...]) -> None:
    with pytest.raises(PluginError, match="postmark: "):
        Postmark(username, password, ips)
