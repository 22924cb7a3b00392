"""What else is to be done each round: a crash is put right, who signed up is answered, lists are synced,
bounces are read."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from newsletter.config import returning, unpack
from newsletter.config.schema import Config
from newsletter.delivery.failing import rest
from newsletter.delivery.taking_in import take_in
from newsletter.errors import ConfigError, NewsletterError, StoreError, SubscribersError
from newsletter.outbox import archive
from newsletter.pipeline import queue
from newsletter.signup import answering
from newsletter.signup.letters import Office
from newsletter.store.database import Database

if TYPE_CHECKING:
    from newsletter.audience.syncing import Synced

log = logging.getLogger(__name__)

#: Chunks of old deliveries that are packed in one round.
AT_ONCE = 16


def put_right(config: Config, database: Database, now: datetime) -> int:
    """Go on with what a crash left, and give up what is too late: before slots are decided, so that an issue
    brings what an earlier one will not bring any more. How many are in doubt or have expired."""
    from newsletter.delivery.deliver import heal

    return heal(database, now, partial(queue, config, database))


def answer_wishes(config: Config, database: Database, now: datetime) -> tuple[str, ...]:
    """Queue what those who signed up, or confirmed, are to be written. Why it could not be, in words: it
    waits until that is mended."""
    try:
        answering.tidy(database, config, now)
        return answering.answer(database, Office(config), now).mistakes
    except NewsletterError as error:
        return (str(error),)


def sync_lists(
    config: Config, database: Database, now: datetime, *, remove_many: bool = False
) -> tuple[Synced, ...]:
    """Read the `[subscribers] sync` lists that changed since they were read; what became of each."""
    if not (pattern := config.subscribers.sync):
        return ()
    from newsletter.audience import formats, syncing

    files = sorted(path for path in config.root.glob(pattern) if path.is_file())
    try:
        known = formats.load(config.subscribers_dir / "formats")
        asked = syncing.Sync(_synced_to(config), known, config.subscribers.sync_removes, remove_many)
        told = syncing.sync(database, files, asked, now)
    except NewsletterError as error:
        return (syncing.Synced(config.subscribers_dir, None, 0, str(error)),)
    for one in told:
        if one.report is not None:
            counts = (one.path.name, one.report.added, one.report.updated, one.removed)
            log.info("%s: synced, %d added, %d updated, %d unsubscribed", *counts)
    return told


def _synced_to(config: Config) -> tuple[str, ...]:
    """The newsletters that synced lists are for. One that is added to the configuration later gets nobody's
    readers by that."""
    names = config.subscribers.sync_to
    where = config.origin("subscribers", "sync_to" if names else "sync")
    if unknown := [name for name in names if name not in config.newsletters]:
        raise ConfigError(f"{where}: subscribers.sync_to: there is no newsletter {unknown[0]}")
    if not names and len(config.newsletters) > 1:
        raise ConfigError(f"{where}: subscribers.sync: say in sync_to for which newsletters the lists are")
    return names or tuple(config.newsletters)


def take_bounces(config: Config, database: Database, now: datetime) -> tuple[str, ...]:
    """Act upon what came back to the configured mailboxes; let addresses rest that are refused again and
    again. What could not be read, in words: it comes another time."""
    troubles = []
    soft, tokens = returning.soft(config), unpack.tokens(config)
    for mails in returning.mailboxes(config):
        try:
            for taken in take_in(database, tokens, mails, soft, now):
                effects = ", ".join(recorded.effect for _, recorded in taken.notices)
                log.info("came back: %s: %s", taken.mail, effects or taken.why_not)
        except SubscribersError as error:
            troubles.append(str(error))
    database.write(lambda connection: rest(connection, soft, now))
    return tuple(troubles)


def wipe(database: Database) -> str:
    """Write the file anew where somebody was erased on a page. Why it could not be, in words: the next round
    tries again."""
    try:
        if database.compact_if_noted():
            log.info("written anew: nothing of those who were erased stands in %s", database.path.name)
    except StoreError as error:
        return str(error)
    return ""


def rows_end(config: Config, now: datetime) -> datetime:
    """Issues of before then may be packed: nobody is sent any more what they missed of them."""
    return now - max(archive.KEPT, *(each.catch_up for each in config.newsletters.values()))


def compact_ledger(config: Config, database: Database, now: datetime) -> bool:
    """Pack the deliveries of old issues, as far as a second or so allows; whether more is to be done, soon:
    whoever calls looks first at what is to be sent."""
    with database.read() as connection:
        issues = archive.due_for_packing(connection, rows_end(config, now))
    more = archive.pack(database, issues, now, most=AT_ONCE)
    if issues and not more:
        log.info("packed: the deliveries of %s", ", ".join(issues))
    return more


def beat(config: Config) -> None:
    """Touch the heartbeat file, if there is to be one: a round went well. StoreError if that cannot be."""
    if not config.store.heartbeat:
        return
    path = config.resolve(config.store.heartbeat)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror} ([store] heartbeat)") from error
