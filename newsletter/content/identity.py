"""An article -> the keys that recognise it again, and which of several files are one article.

Strongest first: an explicit ``id``, the canonical address, a fingerprint of the text, the
title together with the day, the path. A rename changes the path, a retitle the title and at
most the address, an edit the fingerprint: whoever remembers all keys of what was sent knows
the article by any that is left. Only one that is moved, retitled and rewritten in a single
step, and has neither id nor address, is taken for another.

Language variants of one article (``post.md`` and ``post.fr.md``, ``en/post.md`` and
``fr/post.md``, equal ``translationKey``) are articles of their own with one identity: that
of the variant in the configured language, or else of the first path. Each carries the
keys of all, so that any of them is known by any other.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from newsletter.content.address import Address
from newsletter.content.fields import Fields
from newsletter.content.plain import same_words, words
from newsletter.model import Block, BlockKind, Listing, Problem, Skipped

_FEW = 20  # words: shorter bodies are told apart by their titles and summaries too
_KINDS = {"id": 0, "url": 1, "text": 2, "title": 3, "path": 4}
_WEAK = ("title:", "path:")  # enough to know an article again, not to call another one its copy
_SILENT = frozenset({BlockKind.IMAGE, BlockKind.EMBED, BlockKind.BREAK, BlockKind.MORE})


def keys(
    fields: Fields,
    address: Address,
    blocks: Sequence[Block],
    *,
    title: str,
    summary: str,
    day: str,
    path: str,
) -> tuple[str, ...]:
    """All keys of one file, strongest first; `day` is its date as ISO, empty when nobody says."""
    explicit = fields.raw(("id", "uuid", "guid"))[0]
    found = [f"id:{explicit[:500]}"] if explicit else []
    if address.key:
        found.append(f"url:{address.key}")
    found.append(f"text:{fingerprint(blocks, f'{title} {summary}')}")
    if day and words(title):
        named = " ".join((day, *words(title)))
        found.append(f"title:{_digest(named)[:24]}")
    return (*found, f"path:{path}")


def fingerprint(blocks: Iterable[Block], said: str) -> str:
    """A hash of the words of the body: spaces, case, markup and punctuation do not count."""
    spoken = words(" ".join([block.text for block in blocks if block.kind not in _SILENT]))
    if len(spoken) < _FEW:
        spoken = [*words(said), "/", *spoken]
    return _digest(" ".join(spoken))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def settle(
    articles: Iterable[Listing], groups: Mapping[str, str], language: str
) -> tuple[list[Listing], list[Skipped], list[Problem]]:
    """Copies become one, keys that two articles claim go to the older, variants share an identity.

    `groups` names, for the path of each variant, the article of which it is one.
    """
    single, copies = _without_copies(sorted(articles, key=_seniority))
    owned, problems = _exclusive(single)
    return _share(owned, groups, language), copies, problems


def _seniority(article: Listing) -> tuple[bool, float, int, str]:
    date = article.date.timestamp() if article.date else 0.0
    return article.date is None, date, len(article.path), article.path


def _without_copies(articles: list[Listing]) -> tuple[list[Listing], list[Skipped]]:
    """Of files with the same text, or the same id or address and title, the first stays.

    An untranslated copy in another language's folder is a copy like any other.
    """
    seen: dict[str, Listing] = {}
    single: list[Listing] = []
    copies: list[Skipped] = []
    for article in articles:
        first = next(
            (seen[key] for key in article.keys if key in seen and _is_copy(seen[key], article, key)), None
        )
        if first:
            copies.append(Skipped(article.path, f"a copy of {first.path}"))
            continue
        single.append(article)
        for key in article.keys:
            if not key.startswith(_WEAK):
                seen.setdefault(key, article)
    return single, copies


def _is_copy(first: Listing, second: Listing, key: str) -> bool:
    same_title = same_words(first.title, second.title)
    if key.startswith("text:"):
        # Release notes may say the same twice: another title and another day make another article.
        return same_title or first.date == second.date or not (first.date and second.date)
    return first.language == second.language and not key.startswith(_WEAK) and same_title


def _exclusive(articles: list[Listing]) -> tuple[list[Listing], list[Problem]]:
    """What two different articles claim recognises only the older one; an id or address is reported."""
    owners: dict[str, dict[str, Listing]] = defaultdict(dict)  # by language
    kept: list[Listing] = []
    problems: list[Problem] = []
    for article in articles:
        owner = owners[article.language]
        claimed = [key for key in article.keys if key in owner]
        if claimed:
            other = owner[claimed[0]].path
            mine = tuple(key for key in article.keys if key not in claimed)
            named = [key.partition(":")[2][:100] for key in claimed if not key.startswith(("text:", *_WEAK))]
            problems += [
                Problem(article.path, 0, f"{other} claims {n} too; give one of them another") for n in named
            ]
            article = replace(article, keys=mine, identity=mine[0])
        for key in article.keys:
            if not key.startswith("path:"):  # nobody else has that
                owner.setdefault(key, article)
        kept.append(article)
    return kept, problems


def _share(articles: list[Listing], groups: Mapping[str, str], language: str) -> list[Listing]:
    """Give the variants of one article its identity and each other's keys."""
    members: dict[str, list[Listing]] = defaultdict(list)
    shared: list[Listing] = []
    joined = frozenset(groups.values())
    for article in articles:
        if article.path in groups or article.path in joined:
            members[groups.get(article.path, article.path)].append(article)
        else:
            shared.append(article)
    for group in members.values():
        if len({article.language for article in group}) < 2:
            shared += group
            continue
        main = min(group, key=lambda a: (a.language.split("-")[0] != language.split("-")[0], a.path))
        others = dict.fromkeys(key for a in (main, *group) for key in a.keys)
        for article in group:
            own = sorted(
                dict.fromkeys((main.identity, *article.keys, *others)),
                key=lambda k: (k != main.identity, _KINDS[k.partition(":")[0]]),
            )
            shared.append(replace(article, identity=main.identity, keys=tuple(own)))
    return shared
