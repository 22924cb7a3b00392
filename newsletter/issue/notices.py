"""What the operators are told -> its words: a subject, a few facts, and the commands that they need.

Commands are never translated: they are typed as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from newsletter.issue.words import Words

#: So many digits of a hash stand in a command: nobody finds another issue with the same ones.
HASH_DIGITS: Final = 16
_NO_BREAK: Final = "\u00a0"


class What(StrEnum):
    """The kinds of notices, as `[notify] about` names them."""

    SKIPPED = "skipped"  #: a slot has no issue
    APPROVAL = "approval"  #: an issue is held until somebody approves it
    PAUSED = "paused"  #: an issue goes on only when a person says so
    IN_DOUBT = "in_doubt"  #: nothing of an issue waits any more, and of some of it nobody knows
    LATE = "late"  #: an issue was made late, or nobody has released it in time


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the operators are told once. What does not belong to its kind stays empty."""

    what: What
    about: str  #: with `what` it names the thing: the same is told once
    newsletter: str  #: its name in the configuration
    at: datetime  #: the slot, in the zone of the newsletter
    issue_id: str = ""
    subject: str = ""  #: of the issue
    reason: str = ""
    late: timedelta = timedelta(0)
    asks: bool = False  #: late: it waits for somebody's word
    articles: int = 0
    older: int = 0  #: skipped: so many slots before it were skipped with it
    sent: int = 0  #: messages of the issue, as the next two
    waiting: int = 0
    in_doubt: int = 0
    hash: str = ""  #: what is to be approved
    file: str = ""  #: approval: the file that may say it instead
    until: datetime | None = None  #: paused: what is not sent by then has expired; zone as `at`

    @property
    def id(self) -> str:
        """That of the notice's own issue: what has one was told."""
        return f"notice-{self.what}-{self.about}".replace(":", "-")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the table."""

    name: str
    value: str
    is_code: bool = False  #: for machines: it may break anywhere


@dataclass(frozen=True, slots=True)
class Command:
    """What may be done, and the line that does it."""

    purpose: str
    line: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words."""

    subject: str
    preheader: str
    headline: str
    opening: str
    facts: tuple[Fact, ...]
    commands: tuple[Command, ...]
    after: str  #: what one should know before, or instead


SAMPLE: Final = Notice(
    What.APPROVAL,
    "weekly-2026-11-23",
    "weekly",
    datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    issue_id="weekly-2026-11-23",
    subject="The last ferry of the year",
    articles=5,
    hash="9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707f3cdb5d4f1a6f0b",
    file="issues/weekly-2026-11-23.approved",
)


def told(notice: Notice, title: str, words: Words) -> Told:
    """The notice in the language of `words`; `title` is that of the newsletter."""
    made = _TOLD[notice.what](notice, title, words)
    return replace(made, subject=made.subject.replace(_NO_BREAK, " "))  # or it could not be plain ASCII


def approve_command(issue_id: str, hash: str) -> str:
    """What an approver types."""
    return f"newsletter issues approve {issue_id} --hash {hash[:HASH_DIGITS]}"


# ── each kind ───────────────────────────────────────────────────────────────


def _skipped(notice: Notice, title: str, words: Words) -> Told:
    facts = [Fact(words.say("Why"), notice.reason)]
    if notice.older:
        facts.append(Fact(words.say("Skipped before it"), words.number(notice.older)))
    when = _when(notice.at, words)
    return Told(
        subject=words.say("Skipped: {title}, {date}", title=title, date=words.date(notice.at)),
        preheader=notice.reason,
        headline=words.say("No issue this time"),
        opening=words.say("{title} was due on {when}, and was skipped.", title=title, when=when),
        facts=tuple(facts),
        commands=(Command(words.say("To see what comes when"), "newsletter plan"),),
        after=words.say("There is nothing that you must do: articles that wait come with the next issue."),
    )


def _approval(notice: Notice, title: str, words: Words) -> Told:
    when = _when(notice.at, words)
    approve = Command(words.say("To approve it"), approve_command(notice.issue_id, notice.hash))
    commands = [approve, _reject(notice, words)]
    if notice.file:
        with_git = words.say("Or in git, with this line in the file {file}", file=notice.file)
        commands.append(Command(with_git, notice.hash))
    return Told(
        subject=words.say("Awaiting approval: {subject}", subject=notice.subject),
        preheader=when,
        headline=words.say("An issue waits for your word"),
        opening=words.say(
            "{title} is ready for {when}, and goes out if you approve it. The issue itself comes to you as "
            "another mail.",
            title=title,
            when=when,
        ),
        facts=(
            *_issue(notice, words),
            Fact(words.say("Articles"), words.number(notice.articles)),
            Fact(words.say("Hash"), notice.hash, is_code=True),
        ),
        commands=tuple(commands),
        after=words.say(
            "If an article, the template, the readers or the schedule changes, so does the hash, and your "
            "approval no longer counts: you will be asked again."
        ),
    )


