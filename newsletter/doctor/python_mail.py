"""Known bugs of Python's own `email` package, tried out rather than looked up: fixes differ by release.

Nothing here depends on it, because messages are written without that package. A sender plug-in may.
"""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage

from newsletter.doctor.diagnosis import Diagnosis, failure, ok, warning
from newsletter.message import headers

#: A display name that becomes a header line of its own where the package decodes and does not look again.
ATTACK = "=?utf-8?q?x=0D=0ABcc:_victim=40reader.test?="
_UPGRADE = "harmless for mail written here; upgrade Python before you use a plug-in that uses `email.message`"


def look() -> Iterator[Diagnosis]:
    """The lines about this Python's mail package, and about what we write in its place."""
    theirs = _their_lines()
    if any(line.lower().startswith(b"bcc:") for line in theirs):
        yield warning("python email", "a reader's name can add headers (CVE-2024-6923 and its kin)", _UPGRADE)
    else:
        yield ok("python email", "a reader's name cannot add headers")
    ours = headers.block([("To", headers.mailbox(ATTACK, "u@x.test"))])
    if headers.names(ours) != [b"to"] or b"=?" in ours:
        yield failure("our headers", "a reader's name can add headers", "stop, and report this as a bug")
    else:
        yield ok("our headers", "a reader's name cannot add headers")


def _their_lines() -> list[bytes]:
    message = EmailMessage(policy=email.policy.SMTP)
    try:
        message["To"] = Address(ATTACK, "u", "x.test")
        message.set_content("x")
        return message.as_bytes().splitlines()
    except Exception:
        return []  # it refused, as it should
