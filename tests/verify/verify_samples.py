"""A project with everything that can enter an issue, and one issue of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PIL import Image

from newsletter.cli.init import lay_out
from newsletter.config import load
from newsletter.config.schema import Config
from newsletter.manifest import Manifest
from newsletter.pipeline import Built, Occasion, build
from newsletter.pipeline.publishing import manifest_of
from tests.journeys.project import Project

DUE: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)
#: Templates of its own; the others come from the package.
OWN: Final = ("parts/lead.mjml.j2", "parts/macros.mjml.j2")
_POST: Final = """
[newsletters.letters]                        # whole articles, one at a time
from = "Ida Vang <ida@slowpost.example>"
template = "post"
max_items = 1
"""
_WORDS: Final = """\
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "{n} minute"
msgid_plural "{n} minutes"
msgstr[0] "{n} Minute nur"
msgstr[1] "{n} Minuten nur"
"""


def publication(folder: Path) -> Project:
    """The sample publication in German, with a logo and few templates of its own; mails go to a folder."""
    lay_out(folder)
    for file in (folder / "templates").rglob("*.*"):
        if file.relative_to(folder / "templates").as_posix() not in OWN:
            file.unlink()
    (folder / "templates" / "locale" / "de.po").write_text(_WORDS)
    Image.new("RGB", (400, 88), "#804020").save(folder / "content" / "images" / "seal.png")
    config = folder / "config.toml"
    sender = f'[sender]\nname = "maildir"\npath = "{folder.parent / "inbox"}"\n\n'
    text = re.sub(r"(?ms)^\[sender\].*?(?=^\[store\])", sender, config.read_text())
    config.write_text(text + _POST)
    return Project(folder).set(language='"de"', logo='"content/images/seal.png"')


def loaded(project: Project, variables: Mapping[str, str] = {}) -> Config:
    """Its configuration, with these variables laid over it."""
    return load(project.config, variables)


def first(config: Config, name: str) -> Manifest:
    """The manifest of a newsletter's first issue."""
    built = build(config, name, None, Occasion(f"{name}-2026-11-23", DUE, DUE))
    assert isinstance(built, Built)
    return manifest_of(config, built)
