"""What `send`, `tick` and `run` ask first: is this the database that sends, or a copy of it?"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from newsletter.errors import CopiedDatabase

if TYPE_CHECKING:
    from newsletter.cli.session import Session
    from newsletter.store.database import Database
    from newsletter.store.instance import Instance

#: --adopt, of every command that sends.
adopt_option: Callable[[Any], Any] = click.option(
    "--adopt", is_flag=True, help="Let this copy of the database send from now on; stop the other first."
)


def instance(database: Database) -> Instance:
    """The database as this machine and user know it."""
    from newsletter.store.instance import Instance, machine, state_folder

    return Instance(database, state_folder(os.environ), machine())


def own(s: Session, database: Database, *, adopt: bool) -> Instance:
    """The same, when it may send; :class:`CopiedDatabase` says what to do when it must not."""
    mine = instance(database)
    if adopt:
        reason = mine.copied()
        mine.adopt()
        s.note(f"Adopted: {database.path} sends from now on ({reason or 'it did already'}).")
    elif reason := mine.copied():
        raise CopiedDatabase(told(s, database, reason))
    return mine


def told(s: Session, database: Database, reason: str) -> str:
    """What an operator must know of a copy, with the commands to type."""
    config = f"--config {s.config_path}"
    return (
        f"Nothing is sent: {database.path} is held, because {reason}.\n"
        "What it would send may have been sent already. To let it send from now on, stop the other, then:\n"
        f"  newsletter outbox status {config}         what waits, and would go out\n"
        f"  newsletter outbox resolve NUMBER --as sent {config}   take out what has gone out already\n"
        f"  newsletter tick --adopt {config}          send from here from now on"
    )
