"""A few of the random kills and stops; ``python3 dev.py faults --kills 200 --stops 200`` does many."""

from __future__ import annotations

import signal

import pytest

from tests.faults.kills import MOST, run


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_after_a_kill_nobody_is_lost_or_doubled_and_doubt_is_bounded(seed: str) -> None:
    came = run(seed, signal.SIGKILL)

    assert (came.lost, came.doubled, came.wrong) == (0, 0, "")
    assert came.in_doubt <= MOST


@pytest.mark.parametrize("seed", ["1", "2"])
def test_after_sigterm_nothing_is_in_doubt(seed: str) -> None:
    came = run(seed, signal.SIGTERM)

    assert (came.in_doubt, came.lost, came.doubled, came.wrong) == (0, 0, 0, "")
