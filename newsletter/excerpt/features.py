"""Sentences of an article -> numbers for the ranker, a row for each sentence that may be shown.

Most are free of language: place, length, words shared with the title, the headings and the
rest of the article. The few that know English words read them from :mod:`cues`.
Columns that compare sentences with each other come twice: as they are, and as their
distance from the article's mean, for "close to the title" means other things in other articles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from newsletter.excerpt import cues
from newsletter.excerpt.passages import Sentence
from newsletter.excerpt.subject import Pair, Subject, subject_of
from newsletter.excerpt.words import topic, topics, words
from newsletter.model import Article, BlockKind

_PLACE = """
position sentence_number paragraph paragraph_position place_in_paragraph closes_paragraph
paragraph_size from_end opens_paragraph before_headings under_no_heading sentences headings
next_leans after_question before_colon before_list
"""
_FORM = """
question exclamation digits capitals quotation brackets commas dash colon topic_density
"""
_CUED = """
announces points defines past to_share
"""
_ALSO = """
title_size top_four own_heading title_opens
"""
_SHARED = """
characters topics title_shared title_coverage title_share centrality total_frequency mean_frequency
top_words spread heading_share heading_coverage only_here centroid_cosine centroid_weight
title_weight title_cosine mean_weight opening_share ending_share title_pairs title_pair_coverage
heading_pairs repeated_pairs repeated_pair_share
"""

NAMES: tuple[str, ...] = (
    *_PLACE.split(),
    *_FORM.split(),
    *_CUED.split(),
    *cues.SIGNAL_WORDS,
    *_ALSO.split(),
    *_SHARED.split(),
    *(f"{name}_relative" for name in _SHARED.split()),
)


#: Of a sentence that has no topic.
_NO_TRAITS = (0.0,) * 14


@dataclass(frozen=True, slots=True)
class Rows:
    """Features of the sentences that may be shown."""

    indexes: tuple[int, ...]  #: of the sentences in the article
    values: tuple[tuple[float, ...], ...]  #: by :data:`NAMES`


def rows(article: Article, sentences: tuple[Sentence, ...], longest: int) -> Rows:
    """A row for each sentence without fault of at most ``longest`` characters."""
    stems = [topics(s.words) for s in sentences]
    pairs = [frozenset(pairwise(s.words)) for s in sentences]
    subject = subject_of(article, sentences, stems, pairs)
    shown = tuple(i for i, s in enumerate(sentences) if not s.fault and len(s.text) <= longest)
    shared = [(*_shared(sentences[i], stems[i], subject), *_paired(pairs[i], subject)) for i in shown]
    relative = _relative(shared)
    own: dict[str, frozenset[str]] = {}
    values = tuple(
        (
            *_place(sentences, i, subject),
            *_form(sentences[i], stems[i]),
            *_cued(sentences[i], pairs[i]),
            *_also(sentences[i], stems[i], subject, own),
            *shared[n],
            *relative[n],
        )
        for n, i in enumerate(shown)
    )
    return Rows(shown, values)


def _place(sentences: tuple[Sentence, ...], at: int, subject: Subject) -> tuple[float, ...]:
    sentence = sentences[at]
    paragraph = subject.paragraphs[sentence.block]
    following = sentences[at + 1] if at + 1 < subject.size else None
    follower = following if sentence.place + 1 < sentence.of else None
    return (
        at / subject.size,
        min(at, 40),
        min(paragraph, 30),
        paragraph / len(subject.paragraphs),
        min(sentence.place, 6),
        sentence.place + 1 == sentence.of,
        min(sentence.of, 8),
        min(subject.size - 1 - at, 20),
        sentence.place == 0,
        sentence.block < subject.first_heading,
        not sentence.heading,
        min(subject.size, 120),
        min(subject.heading_count, 20),
        follower is not None and follower.leans,
        at > 0 and sentences[at - 1].text.endswith("?"),
        following is not None and following.text.endswith(":"),
        following is not None and following.kind is BlockKind.LIST and following.block != sentence.block,
    )


def _form(sentence: Sentence, stems: tuple[str, ...]) -> tuple[float, ...]:
    text = sentence.text
    size = len(sentence.words) or 1
    return (
        text.endswith(("?", "？", "؟")),
        text.endswith(("!", "！")),
        any(word[0].isdigit() for word in sentence.words),
        sum([word[0].isupper() for word in text.split()[1:]]) / size,
        "“" in text or '"' in text,
        "(" in text,
        text.count(",") / size * 10,
        "—" in text or " – " in text,
        ":" in text,
        len(frozenset(stems)) / size,
    )


def _cued(sentence: Sentence, pairs: frozenset[Pair]) -> tuple[float, ...]:
    found = sentence.words
    known = frozenset(found)
    return (
        not (known.isdisjoint(cues.ANNOUNCING) and pairs.isdisjoint(cues.ANNOUNCING_PAIRS)),
        not known.isdisjoint(cues.POINTING),
        ("is" in known or "are" in known) and cues.DEFINES.match(sentence.text) is not None,
        sum([word.endswith("ed") for word in found]) / (len(found) or 1),
        found.count("to") / (len(found) or 1),
        *[word in known for word in cues.SIGNAL_WORDS],
    )


def _also(
    sentence: Sentence, stems: tuple[str, ...], subject: Subject, own: dict[str, frozenset[str]]
) -> tuple[float, ...]:
    heading = own.get(sentence.heading)
    if heading is None:
        heading = own[sentence.heading] = frozenset(topics(words(sentence.heading)))
    known = frozenset(stems)
    return (
        len(subject.title),
        len(known.intersection(subject.top[:4])),
        len(known & heading) / (len(known) or 1),
        bool(sentence.words) and topic(sentence.words[0]) in subject.title,
    )


def _shared(sentence: Sentence, stems: tuple[str, ...], subject: Subject) -> tuple[float, ...]:
    """What the sentence has in common with the title, the headings and the whole."""
    known = tuple(dict.fromkeys(stems))
    traits = [subject.traits[stem] for stem in known] or [_NO_TRAITS]
    (
        times,
        logs,
        spread,
        once,
        headings,
        headed,
        titled,
        title_weight,
        weight,
        squares,
        centre,
        top,
        opening,
        ending,
    ) = map(sum, zip(*traits, strict=True))
    size = len(known) or 1
    norm = math.sqrt(squares) or 1.0
    return (
        len(sentence.text),
        len(known),
        titled,
        titled / (len(subject.title) or 1),
        titled / size,
        logs / (size + 3),
        times / (subject.total or 1),
        times / size / (subject.total or 1) * 100,
        top / 12,
        spread / size / subject.size,
        headings / size,
        headed / (len(subject.headings) or 1),
        once / size,
        centre / subject.norm / norm,
        centre / subject.norm,
        title_weight / (subject.title_weight or 1),
        title_weight / (norm * math.sqrt(subject.title_weight or 1)),
        weight / size,
        opening / size,
        ending / size,
    )


def _paired(pairs: frozenset[Pair], subject: Subject) -> tuple[float, ...]:
    """Neighbouring words that a sentence has in common with the title, the headings and the rest."""
    titled = len(pairs & subject.title_pairs)
    repeated = len(pairs & subject.repeated)
    return (
        titled,
        titled / (len(subject.title_pairs) or 1),
        len(pairs & subject.heading_pairs),
        repeated,
        repeated / (len(pairs) or 1),
    )


def _relative(rows: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Each value as its distance from the mean of its column, in standard deviations."""
    count = len(rows)
    columns = []
    for column in zip(*rows, strict=True):
        mean = math.fsum(column) / count
        off = [value - mean for value in column]
        scale = 1 / (math.sqrt(math.fsum([o * o for o in off]) / count) + 1e-6)
        columns.append([o * scale for o in off])
    return list(zip(*columns, strict=True))
