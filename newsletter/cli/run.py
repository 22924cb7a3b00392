"""`newsletter run`: everything, in one process."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from functools import partial

import click

from newsletter.cli import copies
from newsletter.cli.session import Session, session
from newsletter.errors import NewsletterError


@click.command("run")
@copies.adopt_option
@session()
def command(s: Session, adopt: bool) -> None:
    """Fire slots as they fall due, deliver, and serve the reader pages, until Ctrl-C or SIGTERM.

    A stop finishes the message that each connection is sending and leaves
    nothing in doubt; the next start goes on.
    """
    from newsletter.service.running import Service

    _log_to_stderr()
    web = s.config.web
    try:
        listening = socket.create_server((web.host, web.port), family=_family(web.host))
    except OSError as error:
        raise NewsletterError(f"cannot serve on {web.bind}: {error.strerror} ([web] bind)") from error
    with listening, s.database() as database:
        host, port = listening.getsockname()[:2]
        click.echo(f"Pages on http://{host}:{port}/ · Ctrl-C stops", err=True)
        own = copies.own(s, database, adopt=True) if adopt else copies.instance(database)
        told = partial(copies.told, s, database)
        asyncio.run(Service(s.config, database, s.clock, own, told).run(listening))


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("apscheduler", "uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
