"""What is sent when, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from newsletter.config.tables.kinds import (
    AddressOrNone,
    Cadences,
    Filled,
    Frequencies,
    From,
    Holidays,
    Line,
    ListId,
    MailboxOrNone,
    Notices,
    Params,
    People,
    QuietHours,
    Segment,
    Slot,
    Span,
    Table,
    Topics,
    Words,
    ZoneOrSites,
    key,
)
from newsletter.schedule.quiet import parse_quiet, quiet_mistake
from newsletter.schedule.slots import parse


class Newsletter(Table):
    """One newsletter: `[newsletters.NAME]`."""

    title: Line = key("", "The newsletter's name; empty is the site's")
    from_: From = Field(
        alias="from",
        description="Name and address that it comes from",
        examples=["Ida Vang <ida@example.org>"],
    )
    reply_to: MailboxOrNone = key("", "Where replies go; empty is the from address")
    subject: Line = key("", "The subject line; empty is made from the first article")
    preheader: Line = key("", "What inboxes show behind the subject; empty is made from the articles")
    intro: str = key("", "A few words above the articles")
    schedule: Slot = key("", 'When it is sent, such as "mon 09:00"; empty is only by hand')
    cadences: Cadences = Field(
        default_factory=lambda: MappingProxyType({}),
        description="Rhythms that readers may choose among, in the place of `schedule`: "
        '`weekly = "mon 09:00"`, `daily = "daily 18:00"`, `each = true` for a post as it appears, a quarter '
        'of an hour later, or `each = "1h"`',
    )
    default_cadence: Literal["", "each", "daily", "weekly"] = key(
        "", "Which of them is for readers who chose none; empty is the first"
    )
    timezone: ZoneOrSites = key("", "The time zone of the schedule; empty is the site's")
    local_time: bool = key(False, "Whether each reader gets it at that time in their own time zone")
    quiet_hours: QuietHours = key(
        "", 'When nothing may begin to go out, such as "22:00-07:00": it begins when they are over'
    )
    holidays: Holidays = key(
        (), 'Days without an issue, such as "2026-12-24", or "12-25" of each year; articles wait'
    )
    max_items: int = key(7, "The most articles in one issue", ge=1, le=50)
    min_items: int = key(1, "The fewest new articles that make an issue", ge=1, le=50)
    overflow: Literal["carry", "drop"] = key(
        "carry",
        "Whether articles that do not fit wait or are dropped; of a first issue's, the older ones never come",
    )
    order: Literal["newest", "oldest", "weight"] = key(
        "newest", "What stands first; what is pinned stands before all others"
    )
    tags: Words = key((), "Only articles with one of these tags; empty is all")
    without_tags: Words = key((), "No articles with one of these tags")
    sections: Words = key((), "The tags whose sections stand first, in this order")
    first_issue: Literal["current", "after", "newest"] = key(
        "current",
        "What a new reader's first issue brings: what everybody gets then, only what appeared after they "
        "came, or the newest articles",
    )
    catch_up: Span = key(
        timedelta(days=60),
        "How old an article may be that somebody is still sent who missed it: by a pause, another frequency, "
        "a message that failed",
    )
    images: Literal["auto", "cid", "hosted", "site"] = key(
        "auto",
        "Where pictures come from: in the mail, served by `newsletter run`, or the site; "
        "auto is `hosted` where there is a `[web] public_url`, else `cid`",
    )
    template: Filled = key("digest", "The template, by its name in the templates folder")
    excerpt: Filled = key("ranker", "The plug-in that picks sentences where an article has no summary")
    excerpt_sentences: int = key(2, "The most sentences of an excerpt", ge=1, le=10)
    excerpt_characters: int = key(260, "The most characters of an excerpt", ge=40, le=2000)
    in_doubt: Literal["hold", "resend"] = key(
        "hold", "What becomes of a message of which nobody knows whether it was sent"
    )
    link_params: Params = Field(
        default_factory=lambda: MappingProxyType({}),
        description="What is added to links to your own site, such as `utm_source`; "
        "`{newsletter}`, `{issue}` and `{date}` are filled in",
    )
    late: Literal["send", "skip", "ask"] = key(
        "send", "What becomes of an issue that is late: it is sent, skipped, or waits until you say so"
    )
    late_after: Span = key(timedelta(hours=1), "From when on it is late")
    stale_after: Span = key(
        timedelta(hours=24), "How late an issue may start after the machine was off; later it is skipped"
    )
    approval: bool = key(False, "Whether somebody must approve each issue before it is sent")
    approvers: People = key((), "Who is sent the issue to approve it; empty is `to` of [notify]")
    cut_off: Span = key(
        timedelta(hours=24), "How long before its time an issue that must be approved is made"
    )
    segment: Segment = key(
        "",
        'Who of its readers gets it, such as `tags has "pro" and language in ["de", "en"]`; empty is all',
    )
    sign_up: bool = key(True, "Whether readers may sign up for it themselves")
    description: Line = key("", "What it is about, for those who think of signing up")
    frequencies: Frequencies = key(
        (),
        "How often readers may choose to get it, of `each`, `daily`, `weekly`; left out is each of its "
        "cadences; empty offers no choice",
    )
    topics: Topics = key((), "What readers may choose to read about; empty offers no choice")
    list_id: ListId = key("", "The List-Id; empty is the newsletter's name and the domain of from")
    unsubscribe_mailto: AddressOrNone = key("", "Where unsubscribe mails go; empty is the from address")

    @field_validator("cadences")
    @classmethod
    def _is_no_second_schedule(cls, cadences: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
        if cadences and info.data.get("schedule"):
            raise ValueError("says again when it is sent: remove schedule, or this table")
        return cadences

    @field_validator("default_cadence")
    @classmethod
    def _is_one_of_them(cls, name: str, info: ValidationInfo) -> str:
        there = info.data.get("cadences", {})
        if name and name not in there:
            told = ", ".join(there) or "none"
            raise ValueError(f"should be one of the cadences, which are {told}, got {name}")
        return name

    @field_validator("quiet_hours")
    @classmethod
    def _leave_its_times(cls, hours: str, info: ValidationInfo) -> str:
        quiet = parse_quiet(hours)
        rhythms = {"": info.data.get("schedule", ""), **info.data.get("cadences", {})}
        for cadence, rhythm in rhythms.items():
            if rhythm and cadence != "each" and (mistake := quiet_mistake(parse(rhythm).at, quiet)):
                raise ValueError(mistake)
        return hours

    @field_validator("frequencies")
    @classmethod
    def _comes_so_often(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        there = info.data.get("cadences", {})
        for name in names if there else ():
            if name not in there:
                raise ValueError(f"should be cadences that it has, which are {', '.join(there)}, got {name}")
        return names

    @field_validator("min_items")
    @classmethod
    def _fits(cls, fewest: int, info: ValidationInfo) -> int:
        if fewest > info.data.get("max_items", fewest):
            raise ValueError(f"should be at most max_items, which is {info.data['max_items']}, got {fewest}")
        return fewest


class Notify(Table):
    """Mail to the operators."""

    to: People = key((), "Who is written to; empty is nobody")
    about: Notices = key((), "About what; empty is everything")
