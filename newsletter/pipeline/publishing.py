"""Built issue -> outbox: its row first, then a row for each of its readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.issue.pool import Layouts
from newsletter.model import Kind
from newsletter.outbox import composed, frozen, ledger, queueing, shareable, sharing
from newsletter.pipeline.agreeing import approval_hash, manifest_of
from newsletter.pipeline.building import Built
from newsletter.pipeline.occasion import Occasion
from newsletter.store.database import PAUSE_SECONDS, Database
from newsletter.store.tables import milliseconds

#: A test that could not be sent by then is not wanted any more.
TEST_IS_STALE = timedelta(minutes=10)
#: One that goes with the question whether it may be sent.
COPY_IS_STALE = timedelta(days=3)


def publish(
    config: Config,
    database: Database,
    built: Built,
    *,
    now: datetime,
    mark: str = "",
    held: str = "",
    instead: bool = False,
    claim: Callable[[Connection, str], bool] = lambda connection, id: True,
) -> str:
    """Issue -> outbox. The id that it got, with `mark` (m: by hand); empty when another process was
    faster, or a file: then nothing was written.

    `claim` runs in the transaction that writes the issue, and decides about the slot. `held`: why nothing
    of it is queued before :func:`release`. `instead`: of the issue of that id which is held.
    """
    issue, signer = freeze(config, built, Kind.ISSUE), unpack.tokens(config)

    def write(connection: Connection) -> str:
        # What says no comes before what writes: whatever is returned is committed.
        if not _still_so(config, connection, built):
            return ""
        id = issue.id if instead else ledger.free_id(connection, issue.id, mark)
        if (instead and not frozen.remove(connection, id)) or not claim(connection, id):
            return ""
        whole = replace(issue, id=id, message_key=signer.message_key(id), held=held)
        frozen.put(connection, whole, now)
        ledger.carry(connection, id, built.chosen.fates)
        return id

    id = database.write(write)
    if id and not held:
        queue(config, database, id, now)
    return id


def release(
    config: Config,
    database: Database,
    id: str,
    *,
    now: datetime,
    occasion: Occasion | None = None,
) -> bool:
    """Queue an issue that was held; False when it was not, when another one is in the way, and when one has
    brought some of it: it is to be made anew then.

    It begins now, however long ago its time was; `occasion` says when its readers are due, if that is
    otherwise by now.
    """

    def write(connection: Connection) -> bool:
        newsletter = frozen.newsletter_of(connection, id)
        if ledger.is_publishing(connection, newsletter):
            return False
        pool = _regrouped(config, connection, id, newsletter, now, occasion)
        stale_at = now + config.newsletters[newsletter].stale_after
        return pool is not None and frozen.release(connection, id, pool, stale_at=stale_at, now=now)

    released = database.write(write)
    if released:
        queue(config, database, id, now)
    return released


def _regrouped(
    config: Config,
    connection: Connection,
    id: str,
    newsletter: str,
    now: datetime,
    occasion: Occasion | None,
) -> dict[str, Any] | None:
    """How it is shared out by now; None where another issue has brought some of it."""
    kept = frozen.pool(connection, id)
    shared, asked = sharing.of_document(kept), config.newsletters[newsletter]
    if shared is None:
        return {}
    books, cadences = ledger.books(connection, newsletter), tuple(asked.cadences)
    if shareable.is_overtaken(shared, books, cadences):
        return None
    by_now = shareable.regroup(shared, books, cadences, now - asked.catch_up)
    return {**kept, **sharing.document(replace(by_now, zones=_zones(occasion)) if occasion else by_now)}


def queue(config: Config, database: Database, id: str, now: datetime) -> None:
    """A row for each reader, then the blocks of each mail that the rows named; whatever a crash left of it
    is gone on with."""
    database.write_in_chunks(lambda connection: queueing.queue_chunk(connection, id, now))
    with database.read() as connection:
        pool = frozen.pool(connection, id)
    if not pool:
        return
    layouts = Layouts(composed.issue_of(pool["composed"]), unpack.words(config))
    identities = dict(pool["identities"])

    def laid_out(articles: tuple[int, ...]) -> queueing.LaidOut:
        layout = layouts(tuple(identities[article] for article in articles))
        return layout.keys, layout.slots

    while variants := _without_blocks(database, id):
        done = {variant: laid_out(articles) for variant, articles in variants.items()}
        database.write(lambda connection, done=done: queueing.lay_out(connection, done))  # type: ignore[misc]
        time.sleep(PAUSE_SECONDS)
    database.write(lambda connection: queueing.open_issue(connection, id, now))


def _without_blocks(database: Database, id: str) -> dict[int, tuple[int, ...]]:
    with database.read() as connection:
        return queueing.without_blocks(connection, id)


def publish_test(config: Config, database: Database, built: Built, address: str, *, now: datetime) -> str:
    """One test mail -> outbox; the id of its issue. The ledger does not see it: its articles stay news."""
    issue, signer = _test(config, built, now, TEST_IS_STALE), unpack.tokens(config)

    def write(connection: Connection) -> str:
        id = ledger.free_id(connection, issue.id, "t")
        frozen.put(connection, replace(issue, id=id, message_key=signer.message_key(id)), now)
        queueing.queue_test(connection, id, (address,), now)
        return id

    return database.write(write)


def publish_copies(
    config: Config, database: Database, built: Built, addresses: Sequence[str], *, now: datetime
) -> str:
    """The mail itself, once for each state of the issue and each address, for those who are to approve it;
    the id of its issue, or nothing if they had been written to."""
    issue = _test(config, built, now, COPY_IS_STALE)
    id = f"{issue.id}-t-{approval_hash(config, built)[:12]}"
    whole = replace(issue, id=id, message_key=unpack.tokens(config).message_key(id))

    def write(connection: Connection) -> str:
        if frozen.is_there(connection, id):
            return ""
        frozen.put(connection, whole, now)
        queueing.queue_test(connection, id, addresses, now)
        return id

    with database.read() as connection:
        if frozen.is_there(connection, id):
            return ""
    return database.write(write)


def _test(config: Config, built: Built, now: datetime, stale: timedelta) -> frozen.FrozenIssue:
    """It shows an issue that may be due next week, and goes out now."""
    return replace(freeze(config, built, Kind.TEST), due_at=now, slot_at=now, stale_at=now + stale)


def freeze(config: Config, built: Built, kind: Kind) -> frozen.FrozenIssue:
    """All that delivery will need, whatever becomes of the folder meanwhile."""
    issue, newsletter = built.issue, config.newsletters[built.issue.newsletter]
    occasion = built.occasion
    rendered = replace(built.blocks, subject=built.rendered.subject)
    slots = built.slots
    if kind is Kind.TEST:
        rendered = built.rendered
        slots = {**slots, "SUBJECT": f"[TEST] {rendered.subject}"}
    pool = _pool(built) if kind is Kind.ISSUE else {}
    made_of = manifest_of(config, built) if kind is Kind.ISSUE else {}
    return frozen.FrozenIssue(
        id=issue.id,
        kind=kind,
        newsletter=issue.newsletter,
        cadence=occasion.cadence,
        due_at=occasion.first_due,
        slot_at=occasion.at,
        subject=rendered.subject,
        message_key=b"",  # made from the id, which is only known when it is written
        policy=newsletter.in_doubt,
        stale_at=occasion.last_due + newsletter.stale_after,
        identity=asdict(unpack.identity(config, issue.newsletter)),
        rendered=rendered,
        slots=slots,
        media=issue.media,
        segment=newsletter.segment if kind is Kind.ISSUE else "",
        pool=pool,
        approval_hash=made_of["approval"]["hash"] if made_of else "",
        manifest=made_of,
    )


def _pool(built: Built) -> dict[str, Any]:
    listings = zip(built.chosen.ids, built.chosen.listings, strict=True)
    shared = replace(built.chosen.sharing, zones=_zones(built.occasion))
    return sharing.document(shared) | {
        "composed": composed.document(built.pool),
        "occasion": {"cut_off": built.occasion.cut_off.isoformat(), "alone": built.occasion.alone},
        "identities": [[id, listing.identity] for id, listing in listings],
        "usual": list(built.chosen.usual),
    }


def _zones(occasion: Occasion) -> dict[int, int]:
    """When the readers of each time zone are due, in milliseconds since 1970; 0: of none of them."""
    if not occasion.zones:
        return {}
    return {zone: milliseconds(at) for zone, at in {0: occasion.own_due, **occasion.zones}.items()}


def _still_so(config: Config, connection: Connection, built: Built) -> bool:
    """Whether nothing has been published since it was built that its readers would have too, and the ledger
    knows its articles: a file may have come between the look that noted all and the one that built it."""
    name = built.issue.newsletter
    strange = any(fate.article_id < 0 for fate in built.chosen.fates)
    if strange or ledger.is_publishing(connection, name):
        return False
    books = ledger.books(connection, name)
    cadences = tuple(config.newsletters[name].cadences)
    return all(
        group.before == (issues[-1][0] if (issues := books.issues_of(group.cadence, cadences)) else "")
        for group in built.chosen.sharing.groups
    )
