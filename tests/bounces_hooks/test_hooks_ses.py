"""Amazon SES: what is believed, what is refused, what follows, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.audience.hooks.ses import Ses
from newsletter.delivery.bounced import bounced
from newsletter.errors import PluginError
from newsletter.message.write import message_id
from newsletter.store import tables as t
from tests.bounces_hooks.amazon import (
    HOST,
    PEM,
    SUBSCRIBE,
    TOPIC,
    authority,
    bounce,
    certificate,
    complaint,
    envelope,
    mail,
    signed,
)
from tests.bounces_hooks.conftest import Hooks
from tests.inbox.returned import OTHERS, address
from tests.inbox.test_bounce_recording import DOUBT, sent
from tests.outbox.publishing import NOW

OTHER_REGION = PEM.replace("eu-west-1", "us-east-1")


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_bounce_shuts_the_reader_out_and_says_why(hooks: Hooks, version: str) -> None:
    sent(hooks.database)

    answer = hooks.ses(signed(envelope(bounce(), SignatureVersion=version)))

    assert answer == (200, "taken")
    assert (hooks.reasons(1), hooks.reasons(2)) == (["hard bounce"], [])
    with hooks.database.read() as connection:
        (row,) = bounced(connection)
    assert (row.delivery_id, row.action, row.status) == (1, "failed", "5.1.1")
    assert row.text == "550 5.1.1 user unknown (Amazon SES: Permanent, General)"


@pytest.mark.parametrize(
    ("kind", "sub", "status", "diagnostic", "expected", "reasons"),
    [
        ("Permanent", "NoEmail", "", "", "5.1.1", ["hard bounce"]),
        ("Permanent", "Suppressed", "5.1.1", "Amazon SES has suppressed it", "5.1.1", ["hard bounce"]),
        ("Permanent", "General", "5.0.0", "smtp; 550 no such user", "5.1.1", ["hard bounce"]),
        ("Permanent", "General", "5.7.1", "smtp; 550 5.7.1 we do not like you", "5.7.1", []),
        ("Transient", "MailboxFull", "5.2.2", "smtp; 552 5.2.2 over quota", "4.2.2", []),
        ("Transient", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", "4.1.1", []),
        ("Transient", "ContentRejected", "5.6.0", "smtp; 550 5.6.0 no", "5.7.1", []),
        ("Undetermined", "Undetermined", "", "", "4.0.0", []),
        ("SomethingNew", "", "5.1.1", "", "4.1.1", []),
    ],
)
def test_what_amazon_calls_permanent_may_shut_out_and_nothing_else_does(
    hooks: Hooks, kind: str, sub: str, status: str, diagnostic: str, expected: str, reasons: list[str]
) -> None:
    sent(hooks.database)

    assert hooks.ses(signed(envelope(bounce("r1@example.org", kind, sub, status, diagnostic))))[0] == 200

    with hooks.database.read() as connection:
        (row,) = bounced(connection)
    assert (row.status, hooks.reasons()) == (expected, reasons)


@pytest.mark.parametrize(
    ("kind", "expected"), [("abuse", ["complaint"]), ("not-spam", []), ("virus", []), ("", ["complaint"])]
)
def test_a_complaint_keeps_every_newsletter_away_from_who_complained(
    hooks: Hooks, kind: str, expected: list[str]
) -> None:
    sent(hooks.database)
    hooks.ses(signed(envelope(complaint(kind=kind))))
    assert hooks.reasons() == expected


def test_what_arrived_is_written_down_only_where_it_ends_a_doubt(hooks: Hooks) -> None:
    sent(hooks.database, DOUBT, readers=1)
    sent(hooks.database, name="weekly-2", readers=3)
    arrived = {"eventType": "Delivery", "delivery": {"recipients": ["r1@example.org"]}}

    for number, reader in ((1, 1), (2, 2)):
        told = {**arrived, "delivery": {"recipients": [f"r{reader}@example.org"]}}
        told["mail"] = mail(source=address(number if number == 1 else 5))
        assert hooks.ses(signed(envelope(told, MessageId=f"m-{number}")))[0] == 200

    with hooks.database.read() as connection:
        assert [(row.delivery_id, row.action) for row in bounced(connection)] == [(1, "delivered")]
        state = connection.execute(select(t.delivery.c.state).where(t.delivery.c.id == 1)).scalar_one()
    assert state == "sent"


@pytest.mark.parametrize(
    ("of_mail", "delivery"),
    [
        ({"source": address(1)}, 1),
        ({"source": address(1, OTHERS)}, 4),
        ({"commonHeaders": {"messageId": message_id(b"k" * 32, "1", "slowpost.example")}}, 4),
        ({"headers": [{"name": "Message-ID", "value": "<unknown@slowpost.example>"}]}, 4),
        ({}, 4),
        ({"timestamp": (NOW - timedelta(hours=1)).isoformat()}, 0),
        ({"timestamp": (NOW + timedelta(days=6)).isoformat()}, 4),
        ({"timestamp": (NOW + timedelta(days=9)).isoformat()}, 4),
        ({"timestamp": "nonsense"}, 4),
        ({"timestamp": "0001-01-01T00:00:00+00:00"}, 0),
    ],
    ids=[
        "our mark", "a forged mark", "our Message-ID", "an unknown one", "the newest", "before any was sent",
        "in a week", "from the future", "no time", "the beginning of time",
    ],
)  # fmt: skip
def test_the_message_is_found_by_our_mark_or_id_and_else_is_the_newest_to_the_address(
    hooks: Hooks, of_mail: dict[str, Any], delivery: int
) -> None:
    sent(hooks.database, readers=3)
    sent(hooks.database, readers=3, name="weekly-2")

    assert hooks.ses(signed(envelope(bounce(**of_mail))))[0] == 200

    with hooks.database.read() as connection:
        assert [row.delivery_id for row in bounced(connection)] == ([delivery] if delivery else [])


@pytest.mark.parametrize("to", ["nobody@example.org", "not an address", "", "r3@example.org"])
def test_a_bounce_of_an_address_that_nothing_was_sent_to_does_nothing(hooks: Hooks, to: str) -> None:
    sent(hooks.database, readers=2)
    before = hooks.everything() | {"hook_call": []}

    assert hooks.ses(signed(envelope(bounce(to))))[0] == 200
    assert hooks.everything() | {"hook_call": []} == before


FORGED: dict[str, tuple[bytes, int, str]] = {
    "another key": (signed(envelope(bounce()), "mallory"), 403, "its signature is not right"),
    "changed after it was signed": (
        signed(envelope(bounce())).replace(b"r1@", b"r2@"), 403, "its signature is not right",
    ),
    "another topic": (
        signed(envelope(bounce(), TopicArn=TOPIC.replace("mail", "mine"))), 403, "its topic is not listed",
    ),
    "another account": (
        signed(envelope(bounce(), TopicArn=TOPIC.replace("123", "999"))), 403, "its topic is not listed",
    ),
    "too old": (
        signed(envelope(bounce(), at=NOW - timedelta(minutes=76))), 403, "it is too old, or from the future",
    ),
    "from the future": (
        signed(envelope(bounce(), at=NOW + timedelta(minutes=6))), 403, "it is too old, or from the future",
    ),
    "no time": (signed(envelope(bounce(), Timestamp="now")), 403, "it is too old, or from the future"),
    "an unknown version": (
        signed(envelope(bounce(), SignatureVersion="3")), 403, "its signature is of an unknown version",
    ),
    "no signature": (json.dumps(envelope(bounce())).encode(), 403, "its signature is not right"),
    "no JSON": (b"Type=Notification", 400, "it is no JSON"),
    "nested without end": (b"[" * 100_000, 400, "it is no JSON"),
    "a list": (b"[]", 400, "it is no JSON object"),
    "raw delivery": (json.dumps(bounce()).encode(), 400, "it is no message of SNS"),
    "not UTF-8": (b"\xff\xfe{", 400, "it is no JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_call_is_refused_and_changes_nothing(hooks: Hooks, name: str) -> None:
    body, status, why = FORGED[name]
    sent(hooks.database)
    before = hooks.everything()

    assert hooks.ses(body) == (status, why)
    assert hooks.everything() == before


@pytest.mark.parametrize(
    "url",
    [
        PEM.replace("https", "http"),
        PEM.replace("amazonaws.com", "amazonaws.com.evil.example"),
        PEM.replace("sns.", "s3."),
        PEM.replace("sns.", "evil.example/sns."),
        PEM.replace("https://", "https://evil.example@"),
        PEM.replace("https://", "https://user:secret@"),
        PEM.replace(".com/", ".com:8443/"),
        PEM.replace(".com/", ".com\\@evil.example/"),
        PEM.replace(".com/", ".com/../"),
        PEM.replace(".pem", ".pem?x=/evil"),
        f"{HOST}/evil.pem",
        OTHER_REGION,
        PEM.replace("sns.", "ѕns."),
        "https://[::1/",
        "file:///etc/passwd",
        "",
        "https://sns.eu-west-1.amazonaws.com\n.evil.example/SimpleNotificationService-0.pem",
    ],
)
def test_a_certificate_is_asked_for_at_the_topics_own_sns_only(hooks: Hooks, url: str) -> None:
    body = signed(envelope(bounce(), SigningCertURL=url))
    assert hooks.ses(body) == (403, "its certificate is not at SNS")
    assert hooks.amazon.asked == []


@pytest.mark.parametrize(
    ("pem", "status"),
    [
        (certificate(), 200),
        (certificate("sns.eu-west-1.amazonaws.com"), 200),
        (certificate() + authority(), 200),
        (certificate() + authority("mallory"), 403),
        (certificate("mail.evil.example"), 403),
        (certificate("sns.amazonaws.com.evil.example"), 403),
        (certificate(days=(-30, -1)), 403),
        (certificate(days=(1, 30)), 403),
        (certificate(elliptic=True), 403),
        (certificate(whose="mallory"), 403),
        (b"no certificate", 403),
        (b"", 403),
    ],
    ids=[
        "good", "regional", "with its issuer", "another's issuer", "another's name", "a longer name",
        "expired", "not yet", "another kind of key", "another key", "none", "empty",
    ],
)  # fmt: skip
def test_the_certificate_must_be_one_of_sns_that_holds_today(hooks: Hooks, pem: bytes, status: int) -> None:
    hooks.amazon.files["/SimpleNotificationService-0123abcd.pem"] = pem or b"\n"
    assert hooks.ses(signed(envelope(bounce())))[0] == status


def test_a_key_that_is_too_short_is_refused(hooks: Hooks) -> None:
    hooks.amazon.files["/SimpleNotificationService-0123abcd.pem"] = certificate(whose="short")
    assert hooks.ses(signed(envelope(bounce()), "short")) == (403, "its certificate has another kind of key")


def test_a_certificate_is_fetched_once_and_not_for_all_that_somebody_makes_up(hooks: Hooks) -> None:
    answers = [hooks.ses(signed(envelope(bounce(), MessageId=f"m-{n}")))[0] for n in range(3)]
    made_up = [
        hooks.ses(signed(envelope(bounce(), SigningCertURL=PEM.replace("0123", f"{n:04}")), "mallory"))[0]
        for n in range(12)
    ]

    assert answers == [200, 200, 200]
    assert made_up == [503] * 12
    assert len(hooks.amazon.asked) == 8


def test_where_the_certificate_cannot_be_had_amazon_may_try_again(hooks: Hooks) -> None:
    pem = hooks.amazon.files.pop("/SimpleNotificationService-0123abcd.pem")
    sent(hooks.database)
    body = signed(envelope(bounce()))

    assert hooks.ses(body)[0] == 503
    hooks.amazon.files["/SimpleNotificationService-0123abcd.pem"] = pem
    assert hooks.ses(body)[0] == 200
    assert hooks.reasons() == ["hard bounce"]


def test_a_call_that_is_played_again_is_refused_also_after_a_restart(hooks: Hooks) -> None:
    sent(hooks.database)
    body = signed(envelope(bounce()))
    hooks.ses(body)
    before = hooks.everything()
    hooks.now = NOW + timedelta(minutes=70)

    assert hooks.ses(body) == (409, "it was taken before")
    assert hooks.everything() == before
    assert [row[0:2] for row in before["hook_call"]] == [("ses", "m-1")]


def test_old_calls_are_forgotten_when_a_new_one_comes(hooks: Hooks) -> None:
    hooks.ses(signed(envelope(bounce())))
    hooks.now = NOW + timedelta(days=8)
    hooks.ses(signed(envelope(bounce(), at=hooks.now, MessageId="m-2")))
    assert [row[1] for row in hooks.everything()["hook_call"]] == ["m-2"]


def test_a_subscription_is_confirmed_once_its_signature_is_right(hooks: Hooks) -> None:
    hello = envelope("You have chosen to subscribe", kind="SubscriptionConfirmation")

    assert hooks.ses(signed(hello, "mallory"))[0] == 403
    assert [path for path in hooks.amazon.asked if "Confirm" in path] == []
    assert hooks.ses(signed(hello)) == (200, "taken")
    assert [path for path in hooks.amazon.asked if "Confirm" in path] == [SUBSCRIBE.removeprefix(HOST)]


@pytest.mark.parametrize(
    "url",
    [
        SUBSCRIBE.replace(HOST, "https://evil.example"),
        SUBSCRIBE.replace("eu-west-1", "us-east-1"),
        SUBSCRIBE.replace("ConfirmSubscription", "Unsubscribe"),
        SUBSCRIBE.replace(":mail", ":another"),
        SUBSCRIBE.replace("https", "http"),
    ],
)
def test_a_confirmation_leads_to_sns_and_to_that_topic_only(hooks: Hooks, url: str) -> None:
    hello = envelope("hello", kind="SubscriptionConfirmation", SubscribeURL=url)
    assert hooks.ses(signed(hello)) == (403, "its confirmation is not at SNS")
    assert not any("Action" in path for path in hooks.amazon.asked)


def test_words_that_are_no_event_are_taken_and_change_nothing(hooks: Hooks) -> None:
    hello = "Successfully validated SNS topic for Amazon SES event publishing."
    goodbye = envelope("You have left", kind="UnsubscribeConfirmation", MessageId="m-2")
    assert hooks.ses(signed(envelope(hello)))[0] == 200
    assert hooks.ses(signed(goodbye))[0] == 200
    assert not any("Action" in path for path in hooks.amazon.asked)


def _endless() -> Iterator[bytes]:
    for _ in range(64):
        yield b"x" * 65536


def test_what_is_too_large_of_another_type_or_no_post_is_refused(hooks: Hooks) -> None:
    good = signed(envelope(bounce()))
    before = hooks.everything()

    assert hooks.ses(_endless())[0] == 413
    assert hooks.ses(b" " * (256 * 1024 + 1))[0] == 413
    assert hooks.ses(good, "text/html")[0] == 415
    assert hooks.ses(good, "")[0] == 415
    assert hooks.call("mailgun", good, {"Content-Type": "text/plain"})[0] == 404
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        assert hooks.call("ses", b"", {}, method)[0] == 405
    assert hooks.everything() == before


@pytest.mark.parametrize("topics", [(), ("mail",), ("arn:aws:sqs:eu-west-1:123456789012:mail",)])
def test_without_a_topic_there_is_no_adapter(topics: tuple[str, ...]) -> None:
    with pytest.raises(PluginError, match='"topics" must be a list such as'):
        Ses(topics)
