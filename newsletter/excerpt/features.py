"""Sentences of an article -> numbers for the ranker, a row for each sentence that may be shown.

Most are free of language: place, length, words shared with the title, the headings and the
rest of the article. The few that know English words read them from :mod:`cues`.
Columns that compare sentences with each other come twice: as they are, and as their
distance from the article's mean, for "close to the title" means other things in other articles.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.excerpt import cues
from newsletter.excerpt.commonness import telling
from newsletter.excerpt.passages import Sentence
from newsletter.excerpt.words import topic, topics, words
from newsletter.model import Article, BlockKind

_PLACE = "position sentence_number paragraph paragraph_position place_in_paragraph closes_paragraph paragraph_size".split()
_PLACE += "from_end opens_paragraph before_headings under_no_heading sentences headings next_leans".split()
_FORM = "question exclamation digits capitals quotation brackets commas dash colon topic_density".split()
_CUES = "announces points defines past to_share " + " ".join(cues.SIGNAL_WORDS)
_SHARED = (
    "characters topics title_shared title_coverage title_share centrality total_frequency mean_frequency top_words"
    " spread heading_share heading_coverage only_here centroid_cosine centroid_weight title_weight title_cosine"
    " mean_weight"
).split()
_ALSO = "title_size top_four own_heading title_opens".split()

NAMES: tuple[str, ...] = (
    *_PLACE,
    *_FORM,
    *_CUES.split(),
    *_ALSO,
    *_SHARED,
    *(f"{name}_relative" for name in _SHARED),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a whole article speaks of, counted once."""

    title: dict[str, None]  #: its topics, in order: sums over a set would differ from run to run
    title_weight: float
    headings: Counter[str]  #: topic -> headings that it stands in
    heading_count: int
    first_heading: int  #: index of its block
    frequency: Counter[str]  #: topic -> times in the article
    spread: Counter[str]  #: topic -> sentences that it stands in
    top: tuple[str, ...]  #: the most frequent topics
    weight: dict[str, float]  #: topic -> how much it counts in the article's centre
    norm: float
    paragraphs: dict[int, int]  #: block -> its number among the blocks with sentences
    size: int  #: sentences
    total: int  #: topics


@dataclass(frozen=True, slots=True)
class Rows:
    """Features of the sentences that may be shown."""

    indexes: tuple[int, ...]  #: of the sentences in the article
    values: tuple[tuple[float, ...], ...]  #: by :data:`NAMES`


def rows(article: Article, sentences: tuple[Sentence, ...], longest: int) -> Rows:
    """A row for each sentence without fault of at most ``longest`` characters."""
    stems = [topics(s.words) for s in sentences]
    subject = _subject(article, sentences, stems)
    shown = tuple(i for i, s in enumerate(sentences) if not s.fault and len(s.text) <= longest)
    shared = [_shared(sentences[i], stems[i], subject) for i in shown]
    relative = _relative(shared)
    own: dict[str, frozenset[str]] = {}
    values = tuple(
        (
            *_place(sentences, i, subject),
            *_form(sentences[i], stems[i]),
            *_cued(sentences[i]),
            *_also(sentences[i], stems[i], subject, own),
            *shared[n],
            *relative[n],
        )
        for n, i in enumerate(shown)
    )
    return Rows(shown, values)


def _subject(article: Article, sentences: Sequence[Sentence], stems: Sequence[tuple[str, ...]]) -> Subject:
    frequency = Counter(stem for found in stems for stem in found)
    spread = Counter(stem for found in stems for stem in frozenset(found))
    headings = [(n, b.text) for n, b in enumerate(article.blocks) if b.kind is BlockKind.HEADING]
    title = dict.fromkeys(topics(words(article.title)))
    weight = {stem: math.log1p(count) * telling(stem) for stem, count in frequency.items()}
    return Subject(
        title=title,
        title_weight=sum(map(telling, title)),
        headings=Counter(stem for _, text in headings for stem in frozenset(topics(words(text)))),
        heading_count=len(headings),
        first_heading=headings[0][0] if headings else len(article.blocks),
        frequency=frequency,
        spread=spread,
        top=tuple(stem for stem, _ in frequency.most_common(12)),
        weight=weight,
        norm=math.sqrt(sum(w * w for w in weight.values())) or 1.0,
        paragraphs={block: n for n, block in enumerate(dict.fromkeys(s.block for s in sentences))},
        size=len(sentences),
        total=sum(map(len, stems)),
    )


def _place(sentences: tuple[Sentence, ...], at: int, subject: Subject) -> tuple[float, ...]:
    sentence = sentences[at]
    paragraph = subject.paragraphs[sentence.block]
    follower = sentences[at + 1] if sentence.place + 1 < sentence.of else None
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
    )


def _form(sentence: Sentence, stems: tuple[str, ...]) -> tuple[float, ...]:
    text = sentence.text
    size = len(sentence.words) or 1
    return (
        text.endswith(("?", "？", "؟")),
        text.endswith(("!", "！")),
        any(word[0].isdigit() for word in sentence.words),
        sum(word[0].isupper() for word in text.split()[1:]) / size,
        "“" in text or '"' in text,
        "(" in text,
        text.count(",") / size * 10,
        "—" in text or " – " in text,
        ":" in text,
        len(frozenset(stems)) / size,
    )


def _cued(sentence: Sentence) -> tuple[float, ...]:
    found = sentence.words
    known = frozenset(found)
    return (
        not known.isdisjoint(cues.ANNOUNCING) or cues.ANNOUNCE.search(sentence.text) is not None,
        not known.isdisjoint(cues.POINTING),
        cues.DEFINES.match(sentence.text) is not None,
        sum(word.endswith("ed") for word in found) / (len(found) or 1),
        found.count("to") / (len(found) or 1),
        *(word in known for word in cues.SIGNAL_WORDS),
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
    size = len(known) or 1
    common = [stem for stem in known if stem in subject.title]
    counts = [subject.frequency[s] for s in known]
    weights = [telling(s) for s in known]
    norm = math.sqrt(sum(w * w for w in weights)) or 1.0
    centre = sum(subject.weight[s] * w for s, w in zip(known, weights, strict=True)) / subject.norm
    title_weight = sum(map(telling, common))
    return (
        len(sentence.text),
        len(known),
        len(common),
        len(common) / (len(subject.title) or 1),
        len(common) / size,
        sum(map(math.log1p, counts)) / (size + 3),
        sum(counts) / (subject.total or 1),
        sum(counts) / size / (subject.total or 1) * 100,
        sum(s in subject.top for s in known) / 12,
        sum(subject.spread[s] - 1 for s in known) / size / subject.size,
        sum(subject.headings[s] for s in known if s in subject.headings) / size,
        sum(s in subject.headings for s in known) / (len(subject.headings) or 1),
        counts.count(1) / size,
        centre / norm,
        centre,
        title_weight / (subject.title_weight or 1),
        title_weight / (norm * math.sqrt(subject.title_weight or 1)),
        sum(weights) / size,
    )


def _relative(columns: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Each value as its distance from the mean of its column, in standard deviations."""
    if not columns:
        return []
    count = len(columns)
    means = [math.fsum(column) / count for column in zip(*columns, strict=True)]
    scales = [
        1 / (math.sqrt(math.fsum((value - mean) ** 2 for value in column) / count) + 1e-6)
        for column, mean in zip(zip(*columns, strict=True), means, strict=True)
    ]
    return [
        tuple((v - mean) * scale for v, mean, scale in zip(row, means, scales, strict=True))
        for row in columns
    ]
