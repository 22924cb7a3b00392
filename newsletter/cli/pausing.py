"""`newsletter pause` and `newsletter resume`: a newsletter that rests, and loses nothing by it."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import click

from newsletter.cli.session import Session, session


@click.command("pause")
@click.argument("name")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="It goes on by itself on that day."
)
@click.option("--reason", default="", help="Why; the plan and `explain` say it.")
@session(json=True, now=True)
def pause_command(s: Session, name: str, until: datetime | None, reason: str) -> None:
    """Make no issues of newsletter NAME for a while.

    Its slots are skipped and what is queued of it waits; no article is
    lost: the first issue after the pause brings what came meanwhile.
    """
    from newsletter.config import unpack
    from newsletter.schedule import pausing

    s.newsletter(name)
    zone = ZoneInfo(unpack.timezone(s.config, name))
    ends = datetime.combine(until.date(), time(), zone) if until else None
    if ends is not None and ends <= s.now:
        raise click.BadParameter(f"{until:%Y-%m-%d} is over", param_hint="--until")
    with s.database() as database:
        stopped = database.write(
            lambda connection: pausing.pause(connection, name, s.now, until=ends, reason=reason)
        )
    told = f"until {until:%Y-%m-%d}" if until else f"until `newsletter resume {name}`"
    s.answer(
        {"newsletter": name, "paused": True, "until": ends, "issues_paused": stopped},
        f"{name} is paused {told}." + (f" {stopped} of its issues wait." if stopped else ""),
    )


@click.command("resume")
@click.argument("name")
@session(json=True)
def resume_command(s: Session, name: str) -> None:
    """Let newsletter NAME go on. Slots that passed meanwhile are not made up for; their articles come."""
    from newsletter.schedule import pausing

    s.newsletter(name)
    with s.database() as database:
        rested = database.write(lambda connection: pausing.resume(connection, name))
    s.answer(
        {"newsletter": name, "paused": False},
        f"{name} goes on; `newsletter plan` tells when." if rested else f"{name} was not paused.",
    )
