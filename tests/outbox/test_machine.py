"""Whatever happens in whatever order: nobody gets it twice uncounted, nobody is lost, the states add up."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from sqlalchemy import Connection, select, update

from newsletter.audience.suppression import suppress
from newsletter.model import Delivery, Fault, Outcome, State, Verdict
from newsletter.outbox import claim, operate, queueing, recovery
from newsletter.outbox.claim import Result
from newsletter.store import tables as t
from newsletter.store.database import open_database
from tests.outbox.publishing import NOW, issue, publish, subscribe

PEOPLE = 6
#: Thousands of commits: in memory where there is such a folder.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


class Outbox(RuleBasedStateMachine):
    """One issue, two sending processes that may die, and a server that counts what it accepts."""

    policy = "hold"
    sending = Bundle("sending")
    late = Bundle("late")  #: their process was taken for dead, and yet its answer comes

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.database = open_database(Path(self.folder.name) / "n.db")
        self.now = NOW
        self.accepted: Counter[int] = Counter()
        self.unsubscribed: set[int] = set()
        subscribe(self.database, PEOPLE)
        publish(self.database, issue(policy=self.policy))

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule(target=sending, owner=st.sampled_from(["a", "b"]), limit=st.integers(1, 4))
    def take(self, owner: str, limit: int) -> object:
        taken = self.database.write(lambda c: claim.take(c, owner=owner, limit=limit, now=self.now))
        assert not {d.subscriber_id for d in taken} & self.unsubscribed
        return multiple(*((owner, delivery) for delivery in taken))

    @rule(row=consumes(sending), certain=st.booleans())
    def the_server_accepts(self, row: tuple[str, Delivery], certain: bool) -> None:
        self.accepted[row[1].subscriber_id] += 1
        outcome = (
            Outcome(Verdict.SENT, Fault.NONE, 250, "ok")
            if certain
            else Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "lost")
        )
        self.database.write(lambda c: claim.record(c, [Result(row[1], outcome)], self.now))

    @rule(
        row=consumes(sending),
        verdict=st.sampled_from([Verdict.DEFERRED, Verdict.FAILED]),
        fault=st.sampled_from([Fault.RECIPIENT, Fault.US, Fault.RELAY]),
    )
    def the_server_refuses(self, row: tuple[str, Delivery], verdict: Verdict, fault: Fault) -> None:
        outcome = Outcome(verdict, fault, 550, "5.0.0 no")
        self.database.write(lambda c: claim.record(c, [Result(row[1], outcome)], self.now))

    @rule(row=consumes(sending))
    def its_turn_never_came(self, row: tuple[str, Delivery]) -> None:
        self.database.write(lambda c: claim.record(c, [Result(row[1], None)], self.now))

    @rule(row=consumes(sending), accepted=st.booleans())
    def its_process_dies(self, row: tuple[str, Delivery], accepted: bool) -> None:
        self.accepted[row[1].subscriber_id] += accepted
        self.database.write(
            lambda c: recovery.recover(c, is_alive=lambda owner: owner != row[0], now=self.now)
        )

    @rule(target=late, row=consumes(sending))
    def its_lease_runs_out_while_the_server_thinks(self, row: tuple[str, Delivery]) -> object:
        self.now += claim.LEASE
        self.database.write(lambda c: recovery.recover(c, is_alive=lambda _: True, now=self.now))
        return row

    @rule(row=consumes(late), accepted=st.booleans())
    def the_answer_comes_late(self, row: tuple[str, Delivery], accepted: bool) -> None:
        self.accepted[row[1].subscriber_id] += accepted
        ok = Outcome(Verdict.SENT, Fault.NONE, 250, "ok")
        unknown = Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "5.1.1 unknown")
        outcome = ok if accepted else unknown
        self.database.write(lambda c: claim.record(c, [Result(row[1], outcome)], self.now))

    @rule(reader=st.integers(1, PEOPLE))
    def a_message_bounces(self, reader: int) -> None:
        key = f"r{reader}@example.org"
        self.database.write(lambda c: suppress(c, key, "*", "hard bounce", self.now, "5.1.1"))
        self.unsubscribed.add(reader)

    @rule(minutes=st.sampled_from([1, 59]))
    def the_clock_steps_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule(share=st.integers(1, 2))
    def the_operator_says_retry(self, share: int) -> None:
        with self.database.read() as connection:
            rows = operate.deliveries(connection, state=State.IN_DOUBT)
        ids = tuple(row.id for row in rows[::share])
        self.database.write(lambda c: operate.decide(c, ids, "retry", self.now).done)

    @rule()
    def it_becomes_stale(self) -> None:
        self.database.write(lambda c: recovery.expire(c, NOW + timedelta(hours=25)))

    @rule(reader=st.integers(1, PEOPLE))
    def a_reader_leaves(self, reader: int) -> None:
        def write(connection: Connection) -> None:
            mine = t.subscription.c.subscriber_id == reader
            connection.execute(update(t.subscription).where(mine).values(status="unsubscribed"))

        self.database.write(write)
        self.unsubscribed.add(reader)

    @rule(reader=st.integers(1, PEOPLE))
    def a_reader_complains(self, reader: int) -> None:
        key = f"r{reader}@example.org"
        self.database.write(lambda c: suppress(c, key, "*", "complaint", self.now, ""))
        self.unsubscribed.add(reader)

    @rule()
    def it_is_published_again(self) -> None:
        def again(connection: Connection) -> None:
            chosen = t.issue.c.state == "open"
            connection.execute(update(t.issue).where(chosen).values(state="publishing", queued_to=0))

        self.database.write(again)
        self.database.write_in_chunks(lambda c: queueing.queue_chunk(c, issue().id, self.now))

    @rule(minutes=st.sampled_from([0, 6, 90, 600]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.database.write(lambda c: recovery.recover(c, is_alive=lambda _: True, now=self.now))
        self.database.write(lambda c: recovery.wake(c, self.now))

    @rule(word=st.sampled_from(["pause", "resume"]))
    def the_operator(self, word: str) -> None:
        call = operate.pause if word == "pause" else operate.resume
        self.database.write(lambda c: call(c, issue().id))

    @invariant()
    def the_states_add_up(self) -> None:
        with self.database.read() as connection:
            counts = operate.counts(connection)
        told = sum(
            counts[state]
            for state in (State.SENT, State.FAILED, State.SUPPRESSED, State.IN_DOUBT, State.CANCELLED)
        )
        assert counts.recipients == PEOPLE == told + counts.waiting

    @invariant()
    def nobody_gets_it_twice_but_where_it_is_counted(self) -> None:
        for row in self._rows():
            times = self.accepted[row.subscriber_id]
            assert times <= 1 + row.doubt, f"{row.subscriber_id} accepted {times} times, doubt {row.doubt}"

    @invariant()
    def what_was_accepted_is_sent_or_in_doubt_or_still_open(self) -> None:
        for row in self._rows():
            if self.accepted[row.subscriber_id] and not row.doubt:
                assert row.state in (State.SENT, State.IN_DOUBT, State.SENDING)
            elif row.state == State.SENT:
                assert self.accepted[row.subscriber_id], f"{row.subscriber_id} was never accepted"

    def _rows(self) -> Sequence[Any]:
        d = t.delivery.c
        with self.database.read() as connection:
            return connection.execute(select(d.subscriber_id, d.state, d.doubt)).all()


class Resending(Outbox):
    """The same under the other policy: what is in doubt goes out again, and is counted."""

    policy = "resend"


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestResending = Resending.TestCase
TestResending.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
