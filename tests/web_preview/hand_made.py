"""A plan of eight weeks from 12 October 2026, and an explanation, made by hand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsletter.audience.consent import Entry, Form
from newsletter.audience.explained import Code, Explanation, Reason
from newsletter.audience.known import Subscriber
from newsletter.audience.subscriptions import Subscription
from newsletter.audience.suppression import Suppression
from newsletter.schedule.foreseen import PausedNewsletter, Plan, PlannedArticle, PlannedSlot, ZoneShare

OSLO = ZoneInfo("Europe/Oslo")
HOUR = timedelta(hours=1)
PEOPLE = (
    ("Asia/Tokyo", 212, 0),
    ("Asia/Kolkata", 388, 0),
    ("Europe/Oslo", 2140, 611),
    ("Europe/London", 742, 0),
    ("America/New_York", 569, 0),
    ("America/Los_Angeles", 217, 0),
)


def at(day: str, clock: str = "00:00", zone: ZoneInfo = OSLO) -> datetime:
    """A wall time as an instant."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone)


def article(title: str, day: str) -> PlannedArticle:
    return PlannedArticle(title, f"{title.lower().replace(' ', '-')}.md", at(day).astimezone(UTC))


HEAT = article("The harbour that heats", "2026-10-13")
LAMP, WINTER, MAPS = (
    article("The last lamplighter", "2026-10-27"),
    article("Winter timetable", "2026-10-20"),
    article("Maps without north", "2026-10-29"),
)


def shares(day: str, clock: str, changed: tuple[str, ...] = ()) -> tuple[ZoneShare, ...]:
    found = [
        ZoneShare(
            zone, at(day, clock, ZoneInfo(zone)).astimezone(UTC), readers, -HOUR * (zone in changed), without
        )
        for zone, readers, without in PEOPLE
    ]
    return tuple(sorted(found, key=lambda share: share.due_at))


def slot(
    newsletter: str,
    day: str,
    clock: str,
    articles: tuple[PlannedArticle, ...] = (),
    recipients: int = 0,
    *,
    skipped: str = "",
    state: str = "",
    changed: timedelta = timedelta(0),
) -> PlannedSlot:
    local = at(day, clock)
    return PlannedSlot(
        newsletter=newsletter,
        cadence="weekly" if newsletter != "posts" else "each",
        issue_id=f"{newsletter}-{day}",
        local_time=local,
        due_at=local.astimezone(UTC),
        zone="Europe/Oslo",
        offset_change=changed,
        articles=articles,
        recipients=recipients,
        skipped=skipped,
        state=state,
        ends_at=local.astimezone(UTC) + timedelta(seconds=recipients / 10) if recipients else None,
    )


def chosen() -> PlannedSlot:
    """The first weekly after the clocks have changed, to each reader at nine."""
    made = slot("weekly", "2026-10-30", "09:00", (LAMP, WINTER, MAPS), 4268, changed=-HOUR)
    zones = shares("2026-10-30", "09:00", ("Europe/Oslo", "Europe/London"))
    return PlannedSlot(
        **{name: getattr(made, name) for name in PlannedSlot.__slots__}
        | {
            "zones": zones,
            "due_at": zones[0].due_at,
            "ends_at": zones[-1].due_at + timedelta(minutes=1),
            "approval": True,
            "built_at": made.due_at - timedelta(days=1),
            "waiting": 2,
        }
    )


def plan() -> Plan:
    """Three newsletters by their slots, one by hand."""
    five = tuple(article(f"Letter {number}", "2026-10-11") for number in range(1, 6))
    few = "{} new articles, an issue needs 3"
    slots = (
        slot("posts", "2026-10-13", "08:10", (HEAT,), 1200, state="sent"),
        slot("weekly", "2026-10-16", "09:00", five, 4268),
        slot("posts", "2026-10-20", "07:00", (WINTER,), 1200),
        slot("weekly", "2026-10-23", "09:00", skipped="1 new article, an issue needs 3"),
        slot("posts", "2026-10-27", "07:00", (LAMP,), 1200, changed=-HOUR),
        slot("posts", "2026-10-29", "07:00", (MAPS,), 1200),
        chosen(),
        slot("toolbox", "2026-11-03", "10:00", five[:4], 1940),
        slot("weekly", "2026-11-06", "09:00", skipped=few.format(0)),
        slot("weekly", "2026-11-13", "09:00", skipped=few.format(0)),
        slot("weekly", "2026-11-20", "09:00", skipped="paused until Mon 23 Nov 2026 09:00"),
        slot("weekly", "2026-11-27", "09:00", skipped=few.format(0)),
        slot("toolbox", "2026-12-01", "10:00", skipped="nothing new"),
        slot("weekly", "2026-12-04", "09:00", skipped=few.format(0)),
    )  # fmt: skip
    return Plan(
        ("weekly", "posts", "toolbox", "notes"),
        at("2026-10-12").astimezone(UTC),
        at("2026-12-07").astimezone(UTC),
        slots,
        ("notes",),
        (PausedNewsletter("toolbox", at("2026-10-01"), at("2026-11-01", "09:00"), "the summer"),),
    )


