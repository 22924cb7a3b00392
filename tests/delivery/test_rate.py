"""The configured rate is kept: over all connections together, and for a recipient's domain."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import String, update

from newsletter.config import load
from newsletter.config.routes import limits
from newsletter.delivery.deliver import deliver
from newsletter.delivery.line import Limits, Route
from newsletter.delivery.rate import per_second
from newsletter.errors import ConfigError
from newsletter.model import Envelope, Fault, Outcome, Verdict
from newsletter.senders import Sender
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.delivery.lines import line
from tests.outbox.publishing import issue, publish, subscribe

RATE, SECONDS = 50.0, 3.0
#: A busy machine may be late; it may never be early.
LEAST = 0.85 if os.environ.get("CI") else 0.95
#: Only the first, from which we count, may be late by two messages' time: then the others seem early.
MOST = 1.0 + 3 / (RATE * SECONDS)


class Timing:
    """A sender that writes down when it was used."""

    def __init__(self) -> None:
        self.times: list[tuple[float, str]] = []

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        self.times.append((time.monotonic(), envelope.rcpt_to))
        return Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")

    def close(self) -> None:
        pass


def drain(database: Database, senders: list[Callable[[], Sender]], rates: Limits) -> None:
    deliver(line(database, *(Route(one, 1) for one in senders), limits=rates))


def within(times: list[float]) -> int:
    first = min(times)
    return sum(1 for each in times if each - first < SECONDS)


@pytest.mark.slow
def test_the_achieved_rate_is_the_configured_one_and_connections_share_it(database: Database) -> None:
    subscribe(database, int(RATE * (SECONDS + 0.5)))
    publish(database, issue())
    one, other = Timing(), Timing()
    drain(database, [lambda: one, lambda: other], Limits(RATE))

    achieved = within([at for at, _ in one.times + other.times]) / (RATE * SECONDS)
    print(f"{achieved:.3f} of the configured rate, {len(one.times)} and {len(other.times)} messages")
    assert LEAST <= achieved <= MOST
    assert min(len(one.times), len(other.times)) > 10


@pytest.mark.slow
def test_a_domain_has_a_rate_of_its_own_and_others_overtake_it(database: Database) -> None:
    subscribe(database, 60)
    slow_ones = update(t.subscriber).where(t.subscriber.c.id <= 20)
    database.write(
        lambda c: c.execute(slow_ones.values(address="s" + t.subscriber.c.id.cast(String) + "@slow.example"))
    )
    publish(database, issue())
    timing = Timing()
    drain(database, [lambda: timing], Limits(0.0, {"slow.example": 10.0}))

    slow = sorted(at for at, to in timing.times if to.endswith("@slow.example"))
    rest = sorted(at for at, to in timing.times if not to.endswith("@slow.example"))
    assert (len(slow), len(rest)) == (20, 40)
    assert slow[-1] - slow[0] >= 19 / 10 * 0.95
    assert rest[-1] < slow[-1]


@pytest.mark.parametrize(
    ("text", "rate"), [("50/s", 50.0), ("600/min", 10.0), ("600/m", 10.0), ("36000/h", 10.0), ("0.5/s", 0.5)]
)
def test_a_rate_is_read_as_people_write_it(text: str, rate: float) -> None:
    assert per_second(text) == rate


def test_rates_come_from_the_sender_table(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = """
[site]
name = "S"
base_url = "https://s.example"
[newsletters.weekly]
from = "ida@s.example"
[sender]
rate = "600/min"
domain_rates = { "Gmail.com" = "20/s" }
"""
    path.write_text(text, "utf-8")
    assert limits(load(path, {})) == Limits(10.0, {"gmail.com": 20.0})

    path.write_text(text.replace("600/min", "fast").replace("20/s", "0/s"), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    told = str(caught.value)
    assert 'sender.rate: should be a rate such as "50/s"' in told
    assert 'sender.domain_rates."Gmail.com": should be a rate' in told
