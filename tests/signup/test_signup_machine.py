"""Whatever order things happen in: nobody is on a list without their own word, or asked for it too often."""

import shutil
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from newsletter.audience import subscribers
from newsletter.audience.blocking import block, unblock
from newsletter.audience.consent import Evidence, verify
from newsletter.audience.erasing import erase, expire
from newsletter.config import load
from newsletter.model import Kind
from newsletter.signup.confirming import asked_for, confirmed
from newsletter.store import tables as t
from newsletter.store.database import open_database
from tests.signup.signing import CONFIG, DAY, NOW, Publication, wish

PEOPLE = st.sampled_from(["ann@example.org", "ben@example.org", "Ann@example.org"])
NAMES = st.lists(st.sampled_from(["weekly", "daily", "board"]), min_size=1, max_size=3).map(tuple)


class SigningUp(RuleBasedStateMachine):
    """The audience, and what the people in it have said with their own mailbox."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        (self.folder / "config.toml").write_text(CONFIG.format(port=1))
        config = load(self.folder / "config.toml", {})
        self.paper = Publication(config, open_database(self.folder / "newsletter.db"), self.folder)
        self.now = NOW
        self.said: set[tuple[str, str]] = set()  # address, newsletter
        self.asked: dict[str, list[datetime]] = defaultdict(list)
        self.seen = 0  # the last confirmation that was counted

    def teardown(self) -> None:
        if hasattr(self, "paper"):
            self.paper.database.close()
            shutil.rmtree(self.folder)

    @rule(address=PEOPLE, names=NAMES, times=st.integers(1, 3))
    def ask(self, address: str, names: tuple[str, ...], times: int) -> None:
        for _ in range(times):
            assert self.paper.ask(wish(address, newsletters=names), self.now).taken

    @rule()
    def answer(self) -> None:
        assert self.paper.answer(self.now).mistakes == ()
        d = t.delivery.c
        query = select(d.id, t.subscriber.c.address_key, d.due_at).join_from(
            t.delivery, t.subscriber, t.subscriber.c.id == d.subscriber_id
        )
        with self.paper.database.read() as connection:
            found = connection.execute(query.where(d.kind == Kind.CONFIRM, d.id > self.seen)).all()
        for row in found:
            self.seen = max(self.seen, row.id)
            self.asked[row.address_key].append(row.due_at)

    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        """Somebody presses the button of any confirmation that was ever queued."""
        d = t.delivery.c
        with self.paper.database.read() as connection:
            query = select(d.subscriber_id).where(d.kind == Kind.CONFIRM)
            ids = sorted(set(connection.execute(query).scalars()))
            if not ids:
                return
            id = data.draw(st.sampled_from(ids))
            waiting = asked_for(connection, id, self.now)
            key = connection.execute(
                select(t.subscriber.c.address_key).where(t.subscriber.c.id == id)
            ).scalar()
        evidence = Evidence(self.now, "confirmation")
        names = confirmed(self.paper.config, self.paper.database, id, waiting, evidence)
        self.said |= {(str(key), name) for name in names}

    @rule(address=PEOPLE, name=st.sampled_from(["weekly", "daily"]))
    def leave(self, address: str, name: str) -> None:
        subscribers.unsubscribe(self.paper.database, address, name, self.now)
        self.said.discard((address.lower(), name))

    @rule(address=PEOPLE)
    def forget(self, address: str) -> None:
        erase(self.paper.database, address, Evidence(self.now, "operator"))
        self.said = {one for one in self.said if one[0] != address.lower()}

    @rule(address=PEOPLE, barred=st.booleans())
    def bar(self, address: str, barred: bool) -> None:
        if barred:
            block(self.paper.database, address, "*", self.now)
        else:
            unblock(self.paper.database, address, self.now, "asked us to")

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        expire(self.paper.database, self.now)

    @precondition(lambda self: hasattr(self, "paper"))
    @invariant()
    def nobody_is_on_a_list_without_their_word(self) -> None:
        s = t.subscription.c
        query = select(t.subscriber.c.address_key, s.newsletter).join_from(
            t.subscriber, t.subscription, s.subscriber_id == t.subscriber.c.id
        )
        with self.paper.database.read() as connection:
            active = {tuple(row) for row in connection.execute(query.where(s.status == "active"))}
            assert verify(connection).broken == 0
        assert active <= self.said
        assert not any(name == "board" for _, name in active)

    @precondition(lambda self: hasattr(self, "paper"))
    @invariant()
    def nobody_is_asked_too_often(self) -> None:
        for times in self.asked.values():
            assert all(later - earlier >= DAY for earlier, later in pairwise(times))
            assert all(last - first >= 30 * DAY for first, last in zip(times, times[3:], strict=False))


SigningUp.TestCase.settings = settings(max_examples=10, stateful_step_count=40, deadline=None)
TestSigningUp = SigningUp.TestCase
