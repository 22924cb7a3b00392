"""Issue and chosen blocks -> the values of the slots that depend on which blocks a reader gets.

The same blocks stand in many mails; what they say about each other, a sum or a label, is therefore a slot.
"""

from __future__ import annotations

from newsletter.issue.words import Words, words_for
from newsletter.model import Card, Issue, Placement, Role


def variant_slots(
    issue: Issue, keys: tuple[str, ...] | None = None, words: Words | None = None
) -> dict[str, str]:
    """Values of the slots that depend on which blocks a reader gets (None = all of them).

    PREHEADER, COUNT and MINUTES of the whole, SECTION_<n>_MINUTES of each section (empty for a single
    article), CONTENTS_<n>_LABEL of each line of contents (empty when the line above has the same).
    They are said in `words`, those that the issue was composed with (None: the packaged ones).
    """
    words = words or words_for(issue.language)
    placed = {p.key: p for p in issue.placements}
    chosen = issue.placements if keys is None else tuple(placed[key] for key in keys)
    cards = distinct_cards(chosen)
    return {
        "PREHEADER": _preheader(issue, cards, words),
        "COUNT": words.articles(len(cards)),
        "MINUTES": words.minutes(sum(card.reading_minutes for card in cards)),
        **_section_minutes(issue, chosen, words),
        **_contents_labels(issue, chosen),
    }


def distinct_cards(placements: tuple[Placement, ...]) -> tuple[Card, ...]:
    """The cards in the order in which they are read, each once; the list of contents does not count."""
    found = {p.card.identity: p.card for p in placements if p.card and p.role is not Role.CONTENTS}
    return tuple(found.values())


def auto_preheader(language: str, cards: tuple[Card, ...], words: Words | None = None) -> str:
    """What stands beside the subject when nobody wrote it: the other titles, else the lead's excerpt."""
    words = words or words_for(language)
    others = [card.title for card in cards[1:]]
    text = f"{words.label(words.also)} {' · '.join(others)}" if others else cards[0].excerpt if cards else ""
    return shorten(text, 130)


def shorten(text: str, limit: int) -> str:
    """The text, cut after a whole word with an ellipsis where it is longer than the limit."""
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(" ", 1)[0] if " " in text[:limit] else text[: limit - 1]
    return cut.rstrip(" .,;:·–—-") + "…"


def _preheader(issue: Issue, cards: tuple[Card, ...], words: Words) -> str:
    everyone = distinct_cards(issue.placements)
    if cards == everyone or issue.preheader != auto_preheader(issue.language, everyone, words):
        return issue.preheader
    return auto_preheader(issue.language, cards, words)


def _section_minutes(issue: Issue, chosen: tuple[Placement, ...], words: Words) -> dict[str, str]:
    values = {}
    for heading in issue.placements:
        if heading.role is None and heading.section:
            inside = distinct_cards(tuple(p for p in chosen if p.section == heading.section))
            total = words.minutes(sum(card.reading_minutes for card in inside)) if len(inside) > 1 else ""
            values[f"SECTION_{key_number(heading.key)}_MINUTES"] = total
    return values


def _contents_labels(issue: Issue, chosen: tuple[Placement, ...]) -> dict[str, str]:
    lines = [p for p in issue.placements if p.role is Role.CONTENTS]
    values = {f"CONTENTS_{key_number(line.key)}_LABEL": "" for line in lines}
    above = ""
    for line in (p for p in chosen if p.role is Role.CONTENTS):
        if line.section != above:
            values[f"CONTENTS_{key_number(line.key)}_LABEL"] = above = line.section
    return values


def key_number(key: str) -> int:
    """The ``<n>`` of ``card:<n>:<role>`` and ``section:<n>``."""
    return int(key.split(":")[1])
