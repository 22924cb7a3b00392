"""A publication with four newsletters, its editor and its readers, on a clock that is set.

All of it is real, but that nothing is rendered and no server is asked: what is promised is who gets what,
not the bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.audience import joining, preferring, subscribers
from newsletter.audience.addresses import parse
from newsletter.audience.consent import Evidence, Form
from newsletter.audience.erased import Erased
from newsletter.audience.people import Person
from newsletter.audience.preferring import Preferences
from newsletter.audience.subscriptions import Asked
from newsletter.config import load
from newsletter.model import Issue, Rendered, RenderedBlock
from newsletter.outbox import approving, archive, claim, operate, recovery
from newsletter.pipeline import Built, build, building, by_hand, learn, look, making, publish, queue
from newsletter.press import Printed
from newsletter.schedule import pausing
from newsletter.service.due import fire_due
from newsletter.store import tables as t
from newsletter.store.database import Database, open_database

#: A Sunday, noon.
BEGIN = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
#: In each week of Berlin: a minute after nine, after six in the evening, and once in the night.
LOOKS = (timedelta(hours=8, minutes=1), timedelta(hours=17, minutes=1), timedelta(hours=23))

CONFIG = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
postal_address = "Quay 4, Port Example"
timezone = "Etc/GMT-1"
[content]
dir = "content"
[web]
public_url = "https://news.slowpost.example"
[newsletters.mixed]
title = "The Mixed Post"
from = "Ida Vang <ida@slowpost.example>"
max_items = {most}
default_cadence = "{default}"
catch_up = "{catch_up}"
[newsletters.mixed.cadences]
each = true
daily = "daily 18:00"
weekly = "mon 09:00"
[newsletters.single]
title = "The Slow Post"
from = "Ida Vang <ida@slowpost.example>"
schedule = "mon 09:00"
min_items = 2
max_items = {most}
local_time = true
catch_up = "{catch_up}"
[newsletters.brief]
title = "The Quick Post"
from = "Ida Vang <ida@slowpost.example>"
schedule = "daily 18:00"
max_items = 2
overflow = "drop"
late = "ask"
late_after = "13h"
catch_up = "{catch_up}"
[newsletters.agreed]
title = "The Sure Post"
from = "Ida Vang <ida@slowpost.example>"
schedule = "mon 09:00"
max_items = {most}
approval = true
catch_up = "{catch_up}"
"""
NAMES = ("mixed", "single", "brief", "agreed")
CADENCES = {"mixed": ("each", "daily", "weekly"), "single": (), "brief": (), "agreed": ()}
#: What stands before the date in the ids of issues that may have a brief; and whether they come each day.
BRIEFED = {"mixed-weekly": False, "mixed-daily": True, "single": False, "brief": True, "agreed": False}
FORM = Form("en", "Send me the post.")


class Unprinted:
    """In the place of the press: every block is there, and empty."""

    def start(self) -> None:
        """Nothing needs to be warm."""

    def printed(self, issue: Issue, **_: Any) -> Printed:
        blocks = tuple(RenderedBlock(one.key, "<p></p>", "") for one in issue.placements)
        subject, frame = issue.subject or "news", "%%BLOCKS%%"
        return Printed(Rendered(issue.language, subject, frame, frame, blocks, "", "0" * 64), ())


@contextmanager
def nothing_is_rendered() -> Iterator[None]:
    """The seam: `newsletter.pipeline` asks no press."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "press", lambda _: Unprinted())
        patch.setattr(building, "press", lambda _: Unprinted())
        yield


@dataclass
class Post:
    """A file of the editor's."""

    stem: str
    title: str
    date: str
    tags: tuple[str, ...]
    body: str
    draft: bool = False
    correction: str = ""

    def text(self) -> str:
        lines = [f"id: {self.title.split()[0]}", f"title: {self.title}", f"date: {self.date}"]
        lines += [f"tags: [{', '.join(self.tags)}]", *(["draft: true"] if self.draft else [])]
        lines += [f"correction: {self.correction}"] if self.correction else []
        return "---\n" + "\n".join(lines) + f"\n---\n{self.body}\n"


