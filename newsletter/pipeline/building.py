"""Content folder -> Articles -> Cards -> Issue -> Rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp, pick_up
from newsletter.content.brief import Brief
from newsletter.issue.ordering import corrections
from newsletter.issue.pool import lay_out
from newsletter.issue.words import Words
from newsletter.model import Issue, Problem, Rendered
from newsletter.outbox import ledger
from newsletter.outbox.choosing import Chosen
from newsletter.outbox.ledger import Books
from newsletter.pipeline.choosing import chosen
from newsletter.pipeline.making import make
from newsletter.pipeline.occasion import Occasion
from newsletter.pipeline.offering import unheeded
from newsletter.press import Source, press
from newsletter.store.database import Database


@dataclass(frozen=True, slots=True)
class Built:
    """An issue as it would be sent, and how it came about.

    Of the many mails that it may be made into, `issue`, `rendered` and `slots` are the usual one: that of
    somebody who has had all before, and wants to read about anything.
    """

    occasion: Occasion
    picked: PickUp
    chosen: Chosen
    pool: Issue  #: all that any of its readers may get
    blocks: Rendered  #: the same, rendered
    issue: Issue
    rendered: Rendered
    slots: dict[str, str]  #: those that depend on what one gets, filled
    problems: tuple[Problem, ...]  #: of the files that it carries, and of their pictures
    unheeded: tuple[Problem, ...]  #: what its brief says that changes nothing
    books: Books  #: what was known of its readers
    brief: str  #: hash of its brief; empty without one
    sources: tuple[Source, ...]  #: the templates and catalogues that it was rendered with
    pictures: tuple[str, ...]  #: the files of the content folder that were opened to be shown


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no issue, and why."""

    picked: PickUp
    chosen: Chosen

    @property
    def reason(self) -> str:
        return self.chosen.skip


def look(config: Config, now: datetime) -> PickUp:
    """The configured content folder, as of `now`; what has not changed comes from the cache."""
    return pick_up(
        config.content_dir, unpack.folder_settings(config), now, cache=unpack.content_cache(config)
    )


def learn(config: Config, database: Database, picked: PickUp, now: datetime) -> None:
    """Note what a look at the folder found for the first time, and what is called otherwise by now."""
    found = (*picked.listings, *corrections(picked.listings, unpack.correction_titles(config)))
    with database.read() as connection:
        news = ledger.unlearned(connection, found)
    if news:
        database.write(lambda connection: ledger.learn(connection, found, now))


def by_hand(config: Config, name: str, now: datetime) -> Occasion:
    """An issue that somebody wants now, whatever the schedule says."""
    return Occasion(unpack.issue_id(config, name, now), now, now)


def build(
    config: Config, name: str, database: Database | None, occasion: Occasion, *, again: bool = False
) -> Built | Nothing:
    """What the newsletter would send on that occasion. Nothing is written but the cache.

    What its readers have had says the database; without one, or `again`, nobody has had anything.
    """
    printing = press(unpack.searchpath(config))
    printing.start()  # it warms up while the folder is read
    picked = look(config, occasion.cut_off)
    books, brief, choice = chosen(config, name, None if again else database, occasion, picked)
    if choice.skip:
        return Nothing(picked, choice)
    return finished(config, name, occasion, picked, books, brief, choice)


def finished(
    config: Config,
    name: str,
    occasion: Occasion,
    picked: PickUp,
    books: Books,
    brief: Brief,
    choice: Chosen,
) -> Built:
    """The issue, once it is chosen."""
    id, at, left_out = occasion.id, occasion.at, choice.left_out
    made = make(config, name, picked, choice.listings, brief, id=id, at=at, left_out=left_out)
    usual = mail_of(made.issue, made.rendered, choice, choice.usual, unpack.words(config))
    return Built(
        occasion,
        picked,
        choice,
        made.issue,
        made.rendered,
        *usual,
        made.problems,
        tuple(unheeded(config, name, brief, picked, books, choice)),
        books,
        brief.sha256,
        made.sources,
        made.pictures,
    )


def mail_of(
    pool: Issue, blocks: Rendered, choice: Chosen, ids: Sequence[int], words: Words
) -> tuple[Issue, Rendered, dict[str, str]]:
    """The mail that consists of these articles of the pool."""
    identities = dict(zip(choice.ids, (one.identity for one in choice.listings), strict=True))
    layout = lay_out(pool, tuple(identities[id] for id in ids), words)
    placed = {one.key: one for one in pool.placements}
    rendered = {one.key: one for one in blocks.blocks}
    subject = layout.slots["SUBJECT"]
    return (
        replace(
            pool,
            subject=subject,
            preheader=layout.slots["PREHEADER"],
            placements=tuple(placed[key] for key in layout.keys),
        ),
        replace(blocks, subject=subject, blocks=tuple(rendered[key] for key in layout.keys)),
        dict(layout.slots),
    )
