"""A project with two newsletters and forty readers, lived through on a clock of its own, instant by instant.

What the server received is told in the same lines as what `newsletter plan` foresaw, so that the two can be
compared as texts.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from newsletter.config import load
from newsletter.config.schema import Config
from newsletter.delivery.deliver import deliver
from newsletter.schedule.due import BEGUN
from newsletter.service.coming import wake_at
from newsletter.service.due import fire_due
from newsletter.service.wiring import open_line
from newsletter.store import tables as t
from newsletter.store.alive import Presence
from newsletter.store.database import Database, open_database
from tests.journeys.project import Project, sample_project

#: Monday noon in Copenhagen. Clocks go back on 25 October there, on 1 November in New York.
START = datetime(2026, 10, 12, 10, tzinfo=UTC)
OWN = "Europe/Copenhagen"
ZONES = (
    "",
    OWN,
    "Asia/Kolkata",
    "Pacific/Auckland",
    "America/New_York",
    "Europe/London",
    "America/Sao_Paulo",
)
FREQUENCIES = ("", "weekly", "daily", "each")
TOPICS = ("", "trains", "clocks", "trains;harbours")

NEWSLETTERS = """
[newsletters.blog]
title = "The Slow Blog"
from = "Ida Vang <ida@slowpost.example>"
local_time = true
default_cadence = "weekly"
quiet_hours = "22:00-07:00"
holidays = ["2026-11-11"]
max_items = 4
link_params = { utm_campaign = "{issue}" }

[newsletters.blog.cadences]
each = "30m"
daily = "daily 18:00"
weekly = "mon 09:00"

[newsletters.letters]
title = "Letters"
from = "Ida Vang <ida@slowpost.example>"
schedule = "thu 08:30"
min_items = 2
max_items = 3
overflow = "carry"
holidays = ["2026-11-12"]
without_tags = ["clocks"]
link_params = { utm_campaign = "{issue}" }

