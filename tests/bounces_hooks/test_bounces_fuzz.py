"""Whatever octets come: the readers raise nothing but what they say, and without proof nothing changes."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from newsletter.audience.bounces import read
from newsletter.audience.hooks import Call, Event, Hook, Refused, notice
from newsletter.audience.hooks.postmark import Postmark
from newsletter.audience.hooks.ses import Ses
from newsletter.audience.suppression import SOFT
from newsletter.delivery.called import act
from newsletter.delivery.taking_in import write_down
from newsletter.store.database import Database, open_database
from newsletter.store.tables import metadata
from tests.bounces_hooks.amazon import TOPIC, bounce, certificate, complaint, envelope, mail, signed
from tests.bounces_hooks.postmarks import PASSWORD, USERNAME, change, headers, record
from tests.bounces_hooks.test_bounces_guess import COPY, QMAIL_PLAIN
from tests.inbox.returned import OTHERS, QMAIL, TOKENS, address, dsn, free, original
from tests.inbox.returned import complaint as arf
from tests.inbox.test_bounce_recording import returned_id, sent
from tests.needs import EXAMPLES
from tests.outbox.publishing import NOW, subscribe

#: Reports as real servers write them, and the three ways to name a message, all of them forged.
FORGED_MARK = address(1, OTHERS)
FORGED_ID = "<made.up@slowpost.example>"
FORGED = (
    dsn(FORGED_MARK),
    dsn("bounce@bounces.news.test", returned=original(FORGED_ID)),
    dsn("bounce@bounces.news.test", returned=original(FORGED_ID, OTHERS.unsubscribe(1, "weekly"))),
    dsn(address(1).replace("+1.", "+2.")),
    dsn(address(999)),
    dsn("ida@slowpost.example", returned=original(returned_id(2)), recipient="r1@example.org"),
    arf(FORGED_MARK),
    arf("feedback@news.test", mail_from=FORGED_MARK),
    arf("feedback@news.test", returned=original(returned_id(1))),
    free(FORGED_MARK, QMAIL),
    free(FORGED_MARK, QMAIL_PLAIN),
    free("ida@slowpost.example", QMAIL_PLAIN + COPY.format(id=FORGED_ID)),
)
GENUINE = (
    dsn(address(1)),
    arf(address(1)),
    free(address(1), QMAIL),
    free(address(1), QMAIL_PLAIN),
    dsn(address(1), kind="message/global-delivery-status"),
)
CALLS = (
    signed(envelope(bounce())),
    signed(envelope(complaint(), MessageId="m-2")),
    signed(envelope("hello", kind="SubscriptionConfirmation")),
)
RECORDS = (record(), record(Type="SpamComplaint"), change())

mutations = st.tuples(st.integers(0, 2**32), st.integers(1, 12))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def wounded(octets: bytes, wounds: tuple[int, int]) -> bytes:
    chosen = random.Random(wounds[0])
    made = bytearray(octets)
    for _ in range(wounds[1]):
        at = chosen.randrange(max(1, len(made)))
        made[at : at + chosen.randrange(4)] = chosen.randbytes(chosen.randrange(4))
    return bytes(made)


@lru_cache
def adapters() -> dict[str, Hook]:
    return {"ses": Ses((TOPIC,)), "postmark": Postmark(USERNAME, PASSWORD)}


@lru_cache
def pem() -> bytes:
    return certificate()


def believed(name: str, body: bytes, given_headers: dict[str, str]) -> tuple[Event, ...] | None:
    """The events of a call; None when it is refused. Anything else that is raised is a bug."""
    hook = adapters()[name]
    try:
        hook.verify(Call(body, given_headers, "127.0.0.1", NOW), lambda url: pem())
        return hook.events(body)
    except Refused as refusal:
        assert 400 <= refusal.status < 500 and str(refusal).isprintable()
        return None


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two readers, each of whom has had an issue: nothing may change it."""
    with open_database(Path(tmp_path_factory.mktemp("fuzz")) / "newsletter.db") as opened:
        subscribe(opened, 2)
        sent(opened)
        yield opened


def everything(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]


@pytest.mark.parametrize("number", range(len(FORGED)))
def test_a_forged_mail_changes_nothing(kept: Database, number: int) -> None:
    before = everything(kept)
    write_down(kept, read(FORGED[number], TOKENS).notices, SOFT, NOW)
    assert everything(kept) == before


