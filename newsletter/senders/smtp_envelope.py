"""Message and what the server offers -> MAIL and RCPT."""

from __future__ import annotations

from newsletter.model import Fault, Message, Outcome, Verdict
from newsletter.senders.smtp_opening import Offers, Refused
from newsletter.senders.wire_form import needs_smtputf8


def mail_line(message: Message, offers: Offers) -> str:
    """MAIL with the parameters that this message needs; Refused when the server does not offer one.

    SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), and of DSN (RFC 3461) that a
    bounce need not bring the text back.
    """
    envelope, data = message.envelope, message.data
    ascii_only = data.isascii()
    utf8 = needs_smtputf8(envelope, data) if not ascii_only else not _is_ascii(message)
    if utf8 and "SMTPUTF8" not in offers:
        ours = not envelope.mail_from.isascii()
        verdict, fault = (Verdict.DEFERRED, Fault.US) if ours else (Verdict.FAILED, Fault.RECIPIENT)
        raise Refused(Outcome(verdict, fault, 0, "smtputf8 unsupported by the server"))
    if not ascii_only and "8BITMIME" not in offers:
        raise Refused(Outcome(Verdict.DEFERRED, Fault.US, 0, "8bitmime unsupported by the server"))
    if 0 < largest(offers) < len(data):
        text = f"the message has {len(data)} octets, the server takes {largest(offers)}"
        raise Refused(Outcome(Verdict.FAILED, Fault.US, 0, text))
    line = f"MAIL FROM:<{envelope.mail_from}>"
    if "SIZE" in offers:
        line += f" SIZE={len(data)}"
    if not ascii_only:
        line += " BODY=8BITMIME"
    if utf8:
        line += " SMTPUTF8"
    return line + " RET=HDRS" if "DSN" in offers else line


def rcpt_line(message: Message, offers: Offers) -> str:
    """RCPT; where the server knows DSN it is asked for failures only (RFC 3461)."""
    line = f"RCPT TO:<{message.envelope.rcpt_to}>"
    return line + " NOTIFY=FAILURE" if "DSN" in offers else line


def largest(offers: Offers) -> int:
    """The most octets of a message that the server takes (RFC 1870); 0 when it does not say."""
    size = offers.get("SIZE", "")
    return int(size) if size.isascii() and size.isdecimal() else 0


def _is_ascii(message: Message) -> bool:
    return message.envelope.mail_from.isascii() and message.envelope.rcpt_to.isascii()
