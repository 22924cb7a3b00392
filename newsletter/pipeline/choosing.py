"""What was picked up, its brief, and what readers have had -> the pool of an issue."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp
from newsletter.content.brief import Brief
from newsletter.issue.portion import Rules
from newsletter.outbox import choosing, ledger
from newsletter.outbox.choosing import Chosen, Demand, Readers
from newsletter.outbox.ledger import Books
from newsletter.outbox.shareable import Ask
from newsletter.outbox.sharing import Sharing
from newsletter.outbox.surveying import Survey
from newsletter.pipeline.occasion import Occasion
from newsletter.pipeline.offering import offered
from newsletter.store.database import Database


def chosen(
    config: Config, name: str, database: Database | None, occasion: Occasion, picked: PickUp
) -> tuple[Books, Brief, Chosen]:
    """What is known of its readers, the brief of the issue, and what it brings to whom. Nobody has had
    anything without a database."""
    asked, newsletter = ask(config, name, occasion), config.newsletters[name]
    if database is None:
        return _chosen(config, name, occasion, picked, asked, ledger.NOTHING, _nobody)
    with database.read() as connection:
        survey = Survey(connection, name, newsletter.segment, occasion.cut_off)
        return _chosen(config, name, occasion, picked, asked, ledger.books(connection, name), survey)


def _chosen(
    config: Config,
    name: str,
    occasion: Occasion,
    picked: PickUp,
    asked: Ask,
    books: Books,
    readers: Readers,
) -> tuple[Books, Brief, Chosen]:
    offer = offered(config, name, occasion.id, picked, books)
    choice = choosing.choose(offer.listings, offer.left_out, books, asked, readers, omitted=offer.omitted)
    return books, offer.brief, choice


def ask(config: Config, name: str, occasion: Occasion) -> Ask:
    """What an issue of that occasion is chosen for."""
    newsletter = config.newsletters[name]
    cadences = tuple(newsletter.cadences)
    rules = Rules(
        min_items=1 if occasion.alone else newsletter.min_items,
        max_items=newsletter.max_items,
        carries=newsletter.overflow == "carry",
        first_issue=newsletter.first_issue,
    )
    return Ask(
        rules,
        cadences,
        unpack.default_cadence(config, name),
        occasion.cadence,
        occasion.cut_off,
        newsletter.catch_up,
        occasion.alone,
    )


def _nobody(sharing: Sharing) -> Iterable[Demand]:
    return ()
