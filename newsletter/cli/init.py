"""`newsletter init`: a new project folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from newsletter import packaged
from newsletter.errors import NewsletterError


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def command(folder: Path) -> None:
    """Make a project: config.toml, sample articles, templates, a sample list.

    What is there already is left as it is.
    """
    made, kept = lay_out(folder)
    for path in made:
        click.echo(f"made  {path}")
    for path in kept:
        click.echo(f"kept  {path} (was there already)")
    if made:
        click.echo(f"\nNext: edit {folder / 'config.toml'}, then in that folder `newsletter build weekly`.")


def lay_out(folder: Path) -> tuple[list[Path], list[Path]]:
    """Copy the sample project into a folder; return what was made and what was left alone."""
    made, kept = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in packaged.SAMPLE:
            source, target = packaged.root() / name, folder / name
            if target.exists():
                kept.append(target)
            elif source.is_dir():
                shutil.copytree(source, target)
                made.append(target)
            else:
                shutil.copy(source, target)
                made.append(target)
    except OSError as error:
        raise NewsletterError(f"{error.filename}: {error.strerror}") from error
    return made, kept
