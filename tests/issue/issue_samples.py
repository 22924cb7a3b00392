"""A publication to try the room with: cards of every shape, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

from newsletter.issue.compose import compose
from newsletter.issue.render import assemble, render
from newsletter.issue.slots import fill, fill_html, variant_slots
from newsletter.issue.theme import Site, Theme
from newsletter.model import Card, ExcerptFrom, Image, Issue, Picture, Rendered

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LOADER = jinja2.FileSystemLoader(TEMPLATES)
SITE = Site(
    name="Plain Weave",
    url="https://plainweave.example/",
    tagline="How things are made, mended and kept",
    postal_address="4 Tarn Street\n5519 Ostervik",
    timezone="Europe/Oslo",
)
RECIPIENT = {
    "UNSUBSCRIBE_URL": "https://plainweave.example/u/7Q4M2XKD?a=1&b=2",
    "ADDRESS": "ida@example.org",
    "NAME": "Ida",
}


def card(n: int, **changes: Any) -> Card:
    """An ordinary card with a picture."""
    made = Card(
        identity=f"id:{n}",
        path=f"{n}.md",
        title=f"Nine screws nobody stocks {n}",
        url=f"https://plainweave.example/{n}",
        date=datetime(2026, 11, 20, tzinfo=UTC),
        language="en",
        authors=("Lena Okafor",),
        tags=("works",),
        image=Image(f"{n}.png", f"Screw heads {n}", True),
        reading_minutes=n % 9 + 1,
        excerpt="A hinge from 1931, a drawer of odd heads, and the woman who files new ones to order.",
        excerpt_from=ExcerptFrom.LEAD,
    )
    return replace(made, **changes)


def cards(count: int) -> tuple[Card, ...]:
    """So many cards, of four tags, every fourth without a picture."""
    tags = ("works", "works", "health", "kept")
    return tuple(
        card(n, tags=(tags[n % 4],), image=None if n % 4 == 3 else card(n).image) for n in range(count)
    )


def issue_of(*carried: Card, **changes: Any) -> Issue:
    """An issue of these cards, each picture 720 x 450."""
    given: dict[str, Any] = {
        "id": "weekly-2026-11-20",
        "newsletter": "weekly",
        "title": "Plain Weave",
        "date": datetime(2026, 11, 20, 7, tzinfo=UTC),
        "language": "en",
        "subject": "",
        "preheader": "",
        "intro": "Good morning.\n\nPut the kettle on first.",
        "cards": carried,
        "pictures": {
            c.identity: Picture(f"cid:{c.image.source}", c.image.alt or "", 720, 450)
            for c in carried
            if c.image
        },
        "bodies": {},
        "media": (),
        "left_out": (),
    }
    return compose(**{**given, **changes})


def rendered_of(*carried: Card, site: Site = SITE, theme: Theme | None = None, **changes: Any) -> Rendered:
    return render(issue_of(*carried, **changes), site=site, theme=theme or Theme(), loader=LOADER)


def filled(issue: Issue, rendered: Rendered, keys: tuple[str, ...] | None = None) -> tuple[str, str]:
    """HTML and text as one recipient gets them."""
    html, text = assemble(rendered, keys)
    values = {**variant_slots(issue, keys), **RECIPIENT}
    return fill_html(html, values), fill(text, values)


def mail(*carried: Card, **changes: Any) -> tuple[str, str]:
    """HTML and text of an issue of these cards, for one recipient."""
    issue = issue_of(*carried, **changes)
    return filled(issue, render(issue, site=SITE, theme=Theme(), loader=LOADER))
