"""Explanation -> sentences that can be read to somebody on the telephone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsletter.cli.tables import printable

if TYPE_CHECKING:
    from newsletter.audience.explained import Explanation, Reason
    from newsletter.audience.known import Subscriber
    from newsletter.audience.subscriptions import Subscription

ERASED = (
    "Whoever had this address was erased. What was sent can no longer be traced to them; no mail goes there, "
    "and no import brings them back."
)


def lines(
    found: Explanation,
    issues: tuple[Reason, ...],
    articles: tuple[Reason, ...],
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[str]:
    """Who it is, then one reason for each issue and each article; evidence where one thing was asked for."""
    yield _head(found)
    if found.erased:
        yield ERASED
    if found.person:
        yield from (f"  {line}" for line in standings(found.person, now, zone))
    if not issues and not articles and not found.erased:
        yield from ("", "There has been no issue yet.")
    coming = tuple(one for one in issues if one.is_coming)
    past = tuple(one for one in issues if not one.is_coming)
    closely = bool(found.about)
    several = len({one.newsletter for one in articles}) > 1
    for heading, group in (("Coming", coming), ("Past", past), ("Articles", articles)):
        if group:
            yield from ("", heading)
            for one in group:
                yield from _reason(one, zone, closely=closely, several=several)


def _head(found: Explanation) -> str:
    name = printable(found.person.name) if found.person else ""
    return f"{name}, {printable(found.address)}" if name else printable(found.address)


def standings(person: Subscriber, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """How somebody stands with each newsletter, and why no mail goes there."""
    for one in person.subscriptions:
        yield f"{one.newsletter}: {_standing(person, one, now, zone)}"
    for barred in person.suppressions:
        if barred.holds(now):
            what = "nothing" if barred.scope == "*" else f"nothing of {barred.scope}"
            until = f" until {_day(barred.until, zone)}" if barred.until else ""
            yield f"gets {what}{until}: {barred.reason} since {_day(barred.since, zone)}"


def _standing(person: Subscriber, one: Subscription, now: datetime, zone: ZoneInfo) -> str:
    standing = person.standing(one.newsletter, now)
    if standing == "unsubscribed":
        return f"left on {_day(one.since, zone)}"
    until = f" until {_day(one.paused_until, zone)}" if standing == "paused" and one.paused_until else ""
    told = [f"{standing}{until}"]
    told += [f"how often: {one.frequency}"] if one.frequency else []
    told += [f"about {' and '.join(printable(topic) for topic in one.topics)}"] if one.topics else []
    return f"{', '.join(told)}, since {_day(one.since, zone)}"


def _day(when: datetime, zone: ZoneInfo) -> str:
    return f"{when.astimezone(zone):%-d %b %Y}"


def _reason(one: Reason, zone: ZoneInfo, *, closely: bool, several: bool) -> Iterator[str]:
    yield f"  {printable(_name(one, zone, several=several))}"
    yield f"    {printable(one.text)}"
    if closely:
        yield from (f"    - {printable(line)}" for line in one.evidence)


def _name(one: Reason, zone: ZoneInfo, *, several: bool) -> str:
    """What it is about: an article, an issue, or the time at which there was none."""
    if one.article:
        return f"{one.title} ({one.article}){f' in {one.newsletter}' if several else ''}"
    if one.issue_id:
        return " · ".join(filter(None, (one.issue_id, one.title)))
    return " · ".join(filter(None, (one.newsletter, _day(one.due_at, zone) if one.due_at else "")))
