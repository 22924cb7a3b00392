"""Whatever happens in whatever order: who is in an audience has agreed to it, and nobody else is missing.

Beside the database stands a small model of what each person agreed to and what keeps mail from them. After
each step both must name the same people, by the query and by an issue that really goes out.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, literal, not_, select

from newsletter.audience import blocking, consent, erasing, formats, joining, subscribers, syncing
from newsletter.audience.addresses import parse
from newsletter.audience.consent import Evidence, Form
from newsletter.audience.enrolling import enrol
from newsletter.audience.erased import Erased
from newsletter.audience.people import Person
from newsletter.audience.subscriptions import Asked
from newsletter.audience.suppression import SOFT_BOUNCES, suppress, suppress_soft
from newsletter.outbox import claim
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.database import open_database
from tests.outbox.publishing import NOW, issue, publish

NAMES = ("weekly", "daily")
ADDRESSES = ("Ann@one.example", "ben@two.example", "cleo@two.example", "dan@two.example")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
FORM = Form("en", "Send me the weekly. I can leave at any time.")
WHO, WHICH = st.sampled_from(ADDRESSES), st.sampled_from(NAMES)
SOME = st.sampled_from([NAMES, ("weekly",), ("daily",)])
FORMATS = formats.load()
STEPS = [0]


@dataclass
class Row:
    """One subscription in the model."""

    status: str
    since: datetime
    before_leaving: str = ""  #: what the reader may take back to; empty when the leave was not their own
    paused_until: datetime | None = None


@dataclass
class Reader:
    """One person in the model."""

    rows: dict[str, Row] = field(default_factory=dict)
    known: bool = False
    left: set[str] = field(default_factory=set)  #: newsletters, or ``*``
    reasons: set[str] = field(default_factory=set)  #: complaint, hard bounce, operator, erased
    rests_until: datetime | None = None
    is_synced: bool = False  #: came with the list that is synced


class Audience(RuleBasedStateMachine):
    """A few people, two newsletters, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.database = open_database(Path(self.folder.name) / "n.db")
        self.erased = Erased(self.database.path)
        self.now = NOW
        self.model = {address: Reader() for address in ADDRESSES}
        self.closed: set[str] = set()  # domains
        self.issues = 0
        self.head = ""
        self.list = Path(self.folder.name) / "list.csv"
        self.listed: frozenset[str] = frozenset()

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @initialize(names=SOME, is_kept_as_a_file=st.booleans())
    def everybody_is_there(self, names: tuple[str, ...], is_kept_as_a_file: bool) -> None:
        if is_kept_as_a_file:
            self.a_list_is_synced(frozenset(ADDRESSES))
        for who in ADDRESSES:
            self.a_list_is_imported(who, names, "active")

    # ── what an operator brings ─────────────────────────────────────────────

    @rule(
        who=WHO, names=SOME, status=st.sampled_from(["active", "active", "active", "pending", "unsubscribed"])
    )
    def a_list_is_imported(self, who: str, names: tuple[str, ...], status: str) -> None:
        person = Person(
            1, parse(who.upper().replace("EXAMPLE", "example")), "", ("x",), "", "", status=status
        )
        self._write(
            lambda c: enrol(c, (person,), newsletters=names, evidence=self._by("import"), erased=self.erased)
        )
        self._is_listed(who, names, status)

    def _is_listed(self, who: str, names: tuple[str, ...], status: str, *, synced: bool = False) -> None:
        reader = self.model[who]
        open_to = [name for name in names if not self._is_barred(who, name)]
        if reader.known or open_to:
            reader.is_synced = reader.is_synced or (synced and not reader.known)
            reader.known = True
            for name in names:
                if name in open_to and name not in reader.rows:
                    reader.rows[name] = Row(status, self.now)
                elif status == "unsubscribed" and name in reader.rows and reader.rows[name].status != status:
                    reader.rows[name] = replace(reader.rows[name], status=status, before_leaving="")
        if status == "unsubscribed":
            reader.left |= set(names)

    @rule(names=SOME)
    def an_old_export_is_imported_again(self, names: tuple[str, ...]) -> None:
        for who in ADDRESSES:
            self.a_list_is_imported(who, names, "active")

    @rule(whom=st.frozensets(WHO, min_size=1))
    def a_list_is_synced(self, whom: frozenset[str]) -> None:
        if not any(self.model[who].known or not self._is_barred(who, "weekly") for who in whom):
            return  # of whom it brings nobody it would not end anything: its operator is told
        self.list.write_text("email\n" + "".join(f"{who}\n" for who in sorted(whom)))
        asked = syncing.Sync(("weekly",), FORMATS, removes=True, removes_many=True)
        for told in syncing.sync(self.database, (self.list,), asked, self.now):
            assert not told.problem
        if whom == self.listed:
            return
        self.listed = whom
        for who in sorted(whom):
            self._is_listed(who, ("weekly",), "active", synced=True)
        for who, reader in self.model.items():
            row = reader.rows.get("weekly")
            if reader.is_synced and who not in whom and row is not None and row.status != "unsubscribed":
                self._leave(who, "weekly", theirs=False)

    @rule(who=WHO)
    def a_list_loses_somebody_who_wants_it_back(self, who: str) -> None:
        self.a_list_is_synced(frozenset(ADDRESSES))
        self.a_list_is_synced(frozenset(ADDRESSES) - {who})
        self.a_reader_takes_it_back(who, "weekly")

    @rule(what=st.sampled_from([*ADDRESSES, "@one.example"]))
    def an_operator_blocks_or_unblocks(self, what: str) -> None:
        reasons = self.model[what].reasons if what in self.model else self.closed
        if reasons & {"operator", "complaint", "hard bounce", what}:
            blocking.unblock(self.database, what, self.now, "they wrote to us")
            reasons -= {"operator", "complaint", "hard bounce", what}
        else:
            blocking.block(self.database, what, "*", self.now, "asked by phone")
            reasons.add(what if what.startswith("@") else "operator")

    @rule(who=WHO, name=st.sampled_from([*NAMES, "*"]))
    def an_operator_removes(self, who: str, name: str) -> None:
        subscribers.unsubscribe(self.database, who, name, self.now)
        self._leave(who, name, theirs=False)

    # ── what a reader says ──────────────────────────────────────────────────

    @rule(who=WHO, names=SOME)
    def somebody_signs_them_up(self, who: str, names: tuple[str, ...]) -> None:
        person = Person(0, parse(who), "", (), "", "")
        self._write(lambda c: joining.sign_up(c, person, names, self._by("form", FORM), self.erased))
        reader = self.model[who]
        reader.known = True
        for name in names:
            row = reader.rows.get(name)
            if row is not None and row.status == "unsubscribed":
                reader.left.add(name)
            if row is None or row.status != "active":
                reader.rows[name] = Row(
                    "pending", self.now if row is None or row.status != "pending" else row.since
                )

    @rule(who=WHO, names=SOME)
    def a_reader_signs_up_and_confirms(self, who: str, names: tuple[str, ...]) -> None:
        self.somebody_signs_them_up(who, names)
        self.a_reader_confirms(who, names)

    @rule(who=WHO, name=st.sampled_from([*NAMES, "*"]), days=st.sampled_from([0, 0.5, 2]))
    def a_reader_leaves_and_takes_it_back(self, who: str, name: str, days: float) -> None:
        self.a_reader_leaves(who, name)
        self.now += timedelta(days=days)
        self.a_reader_takes_it_back(who, name)

    @rule(who=WHO, names=SOME)
    def a_reader_confirms(self, who: str, names: tuple[str, ...]) -> None:
        id = self._id(who)
        said = self._by("form", FORM)
        self._write(lambda c: joining.confirm(c, id, names, said, self.erased, NAMES))
        reader = self.model[who]
        meant = [name for name in names if name in reader.rows and reader.rows[name].status != "unsubscribed"]
        for name in meant:
            row = reader.rows[name]
            if row.status == "pending":
                reader.rows[name] = replace(row, status="active", since=self.now)
        if meant:
            reader.reasons -= {"hard bounce", "erased"}
            self._let_back(reader, meant)

    @rule(who=WHO, name=st.sampled_from([*NAMES, "*"]))
    def a_reader_leaves(self, who: str, name: str) -> None:
        if id := self._id(who):
            subscribers.unsubscribe(self.database, id, name, self.now)
            self._leave(who, name, theirs=True)

    @rule(who=WHO, name=st.sampled_from([*NAMES, "*"]))
    def a_reader_takes_it_back(self, who: str, name: str) -> None:
        id = self._id(who)
        self._write(lambda c: joining.restore(c, id, name, self._by("link"), NAMES))
        reader = self.model[who]
        back = []
        for each, row in reader.rows.items():
            mine = row.status == "unsubscribed" and name in (each, "*") and row.before_leaving
            if mine and self.now - row.since <= timedelta(days=1):
                reader.rows[each] = replace(row, status=row.before_leaving, since=self.now, before_leaving="")
                back.append(each)
        if back:
            self._let_back(reader, back)

    @rule(who=WHO, name=WHICH, days=st.sampled_from([0, 1, 30]))
    def a_reader_pauses(self, who: str, name: str, days: int) -> None:
        until = self.now + timedelta(days=days) if days else None
        asked = Asked("weekly", ("dogs",), until, resumes=until is None)
        subscribers.adjust(self.database, self._id(who), (name,), asked, self._by("link"))
        row = self.model[who].rows.get(name)
        if row is not None and row.status != "unsubscribed":
            row.paused_until = until

    @rule(who=WHO)
    def a_reader_is_erased(self, who: str) -> None:
        erasing.erase(self.database, who, self._by("operator"))
        self.model[who] = Reader(reasons={"erased"})

    # ── what mail servers say ───────────────────────────────────────────────

    @rule(who=WHO, reason=st.sampled_from(["complaint", "hard bounce"]))
    def a_mail_comes_back(self, who: str, reason: str) -> None:
        if self._id(who):
            self._write(lambda c: suppress(c, parse(who).key, "*", reason, self.now, "5.1.1"))
            self.model[who].reasons.add(reason)

    @rule(who=WHO, failures=st.sampled_from([SOFT_BOUNCES - 1, SOFT_BOUNCES]))
    def a_mailbox_is_full_again(self, who: str, failures: int) -> None:
        if self._id(who):
            self._write(lambda c: suppress_soft(c, parse(who).key, failures, self.now))
            if failures == SOFT_BOUNCES:
                self.model[who].rests_until = self.now + timedelta(days=30)

    # ── time ────────────────────────────────────────────────────────────────

    @rule(days=st.sampled_from([0.5, 0.5, 3, 8, 31]))
    def time_passes(self, days: float) -> None:
        self.now += timedelta(days=days)

    @rule()
    def who_never_confirmed_is_forgotten(self) -> None:
        erasing.expire(self.database, self.now)
        for who, reader in self.model.items():
            late = [
                name
                for name, row in reader.rows.items()
                if row.status == "pending" and row.since < self.now - erasing.PENDING_FOR
            ]
            for name in late:
                if reader.left & {name, "*"}:
                    reader.rows[name] = Row("unsubscribed", self.now)
                else:
                    del reader.rows[name]
            if late and not reader.rows:
                self.model[who] = replace(reader, known=False, is_synced=False)

    @rule(name=WHICH)
    def an_issue_goes_out(self, name: str) -> None:
        self.issues += 1
        made = replace(issue(), id=f"{name}-{self.issues}", newsletter=name, due_at=self.now,
                       stale_at=self.now + timedelta(hours=1))  # fmt: skip
        publish(self.database, made, self.now)
        taken = self._write(lambda c: claim.take(c, owner="a", limit=9, now=self.now, only=made.id))
        assert {delivery.address.lower() for delivery in taken} == self._expected(name)

    # ── what always holds ───────────────────────────────────────────────────

    @invariant()
    def the_audience_is_who_agreed(self) -> None:
        STEPS[0] += 1
        for name in NAMES:
            with self.database.read() as connection:
                assert _audience(connection, name, self.now) == self._expected(name)

    @invariant()
    def the_log_says_how_things_stand(self) -> None:
        with self.database.read() as connection:
            found = consent.verify(connection, self.head)
            rows = connection.execute(select(t.subscription)).all()
            told = {row.subscriber_id: consent.entries(connection, row.subscriber_id) for row in rows}
        assert (found.broken, found.why) == (0, "")
        self.head = found.head if found.entries else ""
        for row in rows:
            last = [e.said for e in told[row.subscriber_id] if e.said["newsletter"] == row.newsletter][-1]
            assert last["status"] in (row.status, "") and (last["status"] or last["action"] == "lifted")

    # ── the model ───────────────────────────────────────────────────────────

    def _is_barred(self, who: str, name: str) -> bool:
        reader = self.model[who]
        rests = reader.rests_until is not None and self.now < reader.rests_until
        closed = f"@{who.rpartition('@')[2]}" in self.closed
        return bool(reader.reasons) or rests or closed or bool(reader.left & {name, "*"})

    def _expected(self, name: str) -> set[str]:
        found = set()
        for who, reader in self.model.items():
            row = reader.rows.get(name)
            if row is None or row.status != "active" or self._is_barred(who, name):
                continue
            if row.paused_until is None or row.paused_until <= self.now:
                found.add(who.lower())
        return found

    def _leave(self, who: str, name: str, *, theirs: bool) -> None:
        reader = self.model[who]
        reader.left.add(name)
        for each, row in reader.rows.items():
            if name in (each, "*") and row.status != "unsubscribed":
                before = row.status if theirs else ""
                reader.rows[each] = replace(row, status="unsubscribed", since=self.now, before_leaving=before)

    def _let_back(self, reader: Reader, names: list[str]) -> None:
        if "*" in reader.left:
            reader.left |= {each for each in NAMES if each not in names}
        reader.left -= {"*", *names}

    def _by(self, through: str, form: Form | None = None) -> Evidence:
        return Evidence(self.now, through, "192.0.2.0/24" if form else "", form)

    def _id(self, who: str) -> int:
        found = subscribers.show(self.database, who)
        assert (found is not None) == self.model[who].known
        return found.id if found else 0

    def _write(self, call: Callable[[Connection], Any]) -> Any:
        return self.database.write(call)


def _audience(connection: Connection, name: str, now: datetime) -> set[str]:
    query = (
        select(t.subscriber.c.address_key)
        .join(t.subscription)
        .where(t.subscription.c.newsletter == name, t.subscription.c.status == "active")
        .where(not_(reach.paused(now)), not_(reach.suppressed(literal(name), now)))
    )
    return set(connection.execute(query).scalars())


@pytest.mark.slow
def test_nobody_without_standing_consent_is_ever_in_an_audience(capsys: pytest.CaptureFixture[str]) -> None:
    STEPS[0] = 0
    examples = 330 if os.environ.get("CI") else 25
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Audience, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None)
    )
    with capsys.disabled():
        print(f"\n{STEPS[0]:,} steps of the audience's state machine")
    assert STEPS[0] > 31 * examples  # in CI, more than ten thousand
