"""Whatever clocks, crashes and other processes do: each slot is decided, and has one issue at most."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from newsletter.schedule.due import BEGUN, ISSUED, SKIPPED, claim_slot, missed, undecided
from newsletter.schedule.slots import Slot, parse
from newsletter.store import tables as t
from newsletter.store.database import Database

HOUR = timedelta(hours=1)
#: Begins before a change of the clocks.
BEGIN = datetime(2026, 3, 20, 12, 7, tzinfo=UTC)
NUMBERS = count()


@dataclass
class Deciders:
    """Those who look at one slot table, as `tick` and `run` do."""

    database: Database
    schedule: str
    zone: ZoneInfo
    newsletter: str
    issued: list[str] = field(default_factory=list)

    def look(self, now: datetime, *, dies_after: int = 1000, nothing_new: bool = False) -> None:
        """Decide what is to be decided; somebody may be killed after some claims."""
        rhythm = parse(self.schedule)
        slots = undecided(self.database, self.newsletter, "c", rhythm, self.zone, now)
        old = missed(slots, now)
        for slot in slots[:dies_after]:
            skips = nothing_new or slot in old
            if self._claim(slot, SKIPPED if skips else ISSUED, now) and not skips:
                self.issued.append(slot.key)

    def rows(self) -> list[str]:
        with self.database.read() as connection:
            of_it = (t.slot.c.newsletter == self.newsletter, t.slot.c.state != BEGUN)
            keys = connection.execute(select(t.slot.c.key).where(*of_it))
            return sorted(keys.scalars())

    def expected(self, end: datetime) -> list[str]:
        return [slot.key for slot in parse(self.schedule).occurrences(self.zone, BEGIN, end)]

    def _claim(self, slot: Slot, state: str, now: datetime) -> bool:
        return self.database.write(
            lambda c: claim_slot(
                c, self.newsletter, "c", slot, state=state, reason="", issue_id=None, now=now
            )
        )


steps = st.lists(
    st.tuples(
        st.integers(1, 200),  # hours until somebody looks
        st.sampled_from([0, 0, 0, 0, 1, -1, 30, 24 * 40, -24 * 40]),  # hours by which their clock is wrong
        st.sampled_from([1000, 1000, 0, 1, 2]),  # claims until they are killed
        st.booleans(),
    ),
    max_size=25,
)


@pytest.mark.parametrize("schedule", ["daily 00:00", "mon,thu 02:30"])
@given(steps, st.sampled_from(["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia"]))
def test_each_slot_is_decided_and_issued_once_at_most(
    database: Database, schedule: str, walk: list[tuple[int, int, int, bool]], zone: str
) -> None:
    deciders = Deciders(database, schedule, ZoneInfo(zone), f"n{next(NUMBERS)}")
    deciders.look(BEGIN)
    now = BEGIN
    for hours, wrong, dies_after, nothing_new in walk:
        now += hours * HOUR
        deciders.look(now + wrong * HOUR, dies_after=dies_after, nothing_new=nothing_new)
    now += HOUR
    deciders.look(now)

    assert len(deciders.issued) == len(set(deciders.issued))
    assert set(deciders.expected(now)) <= set(deciders.rows())
