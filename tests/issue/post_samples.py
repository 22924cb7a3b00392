"""An article with every kind of block, as a post carries it whole."""

from __future__ import annotations

from typing import Any

from newsletter.issue.render import render
from newsletter.issue.theme import Site, Theme
from newsletter.model import Block, BlockKind, Card, ExcerptFrom, Picture, Rendered

from .issue_samples import LOADER, SITE, card, filled, issue_of

Body = tuple[Block | Picture, ...]
CODE = """from math import cos, pi

MEAN = 1.9             # metres
MOON = (0.84, 12.42, 3.1)
SUN  = (0.39, 12.00, 1.2)

def level(hour):
  return MEAN + sum(
    h * cos(2 * pi * (hour - t) / p)
    for h, p, t in (MOON, SUN))"""


def block(kind: str, text: str, html: str = "", **changes: Any) -> Block:
    """A block; what no HTML is given for says the same in HTML."""
    return Block(BlockKind(kind), text, html or text.replace("&", "&amp;").replace("<", "&lt;"), 1, **changes)


def tide() -> Card:
    return card(
        0,
        title="A tide table in ten lines",
        authors=("Marit Solheim",),
        reading_minutes=4,
        image=None,
        excerpt="The sea keeps its appointments because the moon keeps hers. "
        "Enough arithmetic to move a boat by.",
        excerpt_from=ExcerptFrom.FRONT_MATTER,
    )


TIDE: Body = (
    block(
        "paragraph",
        "The harbour office in Ostervik sells a tide table for the price of two coffees. It is a good table.",
        'The <a href="https://ostervik.example/office">harbour office</a> in Ostervik sells a tide table for '
        "the price of two coffees. It is a good table, printed on paper that survives a wet pocket, and I "
        "have bought it for nineteen years without asking how anybody knows.",
    ),
    block(
        "paragraph",
        "The answer is a hundred and fifty years old.",
        "The answer is a hundred and fifty years old. Any tide is a pile of plain waves, each with its own "
        'period, each started by <a href="https://plainweave.example/sky?year=2026#moon">something in the '
        "sky</a>.<sup>[1]</sup> Add enough of them and you have the sea.",
    ),
    block("heading", "Two waves do most of the work", level=2),
    block("paragraph", "In our harbour two of them carry nearly everything."),
    block(
        "list",
        "The moon’s wave comes round every 12.42 hours. It is why high water is about fifty minutes later.",
        "<strong>The moon’s wave</strong> comes round every 12.42 hours. It is why high water is about fifty "
        "minutes later each day.",
        level=1,
        target="1",
    ),
    block("list", "Spring tides come at full and new moon", level=2),
    block("list", "Neaps in between", level=2),
    block(
        "list",
        "The sun’s wave",
        "<strong>The sun’s wave</strong> comes round every twelve hours exactly.",
        level=1,
        target="2",
    ),
    Picture("cid:tide", "A curve of the tide over fifteen days", 1072, 520),
    block("image", "Fifteen days at Ostervik, from full moon to new.", target="tide.png"),
    block("heading", "The whole table", level=2),
    block("paragraph", "Each wave needs three numbers."),
    Block(BlockKind.CODE, CODE, "", 30, target="python"),
    block(
        "paragraph",
        "Ask for level(40)",
        "Ask for <code>level(40)</code> and it tells you the water at four tomorrow afternoon.",
    ),
    block("quote", "The sea is never late. It is only ever misread."),
    block("quote", "— Card in the harbour office window"),
    block("heading", "What it leaves out", level=3),
    block("quote", "Check the barometer before you trust this table.", target="note"),
    block(
        "quote",
        "It was not a large sum, and nobody in the office could say who had agreed to it, but it had been "
        "paid in every spring since the war and would be paid again. " * 2,
    ),
    Block(BlockKind.TABLE, "Place | High water | Ostervik | 04:12 | Skarvness | 04:40", "", 40),
    Block(
        BlockKind.TABLE,
        "Weekday | High water | Low | Mon | 04:12 | 10:31",
        "<strong>Weekday | High water | Low</strong><br>Mon | 04:12 | 10:31",
        40,
    ),
    Block(BlockKind.EMBED, "", "", 41, target="https://video.example/1"),
    Block(BlockKind.BREAK, "", "", 42),
    Block(BlockKind.MORE, "", "", 43),
    block("list", "look out of the window", level=1),
    block("list", "untie", level=1),
    block(
        "paragraph",
        "Wind, for one. A north-westerly will hold the water up for an hour, and a low glass will lift it "
        "by a hand.",
    ),
    block(
        "footnote",
        "William Thomson, later Lord Kelvin, had a brass machine adding such waves in the 1870s.",
        target="1",
    ),
)


def post(
    *carried: tuple[Card, Body], site: Site = SITE, theme: Theme | None = None, **changes: Any
) -> tuple[str, str]:
    """HTML and text of a post with these articles, as one recipient gets them."""
    issue, rendered = posted(*carried, site=site, theme=theme, **changes)
    return filled(issue, rendered)


def posted(
    *carried: tuple[Card, Body], site: Site = SITE, theme: Theme | None = None, **changes: Any
) -> tuple[Any, Rendered]:
    cards = tuple(card for card, _ in carried)
    bodies = {card.identity: body for card, body in carried}
    issue = issue_of(*cards, **{"bodies": bodies, "intro": "", **changes})
    return issue, render(issue, site=site, theme=theme or Theme(), loader=LOADER, template="post")
