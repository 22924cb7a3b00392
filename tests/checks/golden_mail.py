"""A small project with something laid over it -> the findings of its next issue."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from newsletter.config import load, unpack
from newsletter.config.schema import Config
from newsletter.delivery.compose import sample
from newsletter.errors import NewsletterError
from newsletter.model import Finding
from newsletter.pipeline import Built, build, by_hand
from newsletter.proof.checking import check, mistakes

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def cases(kind: str) -> list[str]:
    """The names of the mails of one kind."""
    return sorted(folder.name for folder in (GOLDEN / kind).iterdir())


def laid_out(folder: Path, case: Path) -> Path:
    """The base project with the files of a case over its own; ``without.txt`` names those that go."""
    shutil.copytree(GOLDEN / "base", folder, dirs_exist_ok=True)
    gone = case / "without.txt"
    for name in gone.read_text().split() if gone.exists() else ():
        (folder / name).unlink()
    shutil.copytree(case, folder, dirs_exist_ok=True)
    return folder


def built(folder: Path) -> tuple[Config, Built]:
    """The newest articles of the project as an issue."""
    config = load(folder / "config.toml", {})
    name = next(iter(config.newsletters))
    made = build(config, name, None, by_hand(config, name, NOW))
    assert isinstance(made, Built), made.reason
    return config, made


def findings(folder: Path, *, spam: bool = False) -> tuple[Finding, ...]:
    """What `newsletter check` finds in a project."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        config, made = built(folder)
        copy = sample(made.issue, made.rendered, made.slots, unpack.identity(config, made.issue.newsletter))
        return check(config, made, copy, spam=spam)
    except NewsletterError as error:
        return mistakes(error, folder)
    finally:
        os.chdir(before)
