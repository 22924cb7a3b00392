"""Ways in which an article could be lost or come twice: found by the machine, or sought because of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from newsletter.audience import subscribers
from newsletter.audience.subscriptions import Asked
from newsletter.model import Fault, Outcome, Verdict
from newsletter.outbox import claim
from newsletter.outbox.claim import Result
from newsletter.service.explained import Code, explain
from newsletter.store import tables as t
from tests.schedule.ledger_world import DAY, HOUR, Post, World, nothing_is_rendered

SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "ok")
NO = Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "5.2.2 full")


@pytest.fixture
def world() -> Iterator[World]:
    """Ann is there; on Sunday, an hour after everything began."""
    with nothing_is_rendered():
        made = World("60d")
        made.fire()
        made.now += HOUR
        made.join("ann@example.org", ("mixed",))
        yield made
        made.close()


def write(world: World, name: str, tags: tuple[str, ...] = ()) -> None:
    world.keep(
        Post(name.lower(), f"{name} of the post", f"{world.now:%Y-%m-%dT%H:%M:%SZ}", tags, f"Of {name}.")
    )


def ann(world: World) -> int:
    found = subscribers.show(world.database, "ann@example.org")
    assert found is not None
    return found.id


def go(world: World, time: timedelta) -> None:
    world.now += time
    world.go_on()
    world.give_up()
    world.fire()


def answer(world: World, outcome: Outcome = SENT) -> None:
    world.record([Result(one, outcome) for one in world.take()])


def brought(world: World, *states: str) -> list[tuple[str, list[str]]]:
    """Ann's mails: issue, and the articles of it."""
    d, v, a = t.delivery.c, t.variant.c, t.article.c
    with world.database.read() as connection:
        titles = {row.id: row.title for row in connection.execute(select(a.id, a.title))}
        rows = connection.execute(
            select(d.issue_id, v.articles)
            .join(t.variant, v.id == d.variant_id)
            .where(d.state.in_(states or ("queued", "sent")), d.subscriber_id == ann(world))
            .order_by(d.id)
        ).all()
    return [(row.issue_id, [titles[id].split()[0] for id in row.articles]) for row in rows]


def test_who_goes_to_another_frequency_and_back_gets_nothing_twice(world: World) -> None:
    write(world, "One")
    go(world, 21 * HOUR)  # Monday
    answer(world)
    write(world, "Two")
    go(world, HOUR)
    world.prefer(ann(world), "mixed", Asked(frequency="daily"))
    go(world, 9 * HOUR)  # the daily mail brings it
    answer(world)
    world.prefer(ann(world), "mixed", Asked(frequency="weekly"))
    write(world, "Three")
    go(world, 7 * DAY)

    assert brought(world) == [
        ("mixed-weekly-2026-11-23", ["One"]),
        ("mixed-daily-2026-11-23", ["Two"]),
        ("mixed-weekly-2026-11-30", ["Three"]),
    ]


def test_what_was_to_go_out_by_itself_while_a_newsletter_rested_comes_with_the_next(world: World) -> None:
    world.prefer(ann(world), "mixed", Asked(frequency="each"))
    write(world, "One")
    go(world, timedelta(0))
    go(world, HOUR)
    answer(world)
    world.pause("mixed")
    write(world, "Two")
    go(world, HOUR)
    go(world, HOUR)
    world.resume("mixed")
    write(world, "Three")
    go(world, HOUR)
    go(world, HOUR)

    assert brought(world) == [("mixed-each-one", ["One"]), ("mixed-each-three", ["Three", "Two"])]


def test_what_fails_when_the_next_has_been_made_comes_with_the_one_after(world: World) -> None:
    world.prefer(ann(world), "mixed", Asked(frequency="each"))
    write(world, "One")
    go(world, timedelta(0))
    go(world, HOUR)
    late = world.take()
    write(world, "Two")
    go(world, HOUR)
    go(world, HOUR)
    world.record([Result(one, NO) for one in late])
    answer(world)
    write(world, "Three")
    go(world, HOUR)
    go(world, HOUR)

    assert brought(world) == [("mixed-each-two", ["Two"]), ("mixed-each-three", ["Three", "One"])]
    assert brought(world, "failed") == [("mixed-each-one", ["One"])]


