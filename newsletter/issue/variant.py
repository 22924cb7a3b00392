"""Issue and what of it a reader gets -> the values of the slots that depend on that.

The same blocks stand in many mails; what they say about each other, a sum or a label, is therefore a slot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

from newsletter.issue.arrange import Place
from newsletter.issue.words import Words, words_for
from newsletter.model import Card, Issue, Role

_SUBJECT: Final = 120  #: characters of a title that still make a subject
_PREHEADER: Final = 130  #: characters

#: Blocks of a variant in their order: what each is called, and what stands there.
Chosen = Sequence[tuple[str, Place]]


def variant_slots(
    issue: Issue, keys: tuple[str, ...] | None = None, words: Words | None = None
) -> dict[str, str]:
    """Values of the slots that depend on which blocks of a composed issue a reader gets (None = all of them).

    SUBJECT, PREHEADER, COUNT and MINUTES of the whole, SECTION_<n>_MINUTES of each section (empty for a
    single article), CONTENTS_<n>_LABEL of each line of contents (empty when the line above has the same).
    They are said in `words`, those that the issue was composed with (None: the packaged ones).
    """
    placed = {p.key: p for p in issue.placements}
    chosen = issue.placements if keys is None else tuple(placed[key] for key in keys)
    pairs = [(p.key, Place(p.role, p.card, p.section)) for p in chosen]
    numbered = {key_number(p.key): p.card for p in chosen if p.card and p.role is not Role.CONTENTS}
    cards = tuple(card for _, card in sorted(numbered.items(), key=itemgetter(0)))
    values = slots_of(issue, cards, pairs, words or words_for(issue.language))
    return dict.fromkeys(slot_names(issue), "") | values


def slot_names(issue: Issue) -> tuple[str, ...]:
    """The slots that a variant of the issue may have a value for."""
    own = (_slot_of(p.key, Place(p.role, p.card, p.section)) for p in issue.placements)
    return ("SUBJECT", "PREHEADER", "COUNT", "MINUTES", *filter(None, own))


def slots_of(issue: Issue, cards: Sequence[Card], chosen: Chosen, words: Words) -> dict[str, str]:
    """The values for a variant of these cards, in the issue's order, on a page of these blocks."""
    said, title = issue.written, issue.title
    return {
        "SUBJECT": issue.subject if "subject" in said else auto_subject(title, cards),
        "PREHEADER": issue.preheader if "preheader" in said else auto_preheader(issue.language, cards, words),
        "COUNT": words.articles(len(cards)),
        "MINUTES": words.minutes(sum(card.reading_minutes for card in cards)),
        **dict(_section_minutes(chosen, words)),
        **dict(_contents_labels(chosen)),
    }


def auto_subject(title: str, cards: Sequence[Card]) -> str:
    """The subject when nobody wrote one: the title of the lead, or of a newsletter without articles."""
    return shorten(cards[0].title if cards else title, _SUBJECT)


def auto_preheader(language: str, cards: Sequence[Card], words: Words | None = None) -> str:
    """What stands beside the subject when nobody wrote it: the other titles, else the lead's excerpt."""
    words = words or words_for(language)
    others = [card.title for card in cards[1:]]
    text = f"{words.label(words.also)} {' · '.join(others)}" if others else cards[0].excerpt if cards else ""
    return shorten(text, _PREHEADER)


def shorten(text: str, limit: int) -> str:
    """The text, cut after a whole word with an ellipsis where it is longer than the limit."""
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(" ", 1)[0] if " " in text[:limit] else text[: limit - 1]
    return cut.rstrip(" .,;:·–—-") + "…"


def _slot_of(key: str, place: Place) -> str:
    """The slot of a heading or of a line of contents; empty of anything else."""
    if place.role is Role.CONTENTS:
        return f"CONTENTS_{key_number(key)}_LABEL"
    return f"SECTION_{key_number(key)}_MINUTES" if place.role is None and place.section else ""


def _section_minutes(chosen: Chosen, words: Words) -> Iterator[tuple[str, str]]:
    inside: dict[str, list[int]] = {}
    for _, place in chosen:
        if place.card and place.role is not Role.CONTENTS:
            inside.setdefault(place.section, []).append(place.card.reading_minutes)
    for key, place in chosen:
        if place.role is None and place.section:
            minutes = inside.get(place.section, [])
            yield _slot_of(key, place), words.minutes(sum(minutes)) if len(minutes) > 1 else ""


def _contents_labels(chosen: Chosen) -> Iterator[tuple[str, str]]:
    above = ""
    for key, place in chosen:
        if place.role is Role.CONTENTS:
            yield _slot_of(key, place), "" if place.section == above else place.section
            above = place.section


def key_number(key: str) -> int:
    """The ``<n>`` of ``card:<n>:<role>`` and ``section:<n>``."""
    return int(key.split(":")[1])
