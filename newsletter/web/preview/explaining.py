"""Desk, an address -> the Explain view: why this reader did or did not get each issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from newsletter.audience.addresses import parse
from newsletter.audience.explained import Code, Explanation, Reason
from newsletter.audience.known import Subscriber
from newsletter.audience.subscriptions import Subscription
from newsletter.config import unpack
from newsletter.errors import NewsletterError
from newsletter.proof.copies import Reader
from newsletter.web.preview import readers
from newsletter.web.preview.bar import Overall
from newsletter.web.preview.desk import Desk

_LONGEST: Final = 320
_SUGGESTED: Final = 30
#: How a reason is drawn: an icon, and a class that gives it a colour. All others are drawn as nothing much.
_DRAWN: Final[Mapping[Code, tuple[str, str]]] = {
    Code.SENT: ("ok", "ok"),
    Code.QUEUED: ("wait", "wait"),
    Code.DEFERRED: ("wait", "wait"),
    Code.WAITING_FOR_TIME: ("wait", "wait"),
    Code.UNAPPROVED: ("wait", "doubt"),
    Code.HELD: ("wait", "doubt"),
    Code.IN_DOUBT: ("doubt", "doubt"),
    Code.FAILED: ("error", "err"),
    Code.EXPIRED: ("error", "err"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom and what it is about."""

    who: str  #: an address, or words that stand in a name or an address
    about: str  #: an issue or an article; empty: all issues
    of: str  #: only of this newsletter; empty: all

    @classmethod
    def of_request(cls, asked: Mapping[str, str], newsletters: tuple[str, ...]) -> Asked:
        """What was asked for."""
        of = asked.get("of", "")
        return cls(
            asked.get("who", "").strip()[:_LONGEST],
            asked.get("about", "").strip()[:_LONGEST],
            of if of in newsletters else "",
        )

    def link(self, **changes: str) -> str:
        """The address of this view with these changes."""
        told = {"who": self.who, "about": self.about, "of": self.of} | changes
        kept = {name: value for name, value in told.items() if value}
        return f"/explain?{urlencode(kept)}" if kept else "/explain"


class Explaining(Overall):
    """What the template asks for."""

    here = "explain"

    def __init__(self, desk: Desk, asked: Mapping[str, str]) -> None:
        super().__init__(desk)
        self.view = Asked.of_request(asked, self.newsletters)
        self.found = self._found()
        self.answer = self._answer()

    def _found(self) -> tuple[Reader, ...]:
        """Whom the words mean: one, whom it is about; several, of whom one must choose."""
        database = self._desk.database
        if database is None or not self.view.who:
            return ()
        with database.read() as connection:
            return readers.found(connection, self.view.who)

    def _answer(self) -> Explanation | None:
        """None as long as nobody was asked for, or somebody must be chosen first."""
        database, who = self._desk.database, self.view.who
        if not who or database is None or len(self.found) > 1:
            return None
        address = self.found[0].address if self.found else who
        if not _is_address(address):
            return Explanation(address, None)
        try:
            return self._desk.outside.explain(self.config, database, address, self.now, self.view.about)
        except NewsletterError as error:
            self.fail(error)
            return None

    @property
    def title(self) -> str:
        return f"Explain {self.address}" if self.address else "Explain"

    @property
    def address(self) -> str:
        return self.answer.address if self.answer else ""

    @property
    def command(self) -> str:
        """The same in a terminal."""
        about = f" {_quoted(self.view.about)}" if self.view.about else ""
        return f"newsletter explain {self.address or 'EMAIL'}{about}"

    @property
    def too_many(self) -> bool:
        """Whether there are more readers of that name than are listed."""
        return len(self.found) > readers.MOST

    @cached_property
    def known(self) -> tuple[Reason, ...]:
        """The issues that can be asked about, for the field."""
        every = self.answer.issues if self.answer else ()
        return tuple(one for one in every if one.issue_id)[:_SUGGESTED]

    # ── the table ──────────────────────────────────────────────────────────

    @cached_property
    def groups(self) -> tuple[tuple[str, tuple[Reason, ...]], ...]:
        """What is coming, what was, and what of its articles, each under its heading."""
        if self.answer is None:
            return ()
        issues = self._of(self.answer.issues)
        coming = tuple(one for one in issues if one.is_coming)
        past = tuple(one for one in issues if not one.is_coming)
        groups = (("Coming", coming), ("Past", past), ("Articles", self._of(self.answer.articles)))
        return tuple(group for group in groups if group[1])

    def _of(self, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(one for one in reasons if not self.view.of or one.newsletter == self.view.of)

    def drawn(self, one: Reason) -> tuple[str, str]:
        """Its icon and its colour."""
        return _DRAWN.get(one.code, ("out", "none"))

    def closer(self, one: Reason) -> str:
        """The address of a closer look: at the articles of an issue, or at one article in all issues."""
        return self.view.link(about=one.article or one.issue_id) if one.article or one.issue_id else ""

    def day(self, when: datetime | None, newsletter: str) -> str:
        """`Fri 9 Oct 2026`, in the newsletter's zone."""
        if when is None:
            return ""
        known = newsletter in self.config.newsletters
        zone = unpack.timezone(self.config, newsletter) if known else self.config.site.timezone
        return f"{when.astimezone(ZoneInfo(zone)):%a %-d %b %Y}"

    # ── the person ─────────────────────────────────────────────────────────

    @property
    def standings(self) -> tuple[tuple[str, str], ...]:
        """Newsletter, and how they stand with it in a few words."""
        person = self.answer.person if self.answer else None
        if person is None:
            return ()
        return tuple((one.newsletter, self._standing(person, one)) for one in person.subscriptions)

    def _standing(self, person: Subscriber, one: Subscription) -> str:
        standing = person.standing(one.newsletter, self.now)
        if standing in ("unsubscribed", None):
            return f"left {self.day(one.since, one.newsletter)}"
        until = self.day(one.paused_until, one.newsletter) if standing == "paused" else ""
        told = (str(standing), f"until {until}" if until else "", one.frequency, " and ".join(one.topics))
        return ", ".join(filter(None, told))

    @property
    def suppressed(self) -> tuple[str, ...]:
        """Why no mail goes there, newest first; none as a rule."""
        person = self.answer.person if self.answer else None
        if person is None:
            return ()
        holding = [one for one in person.suppressions if one.holds(self.now)]
        return tuple(
            f"{'all mail' if one.scope == '*' else one.scope}: {one.reason} since {self.day(one.since, '')}"
            for one in sorted(holding, key=lambda one: one.since, reverse=True)
        )

    @property
    def consent(self) -> tuple[tuple[str, str], ...]:
        """What they agreed to and how, newest first."""
        entries = self.answer.consent if self.answer else ()
        return tuple((_said(one.said), self._how(one.at, one.said)) for one in reversed(entries))

    def _how(self, at: datetime, said: Mapping[str, Any]) -> str:
        told = (self.day(at, ""), str(said.get("through", "")), str(said.get("source", "") or ""))
        return ", ".join(filter(None, told))


def _said(said: Mapping[str, Any]) -> str:
    """`Confirmed weekly`."""
    if not said:
        return "Erased"
    action = str(said.get("action", "")).capitalize()
    of = str(said.get("newsletter", ""))
    return f"{action} {'all newsletters' if of == '*' else of}".strip()


def _is_address(words: str) -> bool:
    try:
        parse(words)
    except ValueError:
        return False
    return True


def _quoted(words: str) -> str:
    return f'"{words}"' if " " in words else words
