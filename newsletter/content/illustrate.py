"""Cards -> the pictures that a mail shows, and those that travel inside it. Nothing remote is ever loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from newsletter.content import load_picture
from newsletter.model import Card, Image, Media, Picture, Problem

#: Twice the width of the mail's text column: sharp on dense screens.
PICTURE_WIDTH = 1072
#: Bytes of all pictures that travel in one mail.
MAIL_BUDGET = 500_000
#: Bytes of one picture that is loaded when the mail is opened, often over a telephone.
HOSTED_BUDGET = 300_000
#: What mail programs show; a link to anything else would be a gap.
SHOWN = (".jpg", ".jpeg", ".png", ".gif")


@dataclass(frozen=True, slots=True)
class Illustrated:
    """The pictures of an issue."""

    pictures: dict[str, Picture]  #: by the card's identity
    media: tuple[Media, ...]
    problems: tuple[Problem, ...]


def illustrate(
    root: Path,
    cards: Sequence[Card],
    *,
    mode: Literal["cid", "hosted", "site"],
    base_url: str,
    media_url: str,
    content_id: Callable[[Media], str],
) -> Illustrated:
    """Find what to show for each card: ``cid`` embeds local files, ``hosted`` links to our own copies below
    `media_url`, ``site`` to the originals."""
    pictures: dict[str, Picture] = {}
    media: dict[str, Media] = {}
    problems: list[Problem] = []
    illustrated = [card for card in cards if card.image is not None]
    for card in illustrated:
        assert card.image is not None
        if mode != "site" and card.image.local:
            budget = MAIL_BUDGET // len(illustrated) if mode == "cid" else HOSTED_BUDGET
            loaded = load_picture(root, card.image, width=PICTURE_WIDTH, budget=budget)
            if isinstance(loaded, Problem):
                problems.append(Problem(card.path, 0, loaded.text))
                continue
            media[loaded.name] = loaded
            source = f"cid:{content_id(loaded)}" if mode == "cid" else f"{media_url}/{loaded.name}"
            pictures[card.identity] = Picture(source, card.image.alt or "", loaded.width, loaded.height)
        else:
            linked = _on_the_site(card.image, base_url)
            if linked is None:
                problems.append(Problem(card.path, 0, f"{card.image.source}: mail programs do not show this"))
                continue
            pictures[card.identity] = linked
    return Illustrated(pictures, tuple(media.values()), tuple(problems))


def _on_the_site(image: Image, base_url: str) -> Picture | None:
    url = urljoin(base_url.rstrip("/") + "/", image.source)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.path.lower().endswith(SHOWN):
        return None
    return Picture(url, image.alt or "", 0, 0)
