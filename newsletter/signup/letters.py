"""What somebody is to be written -> a delivery in the outbox: rendered once for all who get it that day.

A letter goes the way of an issue. Its issue is one of a kind, a day, a language and a wording, so that nobody
gets two of it, and the Message-ID of next week's is another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.errors import ConfigError, NewsletterError
from newsletter.issue.words import tags, words_for
from newsletter.model import LETTER_KINDS, Kind
from newsletter.outbox import frozen, queueing
from newsletter.outbox.frozen import FrozenIssue
from newsletter.press import press
from newsletter.press.folders import Folders
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.dialect import Bulk
from newsletter.store.tables import milliseconds

#: From the beginning of its day: what was not sent by then is not wanted any more.
STALE: Final = timedelta(days=2)
#: So many are queued in one transaction.
ROWS: Final = 200
#: A changed template is seen after this.
FRESH: Final = timedelta(seconds=60)
#: So many are remembered, for strangers may name as many as they like.
LANGUAGES: Final = 100
#: More titles than these do not fit into a subject: then the site's name stands there.
TITLES: Final = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """What all letters have in common that are rendered once."""

    kind: Kind
    newsletters: tuple[str, ...]  #: the first one writes it
    language: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the letters that were to be written."""

    queued: int
    mistakes: tuple[str, ...]  #: why the others wait: of a template or the configuration, with its file


