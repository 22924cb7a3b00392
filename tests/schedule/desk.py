"""A publication on a clock that is set: its folder, configuration, readers, and the rounds of the service.

All of it real but the clock and the server: what is queued, for whom and for when, is what is looked at.
"""

import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from newsletter.config import load
from newsletter.config.schema import Config
from newsletter.model import State
from newsletter.outbox import approving, recovery
from newsletter.service.coming import wake_at
from newsletter.service.due import fire_due
from newsletter.service.told import Fired
from newsletter.store import tables as t
from newsletter.store.database import Database

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
PICTURE = Path(__file__).resolve().parents[2] / "content" / "images" / "clock.png"

CONFIG = """\
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
postal_address = "Quay 4, Port Example"
timezone = "Europe/Oslo"
[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
{keys}
[sender]
name = "smtp"
host = "127.0.0.1"
"""


def oslo(text: str) -> datetime:
    """A wall time in Oslo: ``2026-11-23 09:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)


def utc(text: str) -> datetime:
    """The same of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


LONG_AGO = utc("2026-01-01")


@dataclass
class Desk:
    """The publication, in a folder of its own."""

    folder: Path
    database: Database
    keys: str
    _number: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        (self.folder / "content").mkdir()
        self.set(self.keys)

    def set(self, keys: str) -> None:
        """What stands in the table of the newsletter from now on."""
        self.file.write_text(CONFIG.format(keys=keys))

    @property
    def file(self) -> Path:
        return self.folder / "config.toml"

    @property
    def config(self) -> Config:
        return load(self.file, {})

    def replace(self, old: str, new: str) -> None:
        """Change the configuration."""
        text = self.file.read_text()
        assert text.count(old) == 1, old
        self.file.write_text(text.replace(old, new))

    def write(self, name: str, at: str, *, title: str = "", text: str = "", more: str = "") -> Path:
        """An article of that date; `more` stands in its front matter."""
        path = self.folder / "content" / f"{name}.md"
        head = f"title: {title or name.title()}\ndate: {at}\n{more}"
        path.write_text(
            f"---\n{head.rstrip()}\n---\n{text or f'All that is known of {name}, told at length.'}\n"
        )
        return path

    def picture(self, name: str = "clock.png") -> Path:
        """A picture beside the articles."""
        return Path(shutil.copy(PICTURE, self.folder / "content" / name))

    def reader(self, zone: str = "", since: datetime = LONG_AGO, frequency: str = "") -> int:
        """Somebody subscribes."""
        number = next(self._number)

        def write(connection: Connection) -> None:
            address = f"r{number}@example.org"
            person = {"id": number, "address": address, "address_key": address, "name": "", "language": ""}
            person["zone_id"] = zone_id(connection, zone)
            connection.execute(t.subscriber.insert().values(**person, created_at=since))
            own = {"subscriber_id": number, "newsletter": "weekly", "status": "active", "since": since}
            connection.execute(t.subscription.insert().values(**own, frequency=frequency))

        self.database.write(write)
        return number

    def moves(self, reader: int, zone: str) -> None:
        """A reader lives elsewhere by now."""

        def write(connection: Connection) -> None:
            moved = update(t.subscriber).where(t.subscriber.c.id == reader)
            connection.execute(moved.values(zone_id=zone_id(connection, zone)))

        self.database.write(write)

    # ── the service ─────────────────────────────────────────────────────────

    def round(self, at: datetime) -> list[str]:
        """One round of the service: what it tells of each slot, as `id` or as the reason."""
        return [one.issue_id if not one.reason else one.reason for one in self.fired(at)]

    def fired(self, at: datetime) -> tuple[Fired, ...]:
        return fire_due(self.config, self.database, at)

    def wakes(self, at: datetime) -> datetime | None:
        """When the service looks next."""
        return wake_at(self.config, self.database, at)

    def send(self, at: datetime) -> int:
        """All that is due goes out; how many."""
        d = t.delivery.c

        def write(connection: Connection) -> int:
            change = update(t.delivery).where(d.state == State.QUEUED, d.kind == "issue", d.due_at <= at)
            done = connection.execute(change.values(state=State.SENT, state_at=at)).rowcount
            recovery.finish(connection)
            return done

        return self.database.write(write)

    def approve(self, issue: str, at: datetime) -> str:
        """Somebody agrees to what it is now; to which hash."""
        (one,) = self.held(issue)
        self.database.write(lambda c: approving.approve(c, issue, one.hash, "Ida", at))
        return one.hash

    # ── what became of it ───────────────────────────────────────────────────

    def held(self, issue: str | None = None) -> tuple[approving.Held, ...]:
        with self.database.read() as connection:
            return approving.held(connection, issue)

    def due(self, issue: str) -> dict[int, datetime]:
        """When each reader is due."""
        d = t.delivery.c
        with self.database.read() as connection:
            rows = connection.execute(select(d.subscriber_id, d.due_at).where(d.issue_id == issue)).all()
        return {row.subscriber_id: row.due_at for row in rows}

    def articles(self, issue: str) -> list[str]:
        """The files that it carries, in its order, without their endings."""
        a = t.issue_article.c
        found = (
            select(t.article.c.path)
            .join(t.issue_article, a.article_id == t.article.c.id)
            .where(a.issue_id == issue, a.fate == "carried")
            .order_by(a.position)
        )
        with self.database.read() as connection:
            return [re.sub(r"\.md$", "", path) for path in connection.execute(found).scalars()]

    def subject(self, issue: str) -> str:
        """Its subject line."""
        with self.database.read() as connection:
            found = connection.execute(select(t.issue.c.subject).where(t.issue.c.id == issue))
            return str(found.scalar_one())

    def brings(self, issue: str, reader: int) -> list[str]:
        """The files that it brings one reader, without their endings."""
        d, v = t.delivery.c, t.variant.c
        mine = select(v.articles).join(t.delivery, d.variant_id == v.id)
        with self.database.read() as connection:
            ids = connection.execute(mine.where(d.issue_id == issue, d.subscriber_id == reader)).scalar_one()
            paths = {row.id: row.path for row in connection.execute(select(t.article))}
        return [paths[id].removesuffix(".md") for id in ids]

    def slots(self) -> dict[str, str]:
        """Each slot that is decided: its key, and its issue or why there is none."""
        s = t.slot.c
        found = select(s.key, s.issue_id, s.reason).where(s.state != "begun", s.newsletter == "weekly")
        with self.database.read() as connection:
            return {
                row.key: row.issue_id or row.reason for row in connection.execute(found.order_by(s.due_at))
            }


def zone_id(connection: Connection, name: str) -> int | None:
    """The number of a time zone; None of none."""
    if not name:
        return None
    found = connection.execute(select(t.zone.c.id).where(t.zone.c.name == name)).scalar()
    if found is None:
        made = t.zone.insert().values(name=name).returning(t.zone.c.id)
        found = connection.execute(made).scalar_one()
    return int(found)
