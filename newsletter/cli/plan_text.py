"""Plan -> lines that are the same as long as the inputs are: for people, and for `git diff`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from newsletter.cli.tables import number, printable
from newsletter.schedule.clocks import ClockChange
from newsletter.schedule.foreseen import PausedNewsletter, Plan, PlannedArticle, PlannedSlot, ZoneShare
from newsletter.schedule.weeks import Day, Week, label, weeks

#: Where what belongs to a slot begins.
_IN: Final = " " * 6
#: Zones that are written out; the others are counted together.
_MOST_ZONES: Final = 12


def lines(plan: Plan, zone: ZoneInfo) -> Iterator[str]:
    """The whole plan; `zone` is where its weeks begin: the site's."""
    yield from _newsletters(plan)
    names = max((len(label(slot)) for slot in plan.slots), default=0)
    every = weeks(plan, zone)
    for week in every:
        yield ""
        yield _week(week)
        for day in week.days:
            yield from _day(day, names)
    yield ""
    yield summary(plan, every)


def _newsletters(plan: Plan) -> Iterator[str]:
    """Each newsletter, with the zone of its times, or why it has none."""
    width = max((len(name) for name in plan.newsletters), default=0)
    zones = {slot.newsletter: slot.zone for slot in plan.slots}
    paused = {pause.newsletter: pause for pause in plan.paused}
    for name in plan.newsletters:
        words = [zones.get(name, "no slot in these weeks")] if name not in plan.by_hand else ["only by hand"]
        if name in paused:
            words.append(pause_in_words(paused[name], ZoneInfo(zones.get(name, "UTC"))))
        yield f"{name:<{width}}  {', '.join(words)}"


def pause_in_words(pause: PausedNewsletter, zone: ZoneInfo) -> str:
    """`paused until Mon 23 Nov 2026 09:00 (the summer)`."""
    until = f" until {pause.until.astimezone(zone):%a %-d %b %Y %H:%M %Z}" if pause.until else ""
    return f"paused{until}{f' ({printable(pause.reason)})' if pause.reason else ''}"


def _week(week: Week) -> str:
    first, last = week.days[0].date, week.days[-1].date
    begin = f"{first:%-d}" if first.month == last.month else f"{first:%-d %B}"
    begin = f"{begin} {first:%Y}" if first.year != last.year else begin
    head = f"Week {week.number} · {begin} to {last:%-d %B %Y}"
    return head if week.going else f"{head} · nothing goes"


def _day(day: Day, names: int) -> Iterator[str]:
    """Slots and changes of clocks, by what clocks show."""
    told = [(change.at, _change(day, change)) for change in day.changes]
    told += [(slot.local_time.time(), _slot(day, slot, names)) for slot in day.slots]
    for _, each in sorted(told, key=lambda one: one[0]):
        yield from each


def _change(day: Day, change: ClockChange) -> Iterator[str]:
    yield f"  {_date(day)} {change.at:%H:%M}, {change_in_words(change)}"


def _slot(day: Day, slot: PlannedSlot, names: int) -> Iterator[str]:
    utc = slot.local_time.astimezone(UTC)  # with local time the first readers are due before
    told = " · ".join([outcome(slot), *_remarks(slot, utc)])
    yield f"  {_date(day)} {slot.local_time:%H:%M}, {utc:%H:%M} UTC  {label(slot):<{names}}  {told}"
    yield from _details(slot)


def _date(day: Day) -> str:
    return f"{day.date:%a} {day.date.day:>2} {day.date:%b}"


def change_in_words(change: ClockChange) -> str:
    """`clocks -1 h in Europe/Oslo`."""
    return f"clocks {signed(change.by)} in {change.place}"


def signed(by: timedelta) -> str:
    """`+1 h`, `-30 min`; nothing for no time."""
    minutes = round(by.total_seconds() / 60)
    if not minutes:
        return ""
    size = abs(minutes)
    told = f"{size // 60} h" if size % 60 == 0 else f"{size} min"
    return f"{'+' if minutes > 0 else '-'}{told}"


def _remarks(slot: PlannedSlot, utc: datetime) -> Iterator[str]:
    """What is not as it was at the slot before, or not as one would think."""
    if slot.offset_change:
        yield f"UTC {signed(-slot.offset_change)}"  # what the clocks went forward, UTC went back
    if utc.date() != slot.local_time.date():
        yield f"in UTC on {utc:%a}"


def outcome(slot: PlannedSlot) -> str:
    """What becomes of a slot, in a few words."""
    if slot.skipped:
        return f"skipped: {printable(slot.skipped)}"
    what = number(len(slot.articles), "article")
    if slot.is_undecided:
        return f"held: {what}, until somebody decides"
    told = f"{what} to {f'{slot.recipients:,}' if slot.recipients else 'nobody'}"
    held = "approved" if slot.agreed else "held"
    return {"sent": f"sent: {told}", "held": f"{held}: {told}"}.get(slot.state, told)


def _details(slot: PlannedSlot) -> Iterator[str]:
    if slot.note:
        yield f"{_IN}{slot.note}"
    if slot.approval and slot.built_at and slot.goes and not slot.state:
        yield f"{_IN}to be approved, from {_local(slot, slot.built_at)} on"
    for article in slot.articles:
        yield f"{_IN}{_article(slot, article)}"
    if slot.waiting:
        yield f"{_IN}{number(slot.waiting, 'article')} more {'waits' if slot.waiting == 1 else 'wait'}"
    yield from _zones(slot)
    if slot.ends_at and slot.goes and not slot.state:
        yield f"{_IN}all sent by {_local(slot, slot.ends_at)}, {slot.ends_at:%H:%M} UTC"


def _local(slot: PlannedSlot, when: datetime) -> str:
    return f"{when.astimezone(ZoneInfo(slot.zone)):%a %-d %b %H:%M}"


def _article(slot: PlannedSlot, article: PlannedArticle) -> str:
    date = f" ({article.date.astimezone(ZoneInfo(slot.zone)):%-d %b %Y})" if article.date else ""
    why = f": {printable(article.why)}" if article.why else ""
    return f"- {printable(article.title)}{date}{why}"


def _zones(slot: PlannedSlot) -> Iterator[str]:
    shown, rest = slot.zones[:_MOST_ZONES], slot.zones[_MOST_ZONES:]
    width = max((len(share.zone) for share in shown), default=0)
    for share in shown:
        yield f"{_IN}{_zone(slot, share, width)}"
    if rest:
        readers, last = sum(share.readers for share in rest), rest[-1].due_at
        yield f"{_IN}and {readers:,} in {number(len(rest), 'more zone')}, until {last:%a %H:%M} UTC"


def _zone(slot: PlannedSlot, share: ZoneShare, width: int) -> str:
    unknown = f"  {share.without_zone:,} without a zone" if share.without_zone else ""
    told = f"{share.due_at:%a %H:%M} UTC {signed(-share.offset_change):<4}"
    return f"{share.zone:<{width}}  {told} {share.readers:>9,}{unknown}".rstrip()


def summary(plan: Plan, every: tuple[Week, ...]) -> str:
    """`6 issues to come, 3 slots without an issue; in 2 of 8 weeks nothing goes.`"""
    going = sum(slot.comes for slot in plan.slots)
    skipped = sum(not slot.goes for slot in plan.slots)
    void = sum(not week.going for week in every)
    told = [f"{number(going, 'issue')} to come", f"{number(skipped, 'slot')} without an issue"]
    where = f"in {void} of {number(len(every), 'week')} nothing goes" if void else "no week is empty"
    return f"{', '.join(told)}; {where}."
