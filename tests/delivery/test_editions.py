"""One issue, many variants: each reader's message says what their variant says."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from sqlalchemy import event, insert, select

from newsletter.issue.pool import compose_pool, lay_out
from newsletter.model import Delivery, Image, Issue, Kind, Media
from newsletter.outbox import frozen
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.delivery.lines import composer
from tests.issue.issue_samples import card
from tests.issue.test_pool import alone, arguments, printed
from tests.outbox.publishing import NOW
from tests.outbox.publishing import issue as small

DOMAIN = "slowpost.example"
MEDIA = tuple(Media(f"{n}.png", "image/png", bytes([n]) * 30_000, 720, 450) for n in range(4))
CARDS = tuple(card(n, title=f"Title {n}", image=Image(f"{n}.png", f"Alt {n}", True)) for n in range(4))


def pool() -> Issue:
    """Four cards, each with a picture that travels."""
    given = arguments(CARDS, media=MEDIA)
    shown = {key: replace(one, src=f"cid:{key[3:]}.png@{DOMAIN}") for key, one in given["pictures"].items()}
    return compose_pool(**{**given, "pictures": shown})


def put(database: Database, issue: Issue, chosen: tuple[tuple[str, ...], ...]) -> list[int]:
    """The issue frozen, and a variant of each of these choices; their ids."""
    rendered = printed(issue)
    made = replace(small(), rendered=rendered, subject=rendered.subject, media=MEDIA)
    database.write(lambda connection: frozen.put(connection, made, NOW))
    rows = [lay_out(issue, one) for one in chosen]
    values = [{"issue_id": made.id, "blocks": list(one.keys), "slots": one.slots} for one in rows]
    database.write(lambda connection: connection.execute(insert(t.variant), values))
    with database.read() as connection:
        ids = connection.execute(select(t.variant.c.id).order_by(t.variant.c.id)).scalars().all()
    return list(ids)[-len(chosen) :]


def delivery(variant_id: int) -> Delivery:
    return Delivery(
        id=variant_id,
        kind=Kind.ISSUE,
        issue_id="weekly-2026-11-23",
        subscriber_id=7,
        variant_id=variant_id,
        address="ida@example.org",
        name="Ida",
        due_at=NOW,
        token="t",
        attempts=1,
    )


def opened(data: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(data, policy=policy.default))


def pictures(message: EmailMessage) -> list[str]:
    return [part["Content-ID"] for part in message.walk() if part.get_content_maintype() == "image"]


def test_each_variant_has_its_own_subject_articles_and_pictures(database: Database) -> None:
    first, second = put(database, pool(), (("id:0", "id:2"), ("id:1",)))
    write = composer(database)
    one, other = (opened(write(delivery(id)).data) for id in (first, second))
    assert (one["Subject"], other["Subject"]) == ("Title 0", "Title 1")
    assert pictures(one) == ["<0.png@slowpost.example>", "<2.png@slowpost.example>"]
    assert pictures(other) == ["<1.png@slowpost.example>"]
    page = other.get_body(("html",))
    assert page is not None and "<title>Title 1</title>" in page.get_content()


def test_a_message_says_what_the_mail_of_its_cards_alone_would_say(database: Database) -> None:
    issue = pool()
    chosen = tuple(CARDS[n] for n in (1, 2, 3))
    (id,) = put(database, issue, (tuple(each.identity for each in chosen),))
    message = opened(composer(database)(delivery(id)).data)
    shown = {p.card.identity: p.picture for p in issue.placements if p.card and p.picture}
    subject, html, text = alone(chosen, **{**arguments(CARDS, media=MEDIA), "pictures": shown})
    found = {
        part.get_content_subtype(): part.get_content()
        for part in message.walk()
        if part.get_content_maintype() == "text"
    }
    assert message["Subject"] == subject
    assert _no_reader(found["html"]) == _no_reader(html)
    assert _no_reader(found["plain"]) == _no_reader(text)


def _no_reader(said: str) -> str:
    """Up to the footer, which names the reader."""
    return said.replace("\r\n", "\n").partition("You get this")[0]


def test_what_variants_have_in_common_is_read_once_and_their_pictures_are_the_same_bytes(
    database: Database,
) -> None:
    ids = put(database, pool(), tuple((f"id:{n}", "id:3") for n in range(3)))
    read: list[str] = []
    with database.read() as connection:
        event.listen(connection.engine, "before_cursor_execute", lambda *said: read.append(said[2]))
    write = composer(database)
    for id in (*ids, *ids):
        write(delivery(id))
    assert sum("FROM block" in each for each in read) == 1
    assert sum("FROM media" in each for each in read) == 1
    assert sum("FROM variant" in each for each in read) == 1 + len(ids)


def test_an_issue_that_was_frozen_without_subjects_of_its_variants_keeps_its_own(database: Database) -> None:
    made = small()
    database.write(lambda connection: frozen.put(connection, made, NOW))
    with database.read() as connection:
        id = connection.execute(select(t.variant.c.id)).scalar_one()
    assert opened(composer(database)(delivery(id)).data)["Subject"] == "A snail, timed"


def test_a_subject_cannot_break_out_of_its_header(database: Database) -> None:
    nasty = replace(CARDS[1], title="Hi\r\nBcc: x@y.example %%NAME%% \u202eüß")
    issue = compose_pool(**arguments((CARDS[0], nasty)))
    (id,) = put(database, issue, (("id:1",),))
    message = opened(composer(database)(delivery(id)).data)
    assert message["Bcc"] is None
    assert "%%NAME%%" in message["Subject"] and "üß" in message["Subject"]
