"""An issue as it was frozen: written once, read back byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, case, delete, func, insert, literal, select, update

from newsletter.model import LETTER_KINDS, Media, Rendered, RenderedBlock
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new


@dataclass(frozen=True, slots=True)
class FrozenIssue:
    """What `put` writes: everything that delivery will need, so that the folder may change meanwhile."""

    id: str
    kind: str  #: one of :class:`newsletter.model.Kind`
    newsletter: str
    cadence: str  #: empty for a manual one
    due_at: datetime
    subject: str
    message_key: bytes
    policy: str  #: ``hold`` or ``resend``
    stale_at: datetime
    identity: Mapping[str, Any]
    rendered: Rendered
    slots: Mapping[str, str]  #: of the only variant, where everybody gets the same
    media: tuple[Media, ...]
    segment: str = ""  #: who of the newsletter's readers gets it; empty is all
    keys: tuple[str, ...] | None = None  #: of the blocks in the only variant; None: all
    slot_at: datetime | None = None  #: the slot; `due_at` is when the first message may go
    pool: Mapping[str, Any] = field(default_factory=dict)  #: how it is shared out; empty: all get the same
    manifest: Mapping[str, Any] = field(default_factory=dict)
    approval_hash: str = ""
    held: str = ""  #: why nothing of it is queued yet; empty: it is


def put(connection: Connection, frozen: FrozenIssue, now: datetime) -> None:
    """Write the issue and all that belongs to it; it is ``publishing`` until its deliveries stand. A letter
    is not: whoever gets it has a row of their own, and nobody else may."""
    connection.execute(
        insert(t.issue).values(
            id=frozen.id,
            kind=frozen.kind,
            newsletter=frozen.newsletter,
            cadence=frozen.cadence,
            due_at=frozen.due_at,
            created_at=now,
            state=_state(frozen),
            state_reason=frozen.held,
            number=next_number(),
            slot_at=frozen.slot_at or frozen.due_at,
            pool=dict(frozen.pool),
            manifest=dict(frozen.manifest),
            approval_hash=frozen.approval_hash,
            queued_to=0,
            subject=frozen.subject,
            hash=frozen.rendered.hash,
            message_key=frozen.message_key,
            in_doubt=frozen.policy,
            stale_at=frozen.stale_at,
            identity=dict(frozen.identity),
            segment=frozen.segment,
        )
    )
    _put_rendered(connection, frozen)
    if frozen.media:
        connection.execute(insert_new(t.media), [_media_row(m) for m in frozen.media])
        connection.execute(
            insert(t.issue_media), [{"issue_id": frozen.id, "name": m.name} for m in frozen.media]
        )


def _state(frozen: FrozenIssue) -> str:
    if frozen.held:
        return "held"
    return "finished" if frozen.kind in LETTER_KINDS else "publishing"


def next_number() -> ScalarSelect[int]:
    """The number of an issue that is published now."""
    return select(func.coalesce(func.max(t.issue.c.number), 0) + 1).scalar_subquery()


def is_there(connection: Connection, issue_id: str) -> bool:
    """Whether there is an issue, a test, a letter or a notice of that id."""
    return connection.execute(select(t.issue.c.id).where(t.issue.c.id == issue_id)).first() is not None


def newsletter_of(connection: Connection, issue_id: str) -> str:
    """The newsletter of an issue that there is."""
    return str(connection.execute(select(t.issue.c.newsletter).where(t.issue.c.id == issue_id)).scalar_one())


def pool(connection: Connection, issue_id: str) -> Mapping[str, Any]:
    """How an issue is shared out; empty where everybody gets the same."""
    found = connection.execute(select(t.issue.c.pool).where(t.issue.c.id == issue_id)).scalar_one()
    return dict(found)


def release(
    connection: Connection, issue_id: str, pool: Mapping[str, Any], *, stale_at: datetime, now: datetime
) -> bool:
    """Begin to queue an issue that was held, shared out as it is right by now: for its readers it is made
    `now`. False when it was not held. It may be sent until `stale_at` at least."""
    i = t.issue.c
    held = update(t.issue).where(i.id == issue_id, i.state == "held")
    later = case((i.stale_at < stale_at, literal(stale_at, i.stale_at.type)), else_=i.stale_at)
    now_open = {"state": "publishing", "state_reason": "", "number": next_number(), "pool": dict(pool)}
    values: dict[str, Any] = {**now_open, "stale_at": later, "created_at": now}
    return bool(connection.execute(held.values(values)).rowcount)


def remove(connection: Connection, issue_id: str) -> bool:
    """Take an issue out that is held, and of which nobody can have got anything: it is made anew. False when
    it is not held."""
    held = t.issue.c.id == issue_id, t.issue.c.state == "held"
    return bool(connection.execute(delete(t.issue).where(*held)).rowcount)


def _put_rendered(connection: Connection, frozen: FrozenIssue) -> None:
    rendered = frozen.rendered
    connection.execute(
        insert(t.frame).values(
            issue_id=frozen.id,
            language=rendered.language,
            subject=rendered.subject,
            html=rendered.frame_html,
            text=rendered.frame_text,
            mjml=rendered.mjml,
        )
    )
    blocks = [
        {
            "issue_id": frozen.id,
            "language": rendered.language,
            "position": position,
            "key": block.key,
            "html": block.html,
            "text": block.text,
        }
        for position, block in enumerate(rendered.blocks)
    ]
    if blocks:  # a letter has none
        connection.execute(insert(t.block), blocks)
    if not frozen.pool:
        keys = [b.key for b in rendered.blocks] if frozen.keys is None else list(frozen.keys)
        connection.execute(
            insert(t.variant).values(issue_id=frozen.id, blocks=keys, slots=dict(frozen.slots))
        )


def _media_row(media: Media) -> dict[str, object]:
    return {
        "name": media.name,
        "mime": media.mime,
        "width": media.width,
        "height": media.height,
        "bytes": media.data,
    }


@dataclass(frozen=True, slots=True)
class FrozenVariant:
    """What one variant of a frozen issue needs to become messages."""

    newsletter: str
    kind: str  #: of the issue
    identity: Mapping[str, Any]
    message_key: bytes
    rendered: Rendered
    keys: tuple[str, ...]
    slots: Mapping[str, str]
    media: tuple[Media, ...]


def variant(connection: Connection, variant_id: int) -> FrozenVariant:
    """Read a variant back."""
    chosen = connection.execute(select(t.variant).where(t.variant.c.id == variant_id)).one()
    issue = connection.execute(select(t.issue).where(t.issue.c.id == chosen.issue_id)).one()
    return FrozenVariant(
        newsletter=issue.newsletter,
        kind=issue.kind,
        identity=issue.identity,
        message_key=issue.message_key,
        rendered=_rendered(connection, issue.id, issue.hash),
        keys=tuple(chosen.blocks),
        slots=chosen.slots,
        media=_media(connection, issue.id),
    )


def rendered(connection: Connection, issue_id: str) -> Rendered:
    """All blocks of an issue that there is, and their frame."""
    hash = connection.execute(select(t.issue.c.hash).where(t.issue.c.id == issue_id)).scalar_one()
    return _rendered(connection, issue_id, str(hash))


def _rendered(connection: Connection, issue_id: str, hash: str) -> Rendered:
    frame = connection.execute(select(t.frame).where(t.frame.c.issue_id == issue_id)).one()
    blocks = connection.execute(
        select(t.block)
        .where(t.block.c.issue_id == issue_id, t.block.c.language == frame.language)
        .order_by(t.block.c.position)
    )
    return Rendered(
        language=frame.language,
        subject=frame.subject,
        frame_html=frame.html,
        frame_text=frame.text,
        blocks=tuple(RenderedBlock(b.key, b.html, b.text) for b in blocks),
        mjml=frame.mjml,
        hash=hash,
    )


def _media(connection: Connection, issue_id: str) -> tuple[Media, ...]:
    rows = connection.execute(
        select(t.media)
        .join(t.issue_media, t.issue_media.c.name == t.media.c.name)
        .where(t.issue_media.c.issue_id == issue_id)
        .order_by(t.media.c.name)
    )
    return tuple(Media(r.name, r.mime, r.bytes, r.width, r.height) for r in rows)
