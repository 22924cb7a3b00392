"""Whatever deliveries are packed come back as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import State
from newsletter.store.archive.block import ArchivedRow, packed, unpacked

SECONDS = st.integers(0, 2**33).map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
ROW = st.builds(
    ArchivedRow,
    delivery_id=st.integers(1, 2**62),
    issue_id=st.just("weekly-1"),
    subscriber_id=st.integers(1, 2**62),
    variant_id=st.none() | st.integers(1, 5) | st.integers(1, 2**62),
    state=st.sampled_from(State),
    at=SECONDS,
    due_at=SECONDS | st.just(datetime(2026, 11, 23, 8, 0, 0, 123000, tzinfo=UTC)),
    attempts=st.integers(0, 30),
    doubt=st.integers(0, 3),
    code=st.sampled_from((0, 250, 451, 550)),
    reply=st.sampled_from(("", "2.0.0")) | st.text(),
)
ROWS = st.lists(ROW, min_size=1, max_size=40, unique_by=lambda row: row.subscriber_id).map(
    lambda rows: sorted(rows, key=lambda row: row.subscriber_id)
)


@given(rows=ROWS)
def test_a_block_comes_back_as_it_was(rows: list[ArchivedRow]) -> None:
    assert list(unpacked(packed(rows), "weekly-1")) == rows


@given(rows=ROWS, data=st.data())
def test_some_are_read_as_they_were_among_all(rows: list[ArchivedRow], data: st.DataObject) -> None:
    some = data.draw(st.sets(st.sampled_from([row.subscriber_id for row in rows]) | st.integers(1, 99)))

    found = unpacked(packed(rows), "weekly-1", some)

    assert list(found) == [row for row in rows if row.subscriber_id in some]


def test_a_usual_delivery_takes_less_than_two_octets() -> None:
    due = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    # Forty variants in no order, ninety a second, one reader in five on no such list.
    people = [n for n in range(1, 10_001) if n % 5]
    rows = [
        ArchivedRow(
            7_000_000 + n, "weekly-1", person, person * 7919 % 104729 % 40, State.SENT,
            due + timedelta(seconds=n // 90), due, 1, 0, 250, "2.0.0",
        )
        for n, person in enumerate(people)
    ]  # fmt: skip

    assert len(packed(rows)) / len(rows) < 2
