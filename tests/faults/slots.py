"""``python -m tests.faults.slots``: two `newsletter run` on one database, killed at random moments.

Their clocks differ, and a slot comes each second, with an article. What the server took is the truth.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import secrets
import shutil
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from zoneinfo import ZoneInfo

from newsletter.config import load
from newsletter.config.schema import Config
from newsletter.delivery.deliver import deliver
from newsletter.schedule.slots import parse
from newsletter.service.due import fire_due
from newsletter.service.wiring import open_line
from newsletter.store.alive import Presence
from newsletter.store.database import Database, open_database
from tests.faults.report import MEMORY
from tests.faults.sending_child import _starter, ended
from tests.faults.slots_after import Came, Expected, came
from tests.faults.slots_child import BEGIN, Clock, start
from tests.journeys.project import sample_project
from tests.senders.fault_server import PIPELINING, USUAL, Act, FaultServer

_starter.set_forkserver_preload(["tests.faults.sending_child", "tests.faults.slots_child"])

READERS = tuple(f"r{number}@example.org" for number in range(1, 6))
RHYTHM = "daily 09:00"
ZONE = ZoneInfo("Europe/Copenhagen")
#: Hours by which the clocks of the two are wrong.
OFFSETS = (2.0, -5.0)
#: Days for the last article, when nobody writes any more and everybody works.
REST = 4
#: Seconds that the server takes for a message: many a process is killed within.
SLOW_SECONDS = 0.05

NEWSLETTER = f"""
[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
schedule = "{RHYTHM}"
max_items = 7
stale_after = "3000d"
catch_up = "3000d"
link_params = {{ utm_campaign = "{{issue}}" }}

"""


def run(slots: int, seed: int) -> Came:
    """So many seconds of two processes, and what is in the database and at the server afterwards."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(dir=MEMORY)))
        taken = threading.Event()
        slow = Act(USUAL["dot"].say, after=SLOW_SECONDS, do=taken.set)
        server = ends.enter_context(FaultServer({"ehlo": PIPELINING, "dot": slow}))
        config_path = _laid_out(folder, server.port)
        config = load(config_path, os.environ)
        with open_database(config.store_path) as database:
            _settle(config, database, BEGIN)
        clock, enough = Clock(time.time()), threading.Event()
        writer = threading.Thread(target=_write, args=(folder / "content", clock, slots, enough))
        writer.start()
        try:
            killed = _kill(config_path, clock, slots, random.Random(seed), taken)
        finally:
            enough.set()
            writer.join()
        with open_database(config.store_path) as database:
            end = clock() + timedelta(days=1)
            for days in range(REST):
                _settle(config, database, end + timedelta(days=days))
            return came(database, server, _expected(folder, end + timedelta(days=REST - 1)), killed)


def _expected(folder: Path, end: datetime) -> Expected:
    """What there must be once everything is over."""
    dates = (slot.key for slot in parse(RHYTHM).occurrences(ZONE, BEGIN, end))
    written = (path.stem.replace("day", "Day ") for path in (folder / "content").glob("day*.md"))
    return Expected(tuple(dates), tuple(written), READERS)


def _laid_out(folder: Path, port: int) -> Path:
    project = sample_project(folder, port)
    text = re.sub(
        r"(?ms)^\[newsletters\.weekly\].*?(?=^\[theme\])", lambda _: NEWSLETTER, project.config.read_text()
    )
    project.config.write_text(text)
    shutil.rmtree(folder / "content")
    (folder / "content").mkdir()
    people = folder / "people.csv"
    people.write_text("email\n" + "".join(f"{reader}\n" for reader in READERS))
    project.run("subscribers", "import", str(people), "--now", BEGIN.isoformat())
    return project.config


def _settle(config: Config, database: Database, now: datetime) -> None:
    """One round."""
    fire_due(config, database, now)
    stop = threading.Event()
    with Presence(database.path) as presence:
        line = open_line(config, database, presence, lambda: now, stop=stop, on_outcome=lambda *_: None)
        deliver(line)


def _write(content: Path, clock: Clock, slots: int, enough: threading.Event) -> None:
    """An article a day."""
    for number in range(1, slots + 1):
        if enough.wait(max(0.0, clock.begun + number - 0.5 - time.time())):
            return
        text = (
            f"---\ntitle: Day {number:04}\ndate: {clock():%Y-%m-%dT%H:%M:%SZ}\n---\nWhat there is to say.\n"
        )
        fresh = content / f".day{number:04}.new"
        fresh.write_text(text)
        fresh.rename(content / f"day{number:04}.md")


def _kill(config: Path, clock: Clock, slots: int, chance: random.Random, taken: threading.Event) -> int:
    """Keep two processes going until the last slot, each of them killed now and then; how often."""
    clocks = [Clock(clock.begun, timedelta(hours=hours)) for hours in OFFSETS]
    log, killed, end = config.with_name("log"), 0, clock.begun + slots + REST
    running = [start(config, each, log) for each in clocks]
    try:
        while time.time() < end - REST:
            time.sleep(chance.uniform(0.2, 2))
            if chance.random() < 0.5:  # with messages on the wire
                taken.clear()
                taken.wait(2)
                time.sleep(chance.uniform(0, SLOW_SECONDS))
            victims = [0, 1] if chance.random() < 0.2 else [chance.randrange(2)]
            for one in victims:
                running[one].kill()
                ended(running[one])
                killed += 1
            time.sleep(chance.uniform(0, 0.3) if len(victims) == 1 else chance.uniform(0, 3))
            for one in victims:
                running[one] = start(config, clocks[one], log)
        time.sleep(max(0.0, end - time.time()))
    finally:
        for process in running:
            _end(process)
    return killed


def _end(process: ForkServerProcess) -> None:
    process.kill()
    ended(process)


def main() -> int:
    parser = argparse.ArgumentParser("slots", description=__doc__)
    parser.add_argument("--slots", type=int, default=200, metavar="N", help="so many seconds, about")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of the random moments")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state  # nothing of it is to be remembered in somebody's home
        after = run(asked.slots, asked.seed)
    print(after, flush=True)
    return int(bool(after.wrong))


if __name__ == "__main__":
    sys.exit(main())
