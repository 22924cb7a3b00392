"""What is understood of a mail that came back, whoever wrote it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.audience.bounces import Action, Notice, Reading, read
from newsletter.audience.tokens import Tokens
from newsletter.delivery.bounced import Effect, meaning
from tests.inbox.returned import (
    EXIM,
    OTHERS,
    QMAIL,
    TOKENS,
    WAITS,
    address,
    complaint,
    dsn,
    free,
    original,
)


def only(octets: bytes) -> Notice:
    (notice,) = read(octets, TOKENS).notices
    return notice


@given(st.integers(1, 2**63 - 1))
def test_a_bounce_address_names_its_delivery_in_any_case_of_letters(id: int) -> None:
    made = address(id)
    assert len(made.partition("@")[0]) <= 64
    assert TOKENS.verp().delivery_id(f"<{made.upper()}>") == TOKENS.verp().delivery_id(made) == id


def test_a_bounce_address_is_read_with_every_key_and_made_with_the_newest() -> None:
    old, both = Tokens(("old-" + "k" * 40,)), Tokens(("new-" + "k" * 40, "old-" + "k" * 40))
    assert both.verp().delivery_id(address(7, old)) == 7
    assert old.verp().delivery_id(address(7, both)) is None


@pytest.mark.parametrize(
    "text",
    [
        address(7, OTHERS),
        address(7).replace("+7.", "+8."),
        address(7).replace("+7.", "+07."),
        "bounce+7@bounces.news.test",
        "bounce+7.@bounces.news.test",
        "",
        "+" + "9" * 100_000,
    ],
)
def test_a_bounce_address_that_we_did_not_make_names_nothing(text: str) -> None:
    assert TOKENS.verp().delivery_id(text) is None


def test_a_report_of_a_failure_is_read() -> None:
    assert read(dsn(address(17)), TOKENS) == Reading(
        (
            Notice(
                Action.FAILED,
                "r1@example.org",
                "5.1.1",
                "550 5.1.1 user unknown",
                delivery_id=17,
                subscriber_id=0,
                message_id="<m1@news.test>",
            ),
        )
    )


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_bounce_address_is_found_where_a_server_wrote_it(name: str) -> None:
    mail = dsn("undisclosed-recipients:;").replace(
        b"Return-Path", f"{name}: {address(9)}\nReturn-Path".encode(), 1
    )
    assert only(mail).delivery_id == 9


def test_a_forged_mark_names_no_delivery() -> None:
    assert only(dsn(address(17, OTHERS))).delivery_id == 0


def test_the_unsubscribe_link_that_was_returned_names_the_reader() -> None:
    token = TOKENS.unsubscribe(5, "weekly")
    notice = only(dsn("ida@news.test", returned=original(token=token)))
    forged = only(dsn("ida@news.test", returned=original(token=OTHERS.unsubscribe(5, "weekly"))))
    assert (notice.subscriber_id, forged.subscriber_id) == (5, 0)


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected", "effect"),
    [
        ("5.1.1", "smtp; 550 5.1.1 user unknown", "5.1.1", Effect.SUPPRESSED),
        ("5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10", Effect.SUPPRESSED),
        ("5.2.1", "smtp; 550 5.2.1 disabled", "5.2.1", Effect.SUPPRESSED),
        ("5.0.0", "smtp; 550 5.1.1 <r1@example.org>", "5.1.1", Effect.SUPPRESSED),
        ("5.0.0", "smtp; 550 No such user here", "5.1.1", Effect.SUPPRESSED),
        ("5.0.0", "smtp; 554 said no", "5.0.0", Effect.COUNTED),
        ("5.0.0", "smtp; 550 mailbox is full", "5.2.2", Effect.COUNTED),
        ("5.2.2", "smtp; 552 5.2.2 over quota", "5.2.2", Effect.COUNTED),
        ("5.3.4", "smtp; 552 5.3.4 too big", "5.3.4", Effect.COUNTED),
        ("4.4.7", "smtp; 451 4.4.1 user unknown to this host yet", "4.4.7", Effect.COUNTED),
        ("4.0.0", "smtp; 450 user unknown yet", "4.0.0", Effect.COUNTED),
        ("5.7.1", "smtp; 550 5.7.1 no such user, and we do not like you", "5.7.1", Effect.ABOUT_US),
        ("5.7.26", "smtp; 550-5.7.26 unauthenticated", "5.7.26", Effect.ABOUT_US),
        ("5.4.6", "smtp; 554 5.4.6 loop", "5.4.6", Effect.ABOUT_US),
        ("5.0.0", "smtp; host 5.1.1.1 said: 550 away", "5.0.0", Effect.COUNTED),
        ("5.0.0", "smtp; 550 5.1.1.1 is away", "5.0.0", Effect.COUNTED),
        ("5.1.1 (unknown)", "", "5.1.1", Effect.SUPPRESSED),
        ("", "", "5.0.0", Effect.COUNTED),
        ("nonsense", "x-unix; 1", "5.0.0", Effect.COUNTED),
    ],
)
def test_what_a_failure_means(status: str, diagnostic: str, expected: str, effect: Effect) -> None:
    notice = only(dsn(address(1), status=status, diagnostic=diagnostic))
    assert (notice.status, meaning(notice)) == (expected, effect)


@pytest.mark.parametrize("action", ["delayed", "Delivered", "relayed", "expanded"])
def test_what_is_no_failure_changes_nothing(action: str) -> None:
    notice = only(dsn(address(1), action=action))
    assert (notice.action, meaning(notice)) == (action.lower(), Effect.NOTED)


def test_an_internationalized_report_is_read() -> None:
    notice = only(dsn(address(3), kind="message/global-delivery-status", recipient="jürgen@example.org"))
    assert (notice.delivery_id, notice.status) == (3, "5.1.1")


def test_a_report_on_several_recipients_gives_a_notice_for_each() -> None:
    more = b"Final-Recipient: rfc822; r2@example.org\nAction: delayed\nStatus: 4.4.1\n"
    second = b"\n" + more + b"\n--B\nContent-Type: text/rfc"
    mail = dsn(address(1)).replace(b"\n--B\nContent-Type: text/rfc", second)
    said = [(notice.recipient, notice.action) for notice in read(mail, TOKENS).notices]
    assert said == [("r1@example.org", Action.FAILED), ("r2@example.org", Action.DELAYED)]


def test_a_complaint_is_read_also_when_only_its_envelope_names_the_message() -> None:
    notice = only(complaint("feedback@news.test", mail_from=address(4)))
    assert (notice.action, notice.delivery_id) == (Action.COMPLAINT, 4)
    assert notice.diagnostic == "abuse, told by SomeGenerator/1.0"
    assert meaning(notice) is Effect.SUPPRESSED


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", ""])
def test_a_report_of_another_kind_is_no_complaint(kind: str) -> None:
    assert read(complaint(address(4), kind=kind), TOKENS).notices == ()


@pytest.mark.parametrize(
    ("octets", "action", "status", "recipient", "message_id"),
    [
        (free(address(6), QMAIL), Action.FAILED, "5.1.1", "r1@example.org", "<m1@news.test>"),
        (
            free(address(6), EXIM, more="X-Failed-Recipients: r1@example.org\n"),
            Action.FAILED, "5.1.1", "r1@example.org", "",
        ),
        (free(address(6), WAITS), Action.DELAYED, "4.2.1", "r1@example.org", ""),
    ],
    ids=["qmail", "Exim", "a warning"],
)  # fmt: skip
def test_a_bounce_in_a_servers_own_words_is_read(
    octets: bytes, action: Action, status: str, recipient: str, message_id: str
) -> None:
    notice = only(octets)
    assert (notice.action, notice.status, notice.recipient) == (action, status, recipient)
    assert (notice.delivery_id, notice.message_id) == (6, message_id)


@pytest.mark.parametrize(
    ("octets", "why_not"),
    [
        (
            free(address(6), "I am away. 550 5.1.1 no such user", sender="r1@example.org",
                 more="Auto-Submitted: auto-replied (vacation)\n"),
            "an automatic reply",
        ),
        (free(address(6), "Away", sender="r1@example.org", more="Precedence: bulk\n"), "an automatic reply"),
        (free(address(6), "Away", sender="", more="Return-Path: <>\n"), "an automatic reply"),
        (free(address(6), "550 5.1.1 is what I got", sender="r1@example.org"), "no bounce"),
        (free(address(6), "Something went wrong."), "no bounce"),
        (free(address(6), "No.\n--- Below this line is a copy of it.\n\nuser unknown"), "no bounce"),
        (b"", "no bounce"),
        (b"\xff\xfe\0\n\n\x80", "no bounce"),
    ],
    ids=["vacation", "list", "null path", "a person", "an oracle", "what was returned", "empty", "no mail"],
)  # fmt: skip
def test_what_is_no_bounce_starts_nothing(octets: bytes, why_not: str) -> None:
    assert read(octets, TOKENS) == Reading((), why_not)


def test_a_bounce_inside_a_forwarded_mail_is_not_said_to_us() -> None:
    inner = dsn(address(17)).decode()
    mail = free(address(17), f"--C\nContent-Type: message/rfc822\n\n{inner}\n--C--", sender="r1@example.org",
                more='Content-Type: multipart/mixed; boundary="C"\n')  # fmt: skip
    assert read(mail, TOKENS) == Reading((), "no bounce")


def test_a_mail_that_is_nested_without_end_is_said_to_be_unreadable_or_none_of_ours() -> None:
    bomb = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3000))
    assert read(f"From: mailer-daemon@x\n{bomb}".encode(), TOKENS).notices == ()


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_no_broken_mail_breaks_the_reader_or_names_another_delivery(seed: int, wounds: int) -> None:
    chosen = random.Random(seed)
    mail = bytearray(chosen.choice([dsn(address(17)), complaint(address(17)), free(address(17), QMAIL)]))
    for _ in range(wounds):
        at = chosen.randrange(len(mail))
        mail[at : at + chosen.randrange(3)] = chosen.randbytes(chosen.randrange(3))
    reading = read(bytes(mail), TOKENS)
    assert {notice.delivery_id for notice in reading.notices} <= {0, 17}
    assert all(
        len(n.diagnostic) <= 500 and (n.diagnostic + n.recipient).isprintable() for n in reading.notices
    )
