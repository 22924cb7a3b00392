"""Built issue + one reader -> the issue as they would get it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.issue.portion import fold, wants
from newsletter.outbox.deciding import Decider, Person
from newsletter.outbox.histories import Histories
from newsletter.pipeline.building import Built, mail_of
from newsletter.store import tables as t
from newsletter.store.tables import milliseconds


def of_reader(
    config: Config, connection: Connection, built: Built, subscriber_id: int, now: datetime
) -> Built | str:
    """The same with the mail of that reader in the place of the usual one, by the rule that queues it; or why
    they would get none."""
    s, name = t.subscription.c, built.issue.newsletter
    mine = s.subscriber_id == subscriber_id, s.newsletter == name
    row = connection.execute(select(t.subscription).where(*mine)).first()
    if row is None or row.status != "active":
        return (
            "they are not subscribed" if row is None or row.status != "pending" else "they have not confirmed"
        )
    if row.paused_until is not None and row.paused_until > now:
        return f"they paused until {row.paused_until:%Y-%m-%d}"
    return _share(config, connection, built, row)


def _share(config: Config, connection: Connection, built: Built, row: Any) -> Built | str:
    sharing = built.chosen.sharing
    group = next((group for group in sharing.groups if row.frequency in group.frequencies), None)
    if group is None:
        return "it is for readers of another frequency"
    decider = Decider(sharing, Histories(connection, sharing))
    person = Person(row.subscriber_id, tuple(row.topics), milliseconds(row.since))
    (_, share), *_ = decider.of_each(group, [person])
    if not share.articles:
        topics = fold(row.topics)
        about = any(wants(topics, one.tags) for one in sharing.pool)
        return "nothing of it is due to them" if about else "none of it is about the topics that they chose"
    mail = mail_of(built.pool, built.blocks, built.chosen, share.articles, unpack.words(config))
    issue, rendered, slots = mail
    return replace(built, issue=issue, rendered=rendered, slots=slots)
