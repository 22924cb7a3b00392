"""Desk -> what stands in the list: newsletters, what comes, what is in it and what is not, what was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from newsletter.config import unpack
from newsletter.issue.letters import LETTERS
from newsletter.model import State
from newsletter.outbox import approving, operate
from newsletter.outbox.operate import Counts
from newsletter.pipeline import Built, Nothing
from newsletter.schedule.slots import parse
from newsletter.web.preview.desk import EACH, Desk
from newsletter.web.preview.views import View

#: So many are listed; the others are counted.
MOST: Final = 40
_PAST: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    title: str
    note: str = ""  #: stands below
    beside: str = ""  #: stands at the end
    link: str = ""  #: empty: it can only be read
    here: bool = False  #: it is what is shown
    kind: str = ""  #: ``in``, ``out`` or ``bad``


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: tuple[Row, ...]
    count: int  #: of which the rows are the first
    numbered: bool = False

    @property
    def marked(self) -> bool:
        """Whether something stands in front of the rows."""
        return self.numbered or any(row.kind in ("out", "bad") for row in self.rows)


def listing(desk: Desk, view: View, newsletter: str) -> tuple[Group, ...]:
    """All groups for a page about this newsletter."""
    stream = view.path.removeprefix("/n/") if view.path.startswith("/n/") else newsletter
    coming = desk.next(stream, again=view.again == "1")
    groups = [_group("Newsletters", _newsletters(desk, view, newsletter))]
    groups.append(_group("Coming", _coming_of(desk, view, newsletter)))
    if isinstance(coming.made, Built | Nothing):
        groups += _articles(desk, coming.made)
    groups.append(_group("Letters", [_letter(view, newsletter, name) for name in LETTERS]))
    groups.append(_group("Sent", _past(desk, view, newsletter)))
    return tuple(_found(group, view.find) for group in groups if group.rows)


def _group(title: str, rows: Iterable[Row], *, numbered: bool = False) -> Group:
    every = tuple(rows)
    return Group(title, every, len(every), numbered)


def _found(group: Group, words: str) -> Group:
    """The rows in which the words stand; all without words. Newsletters are never hidden."""
    wanted = words.casefold()
    rows = group.rows
    if wanted and group.title != "Newsletters":
        rows = tuple(row for row in rows if wanted in f"{row.title} {row.note}".casefold())
    return Group(group.title, rows[:MOST], len(rows), group.numbered)


def _newsletters(desk: Desk, view: View, here: str) -> Iterable[Row]:
    for name, newsletter in desk.config.newsletters.items():
        rhythm = parse(newsletter.schedule).in_words() if newsletter.schedule else ""
        rhythm = rhythm or ", ".join(newsletter.cadences) or "by hand"
        yield Row(name, note=rhythm, link=view.elsewhere(f"/n/{name}"), here=name == here)


def _coming_of(desk: Desk, view: View, name: str) -> Iterable[Row]:
    yield from (_coming(desk, view, name, stream) for stream in desk.streams(name))
    if EACH in desk.config.newsletters[name].cadences:
        yield Row("Each post by itself", note="as it appears: the plan tells when", link=f"/plan?of={name}")


def _coming(desk: Desk, view: View, name: str, stream: str) -> Row:
    made = desk.next(stream)
    link, here = view.elsewhere(f"/n/{stream}"), view.path == f"/n/{stream}"
    if isinstance(made.made, Built):
        day = "" if made.by_hand else _day(desk, name, made.due)
        return Row(made.made.rendered.subject, note=made.id, beside=day, link=link, here=here)
    reason = made.made.reason if made.made else "cannot be built"
    return Row("No issue", note=reason, link=link, here=here, kind="out" if made.made else "bad")


def _articles(desk: Desk, made: Built | Nothing) -> Iterable[Group]:
    problems = (
        {problem.path: str(problem) for problem in reversed(made.problems)} if isinstance(made, Built) else {}
    )
    if isinstance(made, Built):
        rows = [
            Row(
                card.title,
                note=problems.get(card.path) or f"{card.path} · {card.excerpt_from.value}",
                beside=_day(desk, made.issue.newsletter, card.date),
                kind="bad" if card.path in problems else "in",
            )
            for card in made.issue.cards
        ]
        yield _group("Picked", rows, numbered=True)
        told = [Row(one.text, note=f"{one.path}:{one.line}", kind="bad") for one in made.unheeded]
        if told:
            yield _group("The brief", told)
    out = [Row(each.title, note=f"{each.reason}", kind="out") for each in made.chosen.left_out]
    yield _group("Not picked", out)
    yield _group(
        "Not articles", [Row(each.path, note=each.reason, kind="out") for each in made.picked.skipped]
    )


def _letter(view: View, newsletter: str, name: str) -> Row:
    path = f"/l/{newsletter}/{name}"
    return Row(name.capitalize(), link=view.elsewhere(path), here=view.path == path)


def _past(desk: Desk, view: View, newsletter: str) -> Iterable[Row]:
    if desk.database is None:
        return
    with desk.database.read() as connection:
        rows = operate.issues(connection, newsletter=newsletter, limit=3 * _PAST)
    now = desk.outside.clock()  # what is held before its time stands among what is coming
    past = [row for row in rows if row.kind == "issue" and (row.state != approving.HELD or row.due_at <= now)]
    for row in past[:_PAST]:
        path = f"/i/{row.id}"
        link = view.elsewhere(path)
        yield Row(
            row.subject,
            note=_fate(row.counts) if row.state != approving.HELD else f"held: {row.state_reason}",
            beside=_day(desk, newsletter, row.due_at),
            link=link,
            here=view.path == path,
        )


def _fate(counts: Counts) -> str:
    told = [f"{counts[State.SENT]:,} sent"]
    for state in (State.FAILED, State.IN_DOUBT):
        if counts[state]:
            told.append(f"{counts[state]:,} {state.value.replace('_', ' ')}")
    return " · ".join([*told, *([f"{counts.waiting:,} waiting"] if counts.waiting else [])])


def _day(desk: Desk, newsletter: str, when: datetime | None) -> str:
    zone = ZoneInfo(unpack.timezone(desk.config, newsletter))
    return f"{when.astimezone(zone):%-d %b}" if when else ""
