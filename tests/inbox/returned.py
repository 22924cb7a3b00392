"""Mails that came back, as servers of several kinds write them."""

from __future__ import annotations

from newsletter.audience.tokens import Tokens

TOKENS = Tokens(("k" * 40,))
OTHERS = Tokens(("o" * 40,))
BASE = "bounce@bounces.news.test"


def address(delivery_id: int, tokens: Tokens = TOKENS) -> str:
    """The envelope sender of a delivery."""
    return tokens.verp().address(BASE, delivery_id)


def original(message_id: str = "<m1@news.test>", token: str = "") -> str:
    """The head of a message of ours, as it is returned."""
    link = f"List-Unsubscribe: <https://news.test/u/{token}>,\n <mailto:ida@news.test>\n" if token else ""
    return f"From: Ida <ida@news.test>\nTo: r1@example.org\nSubject: x\nMessage-ID: {message_id}\n{link}\n"


def dsn(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 user unknown",
    recipient: str = "r1@example.org",
    returned: str = "",
    kind: str = "message/delivery-status",
    message_id: str = "<dsn1@mx.test>",
) -> bytes:
    """A report as RFC 3464 has it."""
    said = f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    text = f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.test
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: {message_id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Sorry. 4.0.0 is only a number here.

--B
Content-Type: {kind}

Reporting-MTA: dns; mx.test
Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
{said}
--B
Content-Type: text/rfc822-headers

{returned or original()}
--B--
"""
    return text.encode()


def complaint(to: str, *, kind: str = "abuse", mail_from: str = "", returned: str = "") -> bytes:
    """A report as RFC 5965 has it."""
    text = f"""\
From: <feedback@provider.test>
To: {to}
Subject: FW: x
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

This is an email abuse report.

--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
{f"Original-Mail-From: <{mail_from}>" if mail_from else "X-Nothing: 1"}

--B
Content-Type: message/rfc822

{returned or original()}
Hello
--B--
"""
    return text.encode()


def free(to: str, words: str, *, sender: str = "MAILER-DAEMON@mx.test", more: str = "") -> bytes:
    """A bounce in a server's own words."""
    return f"From: {sender}\nTo: {to}\nSubject: failure notice\n{more}\n{words}\n".encode()


QMAIL = """\
Hi. This is the qmail-send program at mx.test.
I'm afraid I wasn't able to deliver your message to the following addresses.

<r1@example.org>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 no such user (#5.1.1)
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

Return-Path: <ida@news.test>
Message-ID: <m1@news.test>
Subject: 550 5.7.1 is in the subject
"""
EXIM = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  r1@example.org
    host mx.example.org [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<r1@example.org>:
    550 No such user here
"""
WAITS = """\
This is the mail system at host mx.test.

Your message could not be delivered for 4 hours. It will be retried until it is five days old.

<r1@example.org>: host mx.example.org[192.0.2.7] said: 450 4.2.1 busy
"""
