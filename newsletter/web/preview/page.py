"""View and mail -> everything that a page says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import cached_property
from typing import Final

from newsletter.audience.subscribers import Counts
from newsletter.errors import ConfigError
from newsletter.issue.checks import support
from newsletter.model import Finding
from newsletter.pipeline import Built
from newsletter.proof.copies import Reader
from newsletter.web.preview import facts, readers
from newsletter.web.preview.checks import Checks
from newsletter.web.preview.desk import Desk, Next, parted
from newsletter.web.preview.facts import Verdict, Weight
from newsletter.web.preview.faults import Fault, faults, name_of
from newsletter.web.preview.listing import Group, listing
from newsletter.web.preview.readers import Known
from newsletter.web.preview.shown import Answer, Shown
from newsletter.web.preview.views import TABS, View

#: Bytes of a message that are shown; the file has them all.
_SHOWN: Final = 60_000


@dataclass(frozen=True, slots=True)
class Trial:
    """A test mail, and how it went."""

    to: str  #: empty when the address was none
    told: str
    sent: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Matches:
    """Whom a search has found."""

    words: str
    readers: tuple[Reader, ...]
    more: bool

    @property
    def alone(self) -> str | None:
        """The id of the only one; empty for nobody in particular; None when one must choose."""
        if not self.words:
            return None
        return str(self.readers[0].id) if len(self.readers) == 1 else None


class Page:
    """What the templates ask for."""

    def __init__(
        self, desk: Desk, checks: Checks, view: View, answer: Answer, test_to: str, trial: Trial | None
    ) -> None:
        self.view, self.test_to, self.trial = view, test_to, trial
        self.state = desk.state
        self._desk, self._checks, self._answer = desk, checks, answer

    # ── what it is about ───────────────────────────────────────────────────

    @property
    def site(self) -> str:
        return self._desk.config.site.name

    @property
    def config_name(self) -> str:
        return self._desk.config_path.name

    @property
    def newsletter(self) -> str:
        return self._answer.newsletter

    @property
    def shown(self) -> Shown | None:
        return self._answer.shown

    @property
    def next(self) -> Next | None:
        return self._answer.next

    @property
    def reason(self) -> str:
        return self._answer.reason

    @property
    def kind(self) -> str:
        """``n`` the next issue, ``i`` one that was sent, ``l`` a letter."""
        return self.view.path[1]

    @property
    def title(self) -> str:
        subject = self.shown.subject if self.shown else self.newsletter
        return f"{len(self.faults)} to mend · {subject}" if self.faults else subject

    @property
    def crumb(self) -> str:
        cadence = parted(self.view.path)[1]
        coming = f"next {cadence} issue" if cadence else "next issue"
        what = {"n": coming, "i": "sent", "l": "letter"}[self.kind]
        return f"{self.newsletter} · {what}"

    @property
    def tabs(self) -> tuple[tuple[str, str], ...]:
        known = self.shown.tabs if self.shown else ("",)
        return tuple((name, title) for name, title in TABS.items() if name in known)

    @property
    def groups(self) -> tuple[Group, ...]:
        return listing(self._desk, self.view, self.newsletter)

    # ── when something is wrong ────────────────────────────────────────────

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        return self._answer.faults

    @property
    def faults_name(self) -> str:
        return name_of(self.faults)

    @property
    def covered(self) -> bool:
        """Whether the mistakes stand over the view."""
        return bool(self.faults) and (self.view.over != self.faults_name or self.shown is None)

    # ── as whom ────────────────────────────────────────────────────────────

    @cached_property
    def reader(self) -> Known | None:
        return readers.asked(self._desk.database, self.view.as_, self.newsletter, self._desk.outside.clock())

    @property
    def sampled(self) -> bool:
        """Whether it is shown as a sample person."""
        return self.view.as_ in ("", *readers.SAMPLES)

    @property
    def samples(self) -> tuple[tuple[str, str], ...]:
        """Sample people: their names in an address, and what they are called."""
        return (("", "Sample"), *((id, sample.label) for id, sample in readers.SAMPLES.items()))

    @cached_property
    def matches(self) -> Matches:
        database, words = self._desk.database, self.view.who
        if not words or database is None:
            return Matches(words, (), False)
        with database.read() as connection:
            found = readers.found(connection, words)
        return Matches(words, found[: readers.MOST], len(found) > readers.MOST)

    # ── figures ────────────────────────────────────────────────────────────

    @cached_property
    def weight(self) -> Weight | None:
        return facts.weight(self.shown) if self.shown else None

    @property
    def cadences(self) -> tuple[str, ...]:
        """Those that readers may choose among; none, where there is a single schedule."""
        return tuple(self._desk.config.newsletters[self.newsletter].cadences)

    @property
    def reached(self) -> int | None:
        """How many have chosen the cadence of this issue, and get something of it; None where all read it."""
        built = self.next.made if self.next else None
        known = self.cadences and self._desk.database is not None and not self.view.again
        return built.chosen.recipients if known and isinstance(built, Built) else None

    @cached_property
    def held(self) -> tuple[str, str] | None:
        """What the issue waits for that is made already, and by which command somebody lets it go."""
        return facts.held(self._desk, self.next.id) if self.next else None

    @cached_property
    def people(self) -> Counts:
        return facts.people(self._desk, self.newsletter)

    @property
    def when(self) -> str:
        due = self.shown.due if self.shown else None
        return facts.local(self._desk, self.newsletter, due) if due else ""

    @property
    def distance(self) -> str:
        due = self.next.due if self.next else None
        return facts.distance(due - self._desk.outside.clock()) if due else ""

    @property
    def zone(self) -> str:
        return facts.zone(self._desk, self.newsletter)

    @property
    def built(self) -> str:
        return facts.clock(self._desk, self.next.built_at) if self.next else ""

    def clock(self, when: datetime) -> str:
        return facts.clock(self._desk, when)

    # ── tabs ───────────────────────────────────────────────────────────────

    @property
    def source(self) -> str:
        return "" if self.shown is None else self.shown.mjml if self.view.of == "mjml" else self.shown.html

    @property
    def headers(self) -> tuple[tuple[str, str, str], ...]:
        """Name, value as it stands, and what it says where that is another thing."""
        found = self.shown.copy.headers if self.shown else ()
        return tuple((name, value, _said(value)) for name, value in found)

    @property
    def verp(self) -> bool:
        """Whether each message has an envelope sender of its own."""
        return self._desk.config.sender.verp

    @property
    def raw(self) -> str:
        copy = self.shown.copy if self.shown else None
        return copy.data[:_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n") if copy else ""

    @property
    def raw_rest(self) -> int:
        copy = self.shown.copy if self.shown else None
        return max(0, len(copy.data) - _SHOWN) if copy else 0

    @cached_property
    def findings(self) -> tuple[Finding, ...] | None:
        """What the checks found; None as long as they run. A mistake about checks joins the others."""
        shown, built, next_ = self.shown, self._answer.built, self.next
        if shown is None or built is None or next_ is None:
            return None
        wait = self.view.tab == "checks"
        try:
            return self._checks.of(self._desk.config, built, shown.copy, wait=wait)
        except ConfigError as error:
            self.faults = (*self.faults, *faults(error, self._desk.config.root, self._desk.folders))
            return None

    @property
    def verdict(self) -> Verdict | None:
        return facts.verdict(self.findings) if self.findings is not None else None

    @property
    def support(self) -> tuple[tuple[str, float], ...]:
        """How much of the mail the large programs show, from 0 to 100."""
        if self.shown is None:
            return ()
        found = support.scores(self.shown.html)
        return tuple((title, found[id]) for id, title in support.LARGE.items() if id in found)


def _said(value: str) -> str:
    if "=?" not in value:
        return ""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return ""
