"""An issue as it was frozen: written once, read back byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

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
    slots: Mapping[str, str]  #: of the variant that carries all blocks
    media: tuple[Media, ...]
    segment: str = ""  #: who of the newsletter's readers gets it; empty is all


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
            state="finished" if frozen.kind in LETTER_KINDS else "publishing",
            state_reason="",
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
    connection.execute(
        insert(t.variant).values(
            issue_id=frozen.id, blocks=[b.key for b in rendered.blocks], slots=dict(frozen.slots)
        )
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
