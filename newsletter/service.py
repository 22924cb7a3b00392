"""When, and the one process that does it all: slots that are due become issues, the outbox is drained,
the reader pages are served."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.routing import BaseRoute

from newsletter.audience import subscribers
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.delivery.compose import Composer
from newsletter.delivery.deliver import deliver
from newsletter.delivery.line import Line, Route
from newsletter.errors import NewsletterError
from newsletter.model import Delivery, Outcome
from newsletter.outbox import ledger
from newsletter.pipeline import Built, Nothing, build, follow, look, publish
from newsletter.schedule.due import ISSUED, SKIPPED, claim_slot, due_slots, has_begun
from newsletter.schedule.slots import Rhythm, Slot, parse
from newsletter.senders import open_sender
from newsletter.store.alive import Presence
from newsletter.store.database import Database

log = logging.getLogger(__name__)

#: How far ahead the alarm looks for the next slot.
HORIZON = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of one slot."""

    newsletter: str
    due_at: datetime
    issue_id: str  #: empty when there was none
    reason: str  #: why not
    mistake: bool = False  #: a person must mend something first; the slot stays due


def open_line(
    config: Config,
    database: Database,
    presence: Presence,
    clock: Callable[[], datetime],
    *,
    stop: threading.Event,
    on_outcome: Callable[[Delivery, Outcome], None],
    only: str = "",
) -> Line:
    """The configured sender behind the outbox; one that cannot be made is told before anything is taken."""
    options = config.sender.revealed()
    open_sender(config.sender.name, options).close()
    return Line(
        database=database,
        owner=presence.owner,
        compose=Composer(database, unpack.tokens(config)),
        routes=(Route(lambda: open_sender(config.sender.name, options), config.sender.connections),),
        clock=clock,
        window=config.sender.window,
        only=only,
        stop=stop,
        on_outcome=on_outcome,
    )


def rhythm(config: Config, name: str) -> Rhythm | None:
    """When a newsletter is sent; None when only by hand."""
    schedule = config.newsletters[name].schedule
    return parse(schedule) if schedule else None


def fire_due(config: Config, database: Database, now: datetime) -> tuple[Fired, ...]:
    """Turn every slot that is due into an issue, or into the reason why there is none. Each slot once."""
    fired: list[Fired] = []
    try:
        follow(database, look(config, now))
    except NewsletterError as error:
        # A folder that is away must not hold up what waits in the outbox; its slots stay due.
        return (Fired("content", now, "", str(error), mistake=True),)
    for name in config.newsletters:
        beat = rhythm(config, name)
        if beat is None:
            continue
        zone = ZoneInfo(unpack.timezone(config, name))
        for slot in due_slots(database, name, beat, zone, now):
            try:
                fired += _fire(config, database, name, beat, slot, now)
            except NewsletterError as error:
                # One newsletter's broken template must not hold up the others.
                fired.append(Fired(name, slot.due_at, "", str(error), mistake=True))
    return tuple(fired)


def begin(config: Config, database: Database, now: datetime) -> tuple[str, ...]:
    """Let the schedules begin that were never seen before; which ones. From now on their slots count."""
    begun = []
    for name in config.newsletters:
        beat = rhythm(config, name)
        if beat is not None and not has_begun(database, name, beat, now):
            due_slots(database, name, beat, ZoneInfo(unpack.timezone(config, name)), now)
            begun.append(name)
    return tuple(begun)


def next_due(config: Config, name: str, now: datetime) -> datetime | None:
    """The next slot of a newsletter."""
    beat = rhythm(config, name)
    if beat is None:
        return None
    zone = ZoneInfo(unpack.timezone(config, name))
    return next((slot.due_at for slot in beat.occurrences(zone, now, now + HORIZON)), None)


def _fire(
    config: Config, database: Database, name: str, beat: Rhythm, slot: Slot, now: datetime
) -> list[Fired]:
    def claim(connection: Connection, state: str, reason: str, issue_id: str | None) -> bool:
        return claim_slot(
            connection, name, beat.cadence, slot, state=state, reason=reason, issue_id=issue_id, now=now
        )

    made = _build(config, database, name, slot, now)
    if isinstance(made, str):
        won = database.write(lambda c: claim(c, SKIPPED, made, None))
        return [Fired(name, slot.due_at, "", made)] if won else []
    id = publish(
        config, database, made, now=now, cadence=beat.cadence, claim=lambda c, id: claim(c, ISSUED, "", id)
    )
    return [Fired(name, slot.due_at, id, "")] if id else []


