"""Cards and bodies -> the pictures that a mail shows, and those that travel inside it.

Nothing remote is ever loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from newsletter.content import images, load_picture, pictures, walk
from newsletter.content.fields import Fields
from newsletter.errors import ContentError
from newsletter.model import Article, Block, BlockKind, Card, Image, Media, Picture, Problem

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


Body = tuple[Block | Picture, ...]


@dataclass(frozen=True, slots=True)
class Illustrated:
    """The pictures of an issue."""

    pictures: dict[str, Picture]  #: by the card's identity
    bodies: dict[str, Body]  #: of whole articles, by identity, each image replaced by what the mail shows
    media: tuple[Media, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]  #: of the folder, that were opened for them


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


def illustrate(
    root: Path,
    cards: Sequence[Card],
    bodies: Sequence[Article],
    places: Places,
    *,
    taken: int = 0,
    most: int = 0,
    cache: Path | None = None,
) -> Illustrated:
    """Find what to show for each card, and in the body of each of the articles that are carried whole.

    A picture that cannot be shown is a problem, and the mail goes without it. What travels weighs 500 KB in
    all, of which `taken` bytes are spent already; so does what a mail of any `most` of the cards carries
    (0: all in one). What is made of a picture is kept in the folder `cache`,
    if there is to be one.
    """
    gallery = _Gallery(root, places, MAIL_BUDGET - taken, cache)
    wanted = {article.identity: tuple(_in_body(root, article, places.base_url)) for article in bodies}
    inside = {key: sum(isinstance(part, _Wanted) for part in parts) for key, parts in wanted.items()}
    gallery.waiting = sum(card.image is not None for card in cards) + sum(inside.values())
    if 0 < most < len(cards):
        counts = sorted((card.image is not None) + inside.get(card.identity, 0) for card in cards)
        gallery.share = gallery.room // max(1, sum(counts[-most:]))
    shown = {card.identity: gallery.find(card.image, card.path, 0) for card in cards if card.image}
    made = {
        article.identity: tuple(gallery.body(wanted[article.identity], article.path)) for article in bodies
    }
    return Illustrated(
        pictures={identity: picture for identity, picture in shown.items() if picture},
        bodies=made,
        media=tuple(gallery.media.values()),
        problems=tuple(gallery.problems),
        files=tuple(gallery.files),
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A picture in a body, as its article names it."""

    image: Image
    line: int
    gaps: tuple[tuple[int, str], ...]  #: what is wrong with it, and where


@dataclass(slots=True)
class _Gallery:
    """Loads each picture once, and sees to the weight of all: what one leaves over the next may take."""

    root: Path
    places: Places
    room: int  #: bytes that are left for those that travel
    cache: Path | None  #: where the outcome is kept
    waiting: int = 0  #: pictures that are still to come
    share: int = 0  #: bytes for each, where mails have different ones of them; 0: all are in one mail
    media: dict[str, Media] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    _found: dict[str, Media | Picture | str] = field(default_factory=dict)

    def find(self, image: Image, path: str, line: int) -> Picture | None:
        """What the mail shows of an image; None, and a problem, when it can show nothing."""
        found = self._found.get(image.source)
        if found is None:
            found = self._found[image.source] = self._look(image)
            if isinstance(found, Media):
                self.room -= 0 if found.name in self.media else len(found.data)
                self.media[found.name] = found
        self.waiting -= 1
        if isinstance(found, str):
            self._tell(path, line, found)
            return None
        if isinstance(found, Media):
            return Picture(self.places.source(found), image.alt or "", found.width, found.height)
        if self.places.mode != "site" and self.places.base_url and self._ours(image):
            text = f"{image.source}: is not in the content folder; the mail loads it from the site"
            self._tell(path, line, text)
        return Picture(found.src, image.alt or "", found.width, found.height)

    def body(self, parts: Sequence[Block | _Wanted], path: str) -> Iterator[Block | Picture]:
        """A body with its pictures; one that cannot be shown is left out, a caption with it."""
        for part in parts:
            if isinstance(part, Block):
                yield part
                continue
            for line, text in part.gaps:
                self._tell(path, line, text)
            if not part.image.local and not part.image.source.startswith(("http://", "https://")):
                self.waiting -= 1  # nobody knows where it is, and that has been told
            elif picture := self.find(part.image, path, part.line):
                yield picture

    def _tell(self, path: str, line: int, text: str) -> None:
        """Note what is wrong, once for each file: a card and its body often show the same picture."""
        if all((told.path, told.text) != (path, text) for told in self.problems):
            self.problems.append(Problem(path, line, text))

    def _look(self, image: Image) -> Media | Picture | str:
        """The picture itself, a link to it, or what is wrong."""
        if self.places.mode == "site" or not image.local:
            return self.places.linked(image) or f"{image.source}: mail programs do not show this"
        self.files.append(image.source)
        loaded = load_picture(self.root, image, width=PICTURE_WIDTH, budget=self._budget(), cache=self.cache)
        return loaded.text if isinstance(loaded, Problem) else loaded

    def _budget(self) -> int:
        if self.places.mode == "hosted":
            return HOSTED_BUDGET
        return max(1, self.share or self.room // max(1, self.waiting))

    def _ours(self, image: Image) -> bool:
        return image.source.startswith(self.places.base_url)


def _in_body(root: Path, article: Article, base_url: str) -> Iterator[Block | _Wanted]:
    """The blocks of an article, in the place of each picture what is known of it, then its caption."""
    files = images.Files(
        exists=lambda relative: "\0" not in relative and walk.inside(root, relative) is not None,
        is_small=lambda relative: pictures.is_small(root, relative),
    )
    nothing = Fields({}, {})
    for block in article.blocks:
        if block.kind is not BlockKind.IMAGE:
            yield block
            continue
        image, gaps = images.choose(nothing, nothing, (block,), article.path, article.url, base_url, files)
        if image is not None:
            yield _Wanted(image, block.line, tuple(gaps))
            if block.html:
                yield block


def logo(
    root: Path, source: str, places: Places, *, cache: Path | None = None
) -> tuple[Picture | None, tuple[Media, ...]]:
    """A logo as the mail shows it, and what must travel or be hosted for it; None when there is none.

    An address stays as it is; a file is loaded, whatever the articles' pictures do. :class:`ContentError`
    when it cannot be read.
    """
    if not source:
        return None, ()
    if urlsplit(source).scheme in ("http", "https"):
        return Picture(source, "", 0, 0), ()
    loaded = load_picture(
        root, Image(source, "", local=True), width=LOGO_WIDTH, budget=LOGO_BUDGET, cache=cache
    )
    if isinstance(loaded, Problem):
        raise ContentError(f"{source}: {loaded.text}")
    return Picture(places.source(loaded), "", loaded.width, loaded.height), (loaded,)
