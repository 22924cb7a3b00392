"""Several ways out: weights are kept, and when one dies the others go on, without doubling."""

import re
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from newsletter.config import load
from newsletter.config.routes import routes, shares
from newsletter.delivery.deliver import deliver
from newsletter.delivery.line import Drained, Route
from newsletter.errors import ConfigError, PluginError
from newsletter.model import Delivery, Outcome, State
from newsletter.outbox import operate
from newsletter.senders.memory import MemorySender
from newsletter.senders.smtp import SmtpSender
from newsletter.store.database import Database
from tests.delivery.lines import line
from tests.journeys.project import received, sample_project
from tests.outbox.publishing import issue, publish, subscribe
from tests.senders.fault_server import Act, FaultServer, Then

PEOPLE = 60
CONNECTIONS, WINDOW = 2, 4


def drain(
    database: Database,
    ways: tuple[Route, ...],
    on_outcome: Callable[[Delivery, Outcome], None] = lambda delivery, outcome: None,
) -> Drained:
    return deliver(line(database, *ways, window=WINDOW, on_outcome=on_outcome))


def smtp(port: int, connections: int = CONNECTIONS) -> Route:
    return Route(
        lambda: SmtpSender(host="127.0.0.1", port=port, security="none", timeout=5, dot_timeout=5),
        connections,
    )


def states(database: Database) -> dict[State, int]:
    with database.read() as connection:
        return dict(operate.counts(connection).by_state)


def identities(*servers: FaultServer) -> Counter[bytes]:
    """The Message-ID of everything that was accepted anywhere."""
    bodies = [body for server in servers for body in server.accepted]
    return Counter(match[1] for body in bodies if (match := re.search(rb"(?im)^message-id: *<([^>]+)", body)))


def test_a_server_that_takes_no_more_in_mid_issue_leaves_the_rest_to_the_other(database: Database) -> None:
    subscribe(database, PEOPLE)
    publish(database, issue())
    good = Act(b"250 2.1.0 ok\r\n")
    full = Act(b"421 4.7.0 no more today\r\n", Then.HANG_UP)
    tired = {"mail": (*[good] * 5, full)}
    with FaultServer(tired, tired, {"greeting": full}) as first, FaultServer() as second:
        drained = drain(database, (smtp(first.port), smtp(second.port)))

    assert states(database) == {State.SENT: PEOPLE}
    assert identities(first, second) == dict.fromkeys(identities(first, second), 1)
    assert len(identities(first, second)) == PEOPLE
    assert len(first.accepted) <= 10
    assert (drained.unreachable, len(drained.gone)) == ("", 1)
    assert "no more today" in drained.gone[0]


@pytest.mark.parametrize("moment", [1, 7, 20])
def test_a_server_that_dies_in_mid_issue_doubles_nothing_and_loses_nothing(
    database: Database, moment: int
) -> None:
    subscribe(database, PEOPLE)
    publish(database, issue())
    with ExitStack() as dying, FaultServer() as second:
        first = dying.enter_context(FaultServer({"dot": Act(b"250 2.0.0 ok\r\n", after=0.002)}))

        def die(delivery: Delivery, outcome: Outcome) -> None:
            if len(first.accepted) >= moment:
                dying.close()

        drained = drain(database, (smtp(first.port), smtp(second.port)), die)
        got = identities(first, second)

    after = states(database)
    assert drained.unreachable == ""
    assert max(got.values()) == 1
    assert after[State.SENT] + after.get(State.IN_DOUBT, 0) == PEOPLE
    assert after.get(State.IN_DOUBT, 0) <= CONNECTIONS * WINDOW
    assert PEOPLE - len(got) <= after.get(State.IN_DOUBT, 0)
    assert len(second.accepted) > CONNECTIONS * WINDOW