@given(st.sampled_from(FORGED), mutations)
def test_no_mutation_of_a_forged_mail_changes_anything(
    kept: Database, octets: bytes, wounds: tuple[int, int]
) -> None:
    before = everything(kept)
    write_down(kept, read(wounded(octets, wounds), TOKENS).notices, SOFT, NOW)
    assert everything(kept) == before


@given(st.sampled_from(GENUINE), mutations)
def test_a_mutated_mail_is_about_its_own_message_or_none(octets: bytes, wounds: tuple[int, int]) -> None:
    for said in read(wounded(octets, wounds), TOKENS).notices:
        assert said.delivery_id in (0, 1)
        assert (said.diagnostic + said.recipient).isprintable()


@given(st.binary(max_size=2000))
def test_any_octets_are_read_as_a_mail(octets: bytes) -> None:
    assert all(said.delivery_id == 0 for said in read(octets, TOKENS).notices)


@given(st.sampled_from(CALLS), mutations)
def test_a_mutated_call_of_amazon_is_refused_or_says_what_was_signed(
    octets: bytes, wounds: tuple[int, int]
) -> None:
    assert believed("ses", wounded(octets, wounds), {}) in (None, adapters()["ses"].events(octets))


@given(
    JSON,
    st.sampled_from(["Type", "TopicArn", "Timestamp", "SigningCertURL", "Signature", "SignatureVersion"]),
)
def test_a_call_of_amazon_with_a_field_of_another_kind_is_refused(value: Any, name: str) -> None:
    made = json.loads(CALLS[0])
    body = json.dumps(made | {name: value}).encode()
    expected = adapters()["ses"].events(CALLS[0]) if value == made[name] else None
    assert believed("ses", body, {}) == expected


@given(st.sampled_from(RECORDS), mutations, st.text(alphabet=st.characters(codec="latin-1"), max_size=60))
@example(RECORDS[0], (0, 1), "Basic " + base64.b64encode(b"postmark:").decode())
def test_without_the_password_no_record_of_postmark_is_believed(
    octets: bytes, wounds: tuple[int, int], authorization: str
) -> None:
    assert believed("postmark", wounded(octets, wounds), {"authorization": authorization}) is None


@given(st.sampled_from(RECORDS), mutations)
def test_with_the_password_any_record_of_postmark_is_read_or_refused(
    octets: bytes, wounds: tuple[int, int]
) -> None:
    believed("postmark", wounded(octets, wounds), {"authorization": headers()["Authorization"]})


@st.composite
def told(draw: st.DrawFn) -> tuple[str, bytes]:
    """A well-meaning call with values of any kind where text or a list is expected."""
    if draw(st.booleans()):
        made = json.loads(draw(st.sampled_from(RECORDS)))
        for name in draw(st.lists(st.sampled_from(sorted(made)), max_size=3)):
            made[name] = draw(JSON)
        return "postmark", json.dumps(made).encode()
    said: dict[str, Any] = draw(
        st.sampled_from([bounce(), complaint(), {"eventType": "Delivery", "mail": mail()}])
    )
    part = draw(st.sampled_from(sorted(said)))
    said = said | {
        part: draw(JSON) if draw(st.booleans()) else {name: draw(JSON) for name in _names(said[part])}
    }
    return "ses", json.dumps(envelope(said)).encode()


def _names(part: Any) -> list[str]:
    return sorted(part) if isinstance(part, dict) else []


@settings(max_examples=EXAMPLES)
@given(told())
def test_what_a_provider_says_in_any_form_is_written_down_or_passed_over(
    tmp_path_factory: pytest.TempPathFactory, call: tuple[str, bytes]
) -> None:
    name, body = call
    try:
        events = adapters()[name].events(body)
    except Refused:
        return
    notices = tuple(notice(event, TOKENS, datetime(2026, 11, 23, 9, tzinfo=UTC)) for event in events)
    for said in notices:
        assert (said.diagnostic + said.recipient + said.message_id).isprintable()
    with open_database(tmp_path_factory.mktemp("told") / "n.db") as database:
        subscribe(database, 1)
        sent(database, readers=1)
        act(database, name, "id", notices, SOFT, NOW)