@dataclass
class World:
    """All that there is."""

    catch_up: str
    now: datetime = BEGIN
    posts: dict[str, Post] = field(default_factory=dict)  #: by their first word, which is their id
    briefs: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.folder = Path(self._folder.name)
        (self.folder / "content").mkdir()
        (self.folder / "issues").mkdir()
        self.configure("weekly")
        self.database: Database = open_database(self.folder / "n.db")

    def close(self) -> None:
        self.database.close()
        self._folder.cleanup()

    # ── the editor ──────────────────────────────────────────────────────────

    def keep(self, post: Post) -> None:
        self.posts[post.title.split()[0]] = post
        (self.folder / "content" / f"{post.stem}.md").write_text(post.text())

    def remove(self, name: str) -> None:
        (self.folder / "content" / f"{self.posts.pop(name).stem}.md").unlink()

    def brief(self, issue: str, pins: tuple[str, ...], omit: tuple[str, ...]) -> None:
        """Posts by their ids; neither pins nor omissions: there is no brief any more."""
        path = self.folder / "issues" / f"{issue}.md"
        self.briefs[issue] = pins, omit
        path.write_text(f"---\npins: [{', '.join(pins)}]\nomit: [{', '.join(omit)}]\n---\n")
        if not pins and not omit:
            path.unlink()
            del self.briefs[issue]

    def rename(self, name: str, stem: str) -> None:
        (self.folder / "content" / f"{self.posts[name].stem}.md").unlink()
        self.posts[name].stem = stem
        self.keep(self.posts[name])

    # ── time ────────────────────────────────────────────────────────────────

    def fire(self) -> None:
        mistakes = [one for one in fire_due(self.config, self.database, self.now) if one.mistake]
        assert mistakes == []

    def go_on(self) -> bool:
        """What the line does whenever it wakes: it goes on with what a crash left, if there is anything."""
        left = self._publishing()
        for id in left:
            queue(self.config, self.database, id, self.now)
        return bool(left)

    def give_up(self) -> None:
        """And then with what is late."""
        self.database.write(lambda c: recovery.wake(c, self.now))

    def _publishing(self) -> tuple[str, ...]:
        with self.database.read() as connection:
            found = select(t.issue.c.id).where(t.issue.c.state == "publishing")
            return tuple(connection.execute(found).scalars())

    def send(self, name: str) -> str:
        """By hand; empty when there is nothing to send, or another issue is still being queued."""
        learn(self.config, self.database, look(self.config, self.now), self.now)
        made = build(self.config, name, self.database, by_hand(self.config, name, self.now))
        if not isinstance(made, Built):
            return ""
        return publish(self.config, self.database, made, now=self.now, mark="m")

    def restart(self) -> None:
        """The process is gone; the file is not."""
        self.database.close()
        self.database = open_database(self.folder / "n.db")

    # ── the operator ────────────────────────────────────────────────────────

    def configure(self, default: str, most: int = 3) -> None:
        """Which cadence those of the mixed one have who chose none; how many articles an issue takes."""
        text = CONFIG.format(catch_up=self.catch_up, default=default, most=most)
        (self.folder / "config.toml").write_text(text)
        self.config = load(self.folder / "config.toml", {})

    def held(self) -> tuple[approving.Held, ...]:
        with self.database.read() as connection:
            return approving.held(connection)

    def approve(self, one: approving.Held) -> None:
        self.database.write(lambda c: approving.approve(c, one.id, one.hash, "Ida", self.now))

    def reject(self, one: approving.Held) -> None:
        self.database.write(lambda c: approving.reject(c, one.id))

    def decide(self, state: str, word: str) -> operate.Decided:
        """Say that of all mails of issues in a state."""
        d = t.delivery.c
        with self.database.read() as connection:
            theirs = select(d.id).where(d.kind == "issue", d.state == state)
            ids = tuple(connection.execute(theirs).scalars())
        return self.database.write(lambda c: operate.decide(c, ids, word, self.now))

    def pack(self, age: timedelta) -> None:
        """What is older goes to the archive, as far as it has come to its end."""
        with self.database.read() as connection:
            issues = archive.due_for_packing(connection, self.now - age)
        archive.pack(self.database, issues, self.now)

    def pause(self, name: str) -> None:
        self.database.write(lambda c: pausing.pause(c, name, self.now))

    def resume(self, name: str) -> None:
        self.database.write(lambda c: pausing.resume(c, name))

    def cancel(self, issue: str) -> None:
        self.database.write(lambda c: operate.cancel(c, issue, self.now))

    def take(self, most: int = 1000) -> tuple[Any, ...]:
        return self.database.write(lambda c: claim.take(c, owner="a", limit=most, now=self.now))

    def record(self, results: list[claim.Result]) -> None:
        self.database.write(lambda c: claim.record(c, results, self.now))

    # ── readers ─────────────────────────────────────────────────────────────

    def join(self, who: str, names: tuple[str, ...], *, frequency: str = "", zone: str = "") -> None:
        person = Person(0, parse(who), "", (), "", zone)
        said, erased = Evidence(self.now, "form", form=FORM), Erased(self.database.path)

        def write(connection: Any) -> None:
            found = joining.sign_up(connection, person, names, said, erased)
            joining.confirm(connection, found.subscriber_id, names, said, erased, NAMES)

        self.database.write(write)

    def leave(self, id: int, name: str) -> None:
        subscribers.unsubscribe(self.database, id, name, self.now)

    def take_back(self, id: int, name: str) -> None:
        said = Evidence(self.now, "link")
        self.database.write(lambda c: joining.restore(c, id, name, said, NAMES))

    def prefer(self, id: int, name: str, asked: Asked, zone: str | None = None) -> None:
        wanted, said = Preferences({name: asked}, zone=zone), Evidence(self.now, "link")
        self.database.write(lambda c: preferring.prefer(c, id, wanted, said))
