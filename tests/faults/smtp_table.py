"""The SMTP faults of one stage of the dialogue, each with the verdict that it must give.

Stages before MAIL concern a connection, all others a message. The words for what is required:

    sent               a complete 2yz came after the dot
    in doubt           nobody can know
    deferred           certainly not accepted; tried again at a time of its own
    deferred (relay)   certainly not accepted; tried again as soon as the server can be used
    paused             it concerns us: it waits, and its issue is paused until somebody has looked
    failed             certainly not accepted, and never will be; suppressed: nor will any other
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.senders.fault_server import Act, Then

HANG_UP, RESET, SILENT = Then.HANG_UP, Then.RESET, Then.SAY_NOTHING
OPENING = ("greeting", "ehlo")
RELAY = "deferred (relay)"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a server does at one stage, and what that must lead to."""

    name: str
    required: str
    stage: str
    act: Act
    large: bool = False  #: the message does not fit into the buffers on the way
    once: bool = False  #: the messages behind it do not meet it


ROWS = (
    Stage("greeting 421", RELAY, "greeting", Act(b"421 4.3.2 busy\r\n", HANG_UP)),
    Stage("greeting: silence", RELAY, "greeting", Act(then=SILENT)),
    Stage("greeting: dropped", RELAY, "greeting", Act(then=HANG_UP)),
    Stage("greeting 554", RELAY, "greeting", Act(b"554 5.3.2 no service\r\n")),
    Stage("EHLO: dropped", RELAY, "ehlo", Act(then=HANG_UP)),
    Stage("EHLO 502, HELO taken", "sent", "ehlo", Act(b"502 5.5.1 what\r\n")),
    Stage("MAIL 421", RELAY, "mail", Act(b"421 4.7.0 too fast\r\n", HANG_UP)),
    Stage("MAIL 451", RELAY, "mail", Act(b"451 4.3.0 later\r\n")),
    Stage("MAIL 550", "paused", "mail", Act(b"550 5.7.1 not you\r\n")),
    Stage("MAIL 552", "failed, paused", "mail", Act(b"552 5.3.4 too big\r\n")),
    Stage("RCPT 421", RELAY, "rcpt", Act(b"421 4.3.2 bye\r\n", HANG_UP)),
    Stage("RCPT 450", "deferred", "rcpt", Act(b"450 4.2.0 greylisted\r\n")),
    Stage("RCPT 452", RELAY, "rcpt", Act(b"452 4.5.3 too many recipients\r\n")),
    Stage("RCPT 550 5.1.1", "failed, suppressed", "rcpt", Act(b"550 5.1.1 unknown\r\n")),
    Stage("RCPT 552 5.2.2", "deferred", "rcpt", Act(b"552 5.2.2 mailbox full\r\n")),
    Stage("RCPT: dropped", RELAY, "rcpt", Act(then=HANG_UP)),
    Stage("RCPT: silence", RELAY, "rcpt", Act(then=SILENT)),
    Stage("DATA 451", RELAY, "data", Act(b"451 4.3.0 later\r\n")),
    Stage("DATA 554", "failed", "data", Act(b"554 no\r\n")),
    Stage("body: dropped, all of it handed over", "in doubt", "middle", Act(then=HANG_UP)),
    Stage("body: reset, all of it handed over", "in doubt", "middle", Act(then=RESET)),
    Stage("dot: dropped, not accepted", "in doubt", "dot", Act(then=HANG_UP)),
    Stage("dot: dropped, accepted", "in doubt", "dot", Act(then=HANG_UP, takes=True)),
    Stage("dot: silence, accepted", "in doubt", "dot", Act(then=SILENT, takes=True)),
    Stage("dot 451", RELAY, "dot", Act(b"451 4.3.0 later\r\n")),
    Stage("dot 421, closed", RELAY, "dot", Act(b"421 4.3.2 bye\r\n", HANG_UP)),
    Stage("dot 550 5.7.1", "paused", "dot", Act(b"550 5.7.1 looks like spam\r\n")),
    Stage("dot 250, then dropped", "sent", "dot", Act(b"250 2.0.0 queued\r\n", HANG_UP)),
    Stage("dot 250, octet by octet", "sent", "dot", Act(b"250 2.0.0 queued\r\n", byte_by_byte=True)),
    Stage("dot 250, a second late", "sent", "dot", Act(b"250 2.0.0 queued\r\n", after=1.0), once=True),
    Stage("dot: `25`, then the end", "in doubt", "dot", Act(b"25", HANG_UP, takes=True)),
    Stage("dot: not SMTP", "in doubt", "dot", Act(b"hello world\r\n", takes=True)),
    Stage("dot: a line of 9,000", "in doubt", "dot", Act(b"250 " + b"z" * 9000 + b"\r\n")),
)

MORE = (
    Stage("body: dropped before it was handed over", RELAY, "middle", Act(then=HANG_UP), large=True),
    Stage("body: reset before it was handed over", RELAY, "middle", Act(then=RESET), large=True),
    Stage("body: the server stops reading", RELAY, "middle", Act(then=SILENT), large=True),
    Stage("RCPT 550 without a code", "failed", "rcpt", Act(b"550 unknown\r\n")),
    Stage("RCPT 550 5.7.26", "paused", "rcpt", Act(b"550 5.7.26 unauthenticated\r\n")),
    Stage("RCPT 251", "sent", "rcpt", Act(b"251 2.1.5 will forward\r\n")),
    Stage("RCPT 252", "sent", "rcpt", Act(b"252 2.1.5 will try\r\n")),
    Stage("RCPT: reset", RELAY, "rcpt", Act(then=RESET)),
    Stage("DATA 554 5.7.1", "paused", "data", Act(b"554 5.7.1 no\r\n")),
    Stage("DATA: dropped", RELAY, "data", Act(then=HANG_UP)),
    Stage("DATA: silence", RELAY, "data", Act(then=SILENT)),
    Stage("dot: reset, accepted", "in doubt", "dot", Act(then=RESET, takes=True)),
    Stage("dot: silence, not accepted", "in doubt", "dot", Act(then=SILENT, takes=False)),
    Stage("dot 452 4.2.2", "deferred", "dot", Act(b"452 4.2.2 mailbox full\r\n")),
    Stage("dot 550 5.1.1", "failed, suppressed", "dot", Act(b"550 5.1.1 unknown\r\n")),
    Stage("dot 552 5.3.4", "failed, paused", "dot", Act(b"552 5.3.4 too big\r\n")),
    Stage("dot: `250-` alone, then the end", "in doubt", "dot", Act(b"250-ok\r\n", HANG_UP, takes=True)),
    Stage("dot: 250 and 550 in one reply", "in doubt", "dot", Act(b"250-ok\r\n550 no\r\n", takes=True)),
    Stage("EHLO: a reply without end", RELAY, "ehlo", Act(b"250-more\r\n" * 5000)),
    Stage(
        "EHLO: SIZE too small", "failed, paused", "ehlo", Act(b"250-f\r\n250-PIPELINING\r\n250 SIZE 100\r\n")
    ),
)
