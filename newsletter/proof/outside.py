"""Checks that must ask somebody: the content folder, the ledger, SpamAssassin, the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import gaps, walk
from newsletter.issue.checks import Beside, Fault, Field, Line, Mail, Setting
from newsletter.issue.checks.pictures import HEAVIEST, WIDEST
from newsletter.model import Card, Image, Level
from newsletter.pipeline import Built
from newsletter.proof import spam
from newsletter.proof.sources import Sources

SPAM: Final = (2.0, 5.0)  #: points; SpamAssassin files a mail as spam from the second on


@dataclass(frozen=True, slots=True)
class Case:
    """A mail, and whom may be asked about it."""

    config: Config
    built: Built
    mail: Mail
    message: bytes
    sources: Sources
    answers: Callable[[], tuple[tuple[bool, Fault], ...]]  #: see :func:`newsletter.proof.links.faults`
    ask_spam: bool


@dataclass(frozen=True, slots=True)
class Outside:
    """One check of this kind; see :class:`newsletter.issue.checks.Check`."""

    id: str
    level: Level
    look: Callable[[Case], Iterator[Fault]]

    @property
    def promise(self) -> str:
        """What holds when the check finds nothing, in one line."""
        return (self.look.__doc__ or "").strip().splitlines()[0]


def already_sent(case: Case) -> Iterator[Fault]:
    """No article of the issue that is new was in an earlier one of this newsletter."""
    built = case.built
    cadences = tuple(case.config.newsletters[built.issue.newsletter].cadences)
    # What waits for somebody, or was missed, was in an earlier one: it is right that it comes again.
    why: dict[int, str] = {}
    for group in built.chosen.sharing.groups:
        issues = [id for id, _ in reversed(built.books.issues_of(group.cadence, cadences))]
        why |= {id: told for id in group.fresh if (told := built.books.why_not(issues, id))}
    ids = dict(zip((one.identity for one in built.chosen.listings), built.chosen.ids, strict=True))
    usual = {card.identity for card in built.issue.cards}
    for listing in (one for one in built.chosen.listings if one.identity in usual):
        if told := why.get(ids[listing.identity], ""):
            text = f'"{listing.title[:60]}" is no news: {told}'
            yield Fault(Field(listing.path, "title"), text, "build the issue again: it was sent meanwhile")


def content(case: Case) -> Iterator[Fault]:
    """The articles of the issue could be read without a question, and its brief changes what it says."""
    for article in case.mail.articles:
        for problem in article.problems:
            own = problem.text.startswith("the image ") or problem.text.endswith(_GAPS)
            if not own:  # checks of their own say that
                line = Line(problem.path, problem.line)
                yield Fault(line, problem.text, "mend the file; `newsletter articles` tells more")
    for problem in case.built.unheeded:
        yield Fault(Beside(problem.path, problem.line), problem.text, "take it out of the brief, or mend it")


def left_out_of_title(case: Case) -> Iterator[Fault]:
    """No {{ name }} was left out of a title: nobody fills those in, and the subject may have a gap."""
    yield from _gaps(case, gaps.OF_A_TITLE, "write what it stands for")


def left_out(case: Case) -> Iterator[Fault]:
    """No {{ name }} was left out of a text or summary: only a site fills those in, and the mail has a gap."""
    fix = "write what it stands for, or see that the text reads well without it"
    yield from _gaps(case, gaps.OF_A_TEXT, fix)


def image_missing(case: Case) -> Iterator[Fault]:
    """Every picture that an article names beside itself is there, and can be read."""
    for card, image in _images(case):
        if _away(case, card, image):
            if not case.sources.image_is_from_elsewhere(card):
                text = f"the image {_name(image)} is not in the content folder"
                yield Fault(Field(card.path, "image"), text, "put the file there, or mend its name")
        elif image.local and (why := _why_not_shown(case, card)):
            yield Fault(Field(card.path, "image"), why, "put a PNG or JPEG there")


def image_elsewhere(case: Case) -> Iterator[Fault]:
    """Every picture of an article travels as the newsletter's setting `images` says."""
    for card, image in _images(case):
        # many sites keep what they name from their root outside the content folder
        if _away(case, card, image) and case.sources.image_is_from_elsewhere(card):
            text = f"the image {_name(image)} is not in the content folder; the mail loads it from the site"
            fix = 'put the file there, or set images = "site"'
            yield Fault(Field(card.path, "image"), text, fix)


def image_format(case: Case) -> Iterator[Fault]:
    """Every picture that is loaded from a site is a JPEG, PNG or GIF: mail programs show no others."""
    for card, image in _images(case):
        if not image.local and _why_not_shown(case, card):
            text = f"the image {_name(image)} is not shown: mail programs show JPEG, PNG and GIF only"
            yield Fault(Field(card.path, "image"), text, "name a copy in one of these formats")


