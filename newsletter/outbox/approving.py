"""Somebody's word -> rows: who approved exactly which issue, and what becomes of one that is held.

An approval names a hash. It counts as long as the issue has that hash: whatever changes the mail, its readers
or its time makes another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, select, update

from newsletter.model import Problem
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new

#: Of a hash that is given shortened, the fewest digits.
FEWEST_DIGITS: Final = 12
#: An issue that waits for somebody's word.
HELD: Final = "held"
#: Why an issue is cancelled that somebody did not want.
REJECTED: Final = "rejected"
#: A file of approvals is no longer than this: bytes.
LONGEST_FILE: Final = 64 * 1024

_HASH = re.compile(rf"[0-9a-f]{{{FEWEST_DIGITS},64}}")


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody agreed to an issue with that hash."""

    hash: str
    at: datetime
    by: str  #: a name, or the file and line that say it


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file of approvals."""

    number: int  #: from 1
    hash: str  #: may be shortened
    who: str  #: may be empty


@dataclass(frozen=True, slots=True)
class Signed:
    """What a file of approvals says."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]  #: lines that say nothing, and why


def approval_hash(issue_hash: str, audience: str, cadence: str, brief: str) -> str:
    """What a person agrees to, as 64 hexadecimal digits: the hash of the mail, the rule of who gets it, the
    cadence with its schedule and the slot, the hash of the brief. Each part stands behind its length."""
    from newsletter.issue.render import hash_of  # loads what renders

    return hash_of(part.encode() for part in (issue_hash, audience, cadence, brief))


def is_meant(given: str, hash: str) -> bool:
    """Whether a hash that somebody gave, perhaps shortened to at least 12 digits, is that one."""
    digits = given.strip().lower()
    return _HASH.fullmatch(digits) is not None and hash.startswith(digits)


def approve(connection: Connection, issue_id: str, hash: str, by: str, now: datetime) -> bool:
    """Write down that somebody agrees to that hash; False when somebody did before."""
    row = {"issue_id": issue_id, "hash": hash, "at": now, "by": by}
    if connection.execute(insert_new(t.approval).values(row)).rowcount:
        return True
    a = t.approval.c
    mine = a.issue_id == issue_id, a.hash == hash
    before = connection.execute(select(a.by).where(*mine)).scalar_one()
    if not _is_of_file(before, issue_id) or _is_of_file(by, issue_id):
        return False
    # A person's word stays when the file's is taken out.
    connection.execute(update(t.approval).where(*mine).values(at=now, by=by))
    return True


def withdraw(connection: Connection, issue_id: str, hash: str) -> bool:
    """Take an approval back; False when there was none."""
    a = t.approval.c
    gone = delete(t.approval).where(a.issue_id == issue_id, a.hash == hash)
    return bool(connection.execute(gone).rowcount)


def is_approved(connection: Connection, issue_id: str, hash: str) -> bool:
    """Whether somebody agreed to exactly that. Nobody can agree to an empty hash."""
    a = t.approval.c
    found = select(a.at).where(a.issue_id == issue_id, a.hash == hash)
    return bool(hash) and connection.execute(found).first() is not None


def approvals(connection: Connection, issue_id: str) -> tuple[Approval, ...]:
    """All approvals of an issue, those of earlier hashes too, oldest first."""
    a = t.approval.c
    found = select(a.hash, a.at, a.by).where(a.issue_id == issue_id).order_by(a.at, a.hash)
    return tuple(Approval(row.hash, row.at, row.by) for row in connection.execute(found))


# ── an issue that is held ───────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Held:
    """An issue that waits for somebody's word."""

    id: str
    newsletter: str
    cadence: str
    subject: str
    hash: str  #: that of the approval
    slot_at: datetime  #: when it is due in the newsletter's own zone
    due_at: datetime  #: when the first of it may go
    articles: int
    reason: str  #: why it is held

    @property
    def command(self) -> str:
        """With which somebody approves exactly this."""
        return f"newsletter issues approve {self.id} --hash {self.hash[:FEWEST_DIGITS]}"


