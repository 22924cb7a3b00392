"""`newsletter preview`: the mails as readers will get them, in a browser, while one writes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from newsletter.cli.session import Session, session
from newsletter.errors import NewsletterError, SenderUnreachable
from newsletter.model import Delivery, Outcome, Verdict

if TYPE_CHECKING:
    from newsletter.audience.explained import Explanation
    from newsletter.config.schema import Config
    from newsletter.pipeline import Built
    from newsletter.schedule.foreseen import Plan
    from newsletter.store.database import Database
    from newsletter.web.preview.desk import Desk

PORT = 8766


@click.command("preview")
@click.option(
    "--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@session(now=True)
def command(s: Session, port: int, open_it: bool) -> None:
    """Show what readers will get, and follow every change of content, templates and config.toml.

    On this computer only: nobody else can reach the page. Nothing is sent but
    the test mails that you ask for.
    """
    from newsletter.press import warm

    warm()
    config = s.config
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise NewsletterError(
            f"cannot serve on port {port}: {error.strerror} (--port names another)"
        ) from error
    with listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        asyncio.run(_serve(_desk(s, config), listening, lambda: _say(address, open_it=open_it)))


def _say(address: str, *, open_it: bool) -> None:
    click.echo(f"Preview on {address} · Ctrl-C stops", err=True)
    if open_it:
        click.launch(address)


def _desk(s: Session, config: Config) -> Desk:
    from newsletter.service.coming import coming
    from newsletter.web.preview.desk import Desk, Outside

    outside = Outside(
        clock=s.clock,
        coming=coming,
        send_test=lambda config, built, address: send_test(config, built, address, s.clock),
        plan=_plan,
        explain=_explain,
    )
    return Desk(s.config_path, os.environ, config, outside)


def _plan(config: Config, database: Database | None, now: datetime, weeks: int) -> Plan:
    from newsletter.service.foreseen import plan
    from newsletter.store.database import open_database

    if database is not None:
        with database.read() as connection:
            return plan(config, connection, now, weeks)
    # Nobody is subscribed and nothing was sent; looking at a plan makes no database.
    with TemporaryDirectory() as folder, open_database(Path(folder) / "empty.db") as empty:
        return _plan(config, empty, now, weeks)


def _explain(config: Config, database: Database, address: str, now: datetime, about: str) -> Explanation:
    from newsletter.service.explained import explain

    with database.read() as connection:
        return explain(config, connection, address, now, about)


async def _serve(desk: Desk, listening: socket.socket, ready: Callable[[], None]) -> None:
    from newsletter.web.preview.run import Running

    running = Running(desk)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.stop)
    await running.serve([listening], ready)


def send_test(config: Config, built: Built, address: str, clock: Callable[[], datetime]) -> str:
    """Send one copy to this address and nobody else; what the server said.

    :class:`NewsletterError` says why it was not accepted; then nothing of it waits.
    """
    from newsletter.delivery.deliver import deliver
    from newsletter.outbox import operate
    from newsletter.pipeline import publish_test
    from newsletter.service.wiring import open_line
    from newsletter.store.alive import Presence
    from newsletter.store.database import open_database

    answers: list[Outcome] = []

    def on_outcome(_: Delivery, outcome: Outcome) -> None:
        answers.append(outcome)

    stop = threading.Event()
    with open_database(config.store_path) as database, Presence(database.path) as presence:
        id = publish_test(config, database, built, address, now=clock())
        line = open_line(config, database, presence, clock, stop=stop, on_outcome=on_outcome, only=id)
        drained = deliver(line)
        database.write(lambda connection: operate.cancel(connection, id, clock()))
    return _told(address, drained.unreachable, answers)


def _told(address: str, unreachable: str, answers: list[Outcome]) -> str:
    """What came of it, in a sentence."""
    if answers and answers[-1].verdict is Verdict.SENT:
        return f"accepted for {address}: {answers[-1].text}"
    if answers and answers[-1].verdict is Verdict.IN_DOUBT:
        raise NewsletterError(f"perhaps accepted for {address}, perhaps not: {answers[-1].text}")
    if unreachable:
        raise SenderUnreachable(f"The sender cannot be reached: {unreachable}. Nothing waits; try again.")
    why = answers[-1].text if answers else "it was not tried"
    raise NewsletterError(f"Not accepted for {address}: {why}")
