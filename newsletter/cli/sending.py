"""What `send`, `tick`, `run` and `demo` share: a line into the outbox, and how its end is told."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from newsletter.cli.tables import number
from newsletter.model import Delivery, Outcome, State, Verdict

if TYPE_CHECKING:
    from newsletter.cli.session import Session
    from newsletter.delivery.engine import Drained
    from newsletter.outbox.operate import Counts, IssueRow
    from newsletter.pipeline import Built
    from newsletter.store.database import Database
    from newsletter.store.instance import Instance

PARTLY_SENT = 6
UNREACHABLE = 7
SECONDS_BETWEEN_LINES = 5
#: What counts as "now" for the rate.
RATE_SECONDS = 30


def deliver(
    s: Session, database: Database, *, own: Instance | None = None, only: str = "", expected: int = 0
) -> Drained:
    """Send what is due; the first Ctrl-C or SIGTERM finishes what is on the wire and keeps the rest, the
    second cuts that off.

    `own` notes that older copies of the database have missed something; None where that is no matter.
    """
    if own is not None:
        own.advance()
    from newsletter.delivery.deliver import deliver as send_due
    from newsletter.service.wiring import open_line
    from newsletter.store.alive import Presence

    with Presence(database.path) as presence, stopping() as (stop, abandon), _progress(s, expected) as seen:
        line = open_line(
            s.config, database, presence, s.clock, stop=stop, on_outcome=seen, only=only, abandon=abandon
        )
        drained = send_due(line)
    if own is not None and drained.outcomes:
        own.advance()
    if abandon.is_set():
        doubtful = drained.outcomes.get(Verdict.IN_DOUBT, 0)
        s.note(f"Stopped at once: {doubtful:,} in doubt. See `newsletter outbox list --state in_doubt`.")
    if stop.is_set():
        raise KeyboardInterrupt
    return drained


@contextlib.contextmanager
def stopping() -> Iterator[tuple[threading.Event, threading.Event]]:
    """Set at the first SIGINT or SIGTERM, and at the second."""
    from newsletter.delivery.halt import Halt

    halt = Halt()
    old = {number: signal.signal(number, lambda *_: halt()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield halt.stop, halt.abandon
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _progress(s: Session, expected: int) -> Iterator[Callable[[Delivery, Outcome], None]]:
    """A bar on a terminal; elsewhere a line every few seconds, on stderr."""
    if sys.stderr.isatty() and expected:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (
            TextColumn("Sending"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Sending", total=expected, pace="")
            pace = Pace(expected, time.monotonic())

            def advance(delivery: Delivery, outcome: Outcome) -> None:
                bar.update(task, advance=1, pace=pace.count(time.monotonic()))

            yield advance
        return
    yield _Lines(s, expected)


class Pace:
    """How fast a sending goes, and when it will be over. Times are seconds of a clock that goes forward."""

    def __init__(self, expected: int, now: float) -> None:
        self._expected = expected  # 0: nobody knows
        self._began = now
        self._count = 0
        self._marks = [(now, 0)]  # of the last while, so that a pause at the start is forgotten

    def count(self, now: float) -> str:
        """One more attempt; what is to be told: ``52/s · 1 min 20 s left``."""
        self._count += 1
        if now - self._marks[-1][0] >= 1:
            self._marks = [*self._marks[-RATE_SECONDS:], (now, self._count)]
        since, before = self._marks[0]
        if self._count - before < 2 or now - since < 1:
            return ""
        rate = (self._count - before) / (now - since)
        told = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"
        left = self._expected - self._count
        return f"{told} · {_span(left / rate)} left" if left > 0 else told


class _Lines:
    def __init__(self, s: Session, expected: int) -> None:
        self._s = s
        self._expected = expected
        self._sent = 0
        self._said_at = time.monotonic()
        self._pace = Pace(expected, self._said_at)
        self._lock = threading.Lock()

    def __call__(self, delivery: Delivery, outcome: Outcome) -> None:
        with self._lock:
            now = time.monotonic()
            self._sent += outcome.verdict is Verdict.SENT
            pace = self._pace.count(now)
            if now - self._said_at > SECONDS_BETWEEN_LINES:
                self._said_at = now
                of = f" of {self._expected:,}" if self._expected else ""
                self._s.note(" · ".join(filter(None, (f"{self._sent:,}{of} sent so far", pace))))


def _span(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def tell(counts: Counts) -> str:
    """The line that closes a sending: what always stands there, then what is not zero."""
    always = (State.SENT, State.FAILED, State.IN_DOUBT)
    parts = [f"{counts[state]:,} {_word(state)}" for state in always]
    parts += [
        f"{counts[state]:,} {_word(state)}" for state in (State.SUPPRESSED, State.CANCELLED) if counts[state]
    ]
    if counts.waiting:
        parts.append(f"{counts.waiting:,} waiting")
    return " · ".join(parts)


def document(counts: Counts) -> dict[str, int]:
    """The same for programs: they always add up to the recipients."""
    told = (State.SENT, State.FAILED, State.SUPPRESSED, State.IN_DOUBT, State.CANCELLED)
    return {
        "recipients": counts.recipients,
        **{state.value: counts[state] for state in told},
        "waiting": counts.waiting,
    }


def leave(s: Session, drained: Drained, counts: Counts, paused: IssueRow | None = None) -> None:
    """Leave with the exit code that the result deserves, and say what to do."""
    command = f"newsletter tick --config {s.config_path}"
    if paused is not None:
        s.note(f"Paused: {paused.state_reason}\n{_to_go_on(paused)} and `{command}`.")
        raise click.exceptions.Exit(UNREACHABLE if not counts[State.SENT] else PARTLY_SENT)
    if counts[State.IN_DOUBT]:
        s.note("In doubt: perhaps accepted, perhaps not. See `newsletter outbox list --state in_doubt`.")
    if drained.unreachable:
        s.note(
            f"The sender cannot be reached: {drained.unreachable}\n"
            f"Nothing is lost: {counts.waiting:,} waiting. When it is back: `{command}`"
        )
        raise click.exceptions.Exit(UNREACHABLE)
    for why in drained.gone:
        s.note(f"A sender could not be used, and the others went on: {why}")
    if counts.waiting:
        s.note(f"{counts.waiting:,} wait for another try: `{command}` makes it when the time has come.")
    if counts[State.FAILED] or counts[State.IN_DOUBT] or counts.waiting:
        raise click.exceptions.Exit(PARTLY_SENT)


def _to_go_on(paused: IssueRow) -> str:
    from newsletter.outbox.operate import BY_OPERATOR

    resume = f"`newsletter outbox resume {paused.id}`"
    if paused.state_reason == BY_OPERATOR:
        return f"To go on: {resume}"
    failed = f"`newsletter outbox retry --issue {paused.id}` for what failed, "
    return f"Mend it, then {failed if paused.counts[State.FAILED] else ''}{resume}"


def _word(state: State) -> str:
    return state.value.replace("_", " ")


def summary(built: Built) -> list[str]:
    """An issue in a few lines: what a person wants to know before saying yes."""
    size = len((built.rendered.frame_html + "".join(b.html for b in built.rendered.blocks)).encode())
    lines = [
        f"{built.issue.newsletter} · {number(len(built.issue.cards), 'article')} · {size / 1000:.0f} kB",
        f"  subject    {built.rendered.subject}",
    ]
    return lines + [f"  {card.excerpt_from.value:<13} {card.title}" for card in built.issue.cards]