def held(connection: Connection, issue_id: str | None = None) -> tuple[Held, ...]:
    """The issues that are held, or that one of them, by their slots."""
    i = t.issue.c
    found = select(t.issue).where(i.state == HELD).order_by(i.due_at, i.id)
    if issue_id is not None:
        found = found.where(i.id == issue_id)
    return tuple(
        Held(
            id=row.id,
            newsletter=row.newsletter,
            cadence=row.cadence,
            subject=row.subject,
            hash=row.approval_hash,
            slot_at=row.slot_at or row.due_at,
            due_at=row.due_at,
            articles=_articles(connection, row.id),
            reason=row.state_reason,
        )
        for row in connection.execute(found).all()
    )


def let_go(connection: Connection, issue_id: str, why: str) -> bool:
    """Cancel an issue that is held: nothing of it was queued, so its articles stay news. False when it is not
    held, by now."""
    i = t.issue.c
    change = update(t.issue).where(i.id == issue_id, i.state == HELD)
    return bool(connection.execute(change.values(state="cancelled", state_reason=why)).rowcount)


def reject(connection: Connection, issue_id: str, note: str = "") -> bool:
    """The same, because somebody does not want it."""
    return let_go(connection, issue_id, f"{REJECTED}: {note}" if note else REJECTED)


def _articles(connection: Connection, issue_id: str) -> int:
    a = t.issue_article.c
    carried = select(a.article_id).where(a.issue_id == issue_id, a.fate == "carried")
    return len(connection.execute(carried).all())


# ── approvals in a file ─────────────────────────────────────────────────────


def from_file(path: Path, shown: str = "") -> Signed:
    """What a file of approvals says: a hash a line, and who agrees; `#` begins a comment. A file that is not
    there says nothing. `shown`: how its problems call it."""
    named = shown or path.as_posix()
    try:
        given = path.read_bytes()[: LONGEST_FILE + 1]
        text = given.decode("utf-8-sig")
    except FileNotFoundError:
        return Signed((), ())
    except OSError as error:
        return Signed((), (Problem(named, 0, error.strerror or "cannot be read"),))
    except UnicodeDecodeError:
        return Signed((), (Problem(named, 0, "not UTF-8; save it as UTF-8"),))
    if len(given) > LONGEST_FILE:
        return Signed(
            (), (Problem(named, 0, f"longer than {LONGEST_FILE:,} bytes: a line for each approval"),)
        )
    return _signed(text.splitlines(), named)


def _signed(lines: Iterable[str], named: str) -> Signed:
    good, problems = [], []
    for number, line in enumerate(lines, 1):
        digits, _, who = line.partition("#")[0].strip().partition(" ")
        if not digits:
            continue
        if _HASH.fullmatch(digits.lower()):
            good.append(Line(number, digits.lower(), " ".join(who.split())))
        else:
            told = f"should begin with the hash of the issue, at least {FEWEST_DIGITS} digits of it"
            problems.append(Problem(named, number, told))
    return Signed(tuple(good), tuple(problems))


def follow_file(
    connection: Connection, issue_id: str, hash: str, signed: Signed, shown: str, now: datetime
) -> None:
    """Let a file of approvals count for an issue that has that hash now, as long as the file says so.
    `shown`: how the approval calls the file."""
    for each in approvals(connection, issue_id):
        if _is_of_file(each.by, issue_id) and not _line(signed, each.hash):
            withdraw(connection, issue_id, each.hash)
    if line := _line(signed, hash):
        approve(connection, issue_id, hash, f"{shown}:{line.number} {line.who}".rstrip(), now)


def _is_of_file(by: str, issue_id: str) -> bool:
    """Whether a file said it, in whatever folder it stood then."""
    folder, named, line = by.partition(f"{issue_id}.approved:")
    return bool(named) and line[:1].isdigit() and (not folder or folder.endswith("/"))


def _line(signed: Signed, hash: str) -> Line | None:
    return next((line for line in signed.lines if is_meant(line.hash, hash)), None)
