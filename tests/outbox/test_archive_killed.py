"""Whoever packs may be killed at any moment: each delivery is then in exactly one of both places."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from newsletter.outbox import archive
from newsletter.store import tables as t
from newsletter.store.database import open_database
from tests.outbox.archiving import NAME, ended, newer_issues, old_issue
from tests.outbox.publishing import NOW, subscribe

READERS = 600
KILLS = 8
_PACKS = """
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from newsletter.outbox import archive
from newsletter.store.database import open_database

with open_database(Path(sys.argv[1])) as database:
    print("begun", flush=True)
    step = partial(archive.pack_chunk, issue_id=sys.argv[2], now=datetime.fromisoformat(sys.argv[3]), rows=3)
    while database.write(step):
        print("chunk", flush=True)
"""


def killed_after(path: Path, chunks: int, now: datetime) -> None:
    """Pack in a process that is killed, at any point of what it does, after so many chunks."""
    words = [sys.executable, "-c", _PACKS, str(path), NAME, now.isoformat()]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(chunks + 1):
        process.stdout.readline()
    process.kill()
    process.communicate()


def test_nothing_is_lost_or_doubled_by_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "newsletter.db"
    with open_database(path) as database:
        subscribe(database, READERS)
        old_issue(database, READERS)
        newer_issues(database)

    numbers = []
    for chunks in range(1, KILLS + 1):
        killed_after(path, chunks, NOW)
        with open_database(path) as database, database.read() as connection:
            packed = {row.subscriber_id for row in archive.of_issue(connection, NAME)}
            d = t.delivery.c
            rows = connection.execute(select(d.subscriber_id).where(d.issue_id == NAME)).scalars().all()
            counted = sum(archive.counts(connection, NAME).values())
        assert packed.isdisjoint(rows)
        assert packed | set(rows) == set(range(1, READERS + 1))
        assert counted == len(packed)
        numbers.append(len(packed))

    assert numbers == sorted(numbers)
    assert 0 < numbers[0] < numbers[-1] < READERS
    with open_database(path) as database:
        archive.pack(database, (NAME,), NOW)
        with database.read() as connection:
            assert list(archive.of_issue(connection, NAME)) == ended(READERS)
