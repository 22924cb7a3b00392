"""However often somebody asks: the mail that follows is little, and the answer tells nothing."""

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, func, select

from newsletter.audience import subscribers
from newsletter.audience.blocking import block
from newsletter.audience.consent import Evidence, verify
from newsletter.audience.erasing import erase, expire
from newsletter.signup.answering import limits_of, tidy
from newsletter.signup.limits import Limits, address_range, use
from newsletter.signup.wishes import TAKEN, Asked
from newsletter.store import tables as t
from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.needs import EXAMPLES
from tests.signup.signing import DAY, NOW, Publication, publication, wish

SECOND = timedelta(seconds=1)


def test_a_thousand_sign_ups_of_one_address_bring_one_mail(paper: Publication) -> None:
    for number in range(1000):
        assert paper.ask(wish(source=f"203.0.{number}.0/24"), NOW + number * SECOND) == TAKEN
        if number % 100 == 0:
            paper.answer(NOW + number * SECOND)
    paper.answer(NOW + 1000 * SECOND)
    paper.deliver(NOW + 1000 * SECOND)
    assert len(paper.mails()) == 1
    with paper.database.read() as connection:
        assert verify(connection).entries == 1


def test_an_address_is_asked_at_most_once_a_day_and_three_times_a_month(paper: Publication) -> None:
    sent = [paper.sign_up(wish(), NOW + hours * timedelta(hours=1)).sent for hours in range(0, 40 * 24, 8)]
    days = [place / 3 for place, number in enumerate(sent) if number]
    assert days == [0, 1, 2, 30, 31, 32]


def test_who_is_forgotten_meanwhile_is_not_asked_more_often(paper: Publication) -> None:
    sent = 0
    for day in range(0, 30, 2):
        sent += paper.sign_up(wish(), NOW + day * DAY).sent
        expire(paper.database, NOW + (day + 1) * DAY, timedelta(hours=1))
        assert subscribers.counts(paper.database, "weekly", NOW).pending == 0
    erase(paper.database, "ann@example.org", Evidence(NOW, "operator"))
    sent += paper.sign_up(wish(), NOW + 29 * DAY).sent
    assert sent == 3


def test_what_is_asked_for_later_on_the_same_day_is_confirmed_with_the_same_mail(paper: Publication) -> None:
    paper.sign_up(wish())
    paper.sign_up(wish(newsletters=("daily", "weekly")), NOW + SECOND)
    (asks,) = paper.mails()
    assert paper.confirm(asks) == ("daily", "weekly")


def test_who_asks_again_has_as_long_to_confirm_as_the_first_time(paper: Publication) -> None:
    paper.sign_up(wish())
    paper.sign_up(wish(), NOW + 6 * DAY)
    expire(paper.database, NOW + 12 * DAY)
    assert paper.confirm(paper.mails()[1], NOW + 12 * DAY) == ("weekly",)


def test_a_thousand_addresses_from_one_range_are_stopped_at_its_limit(paper: Publication) -> None:
    limits = Limits(per_range=30, per_domain=0, in_all=0)
    asked = [paper.ask(wish(f"r{n}@d{n}.example"), limits=limits) for n in range(1000)]
    assert [one.taken for one in asked] == [True] * 30 + [False] * 970
    assert asked[-1] == Asked("range", timedelta(minutes=2))
    elsewhere = wish("r@elsewhere.example", source="198.51.100.0/24")
    assert paper.ask(elsewhere, limits=limits) == TAKEN
    assert paper.ask(wish("r@later.example"), NOW + timedelta(minutes=2), limits=limits) == TAKEN


def test_each_limit_holds_by_itself_and_the_longest_wait_is_told(paper: Publication) -> None:
    limits = Limits(per_range=4, per_domain=2, in_all=6)
    ranges = itertools.cycle(["a", "b", "c"])
    told = [
        paper.ask(wish(f"r{n}@{domain}", source=next(ranges)), limits=limits).limit
        for n, domain in enumerate(["one.example"] * 4 + ["two.example"] * 2 + ["x.example", "y.example"] * 2)
    ]
    assert told == ["", "", "domain", "domain", "", "", "", "", "all", "all"]


def test_what_is_refused_uses_nothing_up(paper: Publication) -> None:
    limits = Limits(per_range=0, per_domain=1, in_all=2)
    for _ in range(5):
        paper.ask(wish("ann@one.example"), limits=limits)
    assert paper.ask(wish("ben@two.example"), limits=limits) == TAKEN


