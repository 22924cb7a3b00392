"""One person's rows -> one reason for each issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, exists, select

from newsletter.audience.consent import Entry
from newsletter.audience.explained import Code, Reason
from newsletter.audience.known import Subscriber
from newsletter.issue.portion import fold, wants
from newsletter.model import State
from newsletter.outbox import approving
from newsletter.outbox.sharing import FREQUENCIES, Sharing, of_document
from newsletter.service.told import UNAPPROVED
from newsletter.store import tables as t
from newsletter.store.archive.block import ArchivedRow
from newsletter.store.archive.reading import of_person
from newsletter.store.segments.meaning import members

_PAUSED: Final = "paused"
_LEFT: Final = "not subscribed any more"
_EXPIRED: Final = "expired"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One person's row of an issue."""

    state: State
    variant_id: int | None
    at: datetime
    due_at: datetime
    next_at: datetime | None
    attempts: int
    doubt: int
    code: int
    reply: str


@dataclass(frozen=True, slots=True)
class Stood:
    """How a subscription stood at a moment, by the consent log."""

    status: str  #: empty: there was none
    since: datetime | None
    frequency: str
    topics: tuple[str, ...]
    paused_until: datetime | None


NEVER: Final = Stood("", None, "", (), None)


class Whose:
    """One person, looked at."""

    def __init__(
        self,
        connection: Connection,
        person: Subscriber | None,
        person_id: int,
        log: Sequence[Entry],
        now: datetime,
        zone: ZoneInfo,
    ) -> None:
        self.connection, self.person, self.id = connection, person, person_id
        self.log, self.now = tuple(log), now
        self.zone = ZoneInfo(person.zone) if person and person.zone else zone
        self._archived = {row.issue_id: row for row in of_person(connection, person_id)}

    def say(self, at: datetime) -> str:
        """A moment as it is told."""
        return f"{at.astimezone(self.zone):%a %-d %b %Y %H:%M}"

    def delivered(self, row: Any) -> Delivered | None:
        """What became of an issue for them; None when they have no row of it."""
        if row.state is not None:
            return Delivered(
                State(row.state), row.variant_id, row.state_at, row.row_due, row.next_at,
                row.attempts, row.doubt, row.code, row.reply,
            )  # fmt: skip
        packed: ArchivedRow | None = self._archived.get(row.id)
        if packed is None:
            return None
        return Delivered(
            packed.state, packed.variant_id, packed.at, packed.due_at, None,
            packed.attempts, packed.doubt, packed.code, packed.reply,
        )  # fmt: skip

    def stood(self, newsletter: str, at: datetime) -> Stood:
        """How their subscription stood then."""
        told = [
            one
            for one in self.log
            # That a block is lifted says nothing of how a subscription stands.
            if one.at <= at
            and one.said.get("newsletter") == newsletter
            and one.said.get("action") != "lifted"
        ]
        if not told:
            return self._by_now(newsletter, at)
        last = told[-1].said
        began = next((one.at for one in reversed(told) if one.said.get("status") != last.get("status")), None)
        since = next((one.at for one in told if began is None or one.at > began), told[-1].at)
        until = last.get("paused_until")
        return Stood(
            str(last.get("status") or ""),
            since,
            str(last.get("frequency") or ""),
            tuple(last.get("topics") or ()),
            datetime.fromisoformat(until) if isinstance(until, str) else None,
        )

    def _by_now(self, newsletter: str, at: datetime) -> Stood:
        """The same where the log does not say: of those who were there before it was kept."""
        mine = (
            next((one for one in self.person.subscriptions if one.newsletter == newsletter), None)
            if self.person
            else None
        )
        if (
            mine is None
            or mine.since > at
            or any(one.said.get("newsletter") == newsletter for one in self.log)
        ):
            return NEVER
        return Stood(mine.status, mine.since, mine.frequency, mine.topics, mine.paused_until)

    def in_segment(self, segment: str, newsletter: str) -> bool:
        """Whether they are among the readers that a rule names, by now."""
        if not segment:
            return True
        s = t.subscription.c
        mine = and_(s.subscriber_id == self.id, s.newsletter == newsletter, members(segment))
        return bool(self.connection.execute(select(exists().where(mine))).scalar())


