"""A mistake that a person must mend -> where it is, and the lines around it.

Only files of the project and of the packaged templates are quoted, and nothing that looks like a secret.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from newsletter.errors import ConfigError, ContentError, NewsletterError, RenderError

_PLACE = re.compile(r"(?P<path>[^\n]+?):(?P<line>[0-9]+)(?::[0-9]+)?: (?P<text>.*)", re.DOTALL)
_SECRET = re.compile(r"(?i)^(\s*[\w.\"-]*(?:password|secret|token|key|credential)[\w.\"-]*\s*[=:]\s*)\S.*$")
_AROUND: Final = 3
_LARGEST: Final = 1_000_000
_KINDS: Final = ((ConfigError, "Configuration"), (RenderError, "Template"), (ContentError, "Content"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source."""

    number: int
    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake."""

    kind: str  #: ``Template``
    text: str
    place: str  #: ``templates/digest.mjml.j2:41``, from the project's folder; empty when no file is named
    lines: tuple[Line, ...]


def faults(error: NewsletterError, root: Path, folders: Sequence[Path]) -> tuple[Fault, ...]:
    """The mistakes that an error tells of. Files are looked for in `root`, then in `folders`."""
    kind = next((name for type_, name in _KINDS if isinstance(error, type_)), "Build")
    return tuple(_fault(kind, text, root, folders) for text in _each(str(error)))


def name_of(found: Sequence[Fault]) -> str:
    """A short name for these mistakes, the same as long as they are the same."""
    told = "\n".join(f"{fault.place} {fault.text}" for fault in found)
    return hashlib.sha256(told.encode()).hexdigest()[:8] if found else ""


def _each(message: str) -> Iterator[str]:
    """One text a mistake: every line that names a place begins one."""
    held = ""
    for line in message.splitlines():
        if held and _PLACE.fullmatch(line):
            yield held
            held = line
        else:
            held = f"{held}\n{line}" if held else line
    yield held or "something is wrong, and nobody said what"


def _fault(kind: str, told: str, root: Path, folders: Sequence[Path]) -> Fault:
    found = _PLACE.fullmatch(told)
    if found is None:
        return Fault(kind, told, "", ())
    number = int(found["line"])
    file = _file(found["path"], root, folders)
    shown = _from(root, file) if file else found["path"]
    lines = _excerpt(file, number) if file else ()
    return Fault(kind, found["text"], f"{shown}:{number}" if number else shown, lines)


def _file(name: str, root: Path, folders: Sequence[Path]) -> Path | None:
    """The file of that name, if it is one of ours."""
    ours = [folder.resolve() for folder in (root, *folders)]
    for candidate in (folder / name for folder in (*folders, root)):
        try:
            real = candidate.resolve(strict=True)
        except (OSError, ValueError):
            continue
        if real.is_file() and any(real.is_relative_to(folder) for folder in ours):
            return real
    return None


def _from(root: Path, file: Path) -> str:
    base = root.resolve()
    return (file.relative_to(base) if file.is_relative_to(base) else Path(*file.parts[-2:])).as_posix()


def _excerpt(file: Path, number: int) -> tuple[Line, ...]:
    if number < 1 or file.stat().st_size > _LARGEST:
        return ()
    lines = file.read_text("utf-8", "replace").splitlines()
    first = max(1, number - _AROUND)
    near = lines[first - 1 : number + _AROUND]
    return tuple(Line(n, _SECRET.sub(r"\1…", text)[:300], n == number) for n, text in enumerate(near, first))
