"""The database, and what the server took -> whether each slot was decided once, and what was lost.

It is held against the dates and the articles that there were, not against what the service says of itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from sqlalchemy import Connection, Row, select

from newsletter.model import State
from newsletter.schedule.due import BEGUN, ISSUED
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.senders.fault_server import FaultServer


@dataclass(frozen=True, slots=True)
class Expected:
    """What there must be."""

    dates: tuple[str, ...]  #: of the slots
    articles: tuple[str, ...]  #: titles
    readers: tuple[str, ...]  #: addresses


@dataclass(frozen=True, slots=True)
class Came:
    """What a run led to."""

    slots: int
    issued: int
    skipped: Counter[str]  #: reason -> how many
    killed: int
    articles: int
    readers: int
    messages: int
    in_doubt: int
    arrived: int  #: of those in doubt, how many the server had really taken
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        why = ", ".join(f"{count} {reason}" for reason, count in sorted(self.skipped.items())) or "none"
        return (
            f"{self.slots} slots, {self.killed} kills: {self.issued} issued, skipped: {why}; "
            f"{self.articles} articles to {self.readers} readers in {self.messages} messages, "
            f"{self.in_doubt} in doubt of which {self.arrived} arrived; "
            + ("; ".join(self.wrong) or "0 missed, 0 double, 0 articles lost, 0 repeated")
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that the server took."""

    to: str
    issue: str
    titles: tuple[str, ...]


def came(database: Database, server: FaultServer, expected: Expected, killed: int) -> Came:
    """Hold the two against each other."""
    mails = [_mail(body, to) for body, to in zip(server.accepted, server.recipients, strict=True)]
    with database.read() as connection:
        rows = connection.execute(select(t.slot).where(t.slot.c.state != BEGUN)).all()
        issues = connection.execute(select(t.issue.c.id).where(t.issue.c.kind == "issue")).scalars().all()
        deliveries, titles = _deliveries(connection), _titles(connection)
    doubt = [row for row in deliveries if row.state == State.IN_DOUBT]
    doubtful = {(row.address, titles[id]) for row in doubt for id in row.articles}
    wrong = _wrong_slots(rows, issues, expected.dates) | _wrong_mails(mails, doubtful, expected)
    wrong["rows neither sent nor in doubt"] = {
        row.state for row in deliveries if row.state not in (State.SENT, State.IN_DOUBT, State.PASSED)
    }
    taken = {(mail.to, mail.issue) for mail in mails}
    return Came(
        slots=len(rows),
        issued=len(issues),
        skipped=Counter(re.sub(r"[\d-]{10}", "DATE", row.reason) for row in rows if row.state != ISSUED),
        killed=killed,
        articles=len(expected.articles),
        readers=len(expected.readers),
        messages=len(mails),
        in_doubt=len(doubt),
        arrived=sum((row.address, row.issue_id) in taken for row in doubt),
        wrong=tuple(f"{len(those)} {what}: {sorted(those)[:5]}" for what, those in wrong.items() if those),
    )


def _wrong_slots(
    rows: Sequence[Row[Any]], issues: Iterable[str], dates: Iterable[str]
) -> dict[str, set[Any]]:
    issued = {row.key: row.issue_id for row in rows if row.state == ISSUED}
    return {
        "slots not decided": set(dates) - {row.key for row in rows},
        "slots of no date": {row.key for row in rows} - set(dates),
        "issues with the id of another date": {id for key, id in issued.items() if id != f"weekly-{key}"},
        "issues without a slot, or the other way round": set(issued.values()) ^ set(issues),
        "slots skipped without a reason": {row.key for row in rows if row.state != ISSUED and not row.reason},
    }


def _wrong_mails(
    mails: Sequence[Mail], doubtful: set[tuple[str, str]], expected: Expected
) -> dict[str, set[Any]]:
    had = Counter((mail.to, title) for mail in mails for title in mail.titles)
    due = {(reader, title) for reader in expected.readers for title in expected.articles}
    return {
        "issues twice": _twice((mail.to, mail.issue) for mail in mails),
        "articles twice": _twice(had.elements()),
        "articles lost": due - had.keys() - doubtful,
        "articles that nobody wrote": had.keys() - due,
    }


def _twice(those: Iterable[Hashable]) -> set[Any]:
    return {one for one, times in Counter(those).items() if times > 1}


def _deliveries(connection: Connection) -> Sequence[Row[Any]]:
    d = t.delivery.c
    rows = select(d.issue_id, d.state, t.subscriber.c.address, t.variant.c.articles)
    joined = t.delivery.join(t.subscriber, t.subscriber.c.id == d.subscriber_id)
    return connection.execute(rows.select_from(joined.join(t.variant, t.variant.c.id == d.variant_id))).all()


def _titles(connection: Connection) -> Mapping[int, str]:
    return {row.id: row.title for row in connection.execute(select(t.article))}


def _mail(body: bytes, to: str) -> Mail:
    plain = re.sub(rb"(?m)^\.\.", b".", body)
    message = cast(EmailMessage, message_from_bytes(plain, policy=policy.default))
    text = cast(EmailMessage, message.get_body(("plain",))).get_content()
    (issue,) = set(re.findall(r"utm_campaign=([\w-]+)", text))
    return Mail(to, issue, tuple(dict.fromkeys(re.findall(r"Day \d{4}", text))))
