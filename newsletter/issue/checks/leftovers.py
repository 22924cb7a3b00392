"""What was to be filled in, and was not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from newsletter.issue.checks.mail import Fault, Mail, Said, Spot
from newsletter.issue.checks.page import read

#: Marks of template languages: Jinja and Liquid, ours, ERB, Mailchimp's merge tags.
_MARKS: Final = (
    re.compile(r"\{\{.{0,80}?(?:\}\}|$)", re.DOTALL),
    re.compile(r"\{%.{0,80}?(?:%\}|$)", re.DOTALL),
    re.compile(r"\{#[ \w].{0,80}?#\}", re.DOTALL),
    re.compile(r"%%[A-Za-z0-9_]{1,40}%%"),
    re.compile(r"<%=?.{0,80}?%>", re.DOTALL),
    re.compile(r"\*\|[A-Z0-9_:]{1,40}\|\*"),
)
#: In the lines that the configuration says, a name in braces was meant to become something, too.
_NAME = re.compile(
    r"(?<![\w$])\{[A-Za-z_][\w .]{0,40}\}|(?<!\w)\[\[?(?:FIRST|LAST|FULL)?[ _]?NAME\]?\]|\$\{\w+\}"
)
_DRAFT = re.compile(
    r"\b(?:TODO|FIXME|TBD|TKTK|TK|XXX)\b|\blorem ipsum\b|\[(?:insert|add|your)\b[^\]]{0,40}\]|"
    r"\bplaceholder text\b|ダミーテキスト",
)
_DRAFT_LOOSE = re.compile(r"lorem ipsum|placeholder text", re.IGNORECASE)


def marks(mail: Mail) -> Iterator[Fault]:
    """No {{ }}, {% %}, %%SLOT%% is left; no {name} in subject, preheader or intro."""
    told: set[str] = set()
    for spot, text, of_config in _texts(mail):
        for found in _found(text, names=of_config):
            if found not in told:
                told.add(found)
                where = spot or Said(found)
                yield Fault(where, f"{found[:60]} was never filled in", "fill it in, or take it out")


def drafts(mail: Mail) -> Iterator[Fault]:
    """No TK, TODO or lorem ipsum reaches a reader."""
    told: set[str] = set()
    for spot, text, _ in _texts(mail):
        for found in (*_DRAFT.finditer(text), *_DRAFT_LOOSE.finditer(text)):
            if found[0].lower() not in told:
                told.add(found[0].lower())
                fix = "finish the text, or take it out"
                yield Fault(spot or Said(found[0]), f'"{found[0]}" stands in the text', fix)


def _texts(mail: Mail) -> Iterator[tuple[Spot | None, str, bool]]:
    """Each text of the mail, its spot where that is known, and whether the configuration says it; no code."""
    issue, page = mail.issue, read(mail.html)
    yield mail.subject(), issue.subject, "subject" in mail.given
    by_hand = "preheader" in mail.given
    yield mail.setting("preheader") if by_hand else None, issue.preheader, by_hand
    yield mail.setting("intro"), issue.intro, True
    for card in issue.cards:
        yield Said(card.title, card.path), card.title, False
    yield from ((None, text, False) for text in (*page.prose, *_attributes(mail)))
    in_code = " ".join(page.verbatim)
    yield from ((None, found, False) for found in _found(mail.text, names=False) if found not in in_code)


def _attributes(mail: Mail) -> Iterator[str]:
    for element in read(mail.html).root.iter():
        if isinstance(element.tag, str):
            yield from (
                v for k, v in element.attrib.items() if k in ("href", "src", "alt", "title", "aria-label")
            )


def _found(text: str, *, names: bool) -> Iterator[str]:
    for pattern in (*_MARKS, *((_NAME,) if names else ())):
        yield from (match[0] for match in pattern.finditer(text))
