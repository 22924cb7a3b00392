"""Sentence -> may it stand on a card without its neighbours, and does it say anything there?

:mod:`passages` knows what forbids or leans at first sight; these finer signs are looked for
only in sentences that are about to be shown.
"""

from __future__ import annotations

from enum import Enum

from newsletter.excerpt import filler_cues
from newsletter.excerpt import standing_cues as cues
from newsletter.excerpt.words import topics, words

#: With more topics than these in front of it, "this issue" speaks of something in its own sentence.
_NAMED = 2


class Standing(Enum):
    """What a sentence needs so as to be understood; the values say why it was passed over."""

    ALONE = ""
    AFTER_ANY = "adds to something that the card does not show"
    AFTER_ITS_OWN = "hangs on the sentence before it"
    NOWHERE = "points elsewhere, gives thanks, says how to install or stands there twice"


def standing(text: str, language: str, title: frozenset[str]) -> Standing:
    """How far a sentence that opens well stands by itself, beside a title with these topics."""
    if filler_cues.says_nothing(language).match(text):
        return Standing.NOWHERE
    if cues.leans(language).match(text) or _concludes(text, language) or _points_back(text, language, title):
        return Standing.AFTER_ITS_OWN
    unnamed = cues.unnamed(language).match(text)
    if unnamed and not topics(words(unnamed.group())):
        return Standing.AFTER_ITS_OWN
    return Standing.AFTER_ANY if _adds(text, language) else Standing.ALONE


def names_itself(text: str, language: str) -> bool:
    """Whether a sentence that seems to lean speaks of the article ("This release …") or of nothing."""
    return cues.names_itself(language).match(text) is not None


def _adds(text: str, language: str) -> bool:
    return cues.adds(language).match(text) is not None


def _concludes(text: str, language: str) -> bool:
    """Whether a conclusion or a turn has neither its cause nor its contrast before it in the sentence."""
    found = cues.concludes(language).search(text)
    return found is not None and not _reasoned(text[: found.start()], language)


def _reasoned(before: str, language: str) -> bool:
    return ";" in before or ":" in before or cues.inside(language).search(before) is not None


def _points_back(text: str, language: str, title: frozenset[str]) -> bool:
    """Whether "this" or "these" stands before anything that it could speak of, the title included."""
    found = cues.points_back(language).search(text)
    if found is None or len(topics(words(text[: found.start()]))) > _NAMED:
        return False
    pointed = topics(words(text[found.end() :][:60])[:2])
    return not any(known.startswith(noun) for noun in pointed for known in title)
