"""Subject and preheader: what an inbox shows of a mail before it is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import east_asian_width

from newsletter.issue.checks.mail import Fault, Mail

SUBJECT: Final = (10, 78)  #: characters; phones cut at about 40, RFC 5322 asks for lines of at most 78
PREHEADER: Final = (40, 130)  #: characters; fewer, and the inbox goes on with the mail's first words


def subject_missing(mail: Mail) -> Iterator[Fault]:
    """The subject says something."""
    if not mail.issue.subject.strip():
        yield Fault(
            mail.subject(), "the subject is empty", 'write subject = "…", or give the article a title'
        )


def subject_length(mail: Mail) -> Iterator[Fault]:
    """The subject has 10 to 78 characters; those of East Asian scripts count twice."""
    long = columns(mail.issue.subject.strip())
    if long and not SUBJECT[0] <= long <= SUBJECT[1]:
        wish = "say what is inside" if long < SUBJECT[0] else "put first what matters; phones show about 40"
        yield Fault(
            mail.subject(),
            f"the subject has {long} characters, good ones have {SUBJECT[0]} to {SUBJECT[1]}",
            wish,
        )


def subject_shouting(mail: Mail) -> Iterator[Fault]:
    """The subject is not in capitals, and has one exclamation mark at most."""
    subject = mail.issue.subject
    words = re.findall(r"[^\W\d_]{4,}", subject)
    loud = [word for word in words if word.isupper() and not word.islower()]
    if (len(loud) > 1 and len(loud) * 2 >= len(words)) or re.search(r"[!！].*[!！]", subject):
        text = "the subject shouts; inboxes and readers take that for advertising"
        yield Fault(mail.subject(), text, "write it as you would say it")


def preheader_missing(mail: Mail) -> Iterator[Fault]:
    """There is a preheader."""
    if not mail.issue.preheader.strip():
        text = "no preheader: inboxes show the first words of the mail instead"
        yield Fault(mail.setting("preheader"), text, 'write preheader = "…", 40 to 130 characters')


def preheader_length(mail: Mail) -> Iterator[Fault]:
    """The preheader has 40 to 130 characters; those of East Asian scripts count twice."""
    long = columns(mail.issue.preheader.strip())
    # what we derived ourselves is as long as the articles let it be
    if long > PREHEADER[1] or (0 < long < PREHEADER[0] and "preheader" in mail.given):
        text = f"the preheader has {long} characters, good ones have {PREHEADER[0]} to {PREHEADER[1]}"
        wish = "go on where the subject stops" if long < PREHEADER[0] else "inboxes cut the rest off"
        yield Fault(mail.setting("preheader"), text, wish)


def preheader_repeats(mail: Mail) -> Iterator[Fault]:
    """The preheader says something that the subject does not."""
    said = _plain(mail.issue.preheader)
    if said and said == _plain(mail.issue.subject):
        text = "the preheader repeats the subject"
        yield Fault(mail.setting("preheader"), text, "go on where the subject stops")


def columns(text: str) -> int:
    """How wide a text is, in Latin characters."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
