"""A small frozen issue and its subscribers, for tests of the outbox."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert

from newsletter.model import Rendered, RenderedBlock
from newsletter.outbox import frozen, queueing
from newsletter.store import tables as t
from newsletter.store.database import Database

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
RENDERED = Rendered(
    language="en",
    subject="A snail, timed",
    frame_html="<html>%%BLOCKS%%</html>",
    frame_text="%%BLOCKS%%",
    blocks=(RenderedBlock("card:1:lead", "<p>%%NAME%%</p>", "%%NAME%%\n"),),
    mjml="",
    hash="0" * 64,
)


def issue(id: str = "weekly-2026-11-23", policy: str = "hold", due: datetime = NOW) -> frozen.FrozenIssue:
    return frozen.FrozenIssue(
        id=id,
        kind="issue",
        newsletter="weekly",
        cadence="weekly",
        due_at=due,
        subject=RENDERED.subject,
        message_key=b"k" * 32,
        policy=policy,
        stale_at=due + timedelta(hours=24),
        identity={
            "title": "The Slow Post",
            "from_name": "Ida Vang",
            "from_address": "ida@slowpost.example",
            "reply_to": "",
            "mail_from": "ida@slowpost.example",
            "list_id": "weekly.slowpost.example",
            "public_url": "",
            "unsubscribe_mailto": "ida@slowpost.example",
        },
        rendered=RENDERED,
        slots={},
        media=(),
    )


def subscribe(database: Database, count: int, start: int = 1) -> None:
    """People 1, 2, 3 … on the list."""

    def write(connection: Connection) -> None:
        for number in range(start, start + count):
            connection.execute(
                insert(t.subscriber).values(
                    id=number,
                    address=f"r{number}@example.org",
                    address_key=f"r{number}@example.org",
                    name=f"Reader {number}",
                    language="",
                    created_at=NOW,
                )
            )
            connection.execute(
                insert(t.subscription).values(
                    subscriber_id=number, newsletter="weekly", status="active", since=NOW
                )
            )

    database.write(write)


def publish(database: Database, made: frozen.FrozenIssue, now: datetime = NOW) -> None:
    database.write(lambda c: frozen.put(c, made, now))
    database.write_in_chunks(lambda c: queueing.queue_chunk(c, made.id, now))