def _paused(notice: Notice, title: str, words: Words) -> Told:
    facts = [*_issue(notice, words), Fact(words.say("Why"), notice.reason), *_counts(notice, words)]
    if notice.until is not None:
        facts.append(Fact(words.say("Expires"), _when(notice.until, words)))
    return Told(
        subject=words.say("Paused: {issue}", issue=notice.issue_id),
        preheader=notice.reason,
        headline=words.say("An issue stands still"),
        opening=words.say(
            "Nothing more of {issue} is sent until somebody resumes it.", issue=notice.issue_id
        ),
        facts=tuple(facts),
        commands=(
            Command(words.say("To go on"), f"newsletter outbox resume {notice.issue_id}"),
            Command(words.say("To see how far it has come"), f"newsletter issues show {notice.issue_id}"),
        ),
        after=words.say("First mend what it was paused for, or it will be paused again."),
    )


def _in_doubt(notice: Notice, title: str, words: Words) -> Told:
    of_issue, n = f"--issue {notice.issue_id}", notice.in_doubt
    resolve = f"newsletter outbox resolve {of_issue} --as"
    return Told(
        subject=words.count(
            "{n} message in doubt: {issue}", "{n} messages in doubt: {issue}", n, issue=notice.issue_id
        ),
        preheader=words.say("Nobody knows whether they were accepted."),
        headline=words.say("Was it sent, or was it not?"),
        opening=words.count(
            "{n} message of {issue} may have been accepted or not: the answer never came. It is not sent "
            "again by itself.",
            "{n} messages of {issue} may have been accepted or not: the answers never came. They are not "
            "sent again by themselves.",
            n,
            issue=notice.issue_id,
        ),
        facts=(*_issue(notice, words), *_counts(notice, words)),
        commands=(
            Command(words.say("To list them"), f"newsletter outbox list {of_issue} --state in_doubt"),
            Command(words.say("If the log of the mail server says that it took them"), f"{resolve} sent"),
            Command(words.say("To send them once more"), f"{resolve} retry"),
        ),
        after=words.say("Who is sent it once more may get it twice."),
    )


def _late(notice: Notice, title: str, words: Words) -> Told:
    when = _when(notice.at, words)
    length = _length(notice.late, words) if notice.late else notice.reason
    if notice.asks:
        became = words.say("It waits for your word")
    else:
        became = words.say("It was skipped") if notice.reason else words.say("It is being sent")
    approve = Command(words.say("To send it all the same"), approve_command(notice.issue_id, notice.hash))
    return Told(
        subject=words.say("Late: {title}, {date}", title=title, date=words.date(notice.at)),
        preheader=became,
        headline=words.say("An issue is late"),
        opening=words.say("{title} was due on {when}.", title=title, when=when),
        facts=(
            *_issue(notice, words),
            Fact(words.say("Late by"), length),
            Fact(words.say("What became of it"), became),
        ),
        commands=(approve, _reject(notice, words)) if notice.asks else (),
        after="",
    )


_TOLD: Final[Mapping[What, Callable[[Notice, str, Words], Told]]] = MappingProxyType(
    {
        What.SKIPPED: _skipped,
        What.APPROVAL: _approval,
        What.PAUSED: _paused,
        What.IN_DOUBT: _in_doubt,
        What.LATE: _late,
    }
)


# ── what several of them say ────────────────────────────────────────────────


def _issue(notice: Notice, words: Words) -> tuple[Fact, ...]:
    facts = (Fact(words.say("Issue"), notice.issue_id), Fact(words.say("Subject"), notice.subject))
    return tuple(fact for fact in facts if fact.value)


def _counts(notice: Notice, words: Words) -> tuple[Fact, ...]:
    given = (
        (words.say("Sent"), notice.sent),
        (words.say("Waiting"), notice.waiting),
        (words.say("In doubt"), notice.in_doubt),
    )
    return tuple(Fact(name, words.number(n)) for name, n in given if n)


def _reject(notice: Notice, words: Words) -> Command:
    line = f"newsletter issues reject {notice.issue_id}"
    return Command(words.say("To reject it, and keep its articles for the next issue"), line)


def _when(at: datetime, words: Words) -> str:
    return words.say("{date}, {time}", date=words.date(at), time=f"{at:%H:%M} {at.tzname()}")


def _length(late: timedelta, words: Words) -> str:
    minutes = max(late, timedelta(0)) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return words.minutes(rest)
    first = words.count("{n} hour", "{n} hours", hours)
    return words.say("{first} {second}", first=first, second=words.minutes(rest)) if rest else first
