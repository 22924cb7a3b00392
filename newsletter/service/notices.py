"""What the operators are to be told -> mail in the outbox: each thing once, however often anybody looks."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.errors import NewsletterError
from newsletter.issue.letters import NOTICE
from newsletter.issue.notices import Notice, What
from newsletter.model import Kind
from newsletter.outbox import frozen, noticing, queueing
from newsletter.outbox.frozen import FrozenIssue
from newsletter.press import press
from newsletter.service.told import NOBODY_HAS_IT
from newsletter.store import tables as t
from newsletter.store.database import Database

log = logging.getLogger(__name__)

#: A notice that could not be sent by then is not wanted any more.
STALE: Final = timedelta(days=3)


def notify(config: Config, database: Database, now: datetime) -> tuple[str, ...]:
    """Queue mail about all that happened since notices are wanted, and was not told. Why it could not be, in
    words: it is tried again."""
    wanted = kinds(config)
    with database.read() as connection:
        since = noticing.begun(connection)
    if since.keys() != wanted:
        since = database.write(lambda connection: _begin(connection, wanted, now))
    if not wanted:
        return ()
    with database.read() as connection:
        notices = noticing.untold(connection, since, rules(config), now)
    troubles = []
    for notice in notices:
        try:
            tell(config, database, notice, now)
        except NewsletterError as error:
            troubles.append(str(error))
    return tuple(dict.fromkeys(troubles))


def awaiting(config: Config, database: Database, issue_id: str, now: datetime) -> bool:
    """Ask for somebody's word about an issue that is held; False when that was asked of what it is now, or it
    is not held, or nobody is named. ConfigError or RenderError as :func:`tell`."""
    with database.read() as connection:
        notice = noticing.awaits(connection, issue_id, kinds(config), rules(config), now)
    return notice is not None and tell(config, database, notice, now)


def concerns_nobody(config: Config, database: Database, issue_id: str, now: datetime) -> bool:
    """Whether nobody is to be asked about an issue: it is not held, or nobody is named."""
    with database.read() as connection:
        notice = noticing.awaits(connection, issue_id, kinds(config), rules(config), now)
    return notice is None or not to_whom(config, notice)


def tell(config: Config, database: Database, notice: Notice, now: datetime) -> bool:
    """Queue a notice to whom it concerns; False when it was told, or concerns nobody.

    Whoever else calls this with the same thing, in whatever process: nobody gets it twice. ConfigError or
    RenderError, naming file and line.
    """
    addresses = to_whom(config, notice)
    with database.read() as connection:
        if not addresses or _is_told(connection, notice):
            return False
    made = _frozen(config, notice, now)

    def write(connection: Connection) -> bool:
        if _is_told(connection, notice):
            return False
        frozen.put(connection, made, now)
        if notice.hash:
            _remember(connection, notice)
        return (
            queueing.queue_notice(connection, notice.id, f"{notice.what}:{notice.about}", addresses, now) > 0
        )

    queued = database.write(write)
    if queued:
        log.info("told %d about %s: %s", len(addresses), notice.what, notice.issue_id or notice.about)
    return queued


def to_whom(config: Config, notice: Notice) -> tuple[str, ...]:
    """The addresses that are told: of an issue to approve, those who may."""
    newsletter = config.newsletters.get(notice.newsletter)
    if notice.what is What.APPROVAL and newsletter and newsletter.approvers:
        return newsletter.approvers
    about = config.notify.about
    return config.notify.to if not about or notice.what in about else ()


def kinds(config: Config) -> frozenset[What]:
    """The kinds of notices that anybody wants."""
    found = set(map(What, config.notify.about or What)) if config.notify.to else set()
    if any(each.approval and each.approvers for each in config.newsletters.values()):
        found.add(What.APPROVAL)
    return frozenset(found)


def rules(config: Config) -> noticing.Rules:
    """What of the configuration decides about notices. A newsletter that is there no more counts as the
    first."""

    def known(name: str) -> str:
        return name if name in config.newsletters else next(iter(config.newsletters))

    return noticing.Rules(
        zone=lambda name: ZoneInfo(unpack.timezone(config, known(name))),
        late_after=lambda name: config.newsletters[known(name)].late_after,
        approves=lambda name: config.newsletters[known(name)].approval,
        briefs=config.content.briefs.rstrip("/"),
        silent=[NOBODY_HAS_IT],  # a cadence that waits for its first reader
    )


def _begin(connection: Connection, wanted: frozenset[What], now: datetime) -> dict[What, datetime]:
    noticing.begin(connection, wanted, now)
    return noticing.begun(connection)


def _is_told(connection: Connection, notice: Notice) -> bool:
    return connection.execute(select(t.issue.c.id).where(t.issue.c.id == notice.id)).first() is not None


def _remember(connection: Connection, notice: Notice) -> None:
    """Keep what was asked for: who comes with an old hash is told what has changed since."""
    i = t.issue.c
    manifest = connection.execute(select(i.manifest).where(i.id == notice.issue_id)).scalar()
    kept = {"manifest": manifest or {}, "approval_hash": notice.hash}
    connection.execute(update(t.issue).where(i.id == notice.id).values(kept))


def _frozen(config: Config, notice: Notice, now: datetime) -> FrozenIssue:
    name = notice.newsletter if notice.newsletter in config.newsletters else next(iter(config.newsletters))
    rendered = press(unpack.searchpath(config)).letter(
        NOTICE,
        language=config.site.language,
        title=unpack.title(config, name),
        site=unpack.site(config, name),
        theme=unpack.theme(config, None, None),
        notice=notice,
    )
    return FrozenIssue(
        id=notice.id,
        kind=Kind.NOTICE,
        newsletter=name,
        cadence="",
        due_at=now,
        subject=rendered.subject,
        message_key=unpack.tokens(config).message_key(notice.id),
        policy="hold",
        stale_at=now + STALE,
        identity=asdict(unpack.identity(config, name)),
        rendered=rendered,
        slots={},
        media=(),
    )
