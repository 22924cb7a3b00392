"""Whom a segment means, asked of a real database."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.segments.meaning import condition, members
from newsletter.store.segments.reading import read

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PEOPLE = {
    "ann": {"language": "de", "attributes": {"plan": "pro", "score": 7, "vip": True}},
    "ben": {"language": "de-AT", "attributes": {"plan": "", "score": "9"}},
    "cleo": {"language": "den", "name": 'Cleo "C" O\'Neil', "attributes": {"score": 7.5, "vip": 1}},
    "dan": {},
}
TAGS = [("ann", "pro"), ("ann", "beta"), ("ben", "pro"), ("cleo", "50%_off")]


@pytest.fixture
def known(database: Database) -> Database:
    def write(connection: object) -> None:
        c = connection
        c.execute(insert(t.zone).values(id=1, name="Europe/Berlin"))  # type: ignore[attr-defined]
        for number, (who, what) in enumerate(PEOPLE.items(), 1):
            row = {
                "address": f"{who.title()}@{who}.example",
                "address_key": f"{who}@{who}.example",
                "name": who,
            }
            row |= {
                "id": number,
                "language": "",
                "created_at": NOW.replace(day=number),
                "zone_id": None,
            } | what
            row["zone_id"] = 1 if who == "ann" else None
            c.execute(insert(t.subscriber).values(row))  # type: ignore[attr-defined]
            asked = (
                {"topics": ["dogs", "cats"]}
                if who == "ann"
                else {"topics": ["birds"]}
                if who == "ben"
                else {}
            )
            asked |= {"frequency": "weekly"} if who == "cleo" else {}
            asked |= {"subscriber_id": number, "newsletter": "weekly", "status": "active", "since": NOW}
            c.execute(insert(t.subscription).values(asked))  # type: ignore[attr-defined]
        number = {who: n for n, who in enumerate(PEOPLE, 1)}
        rows = [{"subscriber_id": number[who], "tag": tag} for who, tag in TAGS]
        c.execute(insert(t.subscriber_tag), rows)  # type: ignore[attr-defined]

    database.write(write)
    return database


def meant(database: Database, segment: str) -> str:
    """The initials of those it means, by both ways of asking."""
    joined = select(t.subscriber.c.address_key).join(t.subscription).where(condition(read(segment)))
    alone = select(t.subscription.c.subscriber_id).where(members(segment))
    with database.read() as connection:
        found = "".join(sorted(key[0] for key in connection.execute(joined).scalars()))
        ids = sorted(connection.execute(alone).scalars())
    assert "".join("abcd"[number - 1] for number in ids) == found
    return found


@pytest.mark.parametrize(
    ("segment", "people"),
    [
        ('tags has "pro"', "ab"),
        ('not tags has "pro"', "cd"),
        ('tags has all ["pro", "beta"]', "a"),
        ('tags has any ["beta", "50%_off"]', "ac"),
        ('tags has "50__off"', ""),
        ('language == "de"', "ab"),
        ('language in ["de-at", ""]', "bd"),
        ('language != "de"', "cd"),
        ('language not in ["de", "den"]', "d"),
        ('email == "ANN@ann.example"', "a"),
        ('domain in ["@Ben.example", "cleo.example"]', "bc"),
        ('name == "Cleo \\"C\\" O\'Neil"', "c"),
        ('timezone == "Europe/Berlin"', "a"),
        ('timezone == ""', "bcd"),
        ('topics has "birds"', "bcd"),
        ('topics has all ["dogs", "cats"]', "acd"),
        ('frequency == "weekly"', "c"),
        ('frequency == ""', "abd"),
        ('frequency in ["", "weekly"]', "abcd"),
        ('created < "2026-11-02"', "a"),
        ('created <= "2026-11-02"', "ab"),
        ('created > "2026-11-02"', "cd"),
        ('created >= "2026-11-02"', "bcd"),
        ('since > "2026-11-21" and since < "2026-11-23"', "abcd"),
        ('attributes.plan == "pro"', "a"),
        ('attributes.plan != "pro"', "bcd"),
        ('attributes.plan == ""', "b"),
        ("attributes.score > 6", "ac"),
        ("not attributes.score > 7", "abd"),
        ("attributes.score == 7", "a"),
        ('attributes.score in ["9", 7.5]', "bc"),
        ("attributes.vip == true", "a"),
        ("attributes.vip == 1", "c"),
        ('tags has "pro" and language in ["de","en"] or frequency == "weekly"', "abc"),
        ('name == "x\' OR 1=1 --"', ""),
    ],
)
def test_a_segment_means(known: Database, segment: str, people: str) -> None:
    assert meant(known, segment) == people


@given(
    st.recursive(
        st.sampled_from(
            ['tags has "pro"', "attributes.score > 6", 'language == "de"', "attributes.vip == true",
             'attributes.plan != "pro"', 'topics has "birds"', 'timezone != ""']
        ),
        lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        max_leaves=6,
    )
)  # fmt: skip
def test_a_segment_and_its_contrary_are_everybody(known: Database, segment: str) -> None:
    assert sorted(meant(known, segment) + meant(known, f"not ({segment})")) == ["a", "b", "c", "d"]