def test_when_all_are_gone_it_says_so_and_everything_waits(database: Database) -> None:
    subscribe(database, 10)
    publish(database, issue())
    with FaultServer() as one, FaultServer() as other:
        ways = smtp(one.port), smtp(other.port)
    drained = drain(database, ways)

    assert "cannot connect to 127.0.0.1" in drained.unreachable
    assert drained.gone == ()
    assert states(database) == {State.QUEUED: 10}


def test_each_sender_gets_a_part(database: Database) -> None:
    subscribe(database, 200)
    publish(database, issue())
    one, other = MemorySender(), MemorySender()
    drain(database, (Route(lambda: one, 1), Route(lambda: other, 1)))

    assert len(one.messages) + len(other.messages) == 200
    assert min(len(one.messages), len(other.messages)) >= 20


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (4, (1, 1), (2, 2)),
        (8, (3, 1), (6, 2)),
        (4, (1,), (4,)),
        (5, (1, 1), (3, 2)),
        (4, (100, 1), (4, 1)),
        (1, (1, 1, 1), (1, 1, 1)),
        (10, (5, 3, 2), (5, 3, 2)),
    ],
)
def test_connections_are_shared_out_by_weight_and_nobody_gets_none(
    total: int, weights: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert shares(total, weights) == expected


HEAD = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(HEAD + text, "utf-8")
    return path


def test_the_tables_become_routes_and_a_secret_may_come_from_the_environment(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[sender]\nconnections = 8\n[senders.main]\nhost = "a.test"\nusername = "ida"\nweight = 3\n'
        '[senders.spare]\nname = "memory"\n[senders.one]\nname = "memory"\nconnections = 1\n',
    )
    config = load(path, {"NEWSLETTER_SENDERS__MAIN__PASSWORD": "correct-horse"})
    ways = routes(config)

    assert [way.connections for way in ways] == [5, 2, 1]
    assert str(ways[0].open_sender()) == "smtp a.test:587 (starttls)"
    assert config.masked()["senders"]["main"]["password"] == "********"
    assert config.origin("senders", "main", "password") == "NEWSLETTER_SENDERS__MAIN__PASSWORD"


def test_with_several_senders_the_single_one_keeps_only_what_they_share(tmp_path: Path) -> None:
    path = written(
        tmp_path, '[sender]\nname = "smtp"\nhost = "x.test"\nwindow = 3\n[senders.main]\nhots = "y"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    text = "belongs in one of the tables [senders.NAME] where there are such"
    assert str(caught.value).splitlines() == [
        f"{path}:8: sender.name: {text}",
        f"{path}:9: sender.host: {text}",
        f'{path}:12: senders.main.hots: unknown key, did you mean "host"?',
    ]


def test_a_sender_that_cannot_be_made_is_named_by_its_table(tmp_path: Path) -> None:
    config = load(written(tmp_path, '[senders.main]\nhost = "a b"\n'), {})
    with pytest.raises(PluginError, match=r'\[senders\.main\]: smtp: "host" is not a host name'):
        routes(config)


@pytest.mark.slow
def test_a_sending_with_a_dead_sender_beside_a_live_one_succeeds_and_names_it(tmp_path: Path) -> None:
    from newsletter.web.maildrop import MailDrop

    with MailDrop(tmp_path / "nobody") as gone:
        dead = gone.port
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port).set(max_items="1")
        text = project.config.read_text()
        head, _, rest = text.partition("[sender]")
        _, _, tail = rest.partition("[store]")
        ways = "".join(
            f'[senders.{name}]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
            for name, port in (("dead", dead), ("live", drop.port))
        )
        project.config.write_text(f"{head}{ways}[store]{tail}")
        project.subscribe(40)
        done = project.run("send", "weekly", "--yes")

    assert "40 sent · 0 failed · 0 in doubt" in done.stdout
    assert "A sender could not be used, and the others went on: cannot connect" in done.stderr
    assert set(received(tmp_path / "inbox").values()) == {1}
