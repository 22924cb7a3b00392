"""Real processes: what was answered is never lost, and nobody is written to twice."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.web.maildrop import MailDrop
from tests.signup.signing import CONFIG

_HEAD = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from newsletter.config import load
from newsletter.service.chores import answer_wishes
from newsletter.signup.limits import Limits
from newsletter.signup.wishes import Wish, ask
from newsletter.store.database import open_database
config = load(Path(sys.argv[1]), {})
def sign_up(database, address):
    wish = Wish(address, ("weekly",), "", "203.0.113.0/24", None)
    assert ask(database, wish, Limits(0, 0, 0), datetime.now(UTC)).taken
    print(address, flush=True)
"""
#: Signs people up and answers them all the time, until it is killed.
_BUSY = """
import itertools, threading
with open_database(config.store_path) as database:
    def answering():
        while True:
            answer_wishes(config, database, datetime.now(UTC))
    threading.Thread(target=answering, daemon=True).start()
    for number in itertools.count():
        sign_up(database, f"r{number}@example.org")
"""
#: Is killed by itself the moment after one was answered.
_ONE = """
with open_database(config.store_path) as database:
    sign_up(database, "ann@example.org")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[MailDrop]:
    """A mail server, and a publication that sends to it."""
    with MailDrop(tmp_path / "inbox") as made:
        (tmp_path / "config.toml").write_text(CONFIG.format(port=made.port))
        yield made


def start(folder: Path, program: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", _HEAD + program, str(folder / "config.toml")]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def tick(folder: Path) -> None:
    words = [sys.executable, "-m", "newsletter", "tick", "--config", str(folder / "config.toml")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr


def received(folder: Path) -> Counter[str]:
    heads = (file.read_text().splitlines() for file in (folder / "inbox" / "new").iterdir())
    return Counter(
        line.removeprefix("Delivered-To: ") for head in heads for line in head if "Delivered-To: " in line
    )


def test_what_was_taken_is_sent_by_the_next_tick_though_its_process_was_killed(
    tmp_path: Path, drop: MailDrop
) -> None:
    assert start(tmp_path, _ONE).communicate(timeout=60)[0] == "ann@example.org\n"
    tick(tmp_path)
    tick(tmp_path)
    assert received(tmp_path) == {"ann@example.org": 1}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kill_in_the_middle_of_answering_loses_nobody_and_doubles_no_mail(
    tmp_path: Path, drop: MailDrop, seed: int
) -> None:
    busy = start(tmp_path, _BUSY)
    assert busy.stdout is not None
    told = [busy.stdout.readline().strip() for _ in range(random.Random(seed).randint(20, 120))]
    busy.kill()
    told += [line for line in busy.communicate(timeout=60)[0].splitlines() if line.endswith("@example.org")]
    tick(tmp_path)
    tick(tmp_path)
    got = received(tmp_path)
    assert set(told) <= set(got)
    assert set(got.values()) == {1}


#: `newsletter run`, whose pages are a line of standard input each.
_RUN = """
import asyncio, socket, threading
from newsletter.service.running import Service
from newsletter.cli.copies import instance
def pages(service, database):
    for line in sys.stdin:
        sign_up(database, line.strip())
        service.wake()
    os.kill(os.getpid(), signal.SIGTERM)
with open_database(config.store_path) as database, socket.create_server(("127.0.0.1", 0)) as listening:
    service = Service(config, database, lambda: datetime.now(UTC), instance(database), str)
    threading.Thread(target=pages, args=(service, database), daemon=True).start()
    asyncio.run(service.run(listening))
"""


def test_in_a_running_service_the_mail_comes_without_waiting_for_the_next_round(
    tmp_path: Path, drop: MailDrop
) -> None:
    running = start(tmp_path, _RUN)
    assert running.stdin is not None
    for number in (1, 2, 3):
        running.stdin.write(f"r{number}@example.org\n")
        running.stdin.flush()
        assert drop.wait_for(number, timeout=25)  # rounds are 30 seconds apart
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert received(tmp_path) == {f"r{number}@example.org": 1 for number in (1, 2, 3)}
