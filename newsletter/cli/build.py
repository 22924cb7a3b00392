"""`newsletter build`: an issue as files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session, session
from newsletter.errors import NewsletterError
from newsletter.press import warm

if TYPE_CHECKING:
    from newsletter.pipeline import Built
    from newsletter.store.database import Database


@click.command("build")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="Default: build/NAME beside config.toml.")
@click.option("--again", is_flag=True, help="As if nothing had been sent yet: to try templates.")
@session(json=True, now=True)
def command(s: Session, name: str, out: Path | None, again: bool) -> None:
    """Write issue.json, email.mjml, email.html, email.txt and email.eml for newsletter NAME.

    What would be sent now, and nothing is: no database is written, and the
    links in it do nothing. The same --now gives the same bytes.
    """
    warm()  # beside the imports that follow, which take as long
    from newsletter.pipeline import Nothing, build, by_hand

    s.newsletter(name)
    with known(s) as database:
        made = build(s.config, name, database, by_hand(s.config, name, s.now), again=again)
    if isinstance(made, Nothing):
        s.answer(
            {"issue": None, "reason": made.reason},
            f"{name}: {made.reason}; nothing to build (--again builds the newest articles)",
        )
        return
    folder = out or s.config.root / "build" / name
    try:
        files = write(s, made, folder)
    except OSError as error:
        raise NewsletterError(f"{error.filename}: {error.strerror}") from error
    for problem in (*made.unheeded, *made.problems):
        s.note(str(problem))
    s.answer(
        {"issue": made.issue.id, "hash": made.rendered.hash, "files": [str(file) for file in files]},
        "\n".join(str(file) for file in files),
    )


@contextlib.contextmanager
def known(s: Session) -> Iterator[Database | None]:
    """The project's database; None where there is none yet: looking at a project makes none."""
    if not s.config.store_path.exists():
        yield None
        return
    with s.database() as database:
        yield database


def write(s: Session, made: Built, folder: Path) -> list[Path]:
    """The five files of a build."""
    from newsletter.config import unpack
    from newsletter.delivery.compose import sample
    from newsletter.issue.render import mjml_of

    identity = unpack.identity(s.config, made.issue.newsletter)
    copy = sample(made.issue, made.rendered, made.slots, identity)
    contents = {
        "issue.json": json.dumps(document(made), ensure_ascii=False, indent=2, default=str).encode() + b"\n",
        "email.mjml": mjml_of(made.rendered).encode(),
        "email.html": copy.html.encode(),
        "email.txt": copy.text.encode(),
        "email.eml": copy.data,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in contents]


def document(made: Built) -> dict[str, Any]:
    """The issue as data: what it carries, what it leaves out and why, and its hash."""
    issue = made.issue
    cards = [asdict(card) for card in issue.cards]
    return {
        "id": issue.id,
        "newsletter": issue.newsletter,
        "date": issue.date.isoformat(),
        "language": issue.language,
        "subject": made.rendered.subject,
        "preheader": issue.preheader,
        "hash": made.rendered.hash,
        "blocks": [block.key for block in made.rendered.blocks],
        "cards": cards,
        "left_out": [asdict(each) for each in issue.left_out],
        "skipped": [asdict(each) for each in made.picked.skipped],
        "media": [{"name": m.name, "bytes": len(m.data)} for m in issue.media],
    }
