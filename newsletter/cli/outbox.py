"""`newsletter outbox`: the durable queue, for its operator."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsletter.cli.sending import document, tell
from newsletter.cli.session import Session, session
from newsletter.cli.tables import number, show_table
from newsletter.errors import NewsletterError, StoreError
from newsletter.model import State

if TYPE_CHECKING:
    from newsletter.outbox.operate import DeliveryRow
    from newsletter.outbox.resolving import Decided
    from newsletter.store.database import Database

#: Numbers of deliveries in one line.
NUMBERS = 10


@click.group("outbox")
def command() -> None:
    """The durable queue: one row for each message, and what became of it."""


@command.command("status")
@session(json=True)
def status(s: Session) -> None:
    """How many messages are in which state, and why some did not arrive."""
    from newsletter.outbox import operate
    from newsletter.outbox.failures import failures

    with s.database() as database, _looking(s, database).read() as connection:
        counts = operate.counts(connection)
        rows = operate.issues(connection, unfinished=True)
        groups = failures(connection)
    well_at = _last_beat(s)
    if s.json:
        live = [{**asdict(r), "counts": document(r.counts)} for r in rows]
        reasons = [asdict(group) for group in groups]
        s.answer({**document(counts), "issues": live, "failures": reasons, "last_good_round": well_at})
        return
    s.say(f"{number(counts.recipients, 'recipient')} = {tell(counts)}")
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
    """Deliveries, with the last answer of the server, and the Message-ID that its log shows."""
    from newsletter.outbox import archive, operate

    chosen = State(state) if state else None
    with s.database() as database, _looking(s, database).read() as connection:
        rows = operate.deliveries(connection, issue_id=issue_id, state=chosen, after=after, limit=limit)
        packed = sum(archive.counts(connection, issue_id).values()) if issue_id else 0
    if packed:
        s.note(
            f"{packed:,} deliveries of {issue_id} are in the archive: "
            "`newsletter explain EMAIL ISSUE` tells what became of one."
        )
    if s.json:
        s.answer({"deliveries": [asdict(row) for row in rows]})
        return
    _show(s, rows)


def _show(s: Session, rows: tuple[DeliveryRow, ...]) -> None:
    columns = ("delivery", "issue", "to", "state", "attempts", "since", "answer")
    cells = [
        (
            r.id,
            r.issue_id,
            r.address,
            r.state,
            r.attempts,
            s.local(r.state_at),
            f"{r.code or ''} {r.reply}".strip(),
        )
        for r in rows
    ]
    names = [(r.message_id,) for r in rows]
    if not sys.stdout.isatty():
        show_table(
            (*columns, "Message-ID"), [(*cell, *name) for cell, name in zip(cells, names, strict=True)]
        )
        return
    show_table(columns, cells)
    # On its own, for it is as wide as half a terminal and is there to be copied.
    show_table(
        ("delivery", "Message-ID"), [(cell[0], *name) for cell, name in zip(cells, names, strict=True)]
    )


@command.command("compact")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Issues of before that day.")
@session(json=True, now=True)
def compact(s: Session, before: datetime | None) -> None:
    """Pack the deliveries of issues that ended long ago, which `newsletter run` does by itself.

    What became of each stays known. The room that it frees is used by the next issues.
    """
    from newsletter.outbox import archive
    from newsletter.service.chores import rows_end

    latest = rows_end(s.config, s.now)
    if before and s.moment(before) > latest:
        raise click.UsageError(f"issues keep their rows until they are of before {s.local(latest)}")
    with s.database() as database:
        with database.read() as connection:
            issues = archive.due_for_packing(connection, s.moment(before) if before else latest)
            there = sum(archive.counts(connection).values())
        archive.pack(database, issues, s.now)
        with database.read() as connection:
            done = sum(archive.counts(connection).values()) - there
    s.answer(
        {"packed": done, "issues": issues}, f"{done:,} deliveries of {number(len(issues), 'issue')} packed"
    )


@command.command("resolve")
@click.argument("ids", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--issue", "issue_id", metavar="ID", help="All rows in doubt of this issue.")
@click.option("--as", "word", required=True, type=click.Choice(["sent", "failed", "retry"]))
@session(json=True, now=True)
def resolve(s: Session, ids: tuple[int, ...], issue_id: str | None, word: str) -> None:
    """Decide rows in doubt: they were sent, they failed, or try again (which may double).

    A row that still waits may be said to be sent, too, by its number: a restored
    backup does not know it. Exit code 2 when a number was left out.
    """
    with s.database() as database:
        chosen = ids or _all(_looking(s, database), issue_id, State.IN_DOUBT)
        done = _decide(s, database, chosen, word)
        _tell_decided(s, database, done, "resolved", f"resolved as {word}", named=bool(ids), word=word)


@command.command("retry")
@click.argument("ids", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--issue", "issue_id", metavar="ID", help="All that failed of this issue.")
@session(json=True, now=True)
def retry(s: Session, ids: tuple[int, ...], issue_id: str | None) -> None:
    """Queue again what certainly failed. Never touches what may have been accepted.

    What it leaves out is told, and why. Exit code 2 when that was named by its number.
    """
    with s.database() as database:
        chosen = ids or _all(database, issue_id, State.FAILED)
        done = _decide(s, database, chosen, "again")
        _tell_decided(s, database, done, "queued", "queued again", named=bool(ids), word="again")


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
    """Take out all of an issue that has not been sent. It cannot be taken back.

    Of an issue that is held nothing was queued: its articles are in the next one.
    """
    from newsletter.outbox import approving, operate

    if not yes:
        click.confirm(f"Cancel what waits of {issue_id}?", abort=True)
    with s.database() as database:
        _known(_looking(s, database), issue_id)
        was_held = database.write(lambda c: approving.let_go(c, issue_id, operate.CANCELLED))
        done = database.write(lambda c: operate.cancel(c, issue_id, s.now))
        with database.read() as connection:
            doubtful = operate.counts(connection, issue_id)[State.IN_DOUBT]
    told = f"{issue_id} is cancelled; its articles stay news." if was_held else f"{done:,} cancelled"
    s.answer({"cancelled": done, "in_doubt": doubtful}, told)
    if doubtful:
        s.note(
            f"{doubtful:,} stay in doubt: they may have been accepted. "
            f"`newsletter outbox resolve --issue {issue_id} --as sent` (or failed) closes that."
        )


def _looking(s: Session, database: Database) -> Database:
    """The database, after what a process that is gone was sending has been put in doubt: who looks must see
    it. Nothing of a living process is touched, and nothing is sent."""
    from newsletter.outbox import recovery
    from newsletter.store.alive import is_alive

    def alive(owner: str) -> bool:
        return is_alive(database.path, owner)

    with database.read() as connection:
        if not recovery.orphaned(connection, alive):
            return database
    now = datetime.now(UTC)  # not --now: leases and owners are of this moment
    try:
        lost = database.write(lambda c: recovery.recover(c, is_alive=alive, now=now, leases=False))
    except StoreError as error:
        s.note(f"{error}\nWhat a process that is gone was sending still counts as waiting.")
    else:
        s.note(
            f"{lost:,} were being sent by a process that is gone: nobody knows whether they were accepted."
        )
    return database


def _decide(s: Session, database: Database, ids: tuple[int, ...], word: str) -> Decided:
    """Small transactions: others may write in between."""
    from newsletter.outbox import operate
    from newsletter.outbox.resolving import Decided

    ids = tuple(dict.fromkeys(ids))
    chunks = [ids[start : start + 500] for start in range(0, len(ids), 500)]
    parts = [
        database.write(lambda c, some=some: operate.decide(c, some, word, s.now))  # type: ignore[misc]
        for some in chunks
    ]
    return Decided(sum(part.done for part in parts), tuple(each for part in parts for each in part.left_out))


def _tell_decided(
    s: Session, database: Database, decided: Decided, key: str, text: str, *, named: bool, word: str
) -> None:
    """What was done; what was left out and why; what is to be done next."""
    from newsletter.outbox import operate

    left = decided.left_out
    s.answer({key: decided.done, "left_out": [asdict(each) for each in left]}, f"{decided.done:,} {text}")
    for why in dict.fromkeys(each.why for each in left):
        ids = [each.id for each in left if each.why == why]
        more = f" and {len(ids) - NUMBERS:,} more" if len(ids) > NUMBERS else ""
        s.note(f"Left out, {len(ids):,}: {', '.join(map(str, ids[:NUMBERS]))}{more}: {why}")
    if decided.done and word in ("retry", "again"):
        with database.read() as connection:
            held = [row.id for row in operate.paused(connection) if row.counts[State.QUEUED]]
        first = "".join(f"`newsletter outbox resume {id}`, then " for id in held)
        s.note(f"{first}`newsletter tick` sends what is queued.")
    if left and named:
        raise click.exceptions.Exit(click.UsageError.exit_code)


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
        return operate.ids(connection, issue_id, state)


def _told(s: Session, done: bool, issue_id: str, good: str, bad: str) -> None:
    if not done:
        raise NewsletterError(f"{issue_id} {bad}: see `newsletter issues list`")
    s.answer({"issue": issue_id, "ok": True}, f"{issue_id} is {good}")
