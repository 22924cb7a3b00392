"""Two services on one database, killed again and again; `python -m tests.faults.slots` does more of it."""

from __future__ import annotations

from tests.faults.slots import run


def test_no_slot_is_missed_or_doubled_and_no_article_lost_or_repeated() -> None:
    came = run(slots=22, seed=7)

    assert came.wrong == ()
    assert came.slots >= 22
    assert came.killed > 5
