"""`newsletter bounces`: what came back, read and acted upon."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session, session
from newsletter.cli.tables import number, show_table

if TYPE_CHECKING:
    from newsletter.audience.bounces import Notice
    from newsletter.audience.bounces_box import Returned
    from newsletter.delivery.bounced import Recorded


@click.group("bounces")
def command() -> None:
    """Bounces and complaints: who cannot be reached, and who does not want to be."""


@command.command("process")
@click.argument("source", metavar="[FILE|MAILDIR|-]", default="-", type=click.Path(path_type=Path))
@click.option("--imap", is_flag=True, help="From the mailbox of [bounces.imap].")
@session(json=True, now=True)
def process(s: Session, source: Path, imap: bool) -> None:
    """Read what came back to the bounce address: a mail on stdin (-), a file, or a Maildir.

    An address that does not exist, or whose reader complains, gets nothing any
    more; a full mailbox is counted only. Reading a mail twice changes nothing.
    Of a mailbox the unread mails are taken: what was understood is marked as
    seen, all else as flagged. Nothing is deleted, and nobody is answered.
    """
    from newsletter.config import returning, unpack
    from newsletter.delivery.taking_in import take_in

    mails = returning.imap(s.config) if imap else _mails(source)
    told: list[dict[str, Any]] = []
    with s.database() as database:
        for taken in take_in(database, unpack.tokens(s.config), mails, returning.soft(s.config), s.now):
            notices = [_document(*pair) for pair in taken.notices]
            told.append({"mail": taken.mail, "why_not": taken.why_not, "notices": notices})
    _tell(s, told)


@command.command("list")
@click.option("--issue", "issue_id", metavar="ID", help="Of this issue only.")
@click.option("--limit", default=100, help="At most so many.", show_default=True)
@session(json=True)
def list_bounces(s: Session, issue_id: str | None, limit: int) -> None:
    """What came back so far, the newest first."""
    from newsletter.delivery.bounced import bounced

    with s.database() as database, database.read() as connection:
        rows = bounced(connection, issue_id=issue_id, limit=limit)
    if s.json:
        s.answer({"bounces": [asdict(row) for row in rows]})
        return
    columns = ("delivery", "issue", "to", "read at", "action", "status", "said")
    show_table(
        columns,
        [(r.delivery_id, r.issue_id, r.address, s.local(r.at), r.action, r.status, r.text) for r in rows],
    )


def _mails(source: Path) -> Iterator[Returned]:
    from newsletter.audience.bounces_box import returned, stream

    if str(source) == "-":
        return stream(sys.stdin.buffer, "stdin")
    return returned(source)


def _document(notice: Notice, recorded: Recorded) -> dict[str, Any]:
    said = {
        "recipient": notice.recipient,
        "action": notice.action.value,
        "status": notice.status,
        "diagnostic": notice.diagnostic,
    }
    return said | asdict(recorded)


def _tell(s: Session, told: list[dict[str, Any]]) -> None:
    counts = Counter(
        [str(notice["effect"]) for mail in told for notice in mail["notices"]]
        + [mail["why_not"] for mail in told if mail["why_not"]]
    )
    rows = [_row(mail, notice) for mail in told for notice in mail["notices"] or [None]]
    if rows and not s.json:
        show_table(("mail", "delivery", "to", "says", "so"), rows)
    parts = [number(len(told), "mail"), *(f"{count:,} {word}" for word, count in counts.items())]
    s.answer({"mails": told, "counts": counts}, " · ".join(parts))


def _row(mail: dict[str, Any], notice: dict[str, Any] | None) -> tuple[object, ...]:
    if notice is None:
        return (mail["mail"], "", "", mail["why_not"], "left alone")
    so = notice["effect"]
    if notice["resolved"]:
        so = f"{so}, no longer in doubt: {notice['resolved']}"
    elif so == "counted":
        so = f"{so}: {number(notice['failures'], 'failure')} of late"
    says = f"{notice['action']} {notice['status']} {notice['diagnostic']}".strip()
    to = notice["address"] or notice["recipient"]
    return (mail["mail"], notice["delivery_id"] or "", to, says, so)