def test_limits_survive_a_restart(tmp_path: Path) -> None:
    limits = Limits(per_range=2, per_domain=0, in_all=0)
    for taken in (True, True, False):
        with open_database(tmp_path / "newsletter.db") as database, MailDrop(tmp_path / "inbox") as drop:
            paper = publication(tmp_path, database, drop)
            assert paper.ask(wish(), limits=limits).taken is taken


@settings(max_examples=EXAMPLES)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(1, 7))
def test_no_hour_has_more_than_the_burst_and_what_the_hour_gives_back(
    tmp_path_factory: pytest.TempPathFactory, pauses: list[int], most: int
) -> None:
    taken, at = [], NOW
    with open_database(tmp_path_factory.mktemp("limit") / "newsletter.db") as database:
        for pause in pauses:
            at += pause * SECOND
            over = database.write(lambda c, at=at: use(c, Limits(most, 0, 0), "here", "d", at))
            if over is None:
                taken.append(at)
            else:
                assert over.what == "range"
                exact = at + over.again
                spare = database.write(
                    lambda c, exact=exact: _rolled_back(c, Limits(most, 0, 0), exact),
                )
                assert spare == (True, False)
    hour = timedelta(hours=1)
    assert all(sum(start <= one < start + hour for one in taken) <= 2 * most for start in taken)
    assert all(sum(start <= one < start + hour / most for one in taken) <= most + 1 for start in taken)


def _rolled_back(connection: Connection, limits: Limits, at: datetime) -> tuple[bool, bool]:
    """Whether there is room then, and whether there was a millisecond before; nothing is used up."""
    found = []
    for when in (at, at - timedelta(milliseconds=1)):
        with connection.begin_nested() as point:
            found.append(use(connection, limits, "here", "d", when) is None)
            point.rollback()
    return found[0], found[1]


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_caller_is_counted_with_its_range(host: str, counted: str) -> None:
    assert address_range(host) == counted


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"address": "ann"}, "the address has no @"),
        ({"address": "ann@example.org\r\nBcc: ben@example.org"}, "control or invisible"),
        ({"newsletters": ()}, "no newsletter is chosen"),
        ({"newsletters": tuple(map(str, range(51)))}, "more than 50 newsletters"),
        ({"frequency": "hourly"}, "how often is one of each, daily, weekly"),
        ({"topics": ("x" * 101,)}, "a topic has at most 100"),
        ({"language": "no such"}, "is not a language tag"),
        ({"zone": "Mars/Olympus"}, "unknown time zone"),
    ],
)
def test_what_cannot_be_is_said_at_once_and_counts_nowhere(
    paper: Publication, typed: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        paper.ask(wish(**typed))  # type: ignore[arg-type]
    with paper.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.allowance)).scalar() == 0


def test_the_answer_is_the_same_whoever_it_is(paper: Publication) -> None:
    """The same statements, too: the address is looked up nowhere before the answer."""
    subscribers.add(paper.database, "known@example.org", newsletters=("weekly",), now=NOW)
    block(paper.database, "blocked@example.org", "*", NOW)
    erase(paper.database, "erased@example.org", Evidence(NOW, "operator"))
    paper.sign_up(wish("asked@example.org"))
    ran: list[str] = []
    engine = paper.database._writer_engine
    event.listen(engine, "before_cursor_execute", lambda *words: ran.append(words[2]))
    told = {}
    for who in ("new", "known", "blocked", "erased", "asked"):
        ran.clear()
        answer = paper.ask(wish(f"{who}@example.org"), limits=limits_of(paper.config))
        told[who] = (answer, tuple(ran))
    assert len(set(told.values())) == 1
    statements = told["new"][1]
    assert not any("subscri" in sql or "suppression" in sql for sql in statements)


def test_what_no_longer_counts_is_forgotten(paper: Publication) -> None:
    paper.ask(wish(), limits=limits_of(paper.config))
    paper.answer()
    paper.deliver()
    tables = (t.allowance, t.invitation, t.frame, t.variant)
    left = []
    for later in (timedelta(0), timedelta(hours=2), 10 * DAY, 30 * DAY):
        tidy(paper.database, paper.config, NOW + later)
        with paper.database.read() as connection:
            left.append([len(connection.execute(select(table)).all()) for table in tables])
    assert left == [[3, 1, 1, 1], [0, 1, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_a_wish_that_waited_too_long_is_dropped(paper: Publication) -> None:
    paper.ask(wish())
    assert paper.answer(NOW + 8 * DAY).letters == 0
    assert subscribers.counts(paper.database, "weekly", NOW).pending == 0
