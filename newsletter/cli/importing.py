"""`newsletter subscribers import`, `export`, `sync`, `imports`, `undo`: lists that come and go as files."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from newsletter.cli.session import Session, session
from newsletter.cli.tables import show_table
from newsletter.errors import NewsletterError, SubscribersError

if TYPE_CHECKING:
    from newsletter.audience.formats import Format
    from newsletter.audience.import_report import ImportReport

#: More lines than these nobody reads on a screen.
_SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to", "--newsletter", "names", multiple=True, metavar="NAME", help="Again for more. Default: all."
)
@click.option("--dry-run", "dry", is_flag=True, help="Only tell what would change.")
@click.option("--format", "form", default="", help="Whose list it is, where the columns do not tell.")
@click.option("--rejected", type=click.Path(path_type=Path), help="A CSV file for lines that are not taken.")
@session(json=True, now=True)
def import_command(
    s: Session, file: Path, names: tuple[str, ...], dry: bool, form: str, rejected: Path | None
) -> None:
    """Import a list: CSV, TSV, JSON or a zip, also as other programs export it.

    Importing twice changes nothing. Rejected lines are told one by one, and the
    rest goes on. Nobody who left is brought back.
    """
    from newsletter.audience.importing import import_list
    from newsletter.service.due import begin

    lists = tuple(s.newsletter(name) for name in names) or tuple(s.config.newsletters)
    with s.database() as database, _rejected_to(rejected) as out:
        report = import_list(
            database,
            _found(s, file),
            newsletters=lists,
            now=s.now,
            form=form,
            own_formats=s.config.subscribers_dir / "formats",
            dry=dry,
            rejected_to=out,
        )
        if not dry:
            begin(s.config, database, s.now)  # a project with readers is alive: its slots count from here
    tell(s, file, report, "" if rejected is None else str(rejected))
    s.answer(_document(report, dry), _summary(report, lists, dry))


@click.command("sync")
@click.option("--remove-many", is_flag=True, help="Unsubscribe who is no longer in a list, however many.")
@session(json=True, now=True)
def sync(s: Session, remove_many: bool) -> None:
    """Read the lists of `[subscribers] sync` that changed; `run` and `tick` do the same."""
    from newsletter.service.chores import sync_lists

    if not s.config.subscribers.sync:
        raise SubscribersError(f'{s.config_path}: set sync in [subscribers], such as "subscribers/*.csv"')
    with s.database() as database:
        told = sync_lists(s.config, database, s.now, remove_many=remove_many)
    for one in told:
        if one.report is not None:
            tell(s, one.path, one.report, "")
            counts = f"{_counts(one.report)} · {one.removed:,} unsubscribed"
            s.note(f"{one.path}: {counts}")
    troubles = [one.problem for one in told if one.problem]
    for trouble in troubles:
        s.note(trouble)
    done = [
        {"file": str(one.path), "removed": one.removed, "problem": one.problem}
        | (_document(one.report, False) if one.report else {})
        for one in told
    ]
    s.answer({"files": done}, None if told else "Nothing changed.")
    if troubles:
        raise click.exceptions.Exit(NewsletterError.exit_code)


@click.command("imports")
@session(json=True)
def imports(s: Session) -> None:
    """The imports so far, the newest first."""
    from newsletter.audience.import_runs import listed

    with s.database() as database:
        runs = listed(database)
    if s.json:
        s.answer({"imports": [
            {"id": r.id, "file": r.path, "format": r.format, "newsletters": r.newsletters, "added": r.added,
             "updated": r.updated, "rejected": r.rejected, "started": r.started_at,
             "finished": r.finished_at, "undone": r.undone_at} for r in runs]})  # fmt: skip
        return
    rows = [
        (
            str(r.id),
            s.local(r.started_at),
            "undone" if r.undone_at else "" if r.finished_at else "not finished: import it again",
            f"{r.added:,}",
            f"{r.updated:,}",
            r.path,
        )
        for r in runs
    ]
    show_table(("id", "when", "", "added", "updated", "file"), rows)


@click.command("undo")
@click.argument("id", type=int)
@session(json=True, now=True)
def undo(s: Session, id: int) -> None:
    """Take back import ID: whom it brought and what it set, unless somebody changed it since."""
    from newsletter.audience.undoing import undo as take_back

    with s.database() as database:
        done = take_back(database, id, s.now)
    if done.suppressed:
        s.note(f"{done.suppressed:,} entries of the suppression list stay: nobody is brought back")
    s.answer(
        {
            "removed": done.removed,
            "stayed": done.stayed,
            "put_back": done.put_back,
            "subscriptions": done.subscriptions,
            "suppressed": done.suppressed,
        },
        f"{done.removed:,} removed · {done.put_back:,} put back · {done.stayed:,} changed since, and stay · "
        f"{done.subscriptions:,} subscriptions of people who stay taken back",
    )


@click.command("export")
@click.option("--out", type=click.Path(path_type=Path), help="A file; default: stdout.")
@click.option("--format", "form", default="csv", help="csv, json, or the program that is to read it.")
@click.argument("name")
@session(now=True)
def export(s: Session, name: str, out: Path | None, form: str) -> None:
    """Write the subscribers of newsletter NAME."""
    from newsletter.audience import exporting, formats

    known = formats.load(s.config.subscribers_dir / "formats")
    layout = _layout(known, form)
    with s.database() as database:
        if layout.written.sheets:
            with _binary(out) as raw:
                done = exporting.export_zip(database, raw, s.newsletter(name), s.now, layout)
        else:
            write = exporting.export_json if form == "json" else exporting.export_list
            with _text(out) as text:
                done = write(database, text, s.newsletter(name), s.now, layout)
    if done.left_out:
        s.note(
            f"{done.left_out:,} have not confirmed, or rest, and {layout.title} would write to them: left out"
        )


def tell(s: Session, file: Path, report: ImportReport, rejected: str) -> None:
    """Everything about an import that a person should know, beside its counts."""
    for one in report.rejected[: _SHOWN if rejected else None]:
        s.note(f"{file}:{one.line}: {one.reason} ({one.address})")
    told = len(report.rejected[: _SHOWN if rejected else None])
    if more := report.rejected_rows - told:
        s.note(f"{file}: {more:,} more rejected lines: {rejected or 'name a file with --rejected for all'}")
    for written, name in report.kept_columns:
        s.note(f"{file}: the column {written} is kept as attributes.{name}")
    if report.ignored_columns:
        s.note(f"{file}: columns that are not used: {', '.join(report.ignored_columns)}")
    if report.kept_out:
        s.note(f"{file}: {report.kept_out:,} left before, or never confirmed, and stay away")
    for note in report.notes:
        s.note(f"{file}:{note.line}: {note.text}" if note.line else f"{file}: {note.text}")


def _summary(report: ImportReport, lists: tuple[str, ...], dry: bool) -> str:
    of = " · ".join(f"{number:,} {status}" for status, number in report.statuses)
    whose = f"{report.format} list for {', '.join(lists)}: {of or 'nobody'}"
    end = "Nothing is written." if dry else f"Import {report.import_id}: `subscribers undo` takes it back."
    return f"{whose}\n{_counts(report)}\n{end}"


def _counts(report: ImportReport) -> str:
    return (
        f"{report.added:,} added · {report.updated:,} updated · {report.unchanged:,} unchanged · "
        f"{report.rejected_rows:,} rejected"
    ) + (f" · {report.skipped:,} skipped" if report.skipped else "")


def _document(report: ImportReport, dry: bool) -> dict[str, Any]:
    return {
        "import": report.import_id or None,
        "dry_run": dry,
        "format": report.format,
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "kept_out": report.kept_out,
        "statuses": dict(report.statuses),
        "rejected": [{"line": r.line, "address": r.address, "reason": r.reason} for r in report.rejected],
        "rejected_rows": report.rejected_rows,
        "attributes": dict(report.kept_columns),
        "ignored_columns": report.ignored_columns,
        "notes": [{"line": n.line, "address": n.address, "text": n.text} for n in report.notes],
    }


def _found(s: Session, file: Path) -> Path:
    """The file as it was named, or in the folder of lists."""
    own = file if file.exists() or file.is_absolute() else s.config.subscribers_dir / file
    return own if own.exists() else file


def _layout(known: dict[str, Format], name: str) -> Format:
    plain = "plain" if name in ("csv", "json") else name
    able = [one.name for one in known.values() if one.written.columns]
    if plain not in able:
        names = ", ".join(["csv", "json", *sorted(set(able) - {"plain"})])
        raise SubscribersError(f"there is no format {name} to export to; there are: {names}")
    return known[plain]


@contextlib.contextmanager
def _rejected_to(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with _text(path) as out:
        out.write("line,email,reason\r\n")
        yield out


@contextlib.contextmanager
def _text(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise SubscribersError(f"{path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _binary(path: Path | None) -> Iterator[Any]:
    if path is None and sys.stdout.isatty():
        raise SubscribersError("this format is a zip: say --out FILE")
    if path is None:
        yield sys.stdout.buffer
        return
    try:
        with path.open("wb") as file:
            yield file
    except OSError as error:
        raise SubscribersError(f"{path}: {error.strerror or error}") from error
