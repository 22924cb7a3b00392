"""`newsletter run`: scheduler, delivery and pages in one process, until somebody stops it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.config.edited import Edited
from newsletter.config.schema import Config
from newsletter.delivery.attempts import Attempts
from newsletter.delivery.deliver import deliver
from newsletter.delivery.halt import Halt
from newsletter.errors import NewsletterError
from newsletter.model import Verdict
from newsletter.service.chores import beat, compact_ledger, put_right, take_bounces, wipe
from newsletter.service.coming import wake_at
from newsletter.service.due import fire_due
from newsletter.service.notices import notify
from newsletter.service.told import Fired
from newsletter.service.wiring import all_routes, open_line
from newsletter.signup import answering
from newsletter.signup.letters import Office
from newsletter.store.alive import Presence
from newsletter.store.database import Database
from newsletter.store.instance import Instance

if TYPE_CHECKING:
    from newsletter.schedule.alarm import Alarm
    from newsletter.web.metrics import Metric

log = logging.getLogger(__name__)

#: Makes what rings, of whom it calls and who says when the next time is.
Rings = Callable[[Callable[[], None], Callable[[], datetime | None]], "Alarm"]

#: How long the end waits for a mail that is being read.
BOUNCES_SECONDS = 5


class Service:
    """Scheduler, delivery and pages in one event loop; what blocks runs in threads."""

    def __init__(
        self,
        config: Config,
        database: Database,
        clock: Callable[[], datetime],
        own: Instance,
        told: Callable[[str], str],
        *,
        rings: Rings | None = None,
    ) -> None:
        """`told` puts into words, for the log, why a copy of the database is held. `rings`: who knows when it
        is time, where `clock` is not the machine's; as a rule an Alarm."""
        self._config = config
        self._edited = Edited(config.file)
        self._own = own
        self._told = told
        self._held = ""
        self._attempts = Attempts(show_masked=config.log.addresses == "masked")
        self._well_at = 0.0  # when a round last went well, in seconds since 1970
        self._database = database
        self._clock = clock
        self._rings = rings
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
        alarm = (self._rings or Alarm)(self._ring, self._next_due)
        alarm.start()
        # A thread of its own: a mail server that hangs must hold up neither what is sent nor the end.
        watch = threading.Thread(target=self._watch_bounces, name="bounces", daemon=True)
        watch.start()
        # Another: who signs up gets their mail while an issue goes out, too.
        answers = threading.Thread(target=self._answer, args=(loop,), name="sign-ups", daemon=True)
        answers.start()
        try:
            with Presence(self._database.path) as presence:
                await self._work(presence, alarm)
        finally:
            self._stop.set()
            self._asked.set()
            alarm.close()
            pages.should_exit = True
            await serving
            watch.join(BOUNCES_SECONDS)
            answers.join()

    async def _work(self, presence: Presence, alarm: Alarm) -> None:
        while not self._stop.is_set():
            self._rung.clear()
            is_due, self._is_due = self._is_due, False
            await asyncio.to_thread(self._once, presence, is_due)
            if is_due:
                alarm.look()  # an issue that has just been made may be due somewhere within the half minute
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
        if self._edited.anew():
            log.warning("%s was changed: it holds once `newsletter run` is started again", self._config.file)
        if self._is_held():
            return
        all_fired: tuple[Fired, ...] = ()
        if is_due:
            put_right(self._config, self._database, self._clock())
            all_fired = fire_due(self._config, self._database, self._clock())
        for fired in all_fired:
            level = logging.ERROR if fired.mistake else logging.INFO
            log.log(level, "%s: %s", fired.issue_id or fired.newsletter, fired.reason or "issued")
        self._tell()
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
        if why := wipe(self._database):
            log.warning("%s", why)
        compact_ledger(self._config, self._database, self._clock())
        if not drained.unreachable and not any(fired.mistake for fired in all_fired):
            self._well_at = self._clock().timestamp()
            beat(self._config)

    def _tell(self) -> None:
        """Queue what the operators want to know."""
        for trouble in notify(self._config, self._database, self._clock()):
            log.warning("the operators could not be told: %s", trouble)

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
        """The next instant at which there is something to do."""
        try:
            return wake_at(self._config, self._database, self._clock())
        except NewsletterError:
            return None  # the next round tells it
