"""Cards -> the pictures that a mail shows, and those that travel inside it. Nothing remote is ever loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from newsletter.content import load_picture
from newsletter.errors import ContentError
from newsletter.model import Card, Image, Media, Picture, Problem

#: Twice the width of the mail's text column: sharp on dense screens.
PICTURE_WIDTH = 1072
#: Bytes of all pictures that travel in one mail.
MAIL_BUDGET = 500_000
#: Pixels and bytes of a logo, shown 44 pixels high.
LOGO_WIDTH, LOGO_BUDGET = 600, 40_000
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


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pictures of a mail stand."""

    mode: Literal["cid", "hosted", "site"]  #: in the mail; below `media_url`; on the site
    base_url: str  #: of the site
    media_url: str  #: of our own copies
    content_id: Callable[[Media], str]  #: of a picture that travels

    def source(self, media: Media) -> str:
        """What HTML names a loaded picture by."""
        return f"{self.media_url}/{media.name}" if self.mode == "hosted" else f"cid:{self.content_id(media)}"

    def linked(self, image: Image) -> Picture | None:
        """The original on the site; None when mail programs would not show it."""
        url = urljoin(self.base_url.rstrip("/") + "/", image.source)
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.path.lower().endswith(SHOWN):
            return None
        return Picture(url, image.alt or "", 0, 0)


def illustrate(root: Path, cards: Sequence[Card], places: Places) -> Illustrated:
    """Find what to show for each card. One that cannot be shown is a problem, and its card goes without."""
    pictures: dict[str, Picture] = {}
    media: dict[str, Media] = {}
    problems: list[Problem] = []
    images = [(card, card.image) for card in cards if card.image is not None]
    budget = HOSTED_BUDGET if places.mode == "hosted" else MAIL_BUDGET // max(1, len(images))
    for card, image in images:
        found = _find(root, image, places, budget)
        if isinstance(found, str):
            problems.append(Problem(card.path, 0, found))
        elif isinstance(found, Picture):
            pictures[card.identity] = found
            if places.mode != "site" and places.base_url and image.source.startswith(places.base_url):
                text = f"{image.source}: is not in the content folder; the mail loads it from the site"
                problems.append(Problem(card.path, 0, text))
        else:
            media[found.name] = found
            shown = Picture(places.source(found), image.alt or "", found.width, found.height)
            pictures[card.identity] = shown
    return Illustrated(pictures, tuple(media.values()), tuple(problems))


def _find(root: Path, image: Image, places: Places, budget: int) -> Media | Picture | str:
    """The picture itself, a link to it, or what is wrong."""
    if places.mode == "site" or not image.local:
        return places.linked(image) or f"{image.source}: mail programs do not show this"
    loaded = load_picture(root, image, width=PICTURE_WIDTH, budget=budget)
    return loaded.text if isinstance(loaded, Problem) else loaded


def logo(root: Path, source: str, places: Places) -> tuple[str, tuple[Media, ...]]:
    """A logo as HTML names it, and what must travel or be hosted for it. :class:`ContentError` when it
    cannot be read. An address stays as it is; a file is loaded, whatever the articles' pictures do."""
    if not source or urlsplit(source).scheme in ("http", "https"):
        return source, ()
    loaded = load_picture(root, Image(source, "", local=True), width=LOGO_WIDTH, budget=LOGO_BUDGET)
    if isinstance(loaded, Problem):
        raise ContentError(f"[theme] logo: {source}: {loaded.text}")
    return places.source(loaded), (loaded,)
