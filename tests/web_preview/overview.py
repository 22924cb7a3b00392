"""The preview of a project whose plan and reasons were made by hand, in this very process."""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from newsletter.audience import subscribers
from newsletter.cli.init import lay_out
from newsletter.config import load
from newsletter.schedule.foreseen import Plan
from newsletter.store.database import Database, open_database
from newsletter.web.preview.desk import Desk, Outside
from newsletter.web.preview.run import Running
from tests.web_preview.hand_made import at, explanation, plan

NOW = at("2026-10-14", "14:02")


def no_test(*_: object) -> str:
    raise AssertionError("nothing is sent here")


@contextlib.contextmanager
def overview(folder: Path, made: Callable[[datetime, int], Plan] = lambda *_: plan()) -> Iterator[str]:
    """Its address: weekly, posts and toolbox by their slots, notes by hand; Ana, Bo and Bo are subscribed."""
    lay_out(folder)
    with (folder / "config.toml").open("a") as config:
        for name in ("posts", "toolbox", "notes"):
            schedule = 'schedule = "tue 07:00"\n' if name != "notes" else ""
            config.write(
                f'\n[newsletters.{name}]\ntitle = "{name}"\nfrom = "Ida <i@slowpost.example>"\n{schedule}'
            )
    text = (folder / "config.toml").read_text().replace('"Europe/Copenhagen"', '"Europe/Oslo"')
    (folder / "config.toml").write_text(text)
    config_file = load(folder / "config.toml", os.environ)
    with open_database(config_file.store_path) as database:
        people(database)
    outside = Outside(
        clock=lambda: NOW,
        coming=lambda *_: None,
        send_test=no_test,
        plan=lambda config, database, now, weeks: made(now, weeks),
        explain=lambda config, database, address, now, about: explanation(address, about),
    )
    with served(Desk(folder / "config.toml", os.environ, config_file, outside)) as url:
        yield url


def people(database: Database) -> None:
    """Ana, and two whose names begin alike."""
    for address, name in (
        ("ana@example.com", "Ana Lind"),
        ("bo@example.com", "Bo <b>Bold</b>"),
        ("bo2@example.com", "Bo Two"),
    ):
        subscribers.add(database, address, name=name, newsletters=("weekly",), now=at("2026-03-02"))


@contextlib.contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address of a preview that runs until the block ends."""
    ready, stop = threading.Event(), {}

    async def run(listening: socket.socket) -> None:
        running = Running(desk)
        stop["it"] = (asyncio.get_running_loop(), running.stop)
        await running.serve([listening], ready.set)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(run(listening)))
        thread.start()
        try:
            assert ready.wait(30)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            loop, halt = stop["it"]
            loop.call_soon_threadsafe(halt)
            thread.join(30)
            assert not thread.is_alive()