def issues(whose: Whose, name: str = "") -> Iterator[tuple[Any, Delivered | None]]:
    """All issues, newest first, or that one, each with the person's row."""
    i, d = t.issue.c, t.delivery.c
    query = (
        select(
            i.id, i.newsletter, i.cadence, i.created_at, i.due_at, i.slot_at, i.number, i.subject, i.segment,
            i.pool, i.state.label("issue_state"), i.state_reason, i.approval_hash,
            d.state, d.variant_id, d.state_at, d.due_at.label("row_due"), d.next_at, d.attempts, d.doubt,
            d.code, d.reply,
        )
        .outerjoin(t.delivery, and_(d.issue_id == i.id, d.subscriber_id == whose.id))
        .where(i.kind == "issue")
        .order_by(i.number.desc())
    )  # fmt: skip
    if name:
        query = query.where(i.id == name)
    for row in whose.connection.execute(query).all():
        yield row, whose.delivered(row)


def reason(whose: Whose, row: Any, had: Delivered | None) -> Reason:
    """Why the person did or did not get an issue."""
    code, text, at = of_row(whose, row, had) if had else of_none(whose, row)
    due = had.due_at if had else row.slot_at or row.due_at
    return Reason(row.newsletter, row.id, "", row.subject, code, text, at, due, _evidence(had))


def _evidence(had: Delivered | None) -> tuple[str, ...]:
    if had is None:
        return ()
    told = [f"attempts: {had.attempts}"] if had.attempts > 1 else []
    told += [f"the server said: {had.code} {had.reply}".rstrip()] if had.code else []
    return (*told, *([f"attempts of which nobody knows: {had.doubt}"] if had.doubt else []))


Told = tuple[Code, str, datetime | None]


def of_row(whose: Whose, row: Any, had: Delivered) -> Told:
    say, said = whose.say, f"{had.code} {had.reply}".strip() if had.code else had.reply
    since = say(had.at)
    match had.state:
        case State.SENT:
            nth = f", attempt {had.attempts}" if had.attempts > 1 else ""
            return Code.SENT, f"Sent on {since}{nth}; the server answered {said or 'yes'}.", had.at
        case State.QUEUED | State.SENDING if row.issue_state == "paused":
            return Code.HELD, f"Waits: the issue is paused ({row.state_reason}).", had.at
        case State.QUEUED if had.due_at > whose.now:
            return Code.WAITING_FOR_TIME, f"Waits for {say(had.due_at)} where they live.", had.at
        case State.QUEUED | State.SENDING:
            return Code.QUEUED, "Is on its way: queued, and due.", had.at
        case State.DEFERRED:
            again = f" again on {say(had.next_at)}" if had.next_at else " again"
            return Code.DEFERRED, f"The server put it off ({said}); it is tried{again}.", had.at
        case State.IN_DOUBT:
            return Code.IN_DOUBT, f"Nobody knows: on {since} no answer came. Somebody must decide.", had.at
        case State.FAILED if had.reply.startswith(_EXPIRED):
            return Code.EXPIRED, f"Given up on {since}: {had.reply}.", had.at
        case State.FAILED:
            return Code.FAILED, f"Failed on {since}: the server answered {said or 'no'}.", had.at
        case State.CANCELLED:
            return Code.CANCELLED, f"Cancelled on {since}, before it was sent.", had.at
        case State.SUPPRESSED if had.reply == _PAUSED:
            return Code.PAUSED, f"They had paused when it was to be sent, on {since}.", had.at
        case State.SUPPRESSED if had.reply == _LEFT:
            return Code.NOT_SUBSCRIBED_THEN, f"They had left when it was to be sent, on {since}.", had.at
        case State.SUPPRESSED:
            return Code.SUPPRESSED, _why_suppressed(whose, row.newsletter, since), had.at
    return _passed(whose, row, had)


def _why_suppressed(whose: Whose, newsletter: str, since: str) -> str:
    reasons = whose.person.suppressions if whose.person else ()
    mine = [one for one in reasons if one.scope in ("*", newsletter)]
    told = "; ".join(f"{one.reason} since {one.since:%-d %b %Y}" for one in mine)
    return f"On the suppression list{f' ({told})' if told else ''} when it was to be sent, on {since}."