ANA = Subscriber(
    id=1,
    address="ana@example.com",
    key="ana@example.com",
    name="Ana Lind",
    tags=(),
    zone="Europe/Oslo",
    language="en",
    created_at=at("2026-03-02"),
    subscriptions=(
        Subscription("weekly", "active", at("2026-03-02"), None, "weekly", ("Harbour", "Maps")),
        Subscription("toolbox", "unsubscribed", at("2026-08-14")),
    ),
    suppressions=(Suppression("toolbox", "unsubscribed", at("2026-08-14"), ""),),
)


def _entry(id: int, day: str, action: str, newsletter: str, through: str, source: str = "") -> Entry:
    said = {
        "action": action,
        "newsletter": newsletter,
        "through": through,
        "source": source,
        "status": "active",
    }
    return Entry(id, at(day), 1, said, Form("en", "I agree") if action == "signed up" else None)


CONSENT = (
    _entry(1, "2026-03-02", "signed up", "weekly", "form", "footer"),
    _entry(2, "2026-03-02", "confirmed", "weekly", "link"),
    _entry(3, "2026-08-14", "left", "toolbox", "one-click"),
    _entry(4, "2026-09-03", "changed", "weekly", "preferences"),
)


def reason(
    newsletter: str, day: str, title: str, code: Code, text: str, *evidence: str, path: str = ""
) -> Reason:
    skipped = code is Code.ISSUE_SKIPPED
    id = "" if skipped else f"{newsletter}-{day}"
    return Reason(newsletter, id, path, title, code, text, at(day, "09:00"), at(day, "09:00"), evidence)


ISSUES = (
    reason("weekly", "2026-10-16", "Five letters", Code.WAITING_FOR_TIME,
           "Waits for 09:00 in Europe/Oslo, where the reader lives: Fri 16 Oct 2026 07:00 UTC.",
           "4 of 5 articles. Not “A static site in 40 lines”: of the topics Harbour and Maps it has none."),
    reason("weekly", "2026-10-09", "A quieter ferry", Code.SENT,
           "Sent on Fri 9 Oct 2026 at 09:00:14, at the second attempt.",
           "250 2.0.0 queued as 4XQ1", "first attempt at 09:00:02: 451 4.7.1 greylisted"),
    reason("posts", "2026-10-08", "The harbour that heats", Code.NOT_DUE,
           "Not for this reader, who gets the weekly issue and not each article."),
    reason("toolbox", "2026-10-06", "Nine tools", Code.NOT_SUBSCRIBED_THEN,
           "Was not subscribed: left toolbox on 14 Aug 2026 by one click."),
    reason("weekly", "2026-10-02", "", Code.ISSUE_SKIPPED,
           "There was no issue: 1 new article, an issue needs 3."),
    reason("weekly", "2026-09-25", "Lamps <b>and</b> light", Code.IN_DOUBT,
           "Nobody knows whether it arrived: the connection broke before the reply.",
           "newsletter outbox resolve"),
    reason("weekly", "2026-09-18", "Tides", Code.PAUSED,
           "The reader wanted nothing from 20 Aug to 19 Sep 2026."),
    reason("weekly", "2026-08-14", "Salt", Code.FAILED,
           "Given up on Mon 17 Aug 2026 after 9 attempts.", "452 4.2.2 mailbox full"),
)  # fmt: skip
ARTICLES = (
    reason("weekly", "2026-10-16", "Winter timetable", Code.WAITING_FOR_TIME, "Comes with weekly-2026-10-16.",
           path="winter-timetable.md"),
    reason("weekly", "2026-10-16", "A static site in 40 lines", Code.TOPIC_NOT_CHOSEN,
           "Of the topics Harbour and Maps it has none; its topic is Tools.", path="static.md"),
    reason("weekly", "2026-10-16", "Maps without north", Code.ALREADY_HAD,
           "Came with weekly-2026-10-09 already.", path="maps-without-north.md"),
    reason("weekly", "2026-10-16", "An old hat", Code.LEFT_OUT, "Left out by the issue's brief.",
           path="hat.md"),
)  # fmt: skip


def explanation(address: str = "ana@example.com", about: str = "") -> Explanation:
    """What can be said of Ana; of `gone@example.com`, who was erased; of nobody else."""
    if address == "gone@example.com":
        return Explanation(address, None, erased=True)
    if address != ANA.address:
        return Explanation(address, None)
    issues = tuple(one for one in ISSUES if about in ("", one.issue_id))
    articles = tuple(one for one in ARTICLES if about and about in (one.issue_id, one.article))
    return Explanation(address, ANA, False, CONSENT, issues, articles, about if issues or articles else "")
