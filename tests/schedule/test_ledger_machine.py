"""Whatever readers and editors change: each due article reaches each reader once, and one reason is told.

No gap, no repeat: beside the database stands what each reader is owed (`ledger_oracle`), which is asked after
each step. Nothing is rendered: who gets what does not depend on it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from newsletter.audience import subscribers
from newsletter.audience.subscriptions import Asked, Frequency
from newsletter.model import Fault, Outcome, Verdict
from newsletter.outbox import queueing
from newsletter.outbox.claim import Result
from newsletter.service.explained import explain
from newsletter.store import tables as t
from tests.schedule.ledger_oracle import Oracle, Reader
from tests.schedule.ledger_world import CADENCES, DAY, HOUR, NAMES, Post, World, nothing_is_rendered

PEOPLE = tuple(f"{name}@example.org" for name in ("ann", "ben", "cleo"))
WHO, WHICH = st.sampled_from(PEOPLE), st.sampled_from(NAMES)
TAGS = st.sampled_from([("dogs",), ("cats",), ("dogs", "cats"), ()])
TOPICS = st.sampled_from([(), (), ("dogs",), ("cats",)])
FREQUENCIES: st.SearchStrategy[Frequency] = st.sampled_from(["", "each", "daily", "weekly"])
ZONES = st.sampled_from(["", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Auckland"])
ANSWERS = {
    "sent": Outcome(Verdict.SENT, Fault.NONE, 250, "ok"),
    "hard": Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "5.1.1 unknown"),
    "soft": Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "5.2.2 full"),
    "later": Outcome(Verdict.DEFERRED, Fault.RECIPIENT, 450, "4.2.1 busy"),
    "doubt": Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "lost"),
}
#: Most mail arrives.
ANSWER = st.sampled_from([*["sent"] * 5, "hard", "soft", "later", "doubt"])
#: So long does it take until what waits has come, a few articles at a time.
WEEKS = 25
SEEN = {"steps": 0, "issues": 0, "rows": 0, "days": 0}


class Ledger(RuleBasedStateMachine):
    """A few readers, three newsletters, an editor, and a year."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(nothing_is_rendered())

    @initialize(catch_up=st.sampled_from(["3650d", "3650d", "60d"]), old=st.integers(0, 5))
    def it_begins(self, catch_up: str, old: int) -> None:
        self.world = World(catch_up)
        self.oracle = Oracle(frozenset({"brief"}), CADENCES, {"mixed": "weekly"})
        self.ids: dict[str, int] = {}
        self.tags: dict[str, frozenset[str]] = {}
        self.count = self.asked = 0
        self.said_at = self.latest = self.world.now
        for _ in range(old):
            self._write(("dogs",), timedelta(days=-3))
        self.world.fire()
        self.world.now += HOUR
        for who in PEOPLE[:2]:
            self.a_reader_joins(who, NAMES, "", "")

    def teardown(self) -> None:
        try:
            if hasattr(self, "world") and sys.exc_info()[0] is None:
                self._all_comes_to_rest()
                self._count()
        finally:
            if hasattr(self, "world"):
                self.world.close()
            self.stack.close()

    # ── readers ─────────────────────────────────────────────────────────────

    @rule(
        who=WHO,
        names=st.sampled_from([NAMES, ("mixed",), ("single", "brief")]),
        zone=ZONES,
        often=FREQUENCIES,
    )
    def a_reader_joins(self, who: str, names: tuple[str, ...], zone: str, often: Frequency) -> None:
        """Or comes back, or confirms once more."""
        self._says()
        self.world.join(who, names, zone=zone)
        found = subscribers.show(self.world.database, who)
        assert found is not None
        self.ids[who] = found.id
        for name in names:
            reader = self.oracle.readers.setdefault((found.id, name), Reader())
            if reader.since is None:
                reader.since = self.world.now
        if often:
            self.a_reader_chooses_how_often(who, "mixed", often)

    @rule(who=WHO, name=WHICH)
    def a_reader_leaves(self, who: str, name: str) -> None:
        if reader := self._reader(who, name):
            self._says()
            self.world.leave(self.ids[who], name)
            reader.since = None
            reader.owed.clear()

    @rule(who=WHO, name=WHICH, often=FREQUENCIES)
    def a_reader_chooses_how_often(self, who: str, name: str, often: Frequency) -> None:
        if reader := self._reader(who, name):
            self._says()
            self.world.prefer(self.ids[who], name, Asked(frequency=often))
            reader.frequency = often

    @rule(who=WHO, name=WHICH, topics=TOPICS)
    def a_reader_chooses_topics(self, who: str, name: str, topics: tuple[str, ...]) -> None:
        if reader := self._reader(who, name):
            self._says()
            self.world.prefer(self.ids[who], name, Asked(topics=topics))
            reader.topics = topics

    @rule(who=WHO, zone=ZONES)
    def a_reader_moves(self, who: str, zone: str) -> None:
        if who in self.ids:
            self.world.prefer(self.ids[who], "", Asked(), zone)

    @rule(who=WHO, name=WHICH, days=st.sampled_from([1, 5, 9, 30]))
    def a_reader_pauses(self, who: str, name: str, days: int) -> None:
        if reader := self._reader(who, name):
            self._says()
            reader.paused_until = self.world.now + timedelta(days=days)
            self.world.prefer(self.ids[who], name, Asked(paused_until=reader.paused_until))

    @rule(who=WHO, name=WHICH)
    def a_reader_resumes(self, who: str, name: str) -> None:
        if reader := self._reader(who, name):
            self._says()
            self.world.prefer(self.ids[who], name, Asked(resumes=True))
            reader.paused_until = None

    def _says(self) -> None:
        """Nothing happens at the very same time, nor before what has happened: by the clock."""
        self.world.now = max(self.world.now, self.latest) + timedelta(minutes=1)
        self.said_at = self.latest = self.world.now

    def _reader(self, who: str, name: str) -> Reader | None:
        reader = self.oracle.readers.get((self.ids.get(who, 0), name))
        return reader if reader and reader.since is not None else None

    # ── the editor ──────────────────────────────────────────────────────────

    @rule(tags=TAGS, days=st.sampled_from([0, 0, 0, -2, -40, 1, 8]))
    def a_post_is_published(self, tags: tuple[str, ...], days: int) -> None:
        if self.count < 18:
            self._write(tags, timedelta(days=days))

    @rule(number=st.integers(3, 6))
    def many_posts_are_published(self, number: int) -> None:
        if self.count < 18:
            for _ in range(number):
                self._write(("dogs", "cats"), timedelta(0))

    @rule(
        which=st.integers(0), what=st.sampled_from(["rename", "retitle", "edit", "date", "draft", "delete"])
    )
    def a_post_is_changed(self, which: int, what: str) -> None:
        if not self.world.posts:
            return
        name = sorted(self.world.posts)[which % len(self.world.posts)]
        post = self.world.posts[name]
        self.count += 1
        match what:
            case "rename":
                self.world.rename(name, f"moved-{self.count}")
                return
            case "delete":
                self.world.remove(name)
                return
            case "retitle":
                post.title = f"{name} by another name {self.count}"
            case "edit":
                post.body += f" And more, {self.count}."
            case "date":
                post.date = f"{self.world.now - DAY * (self.count % 5):%Y-%m-%dT%H:%M:%SZ}"
            case "draft":
                post.draft = not post.draft
        self.world.keep(post)

    def _write(self, tags: tuple[str, ...], later: timedelta) -> None:
        self.count += 1
        name, at = f"P{self.count:03}", self.world.now + later
        self.tags[name] = frozenset(tags)
        body = f"This is number {self.count}, and it is about {' and '.join(tags) or 'nothing'}."
        self.world.keep(Post(name.lower(), f"{name} of the post", f"{at:%Y-%m-%dT%H:%M:%SZ}", tags, body))

    # ── the operator ────────────────────────────────────────────────────────

    @rule(name=WHICH)
    def a_newsletter_pauses(self, name: str) -> None:
        self.world.pause(name)

    @rule(name=WHICH)
    def a_newsletter_resumes(self, name: str) -> None:
        self.world.resume(name)

    @rule(name=WHICH)
    def an_issue_is_sent_by_hand(self, name: str) -> None:
        self.world.send(name)
        self._look()

    @rule(sent=st.integers(0, 2))
    def the_newest_issue_is_cancelled(self, sent: int) -> None:
        """Before, or in the middle."""
        self._deliver(["sent"], sent)
        with self.world.database.read() as connection:
            newest = select(t.issue.c.id).where(t.issue.c.kind == "issue").order_by(t.issue.c.number.desc())
            id = connection.execute(newest.limit(1)).scalar()
        if id:
            self.world.cancel(id)

    @rule(answers=st.lists(ANSWER, min_size=1, max_size=6), most=st.sampled_from([1, 100]))
    def mail_is_delivered(self, answers: list[str], most: int) -> None:
        self._deliver(answers, most)

    def _deliver(self, answers: Sequence[str], most: int = 1000) -> None:
        taken = self.world.take(most) if most else ()
        self.world.record([Result(one, ANSWERS[answers[n % len(answers)]]) for n, one in enumerate(taken)])

    # ── time ────────────────────────────────────────────────────────────────

    @rule(hours=st.sampled_from([1, 3, 10]))
    def hours_pass(self, hours: int) -> None:
        self._pass(timedelta(hours=hours))

    @rule(days=st.sampled_from([1, 2, 7, 7, 14]), answers=st.lists(ANSWER, max_size=4))
    def days_pass(self, days: int, answers: list[str]) -> None:
        for _ in range(days):
            for _ in range(2):
                if answers:
                    self._deliver(answers)
                self._pass(timedelta(hours=12))

    @rule(days=st.sampled_from([2, 9]))
    def nothing_runs_for_days(self, days: int) -> None:
        self._pass(timedelta(days=days))

    @rule()
    def the_clock_steps_back(self) -> None:
        if self.world.now - HOUR <= self.said_at:
            return  # by its own word an issue would be older than what its readers said
        self.latest = max(self.latest, self.world.now)
        self.world.now -= HOUR
        self.world.fire()

    @rule(rows=st.integers(0, 2), hours=st.sampled_from([12, 24]))
    def it_crashes_while_it_queues(self, rows: int, hours: int) -> None:
        """Killed after so many chunks of one reader each; then it comes up again."""

        class Killed(Exception):
            pass

        whole, left = queueing.queue_chunk, [rows]

        def chunk(connection: Any, id: str, now: datetime) -> bool:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return whole(connection, id, now, rows=1)

        self.world.now += timedelta(hours=hours)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(queueing, "queue_chunk", chunk)
            with suppress(Killed):
                self.world.fire()
        self.world.restart()
        self._pass(timedelta(0))

    def _pass(self, time: timedelta) -> None:
        self.world.now += time
        SEEN["days"] += time.days
        self.world.heal()
        self.world.fire()
        self._look()

    # ── what always holds ───────────────────────────────────────────────────

    def _look(self) -> None:
        with self.world.database.read() as connection:
            rows = connection.execute(select(t.article_key)).all()
        tags = {
            row.article_id: self.tags[row.key.removeprefix("id:")]
            for row in rows
            if row.key.removeprefix("id:") in self.tags
        }
        self.names = {row.article_id: row.key for row in rows if row.key.removeprefix("id:") in self.tags}
        self.oracle.look(self.world.database, tags, self.world.now)
        self.tags_by_id = tags

    @invariant()
    def nobody_is_forgotten_and_nobody_is_told_twice(self) -> None:
        if hasattr(self, "world"):
            SEEN["steps"] += 1
            self._look()

    @invariant()
    def one_reason_is_told(self) -> None:
        if not hasattr(self, "world"):
            return
        database = self.world.database
        self.asked += 1
        for who, id in self.ids.items():
            with database.read() as connection:
                told = explain(self.world.config, connection, who, self.world.now)
            self.oracle.explains(database, id, told)
            for article, key in [*self.names.items()][-1 - self.asked % 5 :][:1]:
                with database.read() as connection:
                    told = explain(self.world.config, connection, who, self.world.now, key)
                self.oracle.explains_article(id, article, told)

    # ── the end ─────────────────────────────────────────────────────────────

    def _all_comes_to_rest(self) -> None:
        """Weeks in which everybody is there, everything arrives, and there is always something new."""
        for name in NAMES:
            self.world.resume(name)
        for who in self.ids:
            for name in NAMES:
                if self._reader(who, name):
                    self.a_reader_resumes(who, name)
                    self.world.join(who, (name,))
        known = {self.names[id]: id for id in self.names}
        there = {
            known[f"id:{name}"]
            for name, post in self.world.posts.items()
            if f"id:{name}" in known and not post.draft
        }
        # Each evening, when all that was due on that day is due everywhere.
        evening = self.world.now.replace(hour=17, minute=30)
        self._pass(evening + (DAY if evening <= self.world.now else timedelta(0)) - self.world.now)
        for day in range(7 * WEEKS):
            if day % 7 in (0, 3):
                self._write(("dogs", "cats"), timedelta(0))
            self._deliver(["sent"])
            self._pass(DAY)
            if day > 14 and not self._owed(there):
                break
        if self.world.catch_up == "3650d":
            assert self._owed(there) == {}, "they never got these"

    def _owed(self, there: set[int]) -> dict[tuple[int, str], set[int]]:
        """Of the articles that were there before, those that somebody is still owed who wants them."""
        found = {
            whose: {one for one in reader.owed & there if reader.wants(self.tags_by_id[one])}
            for whose, reader in self.oracle.readers.items()
        }
        return {whose: owed for whose, owed in found.items() if owed}

    def _count(self) -> None:
        SEEN["rows"] += len(self.oracle.rows)
        SEEN["issues"] += len(self.oracle.judged)


@pytest.mark.slow
def test_no_gap_no_repeat_and_one_reason(capsys: pytest.CaptureFixture[str]) -> None:
    SEEN.update(dict.fromkeys(SEEN, 0))
    examples = int(os.environ.get("LEDGER_EXAMPLES", "8" if os.environ.get("CI") else "3"))
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Ledger, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None)
    )
    with capsys.disabled():
        print("\n" + ", ".join(f"{number:,} {what}" for what, number in SEEN.items()))
    assert SEEN["steps"] > 10 * examples
