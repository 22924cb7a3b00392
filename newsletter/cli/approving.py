"""`newsletter issues approve` and `reject`: somebody's word about an issue that is held."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import click

from newsletter.cli.session import Session, session
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from newsletter.outbox.approving import Held

#: Exit code: it is not approved.
UNAPPROVED = 5


@click.command("approve")
@click.argument("id")
@click.option("--hash", "given", metavar="HASH", help="The hash that you agree to, or its first 12 digits.")
@click.option("--by", metavar="NAME", help="Who approves; you, where nothing is said.")
@session(json=True, now=True)
def approve(s: Session, id: str, given: str | None, by: str | None) -> None:
    """Approve an issue that is held: exactly what has that hash.

    Without --hash it is shown what there is to approve. Exit code 5 when nothing was approved.
    """
    from newsletter.outbox import approving

    with s.database() as database:
        with database.read() as connection:
            issue = _held(connection, id)
            former = _changed_since(connection, issue, given) if given else None
            done = approving.is_approved(connection, id, issue.hash)
        if given is None:
            _show(s, issue, approved=done)
        if not approving.is_meant(given, issue.hash):
            _refuse(s, issue, given, former)
        name = _line(by) or _me()
        stands = database.write(lambda c: _approve(c, issue, name, s.now))
    if not stands:
        raise NewsletterError(
            f"{id} has changed in this moment: look again with `newsletter issues approve {id}`"
        )
    when = _slot(s, issue)
    said = f"{id} is approved: {issue.hash}\n" + (f"It goes out {when}." if issue.slot_at > s.now else _LATE)
    s.answer({**_document(issue), "approved": True, "by": name, "at": s.now}, said)


@click.command("reject")
@click.argument("id")
@click.option("--note", default="", help="Why; it is shown beside the issue.")
@session(json=True)
def reject(s: Session, id: str, note: str) -> None:
    """Cancel an issue that is held. Nobody gets it; its articles wait for the next one."""
    from newsletter.outbox import approving

    with s.database() as database:
        with database.read() as connection:
            issue = _held(connection, id)
        if not database.write(lambda c: approving.reject(c, id, _line(note))):
            raise NewsletterError(f"{id} is not held any more: see `newsletter issues show {id}`")
    s.answer(
        {**_document(issue), "rejected": True, "note": _line(note)},
        f"{id} is cancelled; its articles stay news.",
    )


_LATE = "Its time has passed: `newsletter tick` sends it, and so does `newsletter run`."


def _approve(connection: Connection, issue: Held, name: str, now: datetime) -> bool:
    """False when the issue is not what it was, by now."""
    from newsletter.outbox import approving

    if approving.held(connection, issue.id) != (issue,):
        return False
    approving.approve(connection, issue.id, issue.hash, name, now)
    return True


def _held(connection: Connection, id: str) -> Held:
    from newsletter.outbox import approving, operate

    found = approving.held(connection, id)
    if not found:
        row = operate.issue(connection, id)
        if row is None:
            raise NewsletterError(f'there is no issue "{id}": see `newsletter issues list`')
        raise NewsletterError(f"{id} is {row.state}, not held: there is nothing to approve or reject")
    return found[0]


def _show(s: Session, issue: Held, *, approved: bool) -> NoReturn:
    from newsletter.issue.notices import approve_command

    command = approve_command(issue.id, issue.hash)
    document = {**_document(issue), "approved": approved, "command": command}
    s.answer(
        document,
        f"{issue.id} · held: {'approved, it goes out at its slot' if approved else issue.reason}\n"
        f"  subject   {issue.subject}\n"
        f"  slot      {_slot(s, issue)}\n"
        f"  articles  {issue.articles}\n"
        f"  hash      {issue.hash}",
    )
    if approved:
        raise click.exceptions.Exit(0)
    s.note(f"Nothing is approved yet. To approve it:\n\n    {command}")
    raise click.exceptions.Exit(UNAPPROVED)


def _refuse(s: Session, issue: Held, given: str, former: tuple[str, ...] | None) -> NoReturn:
    document = {**_document(issue), "approved": False, "given": given}
    if former is not None:
        document["changed"] = list(former)
    s.answer(document)
    s.note(f"Not approved: {issue.id} has another hash.\n  yours  {given}\n  now    {issue.hash}")
    if former:
        s.note("It has changed since you were asked:\n" + "\n".join(f"  {each}" for each in former))
    elif former is not None:
        s.note("The mail is as it was when you were asked. Who gets it, or when, has changed.")
    s.note(f"Look at it: `newsletter issues approve {issue.id}`")
    raise click.exceptions.Exit(UNAPPROVED)


def _changed_since(connection: Connection, issue: Held, given: str) -> tuple[str, ...] | None:
    """What has changed since somebody was asked for that hash; None when nobody was."""
    from newsletter.outbox import asked

    return asked.changed_since(connection, issue.id, given)


def _document(issue: Held) -> dict[str, Any]:
    return {("issue" if key == "id" else key): value for key, value in asdict(issue).items()}


def _slot(s: Session, issue: Held) -> str:
    """The slot as people in the zone of the newsletter write it."""
    from newsletter.config import unpack

    if issue.newsletter not in s.config.newsletters:
        return s.local(issue.slot_at)
    zone = ZoneInfo(unpack.timezone(s.config, issue.newsletter))
    return issue.slot_at.astimezone(zone).strftime("%a %d %b %Y %H:%M %Z")


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return ""