def test_no_article_comes_with_another_before_its_own_mail(world: World) -> None:
    """Or those would never get it who were not due it then."""
    world.join("ben@example.org", ("mixed",))
    ben = ann(world) + 1
    world.prefer(ben, "mixed", Asked(frequency="each"))
    go(world, 3 * HOUR + timedelta(minutes=40))  # 16:40
    write(world, "One")
    go(world, timedelta(minutes=10))
    write(world, "Two")
    go(world, timedelta(minutes=1))  # both are seen, and are to rest for a quarter of an hour
    world.prefer(ann(world), "mixed", Asked(frequency="each"))
    for _ in range(20):
        go(world, timedelta(minutes=5))

    assert sorted(brought(world)) == [("mixed-each-one", ["One"]), ("mixed-each-two", ["Two"])]


def test_who_came_back_is_not_told_that_they_are_not_subscribed(world: World) -> None:
    world.leave(ann(world), "mixed")
    world.now += DAY
    world.join("ann@example.org", ("mixed",))
    write(world, "One")
    go(world, HOUR)
    with world.database.read() as connection:
        told = explain(world.config, connection, "ann@example.org", world.now, "one.md")

    assert [(one.code, one.newsletter) for one in told.articles] == [(Code.NOT_DUE, "mixed")]


def why(world: World, name: str) -> list[Code]:
    """What Ann is told of an article."""
    with world.database.read() as connection:
        told = explain(world.config, connection, "ann@example.org", world.now, name)
    return [one.code for one in told.articles]


def test_what_another_cadence_brought_does_not_come_again_however_long_it_waited_for_the_others(
    world: World,
) -> None:
    """Each weekly takes the three newest, so some are news to it long after Ann had them with a daily."""
    world.join("ben@example.org", ("mixed",))
    world.prefer(ann(world), "mixed", Asked(frequency="daily"))
    for number in range(1, 10):
        world.now += timedelta(minutes=1)
        write(world, f"N{number}")
    go(world, 28 * HOUR)  # Monday evening
    answer(world)
    write(world, "N10")
    go(world, DAY)
    answer(world)
    world.prefer(ann(world), "mixed", Asked(frequency="weekly"))
    for week in range(8):
        write(world, f"New{week}")
        for _ in range(7):
            go(world, DAY)
            answer(world)

    had = [name for _, names in brought(world) for name in names]
    assert sorted(had) == sorted({*had})
    assert {f"N{number}" for number in range(1, 11)} < {*had}


def test_another_default_and_back_brings_nothing_twice(world: World) -> None:
    write(world, "One")
    go(world, 21 * HOUR)  # Monday
    answer(world)
    for name in ("Two", "Three", "Four", "Five"):
        world.now += timedelta(minutes=1)
        write(world, name)
    world.configure("daily")
    go(world, 10 * HOUR)
    answer(world)
    world.configure("weekly")
    write(world, "Six")
    go(world, 7 * DAY)

    assert brought(world) == [
        ("mixed-weekly-2026-11-23", ["One"]),
        ("mixed-daily-2026-11-23", ["Five", "Four", "Three"]),
        ("mixed-weekly-2026-11-30", ["Six", "Two"]),
    ]


def test_what_was_withheld_when_the_next_has_been_made_comes_with_the_one_after(world: World) -> None:
    world.prefer(ann(world), "mixed", Asked(frequency="each"))
    write(world, "One")
    go(world, timedelta(0))
    go(world, HOUR)
    write(world, "Two")
    go(world, HOUR)
    go(world, HOUR)
    world.prefer(ann(world), "mixed", Asked(paused_until=world.now + HOUR))
    world.database.write(lambda c: claim.take(c, owner="a", limit=9, now=world.now, only="mixed-each-one"))
    world.prefer(ann(world), "mixed", Asked(resumes=True))
    answer(world)
    write(world, "Three")
    go(world, HOUR)
    go(world, HOUR)

    assert brought(world, "suppressed") == [("mixed-each-one", ["One"])]
    assert brought(world) == [("mixed-each-two", ["Two"]), ("mixed-each-three", ["Three", "One"])]


