"""`newsletter subscribers count` and `segments`: how many people are meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from newsletter.cli.session import Session, session
from newsletter.cli.tables import show_table
from newsletter.errors import SubscribersError

if TYPE_CHECKING:
    from newsletter.audience.subscribers import Counts


@click.command("count")
@click.argument("name", required=False)
@click.option("--segment", default="", metavar="FILTER", help='Such as: tags has "pro" and language == "de"')
@session(json=True, now=True)
def count(s: Session, name: str | None, segment: str) -> None:
    """How many get one newsletter, or each: all of its readers, or those of a segment."""
    from newsletter.store.segments.reading import SegmentError, read

    try:
        if segment:
            read(segment)
    except SegmentError as error:
        raise SubscribersError(f"--segment: {error}\n  {segment}\n  {'^':>{error.at}}") from error
    names = (s.newsletter(name),) if name else tuple(s.config.newsletters)
    _tell(s, [(each, segment) for each in names])


@click.command("segments")
@session(json=True, now=True)
def segments(s: Session) -> None:
    """The segments of the configuration, and how many people each means."""
    found = [(name, one.segment) for name, one in s.config.newsletters.items() if one.segment]
    if not found and not s.json:
        s.say("No newsletter has a segment: add segment = '…' to one.")
        return
    _tell(s, found)


def _tell(s: Session, wanted: Sequence[tuple[str, str]]) -> None:
    from newsletter.audience.subscribers import counts

    with s.database() as database:
        rows = [(name, segment, counts(database, name, s.now, segment=segment)) for name, segment in wanted]
    if s.json:
        s.answer({"counts": [_document(*row) for row in rows]})
        return
    show_table(
        ("newsletter", "get mail", "paused", "pending", "suppressed", "unsubscribed", "segment"),
        [
            (name, n.active, n.paused, n.pending, n.suppressed, n.unsubscribed, segment)
            for name, segment, n in rows
        ],
    )


def _document(name: str, segment: str, n: Counts) -> dict[str, object]:
    return {
        "newsletter": name,
        "segment": segment,
        "active": n.active,
        "paused": n.paused,
        "pending": n.pending,
        "suppressed": n.suppressed,
        "unsubscribed": n.unsubscribed,
    }
