"""Config, database, an address -> why its owner did or did not get each issue and each article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from newsletter.audience import consent
from newsletter.audience.addresses import parse
from newsletter.audience.erased import Erased
from newsletter.audience.explained import Code, Explanation, Reason
from newsletter.audience.known import Subscriber, read
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.errors import NewsletterError
from newsletter.outbox import ledger
from newsletter.outbox.sharing import FREQUENCIES, groups
from newsletter.pipeline import look
from newsletter.pipeline.offering import offered
from newsletter.service import explaining_articles as about_articles
from newsletter.service.explaining import Delivered, Whose, issues, reason
from newsletter.service.explaining_articles import Article
from newsletter.service.explaining_slots import skipped
from newsletter.store.tables import subscriber

__all__ = ["Code", "Explanation", "Reason", "explain"]


def explain(
    config: Config, connection: Connection, address: str, now: datetime, issue_or_article: str = ""
) -> Explanation:
    """Why the owner of an address did or did not get each issue, or the issue or article that is named.
    ValueError when it cannot be an address."""
    key = parse(address).key
    found = read(connection, subscriber.c.address_key == key, 1)
    person = found[0] if found else None
    if person is None:
        return Explanation(address, None, _is_erased(connection, key))
    entries = consent.entries(connection, person.id)
    whose = Whose(connection, person, person.id, entries, now, ZoneInfo(config.site.timezone))
    names = _theirs(config, person, entries)
    rows = [one for one in issues(whose) if one[0].newsletter in names]
    one = [row for row in rows if row[0].id == issue_or_article]
    named = () if one or not issue_or_article else about_articles.find(connection, issue_or_article)
    chosen = one if one else [] if named else rows if not issue_or_article else []
    told = [reason(whose, *row) for row in chosen]
    if not issue_or_article:
        titles = {name: unpack.title(config, name) for name in names}
        told += skipped(whose, titles, partial(_readers, config))
    told.sort(key=lambda each: each.due_at or now, reverse=True)
    return Explanation(
        address,
        person,
        False,
        entries,
        tuple(told),
        tuple(_of_articles(config, whose, names, rows, one, named, asked=bool(issue_or_article))),
        one[0][0].id if one else named[0].path if named else "",
    )


def _of_articles(
    config: Config,
    whose: Whose,
    names: Sequence[str],
    rows: Sequence[tuple[Any, Delivered | None]],
    one: Sequence[tuple[Any, Delivered | None]],
    named: Sequence[Article],
    *,
    asked: bool,
) -> Iterator[Reason]:
    """One reason for each article, in each newsletter."""
    connection = whose.connection
    for name in names:
        if one and one[0][0].newsletter != name:
            continue
        if one:
            articles = about_articles.of_issue(connection, one[0][0].id)
        else:
            articles = tuple(named) if asked else about_articles.newest(connection, [name])
        mine = [row for row in rows if row[0].newsletter == name]
        left_out = _left_out(config, connection, name, whose.now) if named else {}
        yield from about_articles.reasons(whose, mine, name, articles, left_out)


def _readers(config: Config, name: str, cadence: str) -> tuple[str, ...]:
    """The frequencies that a cadence is for; all, where the newsletter has it no more."""
    cadences = tuple(config.newsletters[name].cadences)
    found = groups(cadences, unpack.default_cadence(config, name), cadence)
    return found[0][1] or FREQUENCIES


def _theirs(config: Config, person: Subscriber, log: Sequence[consent.Entry]) -> tuple[str, ...]:
    """The newsletters that they have, or ever had."""
    had = {str(one.said.get("newsletter")) for one in log} | {one.newsletter for one in person.subscriptions}
    return tuple(name for name in config.newsletters if name in had)


def _left_out(config: Config, connection: Connection, name: str, now: datetime) -> dict[int, str]:
    """Why articles of the folder may be in no issue of a newsletter, by their numbers."""
    try:
        picked = look(config, now)
    except NewsletterError:
        return {}  # a folder that is away says nothing; the rows do
    books = ledger.books(connection, name)
    ids = books.ids(picked.listings)
    offer = offered(config, name, "", picked, books)
    return {ids[one.identity]: one.reason for one in offer.left_out if one.identity in ids}


def _is_erased(connection: Connection, key: str) -> bool:
    file = connection.engine.url.database
    return bool(file and Erased(Path(file)).among(connection, (key,)))