"""

#: Number, when it is published in UTC, tags. Some weeks have none.
ARTICLES = (
    (1, "2026-09-20T08:00", "trains"),
    (2, "2026-10-01T08:00", "clocks"),
    (3, "2026-10-02T08:00", "harbours"),
    (4, "2026-10-12T13:00", "trains"),
    (5, "2026-10-13T22:30", "harbours"),
    (6, "2026-10-14T08:05", "trains, clocks"),
    (7, "2026-10-14T08:06", "food"),
    (8, "2026-10-15T06:30", "trains"),
    (9, "2026-10-15T06:31", "harbours"),
    (10, "2026-10-18T20:00", "trains"),
    (11, "2026-10-18T20:01", "harbours"),
    (12, "2026-10-24T23:30", "clocks"),
    (13, "2026-10-25T00:30", "trains"),
    (14, "2026-10-25T01:30", "harbours"),
    (15, "2026-11-10T12:00", "harbours, trains"),
    (16, "2026-11-10T21:45", "trains"),
    (17, "2026-11-11T09:00", "clocks"),
    (18, "2026-11-12T09:00", "food"),
    (19, "2026-11-12T09:30", "food"),
    (20, "2026-11-16T08:00", "trains"),
    (21, "2026-11-16T07:59", "trains"),
    (22, "2026-11-17T12:00", "harbours"),
    (23, "2026-11-18T12:00", "harbours"),
    (24, "2026-11-18T13:00", "trains"),
    (25, "2026-11-18T14:00", "food"),
    (26, "2026-12-03T12:00", "clocks"),
    (27, "2026-12-04T05:00", "trains"),
)
#: Those that somebody writes afterwards.
LATER = (
    (28, "2026-12-08T06:00", "trains"),
    (29, "2026-12-09T06:00", "trains"),
    (30, "2026-12-07T12:00", "clocks"),
    (31, "2026-12-15T06:00", "harbours"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """One of forty."""

    number: int

    @property
    def address(self) -> str:
        return f"r{self.number}@example.org"

    @property
    def zone(self) -> str:
        return ZONES[self.number % len(ZONES)]

    @property
    def row(self) -> str:
        n = self.number
        until = {5: "2026-11-03T12:00Z", 12: "2026-10-25T00:45Z", 19: "2026-11-03T12:00Z", 26: "2027-01-01"}
        status = "pending" if n == 8 else "paused" if n in until else "active"
        frequency, topics = FREQUENCIES[n // 2 % 4], TOPICS[n // 3 % 4]
        return f"{self.address},{self.zone},{frequency},{topics},{status},{until.get(n, '')}\n"


READERS = tuple(Reader(number) for number in range(1, 41))
HOME = {reader.address: reader.zone for reader in READERS}


def laid_out(folder: Path, port: int) -> Project:
    """The project, with everything in it that is to come."""
    project = sample_project(folder, port)
    text = project.config.read_text()
    text = re.sub(r"(?ms)^\[newsletters\.weekly\].*?(?=^\[theme\])", lambda _: NEWSLETTERS, text)
    project.config.write_text(text)
    shutil.rmtree(project.folder / "content")
    (project.folder / "content").mkdir()
    for number, at, tags in ARTICLES:
        (project.folder / "content" / f"a{number:02}.md").write_text(_text(number, at, tags))
    head = "email,timezone,frequency,topics,status,paused_until\n"
    for name, readers in (("blog", READERS), ("letters", READERS[:15])):
        people = project.folder / f"{name}.csv"
        people.write_text(head + "".join(reader.row for reader in readers))
        project.run("subscribers", "import", str(people), "--to", name, "--now", START.isoformat())
    project.run("subscribers", "block", READERS[9].address, "--now", START.isoformat())
    return project


def edited(project: Project) -> None:
    """Once all of these are out: a correction, a brief, another article of a name that was there."""
    content, briefs = project.folder / "content", project.folder / "issues"
    sent = content / "a26.md"
    sent.write_text(sent.read_text().replace("tags:", "correction: It was the other clock.\ntags:"))
    briefs.mkdir()
    (briefs / "blog-weekly-2026-12-14.md").write_text("---\npins: [a30.md]\nomit: [a29.md]\n---\nHello.\n")
    for number, at, tags in LATER:
        folder = content / "more" if number == 28 else content
        folder.mkdir(exist_ok=True)
        (folder / ("a27.md" if number == 28 else f"a{number}.md")).write_text(_text(number, at, tags))


def _text(number: int, at: str, tags: str) -> str:
    return f"---\ntitle: {title(number)}\ndate: {at}:00Z\ntags: [{tags}]\n---\nWords of {number}.\n"


def title(number: int) -> str:
    return f"Article {number:02}"


# ── lived through ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it stands at the server."""

    arrived: datetime  #: by the clock of the run
    due: datetime  #: the Date header
    issue: str  #: as its links say
    to: str
    articles: tuple[str, ...]  #: in its order


@dataclass(slots=True)
class Life:
    """The project from one instant to the next."""

    project: Project
    maildir: Path
    now: datetime = START
    received: list[Received] = field(default_factory=list)
    decided: dict[str, tuple[datetime, str]] = field(default_factory=dict)  #: id -> when, why there is none
    pools: dict[str, list[str]] = field(default_factory=dict)  #: issue -> its articles, in its order
    _known: set[str] = field(default_factory=set)

    def until(self, end: datetime) -> None:
        """Go on, from each instant that matters to the next; what is due at `end` itself is not done."""
        config = load(self.project.config, os.environ)
        with open_database(config.store_path) as database, Presence(database.path) as presence:
            while self.now < end:
                fire_due(config, database, self.now)
                deliver(self._line(config, database, presence))
                self._look()
                coming = wake_at(config, database, self.now)
                assert coming is not None and coming > self.now
                self.now = coming
            self.now = end
            self._note(database)

    def _line(self, config: Config, database: Database, presence: Presence) -> Any:
        def told(*_: object) -> None: ...

        now, stop = self.now, threading.Event()
        return open_line(config, database, presence, lambda: now, stop=stop, on_outcome=told)

    def _look(self) -> None:
        """What has come since we looked last."""
        for file in sorted((self.maildir / "new").iterdir()):
            if file.name not in self._known:
                self._known.add(file.name)
                self.received.append(_read(file, self.now))

    def _note(self, database: Database) -> None:
        """The decided slots; one without an issue by the id that it would have had."""
        p = t.issue_article.c
        carried = select(p.issue_id, t.article.c.title).join(t.article).where(p.fate == "carried")
        with database.read() as connection:
            slots = connection.execute(select(t.slot).where(t.slot.c.state != BEGUN)).all()
            files = {
                id: Path(path).stem
                for id, path in connection.execute(select(t.article.c.id, t.article.c.path))
            }
            self.pools.clear()
            for id, name in connection.execute(carried.order_by(p.issue_id, p.position)):
                self.pools.setdefault(id, []).append(name)
        for row in slots:
            key = files[int(row.key[8:])] if row.key.startswith("article:") else row.key
            cadence = f"{row.cadence}-" if row.newsletter == "blog" else ""
            self.decided[row.issue_id or f"{row.newsletter}-{cadence}{key}"] = row.decided_at, row.reason


