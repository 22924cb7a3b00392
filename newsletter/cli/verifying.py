"""`newsletter issues verify`: what was sent, made again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session, session
from newsletter.errors import NewsletterError
from newsletter.press import warm

if TYPE_CHECKING:
    from newsletter.service.verifying import Verified
    from newsletter.store.database import Database

DIFFERENT = 5


@click.command("verify")
@click.argument("id", required=False)
@click.option(
    "--manifest",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A manifest that `issues export` wrote: there need be no database.",
)
@click.option(
    "--messages",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    help="So many readers' messages are written again and compared, too.",
)
@session(json=True)
def verify(s: Session, id: str | None, file: Path | None, messages: int) -> None:
    """Make issue ID again from the files as they are now, and compare it byte for byte.

    Exit code 0 when every frame and block is the same, 5 when one is not: then it is
    named, and what has changed.
    """
    warm()  # beside the imports that follow, which take as long
    from newsletter.service import verifying

    if (id is None) == (file is None):
        raise click.UsageError("name an issue, or a file with --manifest")
    if file is not None:
        done = verifying.verify(s.config, _read(file))
    else:
        with s.database() as database:
            done = _of_the_outbox(s, database, str(id), messages)
    _tell(s, done)
    if not done.identical:
        raise click.exceptions.Exit(DIFFERENT)


def _of_the_outbox(s: Session, database: Database, id: str, messages: int) -> Verified:
    from newsletter.config import unpack
    from newsletter.service import verifying
    from newsletter.service.rewriting import Sent

    with database.read() as connection:
        found = verifying.stored(connection, id)
    if found is None:
        raise NewsletterError(f'there is no issue "{id}": see `newsletter issues list`')
    if not found:
        raise NewsletterError(f"{id}: has no manifest: it was made by an earlier release, or is a test")
    # Without the key no message can be written; to make one now would be to make another.
    tokens = unpack.tokens(s.config) if unpack.has_key(s.config) else None
    return verifying.verify(s.config, found, Sent(database, id, tokens, messages))


def _read(file: Path) -> dict[str, Any]:
    from newsletter.manifest import VERSION

    try:
        found = json.loads(file.read_bytes())
    except (ValueError, OSError) as error:
        raise NewsletterError(f"{file}: no manifest can be read ({error})") from None
    if not isinstance(found, dict) or found.get("manifest") != VERSION:
        raise NewsletterError(f"{file}: is no manifest of version {VERSION}, as `issues export` writes it")
    return found


def _tell(s: Session, done: Verified) -> None:
    if s.json:
        s.answer({"identical": done.identical, **asdict(done)})
        return
    if done.identical:
        also = f", {_many(done.messages, 'message')}" if done.messages else ""
        s.say(f"{done.id}: identical: {_many(done.blocks, 'block')}, {_many(done.frames, 'frame')}{also}")
    elif done.failure:
        s.say(f"{done.id}: cannot be made again: {done.failure}")
    else:
        s.say(f"{done.id}: different: it had {_many(done.blocks, 'block')}, {_many(done.frames, 'frame')}")
    for title, lines in (
        ("changed since, to no effect" if done.identical else "changed since", done.changes),
        ("used now or no longer, in consequence", done.uses),
        ("read otherwise, although the file is the same", done.reread),
        ("differs", done.differing),
    ):
        if lines:
            s.say("\n".join((f"\n{title}", *(f"  {line}" for line in lines))))


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
