"""Stage of the dialogue, reply → Outcome.

Pure; docs/delivery.md has the table. Two questions decide: may this message be
tried again (verdict), and whom does the refusal concern (fault)? When in doubt
about the second it is not the reader: a wrong FAILED would cost a subscriber.
"""

from __future__ import annotations

import re
from enum import StrEnum

from newsletter.model import Fault, Outcome, Verdict
from newsletter.senders.smtp_replies import Reply

_LONGEST_TEXT = 500


class Stage(StrEnum):
    """What a reply answers; the value is the word that people read."""

    GREETING = "greeting"
    HELLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    RSET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "final dot"
    NOTHING = "lone dot"  #: the text that a server wants although it took no recipient
    QUIT = "QUIT"


# RFC 3463. Authentication, policy and reputation (5.7), our own address (5.1.7, 5.1.8),
# a mail loop (5.4.6), commands that the server did not understand (5.5.2, 5.5.4).
_ABOUT_US = re.compile(r"5\.7\.|5\.1\.[78]$|5\.4\.6$|5\.5\.[24]$")
_ABOUT_THE_MESSAGE = re.compile(r"5\.3\.4$|5\.6\.")
_ABOUT_THE_MAILBOX = re.compile(r"4\.[12]\.")
# Bad sequence, not implemented, authentication required: a RCPT may get these, but they are not about it.
_CODES_ABOUT_US = frozenset({500, 502, 503, 504, 530, 535, 538})


def judge(stage: Stage, reply: Reply) -> Outcome:
    """The outcome of an attempt that ended with `reply`, unless the reply let it go on."""
    if stage is Stage.DOT and reply.code // 100 == 2:
        return Outcome(Verdict.SENT, Fault.NONE, reply.code, printable(reply.text))
    verdict, fault = _judged(stage, reply)
    return Outcome(verdict, fault, reply.code, printable(f"{stage}: {reply.text}"))


def printable(text: str) -> str:
    """`text` as it may stand in a log or a table cell: one line, no controls, at most 500 characters."""
    safe = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return " ".join(safe.split())[:_LONGEST_TEXT]


def _judged(stage: Stage, reply: Reply) -> tuple[Verdict, Fault]:
    match reply.code // 100:
        case 4:
            return Verdict.DEFERRED, _whose_delay(stage, reply)
        case 5:
            return _refused(stage, reply)
    # A reply that fits no command here: certain only before the final dot.
    return Verdict.IN_DOUBT if stage is Stage.DOT else Verdict.DEFERRED, Fault.RELAY


def _whose_delay(stage: Stage, reply: Reply) -> Fault:
    # 4.7.x is our rate or a greylist: it passes, so nobody is paused and nobody's bounces are counted.
    if stage not in (Stage.RCPT, Stage.DATA, Stage.DOT) or reply.code == 421:
        return Fault.RELAY
    if reply.enhanced:
        return Fault.RECIPIENT if _ABOUT_THE_MAILBOX.match(reply.enhanced) else Fault.RELAY
    return Fault.RECIPIENT if stage is Stage.RCPT and reply.code != 452 else Fault.RELAY


def _refused(stage: Stage, reply: Reply) -> tuple[Verdict, Fault]:
    match stage:
        case Stage.GREETING | Stage.HELLO | Stage.STARTTLS:
            return Verdict.DEFERRED, Fault.RELAY
        case Stage.AUTH:
            return Verdict.DEFERRED, Fault.US
        case Stage.MAIL:
            too_big = reply.code == 552 or reply.enhanced == "5.3.4"
            return Verdict.FAILED if too_big else Verdict.DEFERRED, Fault.US
    if _ABOUT_US.match(reply.enhanced) or reply.code in _CODES_ABOUT_US:
        return Verdict.DEFERRED, Fault.US
    full = reply.enhanced == "5.2.2" or (stage is Stage.RCPT and reply.code == 552)
    if full:  # RFC 5321 4.5.3.1.10: treat 552 to RCPT as 452
        return Verdict.DEFERRED, Fault.RECIPIENT
    about_message = _ABOUT_THE_MESSAGE.match(reply.enhanced) or (not reply.enhanced and reply.code == 552)
    return Verdict.FAILED, Fault.US if about_message and stage is not Stage.RCPT else Fault.RECIPIENT
