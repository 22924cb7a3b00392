"""When the alarm rings."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from newsletter.schedule.alarm import Alarm

FAR = timedelta(days=300)


def rings(next_due: Callable[[], datetime | None], times: int, *, every: float = 600, look: int = 0) -> int:
    """Wait until the alarm rang so many times; how often it did, after `look` looks."""

    async def listen() -> int:
        heard = 0
        rung = asyncio.Event()

        def ring() -> None:
            nonlocal heard
            heard += 1
            rung.set()

        alarm = Alarm(ring, next_due, every)
        alarm.start()
        try:
            for _ in range(look):
                alarm.look()
            while heard < times:
                await asyncio.wait_for(rung.wait(), 20)
                rung.clear()
        finally:
            alarm.close()
        return heard

    return asyncio.run(listen())


def test_the_alarm_rings_at_once_and_at_the_time_that_is_due() -> None:
    due = datetime.now(UTC) + timedelta(milliseconds=200)

    assert rings(lambda: due, 2) == 2


def test_it_rings_for_what_comes_sooner_than_what_it_was_told_first() -> None:
    asked: list[datetime] = []

    def next_due() -> datetime:
        asked.append(datetime.now(UTC) + (timedelta(milliseconds=50) if asked else FAR))
        return asked[-1]

    assert rings(next_due, 2, look=1) >= 2


def test_it_rings_for_nothing_that_is_no_longer_due() -> None:
    begun = time.monotonic()
    soon = datetime.now(UTC) + timedelta(seconds=1)
    answers = iter([soon])

    rings(lambda: next(answers, None), 2, every=1.5, look=1)
    # The second ring was the next round: the alarm would have come before it.
    assert time.monotonic() - begun >= 1.5


def test_what_stays_due_is_rung_for_once_and_not_again_and_again() -> None:
    past = datetime(2026, 1, 1, tzinfo=UTC)
    asked = 0

    def next_due() -> datetime:
        nonlocal asked
        asked += 1
        return past if asked < 8 else datetime.now(UTC) + timedelta(milliseconds=100)

    # At once, for what is past, and for what comes at the eighth look.
    assert rings(next_due, 3, look=8) == 3


def test_rounds_come_though_nobody_can_say_what_is_due() -> None:
    def next_due() -> datetime:
        raise OSError("the disk is away")

    assert rings(next_due, 4, every=0.01) >= 4


def test_it_ends_whatever_it_is_doing() -> None:
    async def begin_and_end() -> None:
        for _ in range(200):
            alarm = Alarm(lambda: None, lambda: datetime.now(UTC) + FAR)
            alarm.start()
            alarm.look()
            alarm.close()

    ended = threading.Thread(target=asyncio.run, args=(begin_and_end(),), daemon=True)
    ended.start()
    ended.join(60)
    assert not ended.is_alive()
