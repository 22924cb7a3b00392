"""Entry, Entry … -> the consent log: a chain of links, each over a salted commitment to what was said.

The links are never changed (triggers refuse it) and outlive the people. What was said, with its salt, stands
beside them and goes when a person is erased: without the salt, the commitment that stays tells nothing.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from newsletter.store.dialect import Bulk, insert_new
from newsletter.store.tables import consent, consent_detail, consent_form, instant, milliseconds

#: What the first link is made over.
BEGINNING: Final = b"\0" * 32
_SALT: Final = 16
_FIXED: Final = struct.Struct(">qqq")
_quoted: Final = json.encoder.encode_basestring


class Action(StrEnum):
    """What happened to a subscription, in the words of the log."""

    ADDED = "added"  #: by an import or the operator, on the word of whoever brought the list
    SIGNED_UP = "signed up"  #: asked for it; nothing is sent before they confirm
    CONFIRMED = "confirmed"
    CHANGED = "changed"  #: how often, about what, or a pause
    LEFT = "left"
    RESTORED = "restored"  #: took their leave back
    LIFTED = "lifted"  #: a reason to send nothing was taken from the suppression list
    EXPIRED = "expired"  #: never confirmed
    UNDONE = "undone"  #: the import that brought it was taken back
    FORGOTTEN = "forgotten"  #: never confirmed anything
    ERASED = "erased"


#: After these what was said before may be missing.
FORGET: Final = (Action.FORGOTTEN, Action.ERASED)


@dataclass(frozen=True, slots=True)
class Form:
    """What a person read when they agreed, word for word."""

    language: str  #: BCP 47
    text: str

    @property
    def sha256(self) -> str:
        """The name of the form in the log: of its language, a line break, and its text."""
        return sha256(f"{self.language}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """When, from where and through what a change came."""

    at: datetime
    through: str  #: ``import``, ``operator``, ``form``, ``one-click`` …
    source: str = ""  #: a range of addresses, an import and its file, or whoever's word it was
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What was agreed; how things stood afterwards."""

    subscriber_id: int
    address: str
    newsletter: str  #: ``*`` for all
    action: Action
    status: str  #: empty: the subscription is there no more
    frequency: str = ""  #: that was chosen; empty: none
    topics: tuple[str, ...] = ()
    paused_until: datetime | None = None
    note: str = ""
    since: datetime | None = None  #: when it began to stand so, where that is not now


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log, as it is read."""

    id: int
    at: datetime
    subscriber_id: int
    said: dict[str, Any]  #: empty when it was erased
    form: Form | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of a look at the whole chain."""

    entries: int
    erased: int  #: of them, those of which only the link is left
    #: The last link, in hex: whoever has noted it can tell later that nothing before it was changed.
    head: str
    broken: int = 0  #: the first entry that does not hold; 0 when all do
    why: str = ""


def append(connection: Connection, said: Sequence[Said], evidence: Evidence) -> None:
    """Add entries to the end of the chain, in the caller's transaction."""
    append_each(connection, [(one, evidence) for one in said])


def append_each(connection: Connection, said: Sequence[tuple[Said, Evidence]]) -> None:
    """The same where each comes from elsewhere."""
    if not said:
        return
    forms = {evidence.form for _, evidence in said} - {None}
    names = {form: remember(connection, form) for form in forms if form}
    last = connection.execute(
        select(consent.c.id, consent.c.link).order_by(consent.c.id.desc()).limit(1)
    ).first()
    id, link = (last.id, last.link) if last else (0, BEGINNING)
    salts = os.urandom(_SALT * len(said))
    links, details = [], []
    for place, (one, evidence) in enumerate(said):
        id += 1
        at = _at(evidence.at)
        salt = salts[place * _SALT : (place + 1) * _SALT]
        text = _canonical(one, evidence, names[evidence.form] if evidence.form else "")
        commitment = sha256(salt + text.encode()).digest()
        link = _link(link, id, at, one.subscriber_id, commitment)
        links.append((id, at, one.subscriber_id, commitment, link))
        details.append((id, salt, text))
    _links()(connection, links)
    _details()(connection, details)


def entries(connection: Connection, subscriber_id: int) -> tuple[Entry, ...]:
    """All that the log still says of a person, oldest first."""
    query = (
        select(consent.c.id, consent.c.at, consent.c.subscriber_id, consent_detail.c.said)
        .outerjoin(consent_detail, consent_detail.c.consent_id == consent.c.id)
        .where(consent.c.subscriber_id == subscriber_id)
        .order_by(consent.c.id)
    )
    rows = [(row, json.loads(row.said) if row.said else {}) for row in connection.execute(query)]
    wanted = {said["form"] for _, said in rows if said.get("form")}
    named = connection.execute(select(consent_form).where(consent_form.c.sha256.in_(wanted)))
    forms = {row.sha256: Form(row.language, row.text) for row in named}
    return tuple(
        Entry(row.id, row.at, row.subscriber_id, said, forms.get(said.get("form", ""))) for row, said in rows
    )


