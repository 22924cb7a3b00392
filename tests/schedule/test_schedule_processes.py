"""Several processes with clocks that differ, killed at any moment: no slot is lost, none has two issues."""

import contextlib
import os
import random
import select as waiting
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter.schedule.due import BEGUN
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.schedule import look_again
from tests.schedule.look_again import BEGIN, BERLIN, DAILY, DAYS_A_SECOND, look

SCRIPT = Path(look_again.__file__)
#: Hours by which the clocks of the processes are wrong.
OFFSETS = (0.0, 0.5, -5.0)
#: How often one of them is killed, each time after another issue.
KILLS = 12
PATIENCE = 60


def start(database: Database, begun: float, offset: float, out: int) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, str(SCRIPT), str(database.path), str(begun), str(offset)]
    return subprocess.Popen(arguments, stdout=out)


def rows(database: Database) -> dict[str, str]:
    with database.read() as connection:
        found = connection.execute(select(t.slot.c.key, t.slot.c.issue_id).where(t.slot.c.state != BEGUN))
        return {row.key: row.issue_id for row in found}


def more(told: int) -> bytes:
    """What a process says next; whole lines, for a short line is written to a pipe in one go."""
    assert waiting.select([told], [], [], PATIENCE)[0], "nobody decided anything"
    return os.read(told, 100_000)


@pytest.mark.slow
def test_each_slot_is_decided_once_by_processes_that_are_killed(database: Database) -> None:
    chance, begun, said = random.Random(7), time.time(), b""
    told, out = os.pipe()
    look(database, BEGIN)
    with contextlib.ExitStack() as ends:
        ends.callback(os.close, told)
        running = {offset: start(database, begun, offset, out) for offset in OFFSETS}
        ends.callback(lambda: [process.kill() for process in running.values()])
        for _ in range(KILLS):
            said += more(told)
            offset = chance.choice(OFFSETS)
            running[offset].kill()
            running[offset].wait()
            running[offset] = start(database, begun, offset, out)
        for process in running.values():
            process.kill()
            process.wait()
        os.close(out)
        while rest := os.read(told, 100_000):
            said += rest
    end = BEGIN + timedelta(days=DAYS_A_SECOND * (time.time() - begun) + 1)
    look(database, end)

    decided = rows(database)
    assert sorted(decided) == [slot.key for slot in DAILY.occurrences(BERLIN, BEGIN, end)]
    won = [line.split() for line in said.decode().splitlines()]
    assert len(won) >= KILLS
    assert len({key for key, _ in won}) == len(won)
    assert {key: decided[key] for key, _ in won} == dict(won)
