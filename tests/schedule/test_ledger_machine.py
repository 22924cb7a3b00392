"""Whatever readers and editors change: each due article reaches each reader once, and one reason is told.

No gap, no repeat: beside the database stands what each reader is owed (`ledger_oracle`), which is asked after
each step. Nothing is rendered: who gets what does not depend on it. A whole year is `ledger_year`.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.schedule.ledger_acts import ACTS, PEOPLE
from tests.schedule.ledger_play import Play
from tests.schedule.ledger_world import nothing_is_rendered

SEEN: Counter[str] = Counter()


class Ledger(RuleBasedStateMachine):
    """Whatever may happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(nothing_is_rendered())

    @initialize(catch_up=st.sampled_from(["3650d", "3650d", "60d"]), old=st.integers(0, 5))
    def it_begins(self, catch_up: str, old: int) -> None:
        self.play = Play(catch_up, old, PEOPLE)

    def teardown(self) -> None:
        try:
            if hasattr(self, "play") and sys.exc_info()[0] is None:
                self.play.all_comes_to_rest()
                self._count()
        finally:
            if hasattr(self, "play"):
                self.play.world.close()
            self.stack.close()

    @invariant()
    def nobody_is_forgotten_and_nobody_is_told_twice(self) -> None:
        if hasattr(self, "play"):
            SEEN["steps"] += 1
            self.play.look()

    @invariant()
    def one_reason_is_told(self) -> None:
        if not hasattr(self, "play"):
            return
        for who in self.play.ids:
            self.play.ask(who)
            for name in [*self.play.names][-1 - self.play.looks % 5 :][:1]:
                self.play.why(who, name)

    def _count(self) -> None:
        SEEN["rows"] += len(self.play.oracle.rows)
        SEEN["issues"] += len(self.play.oracle.judged)
        SEEN["days"] += (self.play.world.now - self.play.begun).days


def _rule(name: str) -> Any:
    def happens(self: Ledger, **chosen: object) -> None:
        getattr(self.play, name)(**chosen)

    happens.__name__ = name
    chosen: dict[str, Any] = {key: st.sampled_from(values) for key, values in ACTS[name].choices.items()}
    return rule(**chosen)(happens)  # type: ignore[no-untyped-call]


for _name in ACTS:
    setattr(Ledger, _name, _rule(_name))


@pytest.mark.slow
def test_no_gap_no_repeat_and_one_reason(capsys: pytest.CaptureFixture[str]) -> None:
    SEEN.clear()
    examples = int(os.environ.get("LEDGER_EXAMPLES", "6" if os.environ.get("CI") else "3"))
    run_state_machine_as_test(
        Ledger, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None)
    )
    with capsys.disabled():
        print("\n" + ", ".join(f"{number:,} {what}" for what, number in SEEN.items()))
    assert SEEN["steps"] > 10 * examples