def test_a_post_whose_own_mail_was_cancelled_comes_with_the_next(world: World) -> None:
    world.prefer(ann(world), "mixed", Asked(frequency="each"))
    write(world, "One")
    go(world, timedelta(0))
    go(world, HOUR)
    world.cancel("mixed-each-one")
    write(world, "Two")
    go(world, HOUR)
    go(world, HOUR)

    assert brought(world) == [("mixed-each-two", ["Two", "One"])]


def test_who_paused_while_an_issue_was_held_is_told_so(world: World) -> None:
    world.leave(ann(world), "mixed")
    world.join("ann@example.org", ("agreed",))
    write(world, "One")
    go(world, 6 * DAY + 20 * HOUR)  # the issue of Monday is made, and held
    world.now += HOUR
    world.prefer(ann(world), "agreed", Asked(paused_until=world.now + 9 * DAY))
    (held,) = world.held()
    world.approve(held)
    go(world, DAY)

    assert world.held() == ()
    assert why(world, "one.md") == [Code.NOT_SUBSCRIBED_THEN, Code.PAUSED]


def test_what_was_passed_over_is_told_by_the_issue_that_did(world: World) -> None:
    """Ben did not get it then, so a later issue carries it once more; Ann reads about everything by now."""
    world.join("ben@example.org", ("mixed",))
    world.prefer(ann(world), "mixed", Asked(topics=("dogs",)))
    write(world, "Cats", ("cats",))
    write(world, "Dogs", ("dogs",))
    go(world, 21 * HOUR)
    taken = world.take()
    world.record([Result(one, SENT if one.subscriber_id == ann(world) else NO) for one in taken])
    world.now += HOUR
    world.prefer(ann(world), "mixed", Asked(topics=()))
    write(world, "More", ("dogs",))
    go(world, 7 * DAY)

    assert brought(world) == [
        ("mixed-weekly-2026-11-23", ["Dogs"]),
        ("mixed-weekly-2026-11-30", ["More"]),
    ]
    assert why(world, "cats.md") == [Code.TOPIC_NOT_CHOSEN]


def test_a_post_that_its_own_mail_had_no_room_for_comes_with_the_next(world: World) -> None:
    """Ann is due four when hers is made, of which three are newer."""
    write(world, "One")
    go(world, timedelta(0))
    for name in ("Two", "Three", "Four"):
        world.now += timedelta(minutes=1)
        write(world, name)
    world.prefer(ann(world), "mixed", Asked(frequency="each"))
    for number in range(6):
        for _ in range(3):
            go(world, HOUR)
            answer(world)
        write(world, f"New{number}")

    had = [name for _, names in brought(world) for name in names]
    assert sorted(had) == sorted({*had})
    assert {"One", "Two", "Three", "Four"} < {*had}


def test_what_was_dropped_from_a_mail_that_failed_did_not_fail(world: World) -> None:
    for who in ("ann@example.org", "ben@example.org"):
        world.join(who, ("brief",))
    ben = subscribers.show(world.database, "ben@example.org")
    assert ben is not None
    world.prefer(ben.id, "brief", Asked(topics=("dogs",)))
    for number in (1, 2, 3):
        world.now += timedelta(minutes=1)
        write(world, f"N{number}", ("dogs",) if number == 1 else ())
    go(world, 28 * HOUR)  # Monday evening; it takes two, and nothing waits
    answer(world, NO)
    with world.database.read() as connection:
        told = {
            name: explain(world.config, connection, "ann@example.org", world.now, f"n{name}.md")
            for name in (1, 2, 3)
        }
    codes = {
        name: [one.code for one in said.articles if one.newsletter == "brief"] for name, said in told.items()
    }
    assert codes == {3: [Code.FAILED], 2: [Code.FAILED], 1: [Code.LEFT_OUT]}
