"""Name of a letter -> Rendered: the mails that are about a subscription, or to the operators.

A letter goes the way of an issue, but has no blocks, and its plain text is a template of its own. It is
rendered once for each language; what differs from reader to reader is a slot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import jinja2

from newsletter.issue.expand import Expanded
from newsletter.issue.mjml_html import to_html
from newsletter.issue.notices import SAMPLE, Notice, Told, told
from newsletter.issue.render import check_slots, hash_of
from newsletter.issue.sandbox import TEXT_SUFFIX
from newsletter.issue.slots import guard, guarded, reveal
from newsletter.issue.theme import Site, Theme
from newsletter.issue.view import Texts, issue_view, site_view, theme_view
from newsletter.issue.words import Words, words_for
from newsletter.issue.wrapping import WIDTH, columns, lines_of
from newsletter.model import Issue, Rendered


@dataclass(frozen=True, slots=True)
class _Letter:
    subject: str  #: English, as all its words; translated by the catalogues
    preheader: str
    slots: frozenset[str]  #: what its templates may leave open


_READER: Final = frozenset({"NAME", "ADDRESS"})
_LETTERS: Final = {
    # Anybody can type anybody's address into a form: no other word of theirs goes out with it.
    "confirm": _Letter(
        "Please confirm: {title}",
        "Say yes, and you are in. If it was not you, do nothing.",
        frozenset({"ADDRESS", "CONFIRM_URL"}),
    ),
    "welcome": _Letter(
        "Welcome to {title}",
        "What comes next, and how to change your mind.",
        _READER | {"PREFERENCES_URL", "UNSUBSCRIBE_URL"},
    ),
    "goodbye": _Letter(
        "You have left {title}",
        "Nothing more will come. And this is the way back.",
        _READER | {"RESUBSCRIBE_URL"},
    ),
    "test": _Letter("A test from {title}", "If you can read this, it works.", _READER),
    "notice": _Letter(subject="", preheader="", slots=frozenset()),  # its words are told by what it is about
}
NOTICE: Final = "notice"
LETTERS: Final[tuple[str, ...]] = tuple(_LETTERS)
_SAMPLES: Final = {"NAME": "Sample Reader", "ADDRESS": "reader@example.org"}
_TYPED: Final = "    "
_POINT = re.compile(r"(\w{1,2}\. )(.+)")
_NO_DATE: Final = datetime(1970, 1, 1, tzinfo=UTC)  # letters show none: a day must not change their bytes


def sample_slots(name: str) -> dict[str, str]:
    """Values for every slot of a letter, to look at it: their links lead nowhere."""
    return {
        slot: _SAMPLES.get(slot) or f"https://example.org/{slot.removesuffix('_URL').lower()}/sample"
        for slot in sorted(_LETTERS[name].slots)
    }


def render_letter(
    name: str,
    *,
    language: str,
    title: str,
    site: Site,
    theme: Theme,
    loader: jinja2.BaseLoader,
    notice: Notice = SAMPLE,
) -> Rendered:
    """One of `LETTERS` for the newsletter `title`, the recipient's slots still in; it has no blocks.

    Equal arguments and templates give equal bytes. `loader` finds ``<name>.mjml.j2``, ``<name>.txt.j2`` and
    their parts. Raises RenderError, naming file and line of the template. `notice`: what the letter of that
    name tells.
    """
    letter, words = _LETTERS[name], words_for(language, loader)
    said = told(notice, title, words) if name == NOTICE else None
    subject, preheader = _heads(letter, said, title, words)
    views = _views(_issue(name, language, title, subject, preheader), site, theme, words)
    if said:
        views["notice"] = guarded(said)
    expanded = Expanded(loader, name, views)
    check_slots(expanded, letter.slots)
    page = reveal(to_html(expanded.text, expanded.error))
    text = _text(Expanded(loader, name, views, TEXT_SUFFIX), letter.slots)
    return Rendered(
        language=language,
        subject=subject,
        frame_html=page,
        frame_text=text,
        blocks=(),
        mjml=reveal(expanded.text),
        hash=hash_of(part.encode("utf-8", "surrogatepass") for part in (language, subject, page, text)),
    )


def _heads(letter: _Letter, said: Told | None, title: str, words: Words) -> tuple[str, str]:
    """Subject and preheader."""
    if said:
        return said.subject, said.preheader
    return words.say(letter.subject, title=title), words.say(letter.preheader, title=title)


def _issue(name: str, language: str, title: str, subject: str, preheader: str) -> Issue:
    """The letter as an issue without articles: head, type and footer are made for one."""
    return Issue(
        id=name,
        newsletter="",
        title=title,
        date=_NO_DATE,
        language=language,
        subject=subject,
        preheader=preheader,
        sections=(),
        written=frozenset({"subject", "preheader"}),
        intro="",
        placements=(),
        most=0,
        media=(),
        left_out=(),
    )


def _views(issue: Issue, site: Site, theme: Theme, words: Words) -> dict[str, object]:
    view = issue_view(issue, site)
    return {
        "issue": view,
        "site": site_view(site, theme),
        "texts": Texts(site),
        "theme": theme_view(theme, issue.language),
        "words": words,
        "_": words.say,
        "ngettext": words.count,
        "preheader": guard(issue.preheader),
    }


def _text(expanded: Expanded, slots: frozenset[str]) -> str:
    """The plain text: lines broken, empty lines never two together."""
    check_slots(expanded, slots)
    lines: list[str] = []
    for paragraph in expanded.text.splitlines():
        lines += [*_lines(paragraph)] or ([""] if lines and lines[-1] else [])
    return reveal("".join(f"{line}\n" for line in lines).rstrip("\n") + "\n")


def _lines(paragraph: str) -> Iterator[str]:
    """A numbered point hangs from its number; what stands behind four spaces is typed as it is."""
    if paragraph.startswith(_TYPED):
        yield paragraph.rstrip()
        return
    point = _POINT.fullmatch(paragraph)
    indent = columns(point[1]) if point else 0
    for place, line in enumerate(lines_of(point[2] if point else paragraph, WIDTH - indent)):
        yield (point[1] if point and not place else " " * indent) + line