def image_large(case: Case) -> Iterator[Fault]:
    """No picture that readers load from the site is wider than 1,200 pixels or heavier than 1 MB."""
    if unpack.images(case.config, case.mail.issue.newsletter) != "site":
        return  # else the mail has a copy of its own, made smaller
    for card, image in _images(case):
        path = walk.inside(case.config.content_dir, image.source) if image.local else None
        if path and (why := _why_large(walk.contents(path, 200_000_000))):
            fix = f"save it at most {WIDEST:,} pixels wide and {HEAVIEST // 1_000_000} MB heavy"
            yield Fault(Field(card.path, "image"), f"the image {_name(image)} {why}", fix)


def spam_high(case: Case) -> Iterator[Fault]:
    """SpamAssassin, where it is installed, gives the message fewer than 5 points."""
    yield from _spam(case, SPAM[1], 1000.0)


def spam_some(case: Case) -> Iterator[Fault]:
    """SpamAssassin, where it is installed, gives the message fewer than 2 points."""
    yield from _spam(case, *SPAM)


def link_dead(case: Case) -> Iterator[Fault]:
    """No link answers that its page is gone (asked with --online only)."""
    yield from (fault for dead, fault in case.answers() if dead)


def link_unsure(case: Case) -> Iterator[Fault]:
    """Every link answers that its page is there (asked with --online only)."""
    yield from (fault for dead, fault in case.answers() if not dead)


OUTSIDE: Final = (
    Outside("already-sent", Level.ERROR, already_sent),
    Outside("content", Level.WARNING, content),
    Outside("left-out-title", Level.ERROR, left_out_of_title),
    Outside("left-out", Level.WARNING, left_out),
    Outside("image-missing", Level.ERROR, image_missing),
    Outside("image-elsewhere", Level.WARNING, image_elsewhere),
    Outside("image-format", Level.WARNING, image_format),
    Outside("image-weight", Level.WARNING, image_large),
    Outside("spam-high", Level.ERROR, spam_high),
    Outside("spam-score", Level.WARNING, spam_some),
    Outside("link-dead", Level.ERROR, link_dead),
    Outside("link-unsure", Level.WARNING, link_unsure),
)


# ── articles ────────────────────────────────────────────────────────────────

_GAPS: Final = (gaps.OF_A_TITLE, gaps.OF_A_TEXT)


def _gaps(case: Case, ending: str, fix: str) -> Iterator[Fault]:
    for article in case.mail.articles:
        for problem in article.problems:
            if problem.text.endswith(ending):
                yield Fault(Line(problem.path, problem.line), problem.text, fix)


# ── pictures ────────────────────────────────────────────────────────────────


def _images(case: Case) -> Iterator[tuple[Card, Image]]:
    return ((card, card.image) for card in case.mail.issue.cards if card.image is not None)


def _shown(case: Case, card: Card) -> bool:
    return any(p.picture for p in case.mail.issue.placements if p.card and p.card.identity == card.identity)


def _away(case: Case, card: Card, image: Image) -> bool:
    """Whether the picture should be in the content folder, and is not."""
    if image.local or unpack.images(case.config, case.mail.issue.newsletter) == "site":
        return False
    whole = case.sources.image_as_written(card).startswith(("http://", "https://", "//"))
    return not whole and image.source.startswith(case.config.site.base_url)


def _why_not_shown(case: Case, card: Card) -> str:
    """What was said when the picture was to be shown, and was not; empty where it is, or was not to be."""
    if _shown(case, card):
        return ""
    read = {problem for article in case.mail.articles for problem in article.problems}
    said = (p.text for p in case.built.problems if p.path == card.path and p not in read)
    return next(said, "")


def _why_large(raw: bytes) -> str:
    import io

    from PIL import Image as pillow
    from PIL import UnidentifiedImageError

    if len(raw) > HEAVIEST:
        return f"has {len(raw):,} bytes"
    try:
        with pillow.open(io.BytesIO(raw)) as bitmap:
            return f"is {bitmap.width:,} pixels wide" if bitmap.width > WIDEST else ""
    except (UnidentifiedImageError, OSError, ValueError, pillow.DecompressionBombError):
        return ""


def _name(image: Image) -> str:
    return PurePosixPath(urlsplit(image.source).path).name


# ── other programs ──────────────────────────────────────────────────────────


def _spam(case: Case, least: float, most: float) -> Iterator[Fault]:
    verdict = spam.verdict(case.message) if case.ask_spam else None
    if verdict and least <= verdict.points < most:
        rules = ", ".join(f"{rule.name} {rule.points:g}" for rule in verdict.rules if rule.points > 0)
        text = f"SpamAssassin gives {verdict.points:g} points: {rules}"
        spot = Setting(("newsletters", case.mail.issue.newsletter, "subject"))
        yield Fault(spot, text, "change what the rules name; each is explained in SpamAssassin's wiki")