class Office:
    """Renders letters, and keeps what it rendered for a while."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.tokens = unpack.tokens(config)
        self._made: dict[Wording, tuple[datetime, FrozenIssue]] = {}
        self._languages: dict[str, str] = {}  # as of _languages_at
        self._languages_at: datetime | None = None

    def issue(self, wording: Wording, now: datetime) -> FrozenIssue:
        """The letter's issue of that day. ConfigError or RenderError, naming file and line."""
        ready = self.ready(wording, now)
        if ready is None:
            ready = self._frozen(wording, now)
            self._made[wording] = now, ready
        return ready

    def ready(self, wording: Wording, now: datetime) -> FrozenIssue | None:
        """The same where nothing has to be rendered for it."""
        self._made = {one: kept for one, kept in self._made.items() if now - kept[0] < FRESH}
        kept = self._made.get(wording)
        return kept[1] if kept and kept[1].due_at == _midnight(now) else None

    def language(self, wanted: str, now: datetime) -> str:
        """As :func:`written_language`, remembered for as long."""
        if (
            self._languages_at is None
            or now - self._languages_at >= FRESH
            or len(self._languages) > LANGUAGES
        ):
            self._languages, self._languages_at = {}, now
        if wanted not in self._languages:
            self._languages[wanted] = written_language(self.config, wanted)
        return self._languages[wanted]

    def _frozen(self, wording: Wording, now: datetime) -> FrozenIssue:
        config, first, day = self.config, wording.newsletters[0], _midnight(now)
        identity = unpack.identity(config, first)
        if not identity.public_url:
            where = config.origin("web", "public_url")
            raise ConfigError(f"{where}: web.public_url: empty, so the links in a letter would lead nowhere")
        searchpath = unpack.searchpath(config)
        titles = tuple(dict.fromkeys(unpack.title(config, name) for name in wording.newsletters))
        comma = words_for(wording.language, Folders(searchpath)).comma
        rendered = press(searchpath).letter(
            wording.kind,
            language=wording.language,
            title=comma.join(titles) if len(titles) <= TITLES else config.site.name,
            site=unpack.site(config, first),
            theme=unpack.theme(config, None, None),
        )
        seed = json.dumps([first, rendered.hash, asdict(identity)]).encode()
        id = f"{wording.kind}-{day:%Y-%m-%d}-{hashlib.sha256(seed).hexdigest()[:8]}"
        return FrozenIssue(
            id=id,
            kind=wording.kind,
            newsletter=first,
            cadence="",
            due_at=day,
            subject=rendered.subject,
            message_key=self.tokens.message_key(id),
            policy=config.newsletters[first].in_doubt,
            stale_at=day + STALE,
            identity=asdict(identity),
            rendered=rendered,
            slots={},
            media=(),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody is to be written a letter."""

    kind: Kind
    subscriber_id: int
    newsletters: tuple[str, ...]
    language: str  #: a :func:`written_language`


def want(connection: Connection, wanted: Sequence[Wanted], now: datetime) -> None:
    """Note letters that are to be written; :func:`post` queues them."""
    at = milliseconds(now)
    rows = [
        (at, one.kind.value, one.subscriber_id, json.dumps(one.newsletters), one.language) for one in wanted
    ]
    _letters()(connection, rows)


def queue(connection: Connection, wanted: Sequence[Wanted], office: Office, now: datetime) -> int:
    """Queue the letters whose wording is rendered already; how many. The others are noted: :func:`want`."""
    queued = 0
    by_wording: dict[Wording, list[Wanted]] = {}
    for one in wanted:
        by_wording.setdefault(Wording(one.kind, one.newsletters, one.language), []).append(one)
    for wording, some in by_wording.items():
        issue = office.ready(wording, now)
        if issue is None:
            want(connection, some, now)
        else:
            _put(connection, issue, [one.subscriber_id for one in some], now)
            queued += len(some)
    return queued


def _put(connection: Connection, issue: FrozenIssue, subscribers: Sequence[int], now: datetime) -> None:
    if connection.execute(select(t.issue.c.id).where(t.issue.c.id == issue.id)).first() is None:
        frozen.put(connection, issue, now)
    queueing.queue_letters(connection, issue.id, subscribers, now)


def written_language(config: Config, wanted: str) -> str:
    """The language of letters to who reads `wanted`: theirs where there are words for it, else the site's.

    A stranger may have chosen it, so there are only so many.
    """
    own, folders = config.site.language, Folders(unpack.searchpath(config))
    known = {own, "en", *(_language(name) for name in folders.list_templates() if name.startswith("locale/"))}
    return next((tag for tag in (tags(wanted) if wanted else ()) if tag in known), own)


def post(database: Database, office: Office, now: datetime) -> Posted:
    """Queue all letters that are wanted. What cannot be rendered waits, and is told."""
    with database.read() as connection:
        wanted = _wanted(connection)
    queued, mistakes = 0, []
    for wording in wanted:
        named = tuple(name for name in wording.newsletters if name in office.config.newsletters)
        try:
            issue = office.issue(replace(wording, newsletters=named), now) if named else None
        except NewsletterError as error:
            mistakes.append(str(error))
            continue
        while rows := database.write(partial(_queue, wording=wording, issue=issue, now=now)):
            queued += rows if issue else 0
    return Posted(queued, tuple(dict.fromkeys(mistakes)))


def past(now: datetime, late: timedelta) -> tuple[tuple[Table, ColumnElement[bool]], ...]:
    """What is to be forgotten: letters that could not be rendered for so long, and the text of those that are
    so long too old to be sent again."""
    i = t.issue.c
    old = select(i.id).where(i.kind.in_(LETTER_KINDS), i.stale_at < now - late)
    frames = t.frame.c.issue_id.in_(old), t.variant.c.issue_id.in_(old)
    return (t.letter, t.letter.c.at < now - late), (t.frame, frames[0]), (t.variant, frames[1])


def _wanted(connection: Connection) -> tuple[Wording, ...]:
    of = t.letter.c
    rows = connection.execute(select(of.kind, of.newsletters, of.language).order_by(of.id))
    found = (Wording(Kind(row.kind), tuple(row.newsletters), row.language) for row in rows)
    return tuple(dict.fromkeys(found))


def _queue(connection: Connection, wording: Wording, issue: FrozenIssue | None, now: datetime) -> int:
    """Queue some of those letters; how many. Those of an `issue` that nobody writes are only taken away."""
    of = t.letter.c
    mine = (
        of.kind == wording.kind,
        of.newsletters == list(wording.newsletters),
        of.language == wording.language,
    )
    rows = connection.execute(select(of.id, of.subscriber_id).where(*mine).order_by(of.id).limit(ROWS)).all()
    if rows and issue:
        _put(connection, issue, [row.subscriber_id for row in rows], now)
    connection.execute(delete(t.letter).where(of.id.in_([row.id for row in rows])))
    return len(rows)


@cache
def _letters() -> Bulk:
    return Bulk(insert(t.letter), "at", "kind", "subscriber_id", "newsletters", "language")


def _language(template: str) -> str:
    return template.removeprefix("locale/").partition(".")[0].replace("_", "-")


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