def _build(config: Config, database: Database, name: str, slot: Slot, now: datetime) -> Built | str:
    """The issue of a slot, or why it is skipped."""
    late = now - slot.due_at
    if late > config.newsletters[name].stale_after:
        return f"{late.total_seconds() / 3600:.0f} h too late"
    if not subscribers.counts(database, name).active:
        return "nobody is subscribed"
    with database.read() as connection:
        had = ledger.had(connection, name)
    id = f"{name}-{slot.local_date.isoformat()}"
    made = build(config, name, had, id=id, due=slot.due_at)
    return made.reason if isinstance(made, Nothing) else made


def reader_routes(config: Config, database: Database) -> list[BaseRoute]:
    """What the links and pictures in a mail lead to."""
    from newsletter.web import media, unsubscribe

    titles = {name: unpack.title(config, name) for name in config.newsletters}
    leave = unsubscribe.routes(database, unpack.tokens(config), site_name=config.site.name, titles=titles)
    return [*leave, *media.routes(database)]


def all_routes(config: Config, database: Database) -> list[BaseRoute]:
    """Everything that `newsletter run` serves."""
    from newsletter.web import home

    door = home.routes(site_name=config.site.name, site_url=config.site.base_url)
    return [*door, *reader_routes(config, database)]


class Service:
    """Scheduler, delivery and pages in one event loop; what blocks runs in threads."""

    def __init__(self, config: Config, database: Database, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._database = database
        self._clock = clock
        self._stop = threading.Event()
        self._rung = asyncio.Event()

    async def run(self, listening: socket.socket) -> None:
        """Serve and deliver until SIGINT or SIGTERM; the pages outlive the last delivery."""
        from newsletter.schedule.alarm import Alarm
        from newsletter.web.server import application, server

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._halt)
        pages = server(application(all_routes(self._config, self._database)))
        serving = asyncio.create_task(pages.serve(sockets=[listening]))
        alarm = Alarm(self._rung.set, self._next_due)
        alarm.start()
        try:
            with Presence(self._database.path) as presence:
                await self._work(presence)
        finally:
            alarm.close()
            pages.should_exit = True
            await serving

    async def _work(self, presence: Presence) -> None:
        while not self._stop.is_set():
            self._rung.clear()
            await asyncio.to_thread(self._once, presence)
            if not self._stop.is_set():
                await self._rung.wait()

    def _once(self, presence: Presence) -> None:
        """One round: what is due becomes issues, what waits is sent. A mistake in a file is told only."""
        try:
            self._round(presence)
        except NewsletterError as error:
            log.error("%s", error)

    def _round(self, presence: Presence) -> None:
        for fired in fire_due(self._config, self._database, self._clock()):
            level = logging.ERROR if fired.mistake else logging.INFO
            log.log(level, "%s: %s", fired.issue_id or fired.newsletter, fired.reason or "issued")
        line = open_line(
            self._config, self._database, presence, self._clock, stop=self._stop, on_outcome=_log_outcome
        )
        drained = deliver(line)
        if drained.outcomes:
            log.info("sent %d of %d attempts", drained.sent, sum(drained.outcomes.values()))
        if drained.unreachable:
            log.warning("the sender cannot be reached: %s", drained.unreachable)

    def _halt(self) -> None:
        self._stop.set()
        self._rung.set()

    def _next_due(self) -> datetime | None:
        """The next slot of any newsletter."""
        upcoming = [next_due(self._config, name, self._clock()) for name in self._config.newsletters]
        return min((due for due in upcoming if due is not None), default=None)


def _log_outcome(delivery: Delivery, outcome: Outcome) -> None:
    """One line an attempt, by its number: no address."""
    log.info(
        "delivery=%d issue=%s attempt=%d outcome=%s code=%d",
        delivery.id,
        delivery.issue_id,
        delivery.attempts,
        outcome.verdict,
        outcome.code,
    )
