"""Sentences, chosen indexes -> may they be the excerpt? The rules that hold for every method."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from newsletter.excerpt.hedges import hedges
from newsletter.excerpt.method import Limits
from newsletter.excerpt.passages import Sentence
from newsletter.excerpt.standing import Standing, names_itself, standing
from newsletter.excerpt.words import topics, words
from newsletter.model import Article

_ABBREVIATED = re.compile(
    r"(?:\b\w\.\s?\w\.|\b(?:Inc|Ltd|Co|Corp|etc|Jr|Sr|St|vs|No|dept|est|eds?)\.)$", re.I
)
_SHORT = 60
_NO_SPACE_AFTER = "。！？」』）"


def join(texts: Sequence[str]) -> str:
    """Sentences as running text; scripts without spaces get none."""
    out = ""
    for text in texts:
        out += text if not out or out[-1] in _NO_SPACE_AFTER else " " + text
    return out


def within(texts: Sequence[str], limits: Limits) -> bool:
    """Whether sentences keep to the number of characters."""
    return len(join(texts)) <= limits.characters


def says_too_little(text: str) -> bool:
    """A greeting, a cheer: the title alone is better. Scripts without spaces are not counted by words."""
    spaced = all(character < "\u2e80" for character in text)
    return spaced and len(text.split()) < 4


def prefixes(sentences: tuple[Sentence, ...], start: int, limits: Limits) -> Iterator[tuple[int, ...]]:
    """Runs of neighbouring sentences of one block from ``start`` on, the longest first."""
    end = start + 1
    while (
        end < min(len(sentences), start + limits.sentences) and sentences[end].block == sentences[start].block
    ):
        end += 1
    yield from (tuple(range(start, stop)) for stop in range(end, start, -1))


class Rules:
    """What may be shown together of one article; it remembers what was found about each sentence."""

    def __init__(self, sentences: tuple[Sentence, ...], limits: Limits, article: Article) -> None:
        self._sentences, self._limits, self._language = sentences, limits, article.language
        self._title = frozenset(topics(words(article.title)))
        self._hedges: dict[int, tuple[int, ...]] = {}
        self._standing: dict[int, Standing] = {}

    def fits(self, chosen: Sequence[int], self_named: bool = False) -> bool:
        """Whether the chosen sentences, in this order, may be shown together.

        ``self_named`` lets the first one open with "This release …" and the like.
        """
        picked = [self._sentences[i] for i in chosen]
        if not picked or sum(s.count for s in picked) > self._limits.sentences:
            return False
        text = join([s.text for s in picked])
        if len(text) > self._limits.characters or says_too_little(text):
            return False
        return self._stand(chosen, self_named) and self._parts_well(chosen) and self.candid(chosen)

    def hedges(self, at: int) -> tuple[int, ...]:
        """The indexes of the sentences that take back what the one at ``at`` claims."""
        if at not in self._hedges:
            self._hedges[at] = hedges(self._sentences, at, self._language)
        return self._hedges[at]

    def candid(self, chosen: Sequence[int]) -> bool:
        """Whether each chosen claim that its passage takes back has such a hedge beside it."""
        beside: set[int] = set()
        for i in chosen:
            needed = () if i in beside else self.hedges(i)
            if needed and set(needed).isdisjoint(chosen):
                return False
            beside.update(needed)
        return True

    def standing(self, at: int) -> Standing:
        """What the sentence at ``at`` needs before it, if it opens well."""
        if at not in self._standing:
            text = self._sentences[at].text
            # What is said again and again is a placeholder: "No updates available."
            again = len(text) < _SHORT and sum(s.text == text for s in self._sentences) > 1
            self._standing[at] = Standing.NOWHERE if again else standing(text, self._language, self._title)
        return self._standing[at]

    def names_itself(self, at: int) -> bool:
        """Whether the sentence at ``at`` leans only on the article that the card stands for."""
        return names_itself(self._sentences[at].text, self._language)

    def _stand(self, chosen: Sequence[int], self_named: bool) -> bool:
        """Whether none is barred and each one has before it what it needs."""
        return not any(self._sentences[i].fault for i in chosen) and all(
            self._has_its_own(chosen, n) or self._stands_at(chosen, n, self_named) for n in range(len(chosen))
        )

    def _has_its_own(self, chosen: Sequence[int], n: int) -> bool:
        """Whether a sentence stands right behind the one that stood before it in the paragraph."""
        i = chosen[n]
        follows = n > 0 and chosen[n - 1] == i - 1 and self._same_block(i - 1, i)
        return follows and self.standing(i) is not Standing.NOWHERE

    def _stands_at(self, chosen: Sequence[int], n: int, self_named: bool) -> bool:
        i = chosen[n]
        if self._sentences[i].leans and not ((n > 0 or self_named) and self.names_itself(i)):
            return False
        found = self.standing(i)
        return found is Standing.ALONE or (found is Standing.AFTER_ANY and n > 0)

    def _parts_well(self, chosen: Sequence[int]) -> bool:
        """Whether none that ends in an abbreviation seems to run on into one that stood elsewhere."""
        return all(
            b == a + 1 or not _ABBREVIATED.search(self._sentences[a].text) for a, b in pairwise(chosen)
        )

    def _same_block(self, one: int, other: int) -> bool:
        return self._sentences[one].block == self._sentences[other].block
