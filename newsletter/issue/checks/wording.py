"""Words that readers, or their filters, stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.issue.checks.mail import Fault, Field, Mail, Said
from newsletter.issue.checks.page import read
from newsletter.issue.checks.phrases import in_language, words

_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:\d{4}\s*[-–]\s*)?((?:19|20)\d\d)(?!\s*[-–]\s*\d)", re.IGNORECASE
)


def same_titles(mail: Mail) -> Iterator[Fault]:
    """No two articles of the issue have the same title."""
    first: dict[str, str] = {}
    told: set[str] = set()
    for card in mail.issue.cards:
        title = re.sub(r"\W+", " ", card.title).strip().casefold()
        if first.setdefault(title, card.path) != card.path and card.path not in told:
            told.add(card.path)
            text = f'"{card.title[:60]}" is the title of {first[title]}, too'
            yield Fault(Field(card.path, "title"), text, "give one of them another title, or leave it out")


def old_year(mail: Mail) -> Iterator[Fault]:
    """A copyright line names this year."""
    for text in read(mail.html).prose:
        if (found := _COPYRIGHT.search(text)) and int(found[1]) < mail.today.year:
            told = f'"{found[0]}" names {found[1]}, and it is {mail.today.year}'
            yield Fault(Said(found[0]), told, "write this year, or none")
            return


def nothing_attached(mail: Mail) -> Iterator[Fault]:
    """Nothing is called attached: a newsletter has no attachments."""
    intro = mail.issue.intro
    for phrase in sorted(in_language("attached", mail.issue.language)):
        if re.search(_whole(phrase), intro, re.IGNORECASE):
            text = f'the intro says "{phrase}", and nothing is attached'
            yield Fault(mail.setting("intro"), text, "link to it")
            return


def spam_phrases(mail: Mail) -> Iterator[Fault]:
    """No phrase that fills spam stands in subject, preheader, intro or titles."""
    issue = mail.issue
    said = [(mail.subject(), issue.subject), (mail.setting("preheader"), issue.preheader)]
    said += [(mail.setting("intro"), issue.intro)]
    said += [(Field(card.path, "title"), card.title) for card in issue.cards]
    told: set[str] = set()
    for spot, text in said:
        for phrase in sorted(words("spam phrases")):
            if phrase not in told and re.search(_whole(phrase), text, re.IGNORECASE):
                told.add(phrase)
                yield Fault(spot, f'"{phrase}" is a phrase of spam', "say it another way")


def _whole(phrase: str) -> str:
    """A pattern of the phrase as whole words; scripts without spaces have none."""
    return rf"\b{re.escape(phrase)}\b" if phrase.isascii() else re.escape(phrase)
