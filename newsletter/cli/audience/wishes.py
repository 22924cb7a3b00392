"""Options of `subscribers add` -> what is said of a person, and how they want their mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from newsletter.cli.session import Session

if TYPE_CHECKING:
    from newsletter.audience.people import Person
    from newsletter.audience.subscriptions import Asked, Frequency
    from newsletter.store.database import Database


def person(email: str, given: Mapping[str, Any]) -> Person:
    """What the options say of a person. ValueError says what is wrong."""
    from newsletter.audience import addresses, attributes, people
    from newsletter.audience.subscriptions import Wish, topics

    pairs = [each.partition("=") for each in given["attributes"]]
    if odd := [name for name, sign, _ in pairs if not sign]:
        raise ValueError(f"write --attribute NAME=VALUE, not {odd[0]}")
    zone, language = given["timezone"], given["language"]
    return people.Person(
        0,
        addresses.parse(email.strip()),
        people.person_name(people.clean(given["name"], "name")),
        people.tag_names(people.clean(tag, "tag") for tag in given["tags"]),
        people.zone_name(zone) if zone else "",
        people.language_tag(language) if language else "",
        attributes=attributes.checked({name: attributes.value(text) for name, _, text in pairs}),
        wish=Wish(_often(given) or "", topics(given["topics"])),
    )


def asked(s: Session, given: Mapping[str, Any]) -> Asked | None:
    """What the options say of how somebody wants mail; None when they do not say anything of it."""
    from newsletter.audience.subscriptions import Asked, topics

    until = given["pause_until"] and s.moment(given["pause_until"])
    if not (given["frequency"] or given["topics"] or until):
        return None
    ends = until is not None and until <= s.now
    wanted = topics(given["topics"]) if given["topics"] else None
    return Asked(_often(given), wanted, None if ends else until, resumes=ends)


def _often(given: Mapping[str, Any]) -> Frequency | None:
    """None when the options do not say."""
    from newsletter.audience.subscriptions import frequency

    return frequency(given["frequency"].replace("none", "")) if given["frequency"] else None


def adjust(
    s: Session, database: Database, subscriber_id: int, lists: Sequence[str], asked: Asked | None
) -> bool:
    """Let somebody's newsletters be as asked for; whether that changed anything."""
    from newsletter.audience import subscribers
    from newsletter.audience.consent import Evidence

    if asked is None or not subscriber_id:
        return False
    return bool(subscribers.adjust(database, subscriber_id, lists, asked, Evidence(s.now, "operator")))
