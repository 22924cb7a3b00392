"""When, and the one process that does it all: slots that are due become issues, the outbox is drained,
the reader pages are served."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.routing import BaseRoute

from newsletter.audience import subscribers
from newsletter.audience.erasing import expire
from newsletter.config import returning, routes, unpack
from newsletter.config.schema import Config
from newsletter.delivery.attempts import Attempts
from newsletter.delivery.compose import Composer
from newsletter.delivery.deliver import deliver
from newsletter.delivery.failing import rest
from newsletter.delivery.halt import Halt
from newsletter.delivery.line import Line
from newsletter.delivery.taking_in import take_in
from newsletter.errors import ConfigError, NewsletterError, StoreError, SubscribersError
from newsletter.model import Delivery, Outcome, Verdict
from newsletter.outbox import ledger
from newsletter.pipeline import Built, Nothing, build, follow, look, publish
from newsletter.schedule.due import ISSUED, SKIPPED, claim_slot, due_slots, has_begun
from newsletter.schedule.slots import Rhythm, Slot, parse
from newsletter.signup import answering
from newsletter.signup.letters import Office
from newsletter.store.alive import Presence
from newsletter.store.database import Database
from newsletter.store.instance import Instance

if TYPE_CHECKING:
    from newsletter.audience.syncing import Synced
    from newsletter.web.metrics import Metric

log = logging.getLogger(__name__)

#: How far ahead the alarm looks for the next slot.
HORIZON = timedelta(days=40)
#: How long the end waits for a mail that is being read.
BOUNCES_SECONDS = 5


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
    abandon: threading.Event | None = None,
) -> Line:
    """The configured senders behind the outbox; one that cannot be made is told before anything is taken."""
    return Line(
        database=database,
        owner=presence.owner,
        compose=Composer(database, unpack.tokens(config), verp=config.sender.verp),
        routes=routes.routes(config),
        clock=clock,
        window=config.sender.window,
        only=only,
        stop=stop,
        on_outcome=on_outcome,
        limits=routes.limits(config),
        abandon=abandon or threading.Event(),
    )


def rhythm(config: Config, name: str) -> Rhythm | None:
    """When a newsletter is sent; None when only by hand."""
    schedule = config.newsletters[name].schedule
    return parse(schedule) if schedule else None


def fire_due(config: Config, database: Database, now: datetime) -> tuple[Fired, ...]:
    """Turn every slot that is due into an issue, or into the reason why there is none. Each slot once.

    Who has not confirmed in time is forgotten before, and who signed up is asked to confirm. Lists that
    changed are read.
    """
    expire(database, now, config.subscribers.pending_expires)
    troubles = answer_wishes(config, database, now)
    fired = [Fired("sign-up", now, "", trouble, mistake=True) for trouble in troubles]
    troubles = tuple(one.problem for one in sync_lists(config, database, now) if one.problem)
    fired += [Fired("subscribers", now, "", trouble, mistake=True) for trouble in troubles]
    try:
        follow(database, look(config, now))
    except NewsletterError as error:
        # A folder that is away must not hold up what waits in the outbox; its slots stay due.
        return (*fired, Fired("content", now, "", str(error), mistake=True))
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
    segment = config.newsletters[name].segment
    if not subscribers.counts(database, name, now, segment=segment).active:
        return "nobody is subscribed" if not segment else "nobody of its segment is subscribed"
    with database.read() as connection:
        had = ledger.had(connection, name)
    id = f"{name}-{slot.local_date.isoformat()}"
    made = build(config, name, had, id=id, due=slot.due_at)
    return made.reason if isinstance(made, Nothing) else made


def answer_wishes(config: Config, database: Database, now: datetime) -> tuple[str, ...]:
    """Queue what those who signed up, or confirmed, are to be written. Why it could not be, in words: it
    waits until that is mended."""
    try:
        answering.tidy(database, config, now)
        return answering.answer(database, Office(config), now).mistakes
    except NewsletterError as error:
        return (str(error),)


def sync_lists(
    config: Config, database: Database, now: datetime, *, remove_many: bool = False
) -> tuple[Synced, ...]:
    """Read the `[subscribers] sync` lists that changed since they were read; what became of each."""
    if not (pattern := config.subscribers.sync):
        return ()
    from newsletter.audience import formats, syncing

    files = sorted(path for path in config.root.glob(pattern) if path.is_file())
    try:
        known = formats.load(config.subscribers_dir / "formats")
        asked = syncing.Sync(_synced_to(config), known, config.subscribers.sync_removes, remove_many)
        told = syncing.sync(database, files, asked, now)
    except NewsletterError as error:
        return (syncing.Synced(config.subscribers_dir, None, 0, str(error)),)
    for one in told:
        if one.report is not None:
            counts = (one.path.name, one.report.added, one.report.updated, one.removed)
            log.info("%s: synced, %d added, %d updated, %d unsubscribed", *counts)
    return told


def _synced_to(config: Config) -> tuple[str, ...]:
    """The newsletters that synced lists are for. One that is added to the configuration later gets nobody's
    readers by that."""
    names = config.subscribers.sync_to
    where = config.origin("subscribers", "sync_to" if names else "sync")
    if unknown := [name for name in names if name not in config.newsletters]:
        raise ConfigError(f"{where}: subscribers.sync_to: there is no newsletter {unknown[0]}")
    if not names and len(config.newsletters) > 1:
        raise ConfigError(f"{where}: subscribers.sync: say in sync_to for which newsletters the lists are")
    return names or tuple(config.newsletters)


def take_bounces(config: Config, database: Database, now: datetime) -> tuple[str, ...]:
    """Act upon what came back to the configured mailboxes; let addresses rest that are refused again and
    again. What could not be read, in words: it comes another time."""
    troubles = []
    soft, tokens = returning.soft(config), unpack.tokens(config)
    for mails in returning.mailboxes(config):
        try:
            for taken in take_in(database, tokens, mails, soft, now):
                effects = ", ".join(recorded.effect for _, recorded in taken.notices)
                log.info("came back: %s: %s", taken.mail, effects or taken.why_not)
        except SubscribersError as error:
            troubles.append(str(error))
    database.write(lambda connection: rest(connection, soft, now))
    return tuple(troubles)


def nobody_waits() -> None:
    """In the place of what wakes whoever answers sign-ups, where the next round does."""


def reader_routes(
    config: Config, database: Database, wake: Callable[[], None] = nobody_waits
) -> list[BaseRoute]:
    """What links and pictures in a mail lead to. `wake` is called when somebody signed up or confirmed."""
    from newsletter.web import media, reader

    return [*reader.routes(config, database, wake=wake), *media.routes(database)]


def all_routes(
    config: Config,
    database: Database,
    running: Callable[[], Iterable[Metric]],
    wake: Callable[[], None] = nobody_waits,
) -> list[BaseRoute]:
    """Everything that `newsletter run` serves; `running` is what only the process knows of itself."""
    from newsletter.web import hooks, metrics, reader
    from newsletter.web.callers import callers
    from newsletter.web.fetching import fetch

    door = reader.door(config, database)
    token = config.web.metrics_token.get_secret_value()
    figures = metrics.routes(database, token=token, running=running)
    providers = returning.hooks(config)
    caller = callers(config.web.trusted_proxies)
    called = hooks.routes(
        providers, database, unpack.tokens(config), returning.soft(config), fetch, caller=caller
    )
    return [door, *reader_routes(config, database, wake), *called, *figures]


def beat(config: Config) -> None:
    """Touch the heartbeat file, if there is to be one: a round went well. StoreError if that cannot be."""
    if not config.store.heartbeat:
        return
    path = config.resolve(config.store.heartbeat)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror} ([store] heartbeat)") from error


class Service:
    """Scheduler, delivery and pages in one event loop; what blocks runs in threads."""

    def __init__(
        self,
        config: Config,
        database: Database,
        clock: Callable[[], datetime],
        own: Instance,
        told: Callable[[str], str],
    ) -> None:
        """`told` puts into words, for the log, why a copy of the database is held."""
        self._config = config
        self._own = own
        self._told = told
        self._held = ""
        self._attempts = Attempts(show_masked=config.log.addresses == "masked")
        self._well_at = 0.0  # when a round last went well, in seconds since 1970
        self._database = database
        self._clock = clock
        self._halts = Halt()
        self._stop, self._abandon = self._halts.stop, self._halts.abandon
        self._rung = asyncio.Event()
        self._is_due = True  # a slot, or a look at everything; else only letters wait
        self._asked = threading.Event()  # somebody signed up, or confirmed

    async def run(self, listening: socket.socket) -> None:
        """Serve and deliver until SIGINT or SIGTERM; the pages outlive the last delivery."""
        from newsletter.schedule.alarm import Alarm
        from newsletter.web.server import application, server

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._halt)
        pages = server(application(all_routes(self._config, self._database, self._metrics, self.wake)))
        serving = asyncio.create_task(pages.serve(sockets=[listening]))
        alarm = Alarm(self._ring, self._next_due)
        alarm.start()
        # A thread of its own: a mail server that hangs must hold up neither what is sent nor the end.
        watch = threading.Thread(target=self._watch_bounces, name="bounces", daemon=True)
        watch.start()
        # Another: who signs up gets their mail while an issue goes out, too.
        answers = threading.Thread(target=self._answer, args=(loop,), name="sign-ups", daemon=True)
        answers.start()
        try:
            with Presence(self._database.path) as presence:
                await self._work(presence)
        finally:
            self._stop.set()
            self._asked.set()
            alarm.close()
            pages.should_exit = True
            await serving
            watch.join(BOUNCES_SECONDS)
            answers.join()

    async def _work(self, presence: Presence) -> None:
        while not self._stop.is_set():
            self._rung.clear()
            is_due, self._is_due = self._is_due, False
            await asyncio.to_thread(self._once, presence, is_due)
            if not self._stop.is_set():
                await self._rung.wait()

    def _ring(self) -> None:
        self._is_due = True
        self._rung.set()

    def _once(self, presence: Presence, is_due: bool) -> None:
        """One round: what is due becomes issues, what waits is sent. A mistake in a file is told only."""
        try:
            self._round(presence, is_due)
        except NewsletterError as error:
            log.error("%s", error)

    def wake(self) -> None:
        """Somebody signed up, or confirmed: answer them now. From any thread."""
        self._asked.set()

    def _answer(self, loop: asyncio.AbstractEventLoop) -> None:
        """Queue letters whenever somebody wakes us, until the end. What is left, each round looks at."""
        office = Office(self._config)

        def once() -> None:
            try:
                if self._own.copied():
                    return
                answered = answering.answer(self._database, office, self._clock())
            except NewsletterError as error:
                log.error("sign-up: %s", error)
                return
            for mistake in answered.mistakes:
                log.error("sign-up: %s", mistake)
            if answered.letters:
                loop.call_soon_threadsafe(self._rung.set)

        answering.whenever(self._asked, self._stop, once)

    def _watch_bounces(self) -> None:
        """Look for what came back, again and again, until the end."""
        every = self._config.bounces.every.total_seconds()
        while not self._stop.is_set():
            try:
                if not self._own.copied():  # the mailbox belongs to the one that sends
                    for trouble in take_bounces(self._config, self._database, self._clock()):
                        log.warning("bounces could not be read: %s", trouble)
            except NewsletterError as error:
                log.error("bounces: %s", error)
            self._stop.wait(every)

    def _is_held(self) -> bool:
        """Whether this is a copy that must not send: said once, asked each round, for it may be adopted."""
        reason = self._own.copied()
        if reason and reason != self._held:
            log.error("%s", self._told(reason))
        self._held = reason
        return bool(reason)

    def _round(self, presence: Presence, is_due: bool) -> None:
        if self._is_held():
            return
        all_fired = fire_due(self._config, self._database, self._clock()) if is_due else ()
        for fired in all_fired:
            level = logging.ERROR if fired.mistake else logging.INFO
            log.log(level, "%s: %s", fired.issue_id or fired.newsletter, fired.reason or "issued")
        line = open_line(
            self._config,
            self._database,
            presence,
            self._clock,
            stop=self._stop,
            on_outcome=self._attempts,
            abandon=self._abandon,
        )
        self._own.advance()
        drained = deliver(line)
        if drained.outcomes:
            self._own.advance()
            log.info("sent %d of %d attempts", drained.sent, sum(drained.outcomes.values()))
        if self._abandon.is_set():
            log.warning("stopped at once: %d in doubt", drained.outcomes.get(Verdict.IN_DOUBT, 0))
        if drained.unreachable:
            log.warning("the sender cannot be reached: %s", drained.unreachable)
        for why in drained.gone:
            log.warning("a sender could not be used, and the others went on: %s", why)
        if not drained.unreachable and not any(fired.mistake for fired in all_fired):
            self._well_at = self._clock().timestamp()
            beat(self._config)

    def _metrics(self) -> Iterable[Metric]:
        from newsletter.web.metrics import Metric

        tried: dict[tuple[tuple[str, str], ...], float] = {
            (("outcome", verdict.value),): number for verdict, number in self._attempts.counts.items()
        }
        yield Metric("newsletter_attempts_total", "counter", "Attempts of this process by outcome.", tried)
        told = "When a round of this process last went well, in seconds since 1970."
        yield Metric("newsletter_last_good_round_timestamp_seconds", "gauge", told, {(): self._well_at})
        told = "Whether this is a copy of the database that must be adopted before it sends."
        yield Metric("newsletter_held", "gauge", told, {(): bool(self._held)})

    def _halt(self) -> None:
        self._halts()
        self._rung.set()
        self._asked.set()

    def _next_due(self) -> datetime | None:
        """The next slot of any newsletter."""
        upcoming = [next_due(self._config, name, self._clock()) for name in self._config.newsletters]
        return min((due for due in upcoming if due is not None), default=None)