def forget(connection: Connection, subscriber_id: int, action: Action, evidence: Evidence) -> None:
    """Take away what was said of a person and close their part of the log; the chain still holds."""
    assert action in FORGET
    theirs = select(consent.c.id).where(consent.c.subscriber_id == subscriber_id)
    connection.execute(delete(consent_detail).where(consent_detail.c.consent_id.in_(theirs)))
    append(connection, (Said(subscriber_id, "", "*", action, ""),), evidence)


def remember(connection: Connection, form: Form) -> str:
    """Keep the words of a form for good; the name under which :func:`form_named` finds them."""
    _forms()(connection, [(form.sha256, form.language, form.text)])
    return form.sha256


def form_named(connection: Connection, sha256: str) -> Form | None:
    """A form as it was read; None when there is none of that name."""
    row = connection.execute(select(consent_form).where(consent_form.c.sha256 == sha256)).first()
    return None if row is None else Form(row.language, row.text)


def newest_subscriber(connection: Connection) -> int:
    """The highest id that any subscriber ever had, erased ones too; 0 when there was none."""
    found = connection.execute(
        select(consent.c.subscriber_id).order_by(consent.c.subscriber_id.desc()).limit(1)
    ).scalar()
    return int(found or 0)


def verify(connection: Connection, known: str = "") -> Verified:
    """Follow the chain from its beginning. `known` is a link that somebody noted earlier, in hex."""
    count = erased = 0
    link, missing, seen = BEGINNING, dict[int, int](), not known
    for row in _rows(connection):
        count += 1
        fault = _fault(row, count, link)
        if fault:
            return Verified(count, erased, link.hex(), row.id, fault)
        link = row.link
        seen = seen or link.hex() == known
        if row.said is None:
            erased += 1
            missing.setdefault(row.subscriber_id, row.id)
        elif any(f'"action":"{action}"' in row.said for action in FORGET):
            missing.pop(row.subscriber_id, None)
    if missing:
        why = "what was said is gone, though nobody erased the person"
        return Verified(count, erased, link.hex(), min(missing.values()), why)
    return Verified(count, erased, link.hex(), 0 if seen else count + 1, "" if seen else _CUT)


_CUT: Final = "the link that was noted is not there: the end of the log was taken away or written anew"


def _rows(connection: Connection) -> Iterator[Any]:
    query = (
        select(consent, consent_detail.c.salt, consent_detail.c.said)
        .outerjoin(consent_detail, consent_detail.c.consent_id == consent.c.id)
        .order_by(consent.c.id)
    )
    yield from connection.execution_options(yield_per=1000).execute(query)


def _fault(row: Any, place: int, before: bytes) -> str:
    if row.id != place:
        return f"entry {place} is missing"
    if row.said is not None and sha256(row.salt + row.said.encode()).digest() != row.commitment:
        return "what it says was changed"
    if _link(before, row.id, milliseconds(row.at), row.subscriber_id, row.commitment) != row.link:
        return "it does not follow from the entry before it"
    return ""


def _link(before: bytes, id: int, at: int, subscriber_id: int, commitment: bytes) -> bytes:
    return sha256(before + _FIXED.pack(id, at, subscriber_id) + commitment).digest()


def _canonical(said: Said, evidence: Evidence, form: str) -> str:
    """JSON without blanks: the address first, then the other keys in the order of the alphabet."""
    rest = _rest(said.action, evidence.at, form, said.frequency, said.newsletter, said.note,
                 said.paused_until, evidence.source, said.status, evidence.through, said.topics)  # fmt: skip
    return f'{{"address":{_quoted(said.address)},{rest}'


@lru_cache(maxsize=256)
def _rest(
    action: Action,
    at: datetime,
    form: str,
    frequency: str,
    newsletter: str,
    note: str,
    paused_until: datetime | None,
    source: str,
    status: str,
    through: str,
    topics: tuple[str, ...],
) -> str:
    """The same for most of an import."""
    said = {
        "action": action.value,
        "at": _written(at),
        "form": form,
        "frequency": frequency,
        "newsletter": newsletter,
        "note": note,
        "paused_until": paused_until and _written(paused_until),
        "source": source,
        "status": status,
        "through": through,
        "topics": topics,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))[1:]


@cache
def _forms() -> Bulk:
    return Bulk(insert_new(consent_form), "sha256", "language", "text")


@cache
def _links() -> Bulk:
    return Bulk(insert(consent), "id", "at", "subscriber_id", "commitment", "link")


@cache
def _details() -> Bulk:
    return Bulk(insert(consent_detail), "consent_id", "salt", "said")


_at = lru_cache(maxsize=256)(milliseconds)  # a whole import shares one


def _written(when: datetime) -> str:
    return instant(milliseconds(when)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
