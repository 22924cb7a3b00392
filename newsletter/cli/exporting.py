"""`newsletter issues export`: what was sent, as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.session import Session, session
from newsletter.cli.tables import show_table
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.service.exporting import Mail, Written
    from newsletter.store.database import Database

#: So many of the mails of an issue are listed; `--json` lists all.
_LISTED = 12


@click.command("export")
@click.argument("id")
@click.option("--out", type=click.Path(path_type=Path), help="Default: export/ID beside config.toml.")
@click.option("--reader", metavar="EMAIL", help="The very message of this reader, their own links in it.")
@click.option("--variant", type=int, metavar="NUMBER", help="Another of its mails than that of most readers.")
@session(json=True)
def export(s: Session, id: str, out: Path | None, reader: str | None, variant: int | None) -> None:
    """Write issue ID as manifest.json, issue.html, issue.txt and issue.eml.

    An issue whose readers get different articles is several mails: it is that of
    most readers, as a sample reader would get it. The same issue gives the same bytes.
    """
    from newsletter.service import exporting, verifying

    if reader and variant:
        raise click.UsageError("--reader has a mail of their own: leave --variant out")
    with s.database() as database:
        with database.read() as connection:
            manifest = verifying.stored(connection, id)
            mails = exporting.mails(connection, id)
        if manifest is None:
            raise NewsletterError(f'there is no issue "{id}": see `newsletter issues list`')
        chosen = None if reader else _chosen(id, mails, variant)
        written = _readers(s, database, id, reader) if reader else _sample(database, chosen)
    folder = out or s.config.root / "export" / id
    files = _write(folder, manifest, written)
    s.answer(
        {
            "issue": id,
            "files": [str(file) for file in files],
            "mails": [{"number": m.number, "readers": m.readers, "articles": m.articles} for m in mails],
        },
        "\n".join(str(file) for file in files),
    )
    if not manifest:
        s.note(f"{id}: has no manifest: it was made by an earlier release, or is a test")
    if not s.json and len(mails) > 1:
        _list(s, mails)


def _chosen(id: str, mails: tuple[Mail, ...], number: int | None) -> Mail:
    found = [mail for mail in mails if number in (None, mail.number)]
    if not found and number is not None:
        known = ", ".join(str(mail.number) for mail in mails[:_LISTED])
        raise NewsletterError(f"{id}: has no mail {number} (there are: {known or 'none'})")
    if not found:
        raise NewsletterError(f"{id}: no mail of it has been laid out; is it still held, or had nobody any?")
    return found[0]


def _sample(database: Database, mail: Mail | None) -> Written:
    from newsletter.service import exporting

    assert mail is not None
    with database.read() as connection:
        return exporting.sample(connection, mail.number)


def _readers(s: Session, database: Database, id: str, address: str) -> Written:
    from newsletter.config import unpack
    from newsletter.delivery.compose import Composer
    from newsletter.model import State
    from newsletter.service import exporting

    if not unpack.has_key(s.config):
        raise NewsletterError("the signing key is not here, and without it no reader's links can be written")
    with database.read() as connection:
        found = exporting.to_reader(connection, id, address)
    if found is None:
        raise NewsletterError(f"{id}: was not for that reader: see `newsletter explain`")
    delivery, state = found
    if state is State.PASSED:
        raise NewsletterError(f"{id}: had nothing for that reader: see `newsletter explain`")
    if state is not State.SENT:
        s.note(f"{id}: is {state} for that reader, and not sent")
    compose = Composer(database, unpack.tokens(s.config), verp=s.config.sender.verp)
    return exporting.copy(compose, delivery)


def _write(folder: Path, manifest: dict[str, object], written: Written) -> list[Path]:
    contents = {
        "issue.html": written.html.encode("utf-8", "surrogatepass"),
        "issue.txt": written.text.encode("utf-8", "surrogatepass"),
        "issue.eml": written.data,
    }
    if manifest:
        told = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
        contents = {"manifest.json": told.encode() + b"\n", **contents}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise NewsletterError(f"{error.filename}: {error.strerror}") from error
    return [folder / name for name in contents]


def _list(s: Session, mails: tuple[Mail, ...]) -> None:
    s.say(f"\nThe issue is {len(mails)} mails; --variant writes another one:")
    rows = [(str(m.number), str(m.readers), " · ".join(m.articles)) for m in mails[:_LISTED]]
    show_table(("mail", "readers", "articles"), rows)