def _passed(whose: Whose, row: Any, had: Delivered) -> Told:
    """Why an issue had nothing for them."""
    shared = of_document(row.pool)
    waiting = _waiting(whose.connection, had.variant_id)
    if shared is not None and any(one.id in waiting for one in shared.pool):
        least = shared.rules.min_items
        text = f"Only {len(waiting)} of its articles {'is' if len(waiting) == 1 else 'are'} due to them"
        return Code.LEFT_OUT, f"{text}, and an issue needs {least}; the next may bring them.", had.at
    topics = whose.stood(row.newsletter, row.created_at).topics
    if shared is not None and topics and not any(wants(fold(topics), one.tags) for one in shared.pool):
        chosen = ", ".join(topics)
        return Code.TOPIC_NOT_CHOSEN, f"None of its articles is about what they chose: {chosen}.", had.at
    return Code.ALREADY_HAD, "They had had all of it that is for them, in earlier issues.", had.at


def _waiting(connection: Connection, variant_id: int | None) -> frozenset[int]:
    found = connection.execute(select(t.variant.c.waiting).where(t.variant.c.id == variant_id)).scalar()
    return frozenset(found or ())


def of_none(whose: Whose, row: Any) -> Told:
    """Why they have no row of an issue."""
    at, say = row.created_at, whose.say
    asked = whose.now if row.issue_state in ("held", "publishing") else at
    then = whose.stood(row.newsletter, asked)
    code, text = standing(whose, then, asked)
    if code is not None:
        return code, text, then.since
    groups = _frequencies(of_document(row.pool))
    if then.frequency not in groups:
        named = row.cadence or "that"
        return *not_due(named, then), at
    match row.issue_state:
        case "held" if approving.is_approved(whose.connection, row.id, row.approval_hash):
            goes = "at its time" if row.due_at > whose.now else "as soon as it may"
            return Code.HELD, f"The issue is approved, and goes out {goes}.", at
        case "held" if row.state_reason == UNAPPROVED:
            return Code.UNAPPROVED, "Nobody has approved the issue yet.", at
        case "held":
            return Code.HELD, f"The issue is held: {row.state_reason}.", at
        case "cancelled":
            return Code.CANCELLED, f"The issue was cancelled: {row.state_reason or 'by the operator'}.", at
        case "publishing":
            return Code.QUEUED, "The issue is being queued.", at
    if not whose.in_segment(row.segment, row.newsletter):
        return Code.LEFT_OUT, f"It is for a part of the readers: {row.segment}.", at
    return Code.NOT_SUBSCRIBED_THEN, f"They were not among its readers when it was queued, on {say(at)}.", at


def not_due(cadence: str, then: Stood) -> tuple[Code, str]:
    """Why somebody who chose another rhythm gets nothing."""
    theirs = "who get each post as it appears" if cadence == "each" else f"of the {cadence} mail"
    chosen = then.frequency or "no frequency"
    return Code.NOT_DUE, f"It is for readers {theirs}; they have chosen {chosen}."


def standing(whose: Whose, then: Stood, at: datetime) -> tuple[Code | None, str]:
    """Why somebody who stood so gets nothing; None when they do."""
    say = whose.say
    match then.status:
        case "pending":
            since = f" since {say(then.since)}" if then.since else ""
            return Code.PENDING, f"They have not confirmed their subscription{since}."
        case "active":
            if then.paused_until and then.paused_until > at:
                return Code.PAUSED, f"They paused until {say(then.paused_until)}."
            return None, ""
        case "unsubscribed":
            since = f" on {say(then.since)}" if then.since else ""
            return Code.NOT_SUBSCRIBED_THEN, f"They had left{since}."
    return Code.NOT_SUBSCRIBED_THEN, f"They were not subscribed then, on {say(at)}."


def _frequencies(shared: Sharing | None) -> tuple[str, ...]:
    if shared is None:
        return FREQUENCIES
    return tuple(each for group in shared.groups for each in group.frequencies)
