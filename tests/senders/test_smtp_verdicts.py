"""Every fault of docs/delivery.md, and the verdict that it must give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from newsletter.model import Envelope, Fault, Outcome, Verdict
from newsletter.outbox.states import is_hard_bounce
from newsletter.senders.smtp import SmtpSender
from tests.senders.fault_server import Act, FaultServer, Script, Then

SENT, DEFERRED, FAILED, IN_DOUBT = Verdict.SENT, Verdict.DEFERRED, Verdict.FAILED, Verdict.IN_DOUBT
NONE, RECIPIENT, US, RELAY = Fault.NONE, Fault.RECIPIENT, Fault.US, Fault.RELAY
HANG_UP, RESET, SILENT = Then.HANG_UP, Then.RESET, Then.SAY_NOTHING

ENVELOPE = Envelope("bounce@news.test", "ada@reader.test")
MESSAGE = b"Message-ID: <1@news.test>\r\nSubject: s\r\n\r\n" + b"A line of text.\r\n" * 40
LARGE = b"Message-ID: <2@news.test>\r\nSubject: s\r\n\r\n" + (b"y" * 990 + b"\r\n") * 12_000


@contextmanager
def sender(server: FaultServer, **options: float) -> Iterator[SmtpSender]:
    timings = {"timeout": 2.0, "dot_timeout": 2.0, **options}
    smtp = SmtpSender("127.0.0.1", server.port, "none", **timings)  # type: ignore[arg-type]
    try:
        yield smtp
    finally:
        smtp.close()


def attempt(server: FaultServer, message: bytes = MESSAGE, **options: float) -> Outcome:
    with sender(server, **options) as smtp:
        return smtp.send(ENVELOPE, message)


ROWS: tuple[tuple[str, Script, Verdict, Fault, int], ...] = (
    ("greeting: 421", {"greeting": Act(b"421 4.3.2 busy\r\n", HANG_UP)}, DEFERRED, RELAY, 421),
    ("greeting: 554", {"greeting": Act(b"554 5.3.2 no\r\n")}, DEFERRED, RELAY, 554),
    ("greeting: dropped", {"greeting": Act(then=HANG_UP)}, DEFERRED, RELAY, 0),
    ("greeting: not SMTP", {"greeting": Act(b"HTTP/1.1 400 Bad Request\r\n")}, DEFERRED, RELAY, 0),
    ("ehlo: dropped", {"ehlo": Act(then=HANG_UP)}, DEFERRED, RELAY, 0),
    ("ehlo: 502, helo taken", {"ehlo": Act(b"502 5.5.1 what\r\n")}, SENT, NONE, 250),
    ("ehlo and helo: 550", {"ehlo": Act(b"550 no\r\n"), "helo": Act(b"550 no\r\n")}, DEFERRED, RELAY, 550),
    ("ehlo: endless", {"ehlo": Act(b"250-more\r\n" * 5000)}, DEFERRED, RELAY, 0),
    ("ehlo: size too small", {"ehlo": Act(b"250-f\r\n250 SIZE 100\r\n")}, FAILED, US, 0),
    ("mail: 421 and closed", {"mail": Act(b"421 4.7.0 rate\r\n", HANG_UP)}, DEFERRED, RELAY, 421),
    ("mail: 451", {"mail": Act(b"451 4.3.0 later\r\n")}, DEFERRED, RELAY, 451),
    ("mail: 550", {"mail": Act(b"550 5.7.1 no\r\n")}, DEFERRED, US, 550),
    ("mail: 550 bare", {"mail": Act(b"550 no\r\n")}, DEFERRED, US, 550),
    ("mail: 530", {"mail": Act(b"530 5.7.0 Must issue STARTTLS\r\n")}, DEFERRED, US, 530),
    ("mail: 552", {"mail": Act(b"552 5.3.4 too big\r\n")}, FAILED, US, 552),
    ("mail: 354", {"mail": Act(b"354 go\r\n")}, DEFERRED, RELAY, 354),
    ("rcpt: 251", {"rcpt": Act(b"251 will forward\r\n")}, SENT, NONE, 250),
    ("rcpt: 252", {"rcpt": Act(b"252 will try\r\n")}, SENT, NONE, 250),
    ("rcpt: 421", {"rcpt": Act(b"421 bye\r\n", HANG_UP)}, DEFERRED, RELAY, 421),
    ("rcpt: 450", {"rcpt": Act(b"450 4.2.0 greylisted\r\n")}, DEFERRED, RECIPIENT, 450),
    ("rcpt: 451 rate", {"rcpt": Act(b"451 4.7.28 rate\r\n")}, DEFERRED, RELAY, 451),
    ("rcpt: 452 mailbox", {"rcpt": Act(b"452 4.2.2 full\r\n")}, DEFERRED, RECIPIENT, 452),
    ("rcpt: 452 too many", {"rcpt": Act(b"452 4.5.3 too many\r\n")}, DEFERRED, RELAY, 452),
    ("rcpt: 550 unknown", {"rcpt": Act(b"550 5.1.1 unknown\r\n")}, FAILED, RECIPIENT, 550),
    ("rcpt: 550 bare", {"rcpt": Act(b"550 unknown\r\n")}, FAILED, RECIPIENT, 550),
    ("rcpt: 550 policy", {"rcpt": Act(b"550 5.7.26 unauthenticated\r\n")}, DEFERRED, US, 550),
    ("rcpt: 554 relaying", {"rcpt": Act(b"554 5.7.1 Relay access denied\r\n")}, DEFERRED, US, 554),
    ("rcpt: 550 our domain", {"rcpt": Act(b"550 5.1.8 Domain not found\r\n")}, DEFERRED, US, 550),
    ("rcpt: 503", {"rcpt": Act(b"503 5.5.1 need MAIL\r\n")}, DEFERRED, US, 503),
    ("rcpt: 552 full", {"rcpt": Act(b"552 5.2.2 full\r\n")}, DEFERRED, RECIPIENT, 552),
    ("rcpt: 550 full", {"rcpt": Act(b"550 5.2.2 full\r\n")}, DEFERRED, RECIPIENT, 550),
    ("rcpt: 552 bare", {"rcpt": Act(b"552 too many\r\n")}, DEFERRED, RECIPIENT, 552),
    ("421 unasked", {"mail": Act(b"250 ok\r\n421 4.3.2 going down\r\n")}, DEFERRED, RELAY, 421),
    ("rcpt: dropped", {"rcpt": Act(then=HANG_UP)}, DEFERRED, RELAY, 0),
    ("rcpt: reset", {"rcpt": Act(then=RESET)}, DEFERRED, RELAY, 0),
    ("rcpt: two replies", {"rcpt": Act(b"250 ok\r\n250 ok\r\n")}, DEFERRED, RELAY, 250),
    ("data: 451", {"data": Act(b"451 4.3.0 no\r\n")}, DEFERRED, RELAY, 451),
    ("data: 554", {"data": Act(b"554 no\r\n")}, FAILED, RECIPIENT, 554),
    ("data: 554 policy", {"data": Act(b"554 5.7.1 no\r\n")}, DEFERRED, US, 554),
    ("data: 250", {"data": Act(b"250 ok\r\n")}, DEFERRED, RELAY, 250),
    ("data: refused early", {"data": Act(b"354 go\r\n552 5.3.4 too big\r\n")}, FAILED, US, 552),
    ("data: taken early", {"data": Act(b"354 go\r\n250 ok\r\n")}, DEFERRED, RELAY, 250),
    ("dot: dropped, not taken", {"dot": Act(then=HANG_UP)}, IN_DOUBT, RELAY, 0),
    ("dot: dropped, taken", {"dot": Act(then=HANG_UP, takes=True)}, IN_DOUBT, RELAY, 0),
    ("dot: reset, taken", {"dot": Act(then=RESET, takes=True)}, IN_DOUBT, RELAY, 0),
    ("dot: 451", {"dot": Act(b"451 4.3.0 no\r\n")}, DEFERRED, RELAY, 451),
    ("dot: 452 full", {"dot": Act(b"452 4.2.2 full\r\n")}, DEFERRED, RECIPIENT, 452),
    ("dot: 421 and closed", {"dot": Act(b"421 4.3.2 bye\r\n", HANG_UP)}, DEFERRED, RELAY, 421),
    ("dot: 550 spam", {"dot": Act(b"550 5.7.1 spam\r\n")}, DEFERRED, US, 550),
    ("dot: 550 unknown", {"dot": Act(b"550 5.1.1 unknown\r\n")}, FAILED, RECIPIENT, 550),
    ("dot: 552 full", {"dot": Act(b"552 5.2.2 full\r\n")}, DEFERRED, RECIPIENT, 552),
    ("dot: 552 too big", {"dot": Act(b"552 5.3.4 too big\r\n")}, FAILED, US, 552),
    ("dot: 250, dropped", {"dot": Act(b"250 2.0.0 ok\r\n", HANG_UP)}, SENT, NONE, 250),
    ("dot: 250 in lines", {"dot": Act(b"250-2.0.0 ok\r\n250 2.0.0 q\r\n")}, SENT, NONE, 250),
    ("dot: 250 byte by byte", {"dot": Act(b"250 2.0.0 ok\r\n", byte_by_byte=True)}, SENT, NONE, 250),
    ("dot: 250 late", {"dot": Act(b"250 ok\r\n", after=0.4)}, SENT, NONE, 250),
    ("dot: 25, dropped", {"dot": Act(b"25", HANG_UP, True)}, IN_DOUBT, RELAY, 0),
    ("dot: 250- alone, dropped", {"dot": Act(b"250-ok\r\n", HANG_UP, True)}, IN_DOUBT, RELAY, 0),
    ("dot: 250 and 550 in one", {"dot": Act(b"250-ok\r\n550 no\r\n", takes=True)}, IN_DOUBT, RELAY, 0),
    ("dot: not SMTP", {"dot": Act(b"hello world\r\n", takes=True)}, IN_DOUBT, RELAY, 0),
    ("dot: 354", {"dot": Act(b"354 go\r\n", takes=True)}, IN_DOUBT, RELAY, 354),
    ("dot: a line of 9,000", {"dot": Act(b"250 " + b"z" * 9000 + b"\r\n")}, IN_DOUBT, RELAY, 0),
)


@pytest.mark.parametrize(
    ("script", "verdict", "fault", "code"), [pytest.param(*r[1:], id=r[0]) for r in ROWS]
)
def test_each_fault_gives_its_verdict(script: Script, verdict: Verdict, fault: Fault, code: int) -> None:
    with FaultServer(script) as server:
        outcome = attempt(server)
    assert (verdict, fault, code) == (outcome.verdict, outcome.fault, outcome.code), outcome.text
    assert outcome.text.isprintable() and 0 < len(outcome.text) <= 500
    # What the server truly holds can never contradict the verdict.
    if verdict is SENT:
        assert len(server.accepted) == 1
    if verdict in (DEFERRED, FAILED):
        assert server.accepted == []


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data"])
def test_silence_before_the_dot_is_deferred(stage: str) -> None:
    with FaultServer({stage: Act(then=SILENT)}) as server:
        outcome = attempt(server, timeout=0.15)
    assert (outcome.verdict, outcome.fault, outcome.code) == (DEFERRED, RELAY, 0)
    assert "timed out" in outcome.text


@pytest.mark.parametrize("takes", [False, True])
def test_silence_after_the_dot_is_in_doubt(takes: bool) -> None:
    with FaultServer({"dot": Act(then=SILENT, takes=takes)}) as server:
        outcome = attempt(server, dot_timeout=0.15)
    assert (outcome.verdict, outcome.fault, outcome.code) == (IN_DOUBT, RELAY, 0)
    assert takes == bool(server.accepted)


def test_only_the_dot_timeout_counts_after_the_dot() -> None:
    with FaultServer({"dot": Act(b"250 ok\r\n", after=0.5)}) as server:
        assert attempt(server, timeout=0.2, dot_timeout=5.0).verdict is SENT


@pytest.mark.parametrize("drops", [HANG_UP, RESET], ids=["drop", "reset"])
def test_a_connection_lost_in_the_body_is_certain(drops: Then) -> None:
    # Far larger than the socket buffers, so the dot cannot have been handed over.
    with FaultServer({"middle": Act(then=drops)}) as server:
        outcome = attempt(server, LARGE)
    assert (outcome.verdict, outcome.fault, outcome.code) == (DEFERRED, RELAY, 0)


def test_a_server_that_stops_reading_the_body_is_certain() -> None:
    with FaultServer({"middle": Act(then=SILENT)}) as server:
        outcome = attempt(server, LARGE, timeout=0.3)
    assert (outcome.verdict, outcome.fault) == (DEFERRED, RELAY)


def test_nobody_listens() -> None:
    with FaultServer() as server:
        pass
    outcome = attempt(server)
    assert (outcome.verdict, outcome.fault, outcome.code) == (DEFERRED, RELAY, 0)
    assert f"cannot connect to 127.0.0.1:{server.port}: Connection refused" == outcome.text


def test_a_name_that_does_not_exist() -> None:
    smtp = SmtpSender("mail.invalid", 25, "none", timeout=2)
    outcome = smtp.send(ENVELOPE, MESSAGE)
    assert (outcome.verdict, outcome.fault, outcome.code) == (DEFERRED, RELAY, 0)
    assert outcome.text.startswith("cannot connect to mail.invalid:25: ")


@pytest.mark.parametrize(
    ("reply", "hard"),
    [
        (b"550 5.1.1 unknown\r\n", True),
        (b"550-5.1.1 The account\r\n550-5.1.1 does not\r\n550 5.1.1 exist\r\n", True),
        (b"550 5.2.1 disabled\r\n", True),
        (b"550 5.1.10 null MX\r\n", True),
        (b"550 5.1.15 something else\r\n", False),
        (b"550 5.7.1 see 5.1.1\r\n", False),
        (b"550 unknown\r\n", False),
        (b"552 5.2.2 full\r\n", False),
        (b"450 4.1.1 unknown for now\r\n", False),
    ],
)
def test_only_codes_about_the_address_are_hard_bounces(reply: bytes, hard: bool) -> None:
    with FaultServer({"rcpt": Act(reply)}) as server:
        assert hard == is_hard_bounce(attempt(server))


# ── the connection between messages ─────────────────────────────────────────


def test_one_connection_carries_many_messages_and_ends_with_quit() -> None:
    with FaultServer() as server, sender(server) as smtp:
        assert [smtp.send(ENVELOPE, MESSAGE).verdict for _ in range(3)] == [SENT] * 3
    assert (server.connections, len(server.accepted), server.commands[-1]) == (1, 3, "QUIT")


def test_after_a_refusal_the_same_connection_is_reset_and_goes_on() -> None:
    rcpt = (Act(b"550 5.1.1 unknown\r\n"), Act(b"250 ok\r\n"))
    with FaultServer({"rcpt": rcpt}) as server, sender(server) as smtp:
        assert [smtp.send(ENVELOPE, MESSAGE).verdict for _ in range(2)] == [FAILED, SENT]
        assert server.connections == 1
        assert [c for c in server.commands if c == "RSET"] == ["RSET"]


BETWEEN: tuple[tuple[str, Script], ...] = (
    ("closed while idle", {"dot": Act(b"250 ok\r\n", HANG_UP)}),
    ("421 while idle", {"dot": Act(b"250 ok\r\n421 4.4.2 idle too long\r\n", HANG_UP)}),
    ("421 to MAIL", {"mail": (Act(b"250 ok\r\n"), Act(b"421 4.7.0 enough\r\n", HANG_UP))}),
    ("dropped at MAIL", {"mail": (Act(b"250 ok\r\n"), Act(then=HANG_UP))}),
    ("noise while idle", {"dot": Act(b"250 ok\r\n250 again\r\n")}),
)


@pytest.mark.parametrize("script", [pytest.param(s, id=name) for name, s in BETWEEN])
def test_a_connection_that_ended_between_messages_is_replaced_silently(script: Script) -> None:
    with FaultServer(script, {}) as server, sender(server) as smtp:
        assert [smtp.send(ENVELOPE, MESSAGE).verdict for _ in range(2)] == [SENT, SENT]
        assert (server.connections, len(server.accepted)) == (2, 2)


@pytest.mark.parametrize("rset", [Act(b"502 what\r\n"), Act(b"421 bye\r\n", HANG_UP), Act(then=HANG_UP)])
def test_a_failed_reset_costs_a_connection_and_no_message(rset: Act) -> None:
    with (
        FaultServer({"rcpt": Act(b"550 5.1.1 unknown\r\n"), "rset": rset}, {}) as server,
        sender(server) as smtp,
    ):
        assert [smtp.send(ENVELOPE, MESSAGE).verdict for _ in range(2)] == [FAILED, SENT]
        assert server.connections == 2


def test_a_new_connection_that_says_421_to_mail_is_not_tried_for_ever() -> None:
    with FaultServer({"mail": Act(b"421 4.7.0 enough\r\n", HANG_UP)}) as server, sender(server) as smtp:
        assert [smtp.send(ENVELOPE, MESSAGE).verdict for _ in range(2)] == [DEFERRED, DEFERRED]
        assert server.connections == 2


@pytest.mark.parametrize(
    "script",
    [
        {"dot": Act(then=HANG_UP)},
        {"dot": Act(b"what\r\n")},
        {"dot": Act(b"354 go\r\n")},
        {"dot": Act(b"421 4.3.2 going down\r\n")},
        {"data": Act(b"250 ok\r\n")},
        {"rcpt": Act(b"452 4.5.3 too many\r\n")},
    ],
    ids=["in doubt", "not SMTP", "354 to the dot", "421 to the dot", "250 to DATA", "452"],
)
def test_a_connection_that_is_not_understood_is_never_used_again(script: Script) -> None:
    with FaultServer(script, {}) as server, sender(server) as smtp:
        smtp.send(ENVELOPE, MESSAGE)
        assert SENT is smtp.send(ENVELOPE, MESSAGE).verdict
        assert server.connections == 2


def test_closing_does_not_wait_for_a_server_that_says_nothing() -> None:
    with FaultServer({"quit": Act(then=SILENT)}) as server:
        smtp = SmtpSender("127.0.0.1", server.port, "none", timeout=0.2)
        smtp.send(ENVELOPE, MESSAGE)
        smtp.close()
        smtp.close()


# ── what is written ─────────────────────────────────────────────────────────


def test_leading_dots_arrive_as_they_left() -> None:
    message = MESSAGE + b".\r\n..\r\n.hidden\r\n"
    with FaultServer() as server:
        attempt(server, message)
    stuffed = server.accepted[0]
    assert stuffed == MESSAGE + b"..\r\n...\r\n..hidden\r\n"


def test_the_null_return_path_is_written_as_such() -> None:
    with FaultServer() as server, sender(server) as smtp:
        assert SENT is smtp.send(Envelope("", "ada@reader.test"), MESSAGE).verdict
        assert f"MAIL FROM:<> SIZE={len(MESSAGE)}" in server.commands


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test>\r\nRCPT TO:<x@y.test",
        "a@b.test\nDATA",
        "a b@c.test",
        "<a@b.test>",
        "a@b.test>",
        "a@b\x00.test",
        "",
        "a",
        "@b.test",
        "a@",
        "a@b@c",
        "a\u2028@b.test",
        "a\x85@b.test",
        "\ud800@b.test",
        "a" * 65 + "@b.test",
    ],
)
def test_an_address_that_could_end_the_line_is_refused_before_anything_is_written(address: str) -> None:
    with FaultServer() as server, sender(server) as smtp:
        outcome = smtp.send(Envelope("bounce@news.test", address), MESSAGE)
        assert (outcome.verdict, outcome.fault, outcome.code) == (FAILED, RECIPIENT, 0)
        if address:
            outcome = smtp.send(Envelope(address, "ada@reader.test"), MESSAGE)
            assert (outcome.verdict, outcome.fault, outcome.code) == (DEFERRED, US, 0)
    assert server.connections == 0


def test_smtputf8_is_asked_for_only_when_needed_and_offered() -> None:
    utf8 = Envelope("bounce@news.test", "jürgen@reader.test")
    offers = {"ehlo": Act(b"250-f\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")}
    with FaultServer(offers) as server, sender(server) as smtp:
        assert SENT is smtp.send(ENVELOPE, MESSAGE).verdict
        assert SENT is smtp.send(utf8, MESSAGE).verdict
        assert SENT is smtp.send(ENVELOPE, "Subject: Grüße\r\n\r\nx\r\n".encode()).verdict
    mails = [c for c in server.commands if c.startswith("MAIL")]
    plain = "MAIL FROM:<bounce@news.test>"
    assert [plain, f"{plain} SMTPUTF8", f"{plain} BODY=8BITMIME SMTPUTF8"] == mails
    assert "RCPT TO:<jürgen@reader.test>" in server.commands


@pytest.mark.parametrize("offer", ["8BITMIME", "DSN"])
def test_eight_bits_are_sent_only_where_they_are_taken(offer: str) -> None:
    with FaultServer({"ehlo": Act(f"250-f\r\n250 {offer}\r\n".encode())}) as server:
        outcome = attempt(server, "Subject: s\r\n\r\nGrüße\r\n".encode())
    taken = ["MAIL FROM:<bounce@news.test> BODY=8BITMIME"] if offer == "8BITMIME" else []
    assert [c for c in server.commands if c.startswith("MAIL")] == taken
    assert (outcome.verdict, outcome.fault) == ((SENT, NONE) if taken else (DEFERRED, US))


def test_a_reply_without_end_is_not_read_without_end() -> None:
    with FaultServer({"ehlo": Act(b"250-more\r\n" * 5000)}) as server:
        assert attempt(server).text == "a reply that does not end, in answer to EHLO"


def test_a_reply_that_trickles_is_not_waited_for_without_end() -> None:
    # Each octet comes in time; the reply as a whole does not.
    with FaultServer({"rcpt": Act(b"250 " + b"o" * 200 + b"\r\n", byte_by_byte=True, pause=0.02)}) as server:
        outcome = attempt(server, timeout=0.2)
    assert outcome.verdict is DEFERRED
    assert outcome.text == "waiting for the reply to RCPT: timed out"


def test_a_return_path_that_the_server_cannot_take_is_no_fault_of_the_reader() -> None:
    with FaultServer() as server, sender(server) as smtp:
        outcome = smtp.send(Envelope("bücher@news.test", "ada@reader.test"), MESSAGE)
    assert (outcome.verdict, outcome.fault) == (DEFERRED, US)


def test_an_address_that_the_server_cannot_take_fails_alone() -> None:
    with FaultServer() as server, sender(server) as smtp:
        outcome = smtp.send(Envelope("bounce@news.test", "jürgen@reader.test"), MESSAGE)
        assert Outcome(FAILED, RECIPIENT, 0, "smtputf8 unsupported by the server") == outcome
        assert SENT is smtp.send(ENVELOPE, MESSAGE).verdict


def test_what_a_server_says_is_made_printable_and_short() -> None:
    with FaultServer(
        {"rcpt": Act(b"550 5.1.1 \x1b[31mred\x00 \xff \xe2\x80\xae" + b"x" * 900 + b"\r\n")}
    ) as server:
        text = attempt(server).text
    assert text.isprintable() and len(text) == 500
    assert text.startswith("RCPT: 5.1.1 [31mred \ufffd xxx")