def _read(file: Path, now: datetime) -> Received:
    message = cast(EmailMessage, message_from_bytes(file.read_bytes(), policy=policy.default))
    text = cast(EmailMessage, message.get_body(("plain",))).get_content()
    issues = set(re.findall(r"utm_campaign=([\w-]+)", text))
    assert len(issues) == 1, text
    due = parsedate_to_datetime(message["Date"]).astimezone(UTC)
    titles = tuple(dict.fromkeys(re.findall(r"(?:Correction: )?Article \d\d", text)))
    return Received(now, due, issues.pop(), str(message["Delivered-To"]), titles)


# ── told in lines ───────────────────────────────────────────────────────────


def foreseen(plan: Mapping[str, Any], end: datetime) -> list[str]:
    """The slots of a plan (`newsletter plan --json`) that are not decided yet, and are before `end`."""
    told = []
    for slot in plan["slots"]:
        if slot["state"] in ("sent", "held") or not slot["issue"] or _moment(slot["due"]) >= end:
            continue
        if slot["skipped"]:
            told.append(f"{slot['issue']} skipped: {slot['skipped']}")
            continue
        titles = [one["title"] for one in slot["articles"]]
        zones = [(_moment(one["due"]), one["zone"], one["readers"]) for one in slot["zones"]]
        zones = zones or [(_moment(slot["due"]), OWN, slot["recipients"])]
        told.append(_line(slot["issue"], titles, slot["recipients"], zones))
    return sorted(told)


def happened(life: Life, begin: datetime, end: datetime) -> list[str]:
    """The same of what the server received of what was decided from `begin` to `end`, and why there
    was nothing else."""
    mails: dict[str, list[Received]] = {}
    for one in life.received:
        mails.setdefault(one.issue, []).append(one)
    assert mails.keys() <= life.decided.keys()
    told = []
    for id, (at, reason) in life.decided.items():
        if not begin <= at < end:
            continue
        if reason:
            told.append(f"{id} skipped: {reason}")
            continue
        zones = Counter(
            (one.due, (HOME[one.to] or OWN) if id.startswith("blog") else OWN) for one in mails[id]
        )
        shares = sorted((due, zone, readers) for (due, zone), readers in zones.items())
        told.append(_line(id, _in_order(life.pools[id], mails[id]), len(mails[id]), shares))
    return sorted(told)


def _line(id: str, titles: Sequence[str], recipients: int, zones: Iterable[tuple[datetime, str, int]]) -> str:
    shares = ", ".join(f"{zone} {due:%Y-%m-%d %H:%M} {readers}" for due, zone, readers in zones)
    return f"{id} to {recipients}: {' | '.join(titles)} · {shares}"


def _in_order(pool: Sequence[str], mails: Sequence[Received]) -> list[str]:
    """The articles that somebody received of an issue. Each mail begins with the first of its own; then
    sections may come between."""
    for one in mails:
        assert one.articles[0] == next(title for title in pool if title in one.articles)
    return [title for title in pool if any(title in one.articles for one in mails)]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
