"""A composed issue <-> what the outbox keeps of it, so that mails can be laid out from its blocks later.

Only what laying out asks for: neither the bytes of pictures nor whole articles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from newsletter.model import Card, ExcerptFrom, Image, Issue, Picture, Placement, Role


def document(issue: Issue) -> dict[str, Any]:
    """The issue as plain values, for JSON."""
    cards = {card.identity: card for card in issue.cards}
    places = {identity: n for n, identity in enumerate(cards)}
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "title": issue.title,
        "date": issue.date.isoformat(),
        "language": issue.language,
        "subject": issue.subject,
        "preheader": issue.preheader,
        "intro": issue.intro,
        "written": sorted(issue.written),
        "most": issue.most,
        "sections": list(issue.sections),
        "cards": [_card(card) for card in cards.values()],
        "placements": [
            [
                one.key,
                one.role and one.role.value,
                None if one.card is None else places[one.card.identity],
                one.section,
                one.picture and asdict(one.picture),
            ]
            for one in issue.placements
        ],
    }


def _card(card: Card) -> dict[str, Any]:
    return asdict(card) | {"date": card.date and card.date.isoformat()}


def issue_of(given: Mapping[str, Any]) -> Issue:
    """What `document` kept."""
    cards = [_card_of(one) for one in given["cards"]]
    plain = ("id", "newsletter", "title", "language", "subject", "preheader", "intro", "most")
    return Issue(
        **{name: given[name] for name in plain},
        date=datetime.fromisoformat(given["date"]),
        written=frozenset(given["written"]),
        sections=tuple(given["sections"]),
        placements=tuple(
            Placement(
                key=key,
                role=role and Role(role),
                card=None if place is None else cards[place],
                section=section,
                picture=picture and Picture(**picture),
                body=(),
            )
            for key, role, place, section, picture in given["placements"]
        ),
        media=(),
        left_out=(),
    )


def _card_of(given: Mapping[str, Any]) -> Card:
    card = Card(**given)
    return replace(
        card,
        date=datetime.fromisoformat(given["date"]) if given["date"] else None,
        authors=tuple(given["authors"]),
        tags=tuple(given["tags"]),
        image=Image(**given["image"]) if given["image"] else None,
        excerpt_from=ExcerptFrom(given["excerpt_from"]),
    )
