"""What of a pool with corrections a reader gets."""

from __future__ import annotations

import pytest

from newsletter.issue.portion import NOTHING, News, Offered, Past, Portion, Rules, due, portion

PLAIN = tuple(Offered(id, frozenset({"sea"} if id % 2 else {"land"})) for id in (1, 2, 3, 4))
NOTES = (Offered(11, frozenset({"sea"}), corrects=9), Offered(12, frozenset({"land"}), corrects=8))
POOL = (*PLAIN, *NOTES)


def rules(least: int = 1, most: int = 7, *, carries: bool = True) -> Rules:
    return Rules(least, most, carries, "current")


CASES = {
    "all fits": ({1, 2, 11}, (), rules(), (1, 2, 11), ()),
    "before the last articles": ({1, 2, 3, 4, 11}, (), rules(most=3), (1, 2, 11), (3, 4)),
    "never all the places": ({1, 2, 11, 12}, (), rules(most=2), (1, 11), (2, 12)),
    "no place beside one": ({1, 11}, (), rules(most=1), (1,), (11,)),
    "dropped": ({1, 2, 11, 12}, (), rules(most=2, carries=False), (1, 11), ()),
    "alone it waits": ({11}, (), rules(), (), (11,)),
    "alone it waits whatever the least": ({11, 12}, (), rules(least=0), (), (11, 12)),
    "it counts for none": ({1, 11}, (), rules(least=2), (), (1, 11)),
    "topics": ({1, 2, 11, 12}, {"land"}, rules(), (2, 12), ()),
    "its article is due": ({1, 9, 11}, (), rules(), (1,), (9,)),
}


@pytest.mark.parametrize(("owed", "topics", "by", "brings", "leaves"), CASES.values(), ids=CASES)
def test_what_it_brings(
    owed: set[int], topics: set[str], by: Rules, brings: tuple[int, ...], leaves: tuple[int, ...]
) -> None:
    assert portion(POOL, frozenset(owed), topics, by) == Portion(brings, leaves)


def past(*articles: int, waiting: tuple[int, ...] = (), counts: bool = True) -> Past:
    return Past(articles, waiting, frozenset(articles), counts, since_they_came=True)


def test_it_is_due_to_those_alone_who_have_had_its_article() -> None:
    news, corrects = News(frozenset({1, 11}), NOTHING, NOTHING), {11: 9}
    assert due((past(9),), news, "current", corrects) == {1, 11}
    assert due((past(8),), news, "current", corrects) == {1}
    assert due((), news, "current", corrects) == {1}
    assert due((past(9, counts=False), past(8)), news, "current", corrects) == {1}


def test_it_is_no_news_to_whom_it_appeared_while_they_were_away_without_the_article() -> None:
    news = News(NOTHING, NOTHING, frozenset({1, 11}))
    assert due((past(8),), news, "current", {11: 9}) == {1}
    assert due((past(9),), news, "current", {11: 9}) == {1, 11}


def test_one_that_waits_stays_due_and_one_that_failed_is_due_again() -> None:
    news = News(NOTHING, NOTHING, NOTHING)
    assert due((past(9), past(1, waiting=(11,))), news, "current", {11: 9}) == {11}
    assert due((past(9), past(1, 11, counts=False)), news, "current", {11: 9}) == {1, 11}
