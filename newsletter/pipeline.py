"""The whole line, in one place, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from newsletter import plugins
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp, pick_up
from newsletter.content.illustrate import Places, illustrate
from newsletter.excerpt import make_card
from newsletter.issue.choose import Choice, choose
from newsletter.issue.compose import compose, is_whole, pictured
from newsletter.issue.slots import variant_slots
from newsletter.message.write import content_id
from newsletter.model import Issue, Kind, Problem, Rendered
from newsletter.outbox import frozen, ledger, queueing
from newsletter.outbox.ledger import Had
from newsletter.press import press
from newsletter.store.database import Database

#: A test that could not be sent by then is not wanted any more.
TEST_IS_STALE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Built:
    """An issue as it would be sent, and how it came about."""

    picked: PickUp
    choice: Choice
    issue: Issue
    rendered: Rendered
    slots: dict[str, str]  #: those of the variant, filled
    problems: tuple[Problem, ...]  #: of the files that it carries, and of their pictures


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no issue, and why."""

    picked: PickUp
    choice: Choice

    @property
    def reason(self) -> str:
        return self.choice.skip


def look(config: Config, now: datetime) -> PickUp:
    """The configured content folder, as of `now`; what has not changed comes from the cache."""
    return pick_up(
        config.content_dir, unpack.folder_settings(config), now, cache=unpack.content_cache(config)
    )


def follow(database: Database, picked: PickUp) -> None:
    """Learn how articles that were sent are called now, whatever becomes of them next."""
    with database.read() as connection:
        fresh = ledger.news_of_the_known(connection, picked.listings)
    if fresh:
        database.write(lambda connection: ledger.follow(connection, fresh))


def build(config: Config, name: str, had: Had, *, id: str, due: datetime) -> Built | Nothing:
    """Content folder -> Articles -> Cards -> Issue -> Rendered. Nothing is written but the cache."""
    newsletter = config.newsletters[name]
    printing = press(unpack.searchpath(config))
    printing.start()  # it warms up while the folder is read
    picked = look(config, due)
    choice = choose(
        picked.listings,
        had.why_not,
        language=config.site.language,
        max_items=newsletter.max_items,
        min_items=newsletter.min_items,
        overflow=newsletter.overflow,
        first=had.first,
    )
    if choice.skip:
        return Nothing(picked, choice)
    method = plugins.load("excerpts", newsletter.excerpt)()
    articles = [picked.article(listing.path) for listing in choice.carried]
    cards = tuple(make_card(article, method, unpack.limits(config, name)) for article in articles)
    identity = unpack.identity(config, name)
    places = Places(
        mode=unpack.images(config, name),
        base_url=config.site.base_url,
        media_url=f"{identity.public_url}/media",
        content_id=lambda media: content_id(media, identity.domain),
    )
    words, cache = unpack.words(config), unpack.picture_cache(config)
    light, light_media = unpack.logo(config, "logo", places)
    dark, dark_media = unpack.logo(config, "logo_dark", places)
    logos = tuple(dict.fromkeys((*light_media, *dark_media)))
    whole = articles if is_whole(newsletter.template) else []
    taken = sum(len(medium.data) for medium in logos)
    seen = cards if whole else pictured(cards, words)
    shown = illustrate(config.content_dir, seen, whole, places, taken=taken, cache=cache)
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
        bodies=shown.bodies,
        media=tuple(dict.fromkeys((*shown.media, *logos))),
        left_out=choice.left_out,
        words=words,
    )
    rendered = printing.render(
        issue,
        site=unpack.site(config, name),
        theme=unpack.theme(config, light, dark),
        template=newsletter.template,
    )
    told = (*(problem for article in articles for problem in article.problems), *shown.problems)
    slots = variant_slots(issue, words=words)
    return Built(picked, choice, issue, rendered, slots, tuple(dict.fromkeys(told)))


def publish(
    config: Config,
    database: Database,
    built: Built,
    *,
    now: datetime,
    cadence: str = "",
    mark: str = "",
    claim: Callable[[Connection, str], bool] = lambda connection, id: True,
) -> str:
    """Issue -> outbox. The id that it got, with `mark` (m: by hand); empty when another process was
    faster: then nothing was written.

    `claim` runs in the transaction that writes the issue, and decides about the slot.
    """
    issue, signer = freeze(config, built, Kind.ISSUE, cadence), unpack.tokens(config)

    def write(connection: Connection) -> str:
        had = ledger.had(connection, issue.newsletter)
        id = ledger.free_id(connection, issue.id, mark)
        if any(map(had.why_not, built.choice.carried)) or not claim(connection, id):
            return ""
        frozen.put(connection, replace(issue, id=id, message_key=signer.message_key(id)), now)
        ids = ledger.remember(connection, built.picked.listings, now)
        fates = {ledger.CARRIED: built.choice.carried, ledger.DROPPED: built.choice.dropped}
        if had.first:
            fates[ledger.BEFORE] = built.picked.listings
        ledger.carry(connection, id, ids, fates)
        return id

    id = database.write(write)
    if id:
        database.write_in_chunks(lambda connection: queueing.queue_chunk(connection, id, now))
    return id


def publish_test(config: Config, database: Database, built: Built, address: str, *, now: datetime) -> str:
    """One test mail -> outbox; the id of its issue. The ledger does not see it: its articles stay news."""
    issue, signer = freeze(config, built, Kind.TEST, ""), unpack.tokens(config)
    # It shows an issue that may be due next week, and goes out now.
    issue = replace(issue, due_at=now, stale_at=now + TEST_IS_STALE)

    def write(connection: Connection) -> str:
        id = ledger.free_id(connection, issue.id, "t")
        frozen.put(connection, replace(issue, id=id, message_key=signer.message_key(id)), now)
        queueing.queue_test(connection, id, address, now)
        return id

    return database.write(write)


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
        message_key=b"",  # made from the id, which is only known when it is written
        policy=newsletter.in_doubt,
        stale_at=issue.date + newsletter.stale_after,
        identity=asdict(unpack.identity(config, issue.newsletter)),
        rendered=rendered,
        slots=built.slots,
        media=issue.media,
        segment=newsletter.segment if kind is Kind.ISSUE else "",
    )
