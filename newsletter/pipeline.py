"""The whole line, in one place, in order."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from newsletter import plugins
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp, pick_up
from newsletter.content.illustrate import illustrate
from newsletter.excerpt import make_card
from newsletter.issue.choose import Choice, choose
from newsletter.issue.compose import compose
from newsletter.issue.render import render
from newsletter.issue.slots import variant_slots
from newsletter.message.write import content_id
from newsletter.model import Issue, Kind, Problem, Rendered
from newsletter.outbox import frozen, ledger, queueing
from newsletter.outbox.ledger import Had
from newsletter.store.database import Database


@dataclass(frozen=True, slots=True)
class Built:
    """An issue as it would be sent, and how it came about."""

    picked: PickUp
    choice: Choice
    issue: Issue
    rendered: Rendered
    problems: tuple[Problem, ...]  #: of the pictures; those of the files stand with the articles


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no issue, and why."""

    picked: PickUp
    choice: Choice

    @property
    def reason(self) -> str:
        return self.choice.skip


def build(config: Config, name: str, had: Had, *, id: str, due: datetime) -> Built | Nothing:
    """Content folder -> Articles -> Cards -> Issue -> Rendered. Nothing is written: run it at will."""
    newsletter = config.newsletters[name]
    picked = pick_up(config.content_dir, unpack.folder_settings(config), due)
    choice = choose(
        picked.articles,
        had.why_not,
        language=config.site.language,
        max_items=newsletter.max_items,
        min_items=newsletter.min_items,
        overflow=newsletter.overflow,
    )
    if choice.skip:
        return Nothing(picked, choice)
    method = plugins.load("excerpts", newsletter.excerpt)()
    cards = tuple(make_card(article, method, unpack.limits(config, name)) for article in choice.carried)
    identity = unpack.identity(config, name)
    shown = illustrate(
        config.content_dir,
        cards,
        mode=unpack.images(config, name),
        base_url=config.site.base_url,
        media_url=f"{identity.public_url}/media",
        content_id=lambda media: content_id(media, identity.domain),
    )
    issue = compose(
        id=id,
        newsletter=name,
        title=identity.title,
        date=due,
        language=config.site.language,
        subject=newsletter.subject,
        preheader=newsletter.preheader,
        intro=newsletter.intro,
        cards=cards,
        pictures=shown.pictures,
        media=shown.media,
        left_out=choice.left_out,
    )
    rendered = render(
        issue,
        site=unpack.site(config, name),
        theme=unpack.theme(config),
        loader=unpack.loader(config),
        template=newsletter.template,
    )
    return Built(picked, choice, issue, rendered, shown.problems)


def publish(
    config: Config,
    database: Database,
    built: Built,
    *,
    now: datetime,
    cadence: str = "",
    claim: Callable[[Connection], bool] = lambda _: True,
) -> bool:
    """Issue -> outbox. False when another process was faster: then nothing was written.

    `claim` runs in the transaction that writes the issue, and decides about the slot.
    """
    issue = freeze(config, built, Kind.ISSUE, cadence)

    def write(connection: Connection) -> bool:
        had = ledger.had(connection, issue.newsletter)
        if any(map(had.why_not, built.choice.carried)) or not claim(connection):
            return False
        frozen.put(connection, issue, now)
        ids = ledger.remember(connection, built.picked.articles, now)
        ledger.carry(connection, issue.id, ids, built.choice.carried, built.choice.dropped)
        return True

    won = database.write(write)
    if won:
        database.write_in_chunks(lambda connection: queueing.queue_chunk(connection, issue.id, now))
    return won


def publish_test(config: Config, database: Database, built: Built, address: str, *, now: datetime) -> None:
    """One test mail -> outbox. The ledger does not see it: its articles stay news."""
    issue = freeze(config, built, Kind.TEST, "")

    def write(connection: Connection) -> None:
        frozen.put(connection, issue, now)
        queueing.queue_test(connection, issue.id, address, now)

    database.write(write)


def freeze(config: Config, built: Built, kind: Kind, cadence: str) -> frozen.FrozenIssue:
    """All that delivery will need, whatever becomes of the folder meanwhile."""
    issue, newsletter = built.issue, config.newsletters[built.issue.newsletter]
    rendered = built.rendered
    if kind is Kind.TEST:
        rendered = replace(rendered, subject=f"[TEST] {rendered.subject}")
    return frozen.FrozenIssue(
        id=issue.id,
        kind=kind,
        newsletter=issue.newsletter,
        cadence=cadence,
        due_at=issue.date,
        subject=rendered.subject,
        message_key=secrets.token_bytes(32),
        policy=newsletter.in_doubt,
        stale_at=issue.date + newsletter.stale_after,
        identity=asdict(unpack.identity(config, issue.newsletter)),
        rendered=rendered,
        slots=variant_slots(issue),
        media=issue.media,
    )
