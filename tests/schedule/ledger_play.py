"""All that readers, an editor, an operator and the clock may do; the oracle is told of it, and asked after.

Who decides what happens next is the machine (`test_ledger_machine`) or a year's dice (`ledger_year`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.audience import subscribers
from newsletter.audience.subscriptions import Asked, Frequency
from newsletter.model import Fault, Outcome, Verdict
from newsletter.outbox import queueing
from newsletter.outbox.claim import Result
from newsletter.service.explained import Code, Explanation, explain
from newsletter.store import tables as t
from tests.schedule import ledger_reasons
from tests.schedule.ledger_oracle import Folder, Oracle, Reader
from tests.schedule.ledger_world import BRIEFED, CADENCES, DAY, HOUR, NAMES, Post, World

ANSWERS = {
    "sent": Outcome(Verdict.SENT, Fault.NONE, 250, "ok"),
    "hard": Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "5.1.1 unknown"),
    "soft": Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "5.2.2 full"),
    "later": Outcome(Verdict.DEFERRED, Fault.RECIPIENT, 450, "4.2.1 busy"),
    "doubt": Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "lost"),
}
#: An editor writes so many posts at once, and then so many a day: some readers get no more than three a week.
POSTS, PACE = 18, 2 / 7
#: By then what waits has come.
WEEKS = 8


@dataclass
class Play:
    """A few readers, four newsletters, an editor, and an operator."""

    catch_up: str
    old: int  #: posts that were there before everything began
    people: Sequence[str]

    def __post_init__(self) -> None:
        self.world = World(self.catch_up)
        days = timedelta(days=int(self.catch_up.removesuffix("d")))
        self.oracle = Oracle(frozenset({"brief"}), CADENCES, {"mixed": "weekly"}, days)
        self.begun = self.said_at = self.latest = self.world.now
        for _ in range(self.old):
            self._write(("dogs",), timedelta(days=-3))
        self.world.fire()
        self.world.now += HOUR
        for who in self.people[:2]:
            self.a_reader_joins(who, NAMES, "", "")

    ids: dict[str, int] = field(default_factory=dict)
    tags: dict[str, frozenset[str]] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)  #: post -> article, of those that were seen
    corrects: dict[int, int] = field(default_factory=dict)  #: correction -> the article that it is of
    count: int = 0
    looks: int = 0
    _made_of: dict[str, object] = field(default_factory=dict)  #: held issue -> what it is made of
    _approved: list[tuple[str, object]] = field(default_factory=list)

    # ── readers ─────────────────────────────────────────────────────────────

    def a_reader_joins(self, who: str, names: tuple[str, ...], zone: str, often: Frequency) -> None:
        """Or comes back, or confirms once more."""
        self._says()
        self.world.join(who, names, zone=zone)
        found = subscribers.show(self.world.database, who)
        assert found is not None
        self.ids[who] = found.id
        for name in names:
            reader = self.oracle.readers.setdefault((found.id, name), Reader())
            if reader.since is None:  # what they chose before they left is forgotten
                reader.since = self.world.now
                reader.frequency, reader.topics, reader.paused_until = "", (), None
        if often:
            self.a_reader_chooses_how_often(who, "mixed", often)

    def a_reader_leaves(self, who: str, name: str) -> None:
        if reader := self._reader(who, name):
            self._says()
            self.world.leave(self.ids[who], name)
            reader.since = None
            reader.owed.clear()

    def a_reader_chooses_how_often(self, who: str, name: str, often: Frequency) -> None:
        if reader := self._reader(who, name):
            self._says()
            self.world.prefer(self.ids[who], name, Asked(frequency=often))
            reader.frequency = often

    def a_reader_chooses_topics(self, who: str, name: str, topics: tuple[str, ...]) -> None:
        if reader := self._reader(who, name):
            self._says()
            self.world.prefer(self.ids[who], name, Asked(topics=topics))
            reader.topics = topics

    def a_reader_moves(self, who: str, zone: str) -> None:
        if who in self.ids:
            self.world.prefer(self.ids[who], "", Asked(), zone)

    def a_reader_pauses(self, who: str, name: str, days: int) -> None:
        if reader := self._reader(who, name):
            self._says()
            reader.paused_until = self.world.now + timedelta(days=days)
            self.world.prefer(self.ids[who], name, Asked(paused_until=reader.paused_until))

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

    def a_post_is_published(self, tags: tuple[str, ...], days: int) -> None:
        if len(self.tags) < POSTS + PACE * (self.world.now - self.begun).days:
            self._write(tags, timedelta(days=days))

    def many_posts_are_published(self, number: int) -> None:
        for _ in range(number):
            self.a_post_is_published(("dogs", "cats"), 0)

    def a_post_is_changed(self, which: int, what: str) -> None:
        if not self.world.posts:
            return
        name = self._post(which)
        post = self.world.posts[name]
        self.count += 1
        match what:
            case "rename":
                self.world.rename(name, f"moved-{self.count}")
                return
            case "delete":
                self.world.remove(name)
            case "retitle":
                post.title = f"{name} by another name {self.count}"
            case "edit":
                post.body += f" And more, {self.count}."
            case "date":
                post.date = f"{self.world.now - DAY * (self.count % 5):%Y-%m-%dT%H:%M:%SZ}"
            case "draft":
                post.draft = not post.draft
            case "correct":
                post.correction = f"it said {self.count}"
        if what in ("delete", "date", "draft"):  # a brief must name what is there
            for issue, (pins, omit) in [*self.world.briefs.items()]:
                kept = [tuple(one for one in named if one != name) for named in (pins, omit)]
                self.world.brief(issue, *kept)
        if what != "delete":
            self.world.keep(post)

    def a_brief_is_written(self, issue: str, pins: Sequence[int], omit: Sequence[int]) -> None:
        """Of the next issue that is not being made yet; neither pins nor omissions: it is taken back."""
        day = self.world.now + DAY + HOUR  # an issue that waits for approval is made a day before
        if not BRIEFED[issue]:
            day += timedelta(days=-day.weekday() % 7)
        there = f"{self.world.now:%Y-%m-%dT%H:%M:%SZ}"
        known = [name for name, post in self.world.posts.items() if not post.draft and post.date <= there]
        if known:
            pinned = tuple(dict.fromkeys(sorted(known)[-1 - which % len(known)] for which in pins))
            out = {sorted(known)[-1 - which % len(known)] for which in omit} - {*pinned}
            self.world.brief(f"{issue}-{day:%Y-%m-%d}", pinned, tuple(sorted(out)))

    def _post(self, which: int) -> str:
        return sorted(self.world.posts)[-1 - which % len(self.world.posts)]

    def _write(self, tags: tuple[str, ...], later: timedelta) -> None:
        self.count += 1
        name, at = f"P{len(self.tags) + 1:03}", self.world.now + later
        self.tags[name] = frozenset(tags)
        body = f"This is number {self.count}, and it is about {' and '.join(tags) or 'nothing'}."
        self.world.keep(Post(name.lower(), f"{name} of the post", f"{at:%Y-%m-%dT%H:%M:%SZ}", tags, body))

    # ── the operator ────────────────────────────────────────────────────────

    def a_newsletter_pauses(self, name: str) -> None:
        self.world.pause(name)

    def a_newsletter_resumes(self, name: str) -> None:
        self.world.resume(name)

    def another_cadence_is_the_default(self, cadence: str) -> None:
        self.world.configure(cadence)
        self.oracle.defaults["mixed"] = cadence

    def an_issue_is_sent_by_hand(self, name: str) -> None:
        self.world.send(name)
        self.look()

    def the_newest_issue_is_cancelled(self, sent: int) -> None:
        """Before, or in the middle."""
        self.mail_is_delivered(["sent"], sent)
        with self.world.database.read() as connection:
            newest = select(t.issue.c.id).where(t.issue.c.kind == "issue").order_by(t.issue.c.number.desc())
            id = connection.execute(newest.limit(1)).scalar()
        if id:
            self.world.cancel(id)

    def what_is_held_is_approved(self) -> None:
        """As it was when somebody was asked, whatever has changed since."""
        for one in self.world.held():
            self.world.approve(one)
            self._approved.append((one.id, self._made_of[one.id]))

    def what_is_held_is_rejected(self) -> None:
        for one in self.world.held():
            self.world.reject(one)

    def doubt_is_resolved(self, word: str) -> None:
        self.world.decide("in_doubt", word)

    def what_failed_is_tried_again(self) -> None:
        self.world.decide("failed", "again")

    def what_is_old_is_packed(self, days: int) -> None:
        self.world.pack(timedelta(days=days))

    def mail_is_delivered(self, answers: Sequence[str], most: int) -> None:
        taken = self.world.take(most) if most else ()
        self.world.record([Result(one, ANSWERS[answers[n % len(answers)]]) for n, one in enumerate(taken)])

    # ── time ────────────────────────────────────────────────────────────────

    def hours_pass(self, hours: int) -> None:
        self.go(timedelta(hours=hours))

    def days_pass(self, days: int, answers: Sequence[str]) -> None:
        for _ in range(days):
            for _ in range(2):
                if answers:
                    self.mail_is_delivered(answers, 1000)
                self.go(timedelta(hours=12))

    def nothing_runs_for_days(self, days: int) -> None:
        self.go(timedelta(days=days))

    def the_clock_steps_back(self) -> None:
        if self.world.now - HOUR <= self.said_at:
            return  # by its own word an issue would be older than what its readers said
        self.latest = max(self.latest, self.world.now)
        self.world.now -= HOUR
        self.world.fire()

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
        self.go(timedelta(0))

    def go(self, time: timedelta) -> None:
        """The clock goes on, and the service has a round."""
        self.world.now += time
        if self.world.go_on():
            self.look()  # what is queued now knows nothing yet of what is given up then
        self.world.give_up()
        self.world.fire()
        self.look()
        held = {one.id for one in self.world.held()}
        for id in self._made_of.keys() - held:
            released = self.oracle.states[id] != "cancelled"
            assert not released or (id, self._content(id)) in self._approved, f"{id} was not approved so"
            del self._made_of[id]
        self._made_of |= {id: self._content(id) for id in held}

    def _content(self, issue: str) -> object:
        """What an issue is made of: a reader of the mail could tell."""
        carried = self.oracle.carried(issue)
        posts = [self.world.posts.get(name) for name, id in self.names.items() if id in carried]
        return repr([(one.title, one.date, one.body, one.tags) for one in posts if one])

    # ── what always holds ───────────────────────────────────────────────────

    def look(self) -> None:
        """Nobody is forgotten, and nobody is told twice."""
        self.looks += 1
        a, k = t.article.c, t.article_key.c
        with self.world.database.read() as connection:
            found = select(k.key, k.article_id, a.path).join(t.article, a.id == k.article_id)
            rows = connection.execute(found).all()
        keys = {row.key.removeprefix("id:"): row.article_id for row in rows}
        self.names = {name: keys[name] for name in self.tags if name in keys}
        files = {f"{post.stem}.md": self.names.get(name, 0) for name, post in self.world.posts.items()}
        for row in rows:  # a correction stands in the file of its article
            if row.key.startswith("correction:") and row.article_id not in self.corrects:
                self.corrects[row.article_id] = files[row.path]
        pins, omitted = {}, {}
        for issue, (pinned, out) in self.world.briefs.items():
            pins[issue] = tuple(self.names[name] for name in pinned if name in self.names)
            omitted[issue] = frozenset(self.names[name] for name in out if name in self.names)
        tags = {id: self.tags[name] for name, id in self.names.items()}
        tags |= {id: tags[of] for id, of in self.corrects.items()}
        folder = Folder(tags, pins, omitted, self.corrects)
        self.oracle.look(self.world.database, folder, self.world.now)

    def ask(self, who: str) -> Explanation:
        """What is told a reader of all issues; the reasons fit what happened."""
        with self.world.database.read() as connection:
            told = explain(self.world.config, connection, who, self.world.now)
        ledger_reasons.of_issues(self.oracle, self.ids[who], told, self.world.now)
        return told

    def why(self, who: str, name: str) -> dict[str, tuple[str, Code]]:
        """The same of a post. By newsletter: what became of it, and what is told."""
        with self.world.database.read() as connection:
            told = explain(self.world.config, connection, who, self.world.now, f"id:{name}")
        return ledger_reasons.of_article(self.oracle, self.ids[who], self.names[name], told)

    # ── the end ─────────────────────────────────────────────────────────────

    def all_comes_to_rest(self) -> None:
        """Weeks in which everybody is there, all fits and arrives, and there is always something new."""
        self.world.decide("in_doubt", "sent")
        self.world.configure(self.oracle.defaults["mixed"], most=50)
        for name in NAMES:
            self.world.resume(name)
        for who in self.ids:
            for name in NAMES:
                if self._reader(who, name):
                    self.a_reader_resumes(who, name)
                    self.world.join(who, (name,))
        there = {self.names[name] for name, post in self.world.posts.items() if name in self.names}
        there -= {
            self.names[name] for name, post in self.world.posts.items() if post.draft and name in self.names
        }
        # Each evening, when all that was due on that day is due everywhere.
        evening = self.world.now.replace(hour=17, minute=30)
        self.go(evening + (DAY if evening <= self.world.now else timedelta(0)) - self.world.now)
        for day in range(7 * WEEKS):
            if day % 7 in (0, 3):
                self._write(("dogs", "cats"), timedelta(0))
            self.what_is_held_is_approved()
            self.mail_is_delivered(["sent"], 1000)
            self.go(DAY)
            if day > 14 and not self.owed(there):
                break
        left = self.owed(there)
        assert not left, f"they never got these: {left}"

    def owed(self, there: set[int]) -> dict[tuple[int, str], set[int]]:
        """Of the articles that were there before and are not too old, those that somebody is still owed who
        wants them."""
        tags = {id: self.tags[name] for name, id in self.names.items()}
        since = self.world.now - self.oracle.catch_up
        young = {one for one in there if self.oracle.first_seen[one] >= since}
        found = {
            whose: {one for one in reader.owed & young if reader.wants(tags[one])}
            for whose, reader in self.oracle.readers.items()
        }
        return {whose: owed for whose, owed in found.items() if owed}
