"""Cards -> Issue: the page of exactly these cards (:mod:`.arrange`), each in one place, with its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from newsletter.issue.arrange import Place, arranged
from newsletter.issue.variant import auto_preheader, auto_subject
from newsletter.issue.words import Words, words_for
from newsletter.model import Block, Card, Issue, LeftOut, Media, Picture, Placement, Role

Body = tuple[Block | Picture, ...]


def compose(
    *,
    id: str,
    newsletter: str,
    title: str,
    date: datetime,
    language: str,
    subject: str,
    preheader: str,
    intro: str,
    cards: tuple[Card, ...],
    pictures: Mapping[str, Picture],
    bodies: Mapping[str, Body],
    media: tuple[Media, ...],
    left_out: tuple[LeftOut, ...],
    words: Words | None = None,
    sections: tuple[str, ...] = (),
) -> Issue:
    """An issue of these cards, first one leading; `pictures` and `bodies` are by `Card.identity`.

    If there are any bodies, the cards stand one after the other, each with the whole of its article.
    An empty subject is the title of the lead; an empty preheader is made from the other titles, or from the
    excerpt of the lead when it stands alone. Sections are named in `words` (None: the packaged ones of the
    language). Equal arguments give equal issues. For many readers who get different ones of the cards:
    :func:`newsletter.issue.pool.compose_pool`.
    """
    words = words or words_for(language)
    page = arranged(cards, pictures, words, whole=bool(bodies), sections=sections)
    return Issue(
        id=id,
        newsletter=newsletter,
        title=title,
        date=date,
        language=language,
        subject=subject or auto_subject(title, cards),
        preheader=preheader or auto_preheader(language, cards, words),
        written=written(subject, preheader),
        intro=intro,
        placements=tuple(placements_of(page, cards, pictures, bodies)),
        most=len(cards),
        media=media,
        left_out=left_out,
        sections=sections,
    )


def written(subject: str, preheader: str) -> frozenset[str]:
    """Which of the two somebody wrote."""
    return frozenset(name for name, said in (("subject", subject), ("preheader", preheader)) if said)


def is_whole(template: str) -> bool:
    """Whether a template of that name shows whole articles: ``post``, or ``post-`` and more."""
    return template == "post" or template.startswith("post-")


def placements_of(
    page: tuple[Place, ...],
    cards: tuple[Card, ...],
    pictures: Mapping[str, Picture],
    bodies: Mapping[str, Body],
) -> Iterator[Placement]:
    """The blocks of a page. Cards are numbered as they came, headings as they stand; the contents' is 0."""
    numbers = {card.identity: n for n, card in enumerate(cards)}
    heading = 0
    for place in page:
        if place.card:
            n = numbers[place.card.identity]
        else:
            n = heading = heading + 1 if place.section else 0
        yield _placement(key_of(n, place.role), place, pictures, bodies)


def key_of(n: int, role: Role | None) -> str:
    """What a placement is called: the card of that number in a role, or the heading of that number."""
    return f"card:{n}:{role.value}" if role else f"section:{n}"


def _placement(
    key: str, place: Place, pictures: Mapping[str, Picture], bodies: Mapping[str, Body]
) -> Placement:
    """One block of the issue."""
    identity = place.card.identity if place.card else ""
    bare = place.role in (None, Role.ROW, Role.CONTENTS)
    return Placement(
        key=key,
        role=place.role,
        card=place.card,
        section=place.section,
        picture=None if bare else pictures.get(identity),
        body=bodies.get(identity, ()),
    )
