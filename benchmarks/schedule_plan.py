"""Ten newsletters, a hundred articles, ten thousand readers -> how long `newsletter plan --weeks 8` takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from benchmarks.schedule_people import TOPICS, people
from newsletter.store.database import open_database

READERS: Final = 10_000
_SITE = """\
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
timezone = "Europe/Berlin"

[content]
dir = "content"

[store]
path = "newsletter.db"
"""
_WEEKLY = """
[newsletters.{name}]
title = "The {name}"
from = "Ida Vang <ida@slowpost.example>"
schedule = "{schedule}"
"""
_CHOSEN = """
[newsletters.{name}]
title = "The {name}"
from = "Ida Vang <ida@slowpost.example>"
local_time = true
[newsletters.{name}.cadences]
weekly = "mon 09:00"
daily = "daily 18:00"
each = true
"""
_ALSO: Final = (
    "INSERT INTO subscription (subscriber_id, newsletter, status, since, frequency, topics)"
    " SELECT subscriber_id, ?, status, since, frequency, topics FROM subscription WHERE newsletter = 'weekly'"
)
_SCHEDULES = ("weekdays 07:30", "first tue 10:00", "fri 17:00", "daily 06:00", "tue 09:15")


def seconds(runs: int) -> list[float]:
    """Of each run of the program, after one that is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        _project(Path(folder))
        return [_plan(Path(folder)) for _ in range(runs + 1)][1:]


def _project(there: Path) -> None:
    names = ("weekly", *(f"paper{n}" for n in range(2, 11)))
    tables = [
        _CHOSEN.format(name=name) if n % 2 == 0 else _WEEKLY.format(name=name, schedule=_SCHEDULES[n // 2])
        for n, name in enumerate(names)
    ]
    (there / "config.toml").write_text(_SITE + "".join(tables), "utf-8")
    content = there / "content"
    content.mkdir()
    for n in range(100):
        (content / f"{n}.md").write_text(_article(n), "utf-8")
    with open_database(there / "newsletter.db") as database:
        people(database, READERS)
        for name in names[1:]:
            database.write(partial(_subscribe, name=name))


def _subscribe(connection: Connection, name: str) -> None:
    """The same readers to one more newsletter."""
    connection.exec_driver_sql(_ALSO, (name,))


def _article(n: int) -> str:
    day = date(2026, 11, 1) + timedelta(days=n % 60)
    return (
        f"---\ntitle: Article {n}\ndate: {day}\ntags: [{TOPICS[n % 8]}]\n---\n\n"
        f"The first sentence of article {n} says what it is about. The second one says more of it.\n"
    )


def _plan(there: Path) -> float:
    words = [
        sys.executable,
        "-m",
        "newsletter",
        "plan",
        "--weeks",
        "8",
        "--config",
        str(there / "config.toml"),
    ]
    words += ["--now", "2026-11-23T08:00:00+00:00"]
    # The first run, which is not counted, leaves bytecode behind, as it does with every user.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=environ)
    took = time.perf_counter() - began
    assert len(done.stdout.splitlines()) > 100
    return took
