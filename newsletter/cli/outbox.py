"""`newsletter outbox`: the durable queue, for its operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsletter.cli.sending import document, tell
from newsletter.cli.session import Session, session
from newsletter.cli.tables import show_table
from newsletter.errors import NewsletterError
from newsletter.model import State

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from newsletter.store.database import Database


@click.group("outbox")
def command() -> None:
    """The durable queue: one row for each message, and what became of it."""


@command.command("status")
@session(json=True)
def status(s: Session) -> None:
    """How many messages are in which state, and why some did not arrive."""
    from newsletter.outbox import operate
    from newsletter.outbox.failures import failures

    with s.database() as database, database.read() as connection:
        counts = operate.counts(connection)
        rows = [r for r in operate.issues(connection) if r.state not in ("finished", "cancelled")]
        groups = failures(connection)
    well_at = _last_beat(s)
    if s.json:
        live = [{**asdict(r), "counts": document(r.counts)} for r in rows]
        reasons = [asdict(group) for group in groups]
        s.answer({**document(counts), "issues": live, "failures": reasons, "last_good_round": well_at})
        return
    s.say(tell(counts))
    if s.config.store.heartbeat:
        s.say(f"Last round that went well: {s.local(well_at) if well_at else 'none yet'}")
    if rows:
        show_table(
            ("issue", "state", "deliveries", "because"),
            [(r.id, r.state, tell(r.counts), r.state_reason) for r in rows],
        )
    if groups:
        show_table(
            ("state", "code", "deliveries", "for example", "answer"),
            [
                (g.state, f"{g.code or ''} {g.enhanced}".strip(), g.count, g.delivery_id, g.example)
                for g in groups
            ],
        )


def _last_beat(s: Session) -> datetime | None:
    """When the heartbeat file was last touched."""
    if not s.config.store.heartbeat:
        return None
    try:
        seconds = s.config.resolve(s.config.store.heartbeat).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(seconds, UTC)


@command.command("list")
@click.option("--issue", "issue_id", metavar="ID", help="Of this issue only.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="In this state only.")
@click.option("--after", default=0, help="Begin after this delivery.")
@click.option("--limit", default=100, help="At most so many.", show_default=True)
@session(json=True)
def list_deliveries(s: Session, issue_id: str | None, state: str | None, after: int, limit: int) -> None:
    """Deliveries, with the last answer of the server."""
    from newsletter.outbox import operate

    chosen = State(state) if state else None
    with s.database() as database, database.read() as connection:
        rows = operate.deliveries(connection, issue_id=issue_id, state=chosen, after=after, limit=limit)
    if s.json:
        s.answer({"deliveries": [asdict(row) for row in rows]})
        return
    show_table(
        ("delivery", "issue", "to", "state", "attempts", "answer"),
        [
            (r.id, r.issue_id, r.address, r.state, r.attempts, f"{r.code or ''} {r.reply}".strip())
            for r in rows
        ],
    )


@command.command("resolve")
@click.argument("ids", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--issue", "issue_id", metavar="ID", help="All rows in doubt of this issue.")
@click.option("--as", "word", required=True, type=click.Choice(["sent", "failed", "retry"]))
@session(json=True, now=True)
def resolve(s: Session, ids: tuple[int, ...], issue_id: str | None, word: str) -> None:
    """Decide rows in doubt: they were sent, they failed, or try again (which may double)."""
    from newsletter.outbox import operate

    with s.database() as database:
        chosen = ids or _all(database, issue_id, State.IN_DOUBT)
        done = _in_chunks(database, chosen, lambda c, some: operate.resolve(c, some, word, s.now))
    s.answer(
        {"resolved": done},
        f"{done:,} resolved as {word}",
    )


@command.command("retry")
@click.argument("ids", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--issue", "issue_id", metavar="ID", help="All that failed of this issue.")
@session(json=True, now=True)
def retry(s: Session, ids: tuple[int, ...], issue_id: str | None) -> None:
    """Queue again what certainly failed. Never touches what may have been accepted."""
    from newsletter.outbox import operate

    with s.database() as database:
        chosen = ids or _all(database, issue_id, State.FAILED)
        done = _in_chunks(database, chosen, lambda c, some: operate.retry(c, some, s.now))
    s.answer({"queued": done}, f"{done:,} queued again; `newsletter tick` sends them")


@command.command("pause")
@click.argument("issue_id")
@session(json=True)
def pause(s: Session, issue_id: str) -> None:
    """Send no more of an issue until it is resumed; what is on the wire ends as it ends."""
    from newsletter.outbox import operate

    with s.database() as database:
        done = database.write(lambda c: operate.pause(c, issue_id))
    _told(s, done, issue_id, "paused", "is not open")


@command.command("resume")
@click.argument("issue_id")
@session(json=True)
def resume(s: Session, issue_id: str) -> None:
    """Go on with a paused issue."""
    from newsletter.outbox import operate

    with s.database() as database:
        done = database.write(lambda c: operate.resume(c, issue_id))
    _told(s, done, issue_id, "open again; `newsletter tick` goes on", "is not paused")


@command.command("cancel")
@click.argument("issue_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@session(json=True, now=True)
def cancel(s: Session, issue_id: str, yes: bool) -> None:
    """Take out all of an issue that has not been sent. It cannot be taken back."""
    from newsletter.outbox import operate

    if not yes:
        click.confirm(f"Cancel what waits of {issue_id}?", abort=True)
    with s.database() as database:
        _known(database, issue_id)
        done = database.write(lambda c: operate.cancel(c, issue_id, s.now))
    s.answer({"cancelled": done}, f"{done:,} cancelled")


def _in_chunks(
    database: Database, ids: tuple[int, ...], call: Callable[[Connection, tuple[int, ...]], int]
) -> int:
    """Small transactions: others may write in between."""
    chunks = [ids[start : start + 500] for start in range(0, len(ids), 500)]
    return sum(database.write(lambda c, some=some: call(c, some)) for some in chunks)  # type: ignore[misc]


def _known(database: Database, issue_id: str) -> None:
    from newsletter.outbox import operate

    with database.read() as connection:
        if operate.issue(connection, issue_id) is None:
            raise NewsletterError(f'there is no issue "{issue_id}": see `newsletter issues list`')


def _all(database: Database, issue_id: str | None, state: State) -> tuple[int, ...]:
    from newsletter.outbox import operate

    if issue_id is None:
        raise click.UsageError("name deliveries by their numbers, or all of one issue with --issue ID")
    _known(database, issue_id)
    with database.read() as connection:
        rows = operate.deliveries(connection, issue_id=issue_id, state=state, limit=10_000_000)
    return tuple(row.id for row in rows)


def _told(s: Session, done: bool, issue_id: str, good: str, bad: str) -> None:
    if not done:
        raise NewsletterError(f"{issue_id} {bad}: see `newsletter issues list`")
    s.answer({"issue": issue_id, "ok": True}, f"{issue_id} is {good}")
