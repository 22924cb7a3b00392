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

_LINE = re.compile(r":(?P<line>[0-9]+)(?::[0-9]+)?: ")
_SECRET = re.compile(r"(?i)^(\s*[\w.\"-]*(?:password|secret|token|key|credential)[\w.\"-]*\s*[=:]\s*)\S.*$")
#: Tables of config.toml in which nothing can be secret; of all others only the keys are shown.
_OPEN: Final = ("site", "content", "newsletters", "theme", "templates", "check", "subscribers", "log")
_TABLE = re.compile(r"\s*\[+\s*(?P<name>[\w-]+)")
_KEY = re.compile(r"(\s*[\w.\"'-]+\s*=).*")
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
        if held and _LINE.search(line, 1):
            yield held
            held = line
        else:
            held = f"{held}\n{line}" if held else line
    yield held or "something is wrong, and nobody said what"


def _fault(kind: str, told: str, root: Path, folders: Sequence[Path]) -> Fault:
    head = told.partition("\n")[0]
    places = [(told[: at.start()], at) for at in _LINE.finditer(head, 1)]
    if not places:
        return Fault(kind, told, "", ())
    # A name may have a colon and a number in it: what is there, is meant.
    found = ((name, at, _file(name, root, folders)) for name, at in places)
    name, at, file = next((each for each in found if each[2]), (*places[0], None))
    number = int(at["line"])
    shown = _from(root, file) if file else name
    lines = _excerpt(file, number) if file else ()
    return Fault(kind, told[at.end() :], f"{shown}:{number}" if number else shown, lines)


def _file(name: str, root: Path, folders: Sequence[Path]) -> Path | None:
    """The file of that name, if it is one of ours."""
    ours = [folder.resolve() for folder in (root, *folders)]
    for candidate in (folder / name for folder in (*folders, root)):
        try:
            real = candidate.resolve(strict=True)
        except (OSError, ValueError):
            continue
        inside = [real.relative_to(folder) for folder in ours if real.is_relative_to(folder)]
        hidden = any(
            part.startswith(".") for path in inside[:1] for part in path.parts
        )  # the store, with its key
        if real.is_file() and inside and not hidden:
            return real
    return None


def _from(root: Path, file: Path) -> str:
    base = root.resolve()
    return (file.relative_to(base) if file.is_relative_to(base) else Path(*file.parts[-2:])).as_posix()


def _excerpt(file: Path, number: int) -> tuple[Line, ...]:
    if number < 1 or file.stat().st_size > _LARGEST:
        return ()
    lines = file.read_text("utf-8", "replace").splitlines()
    if file.suffix == ".toml":
        lines = list(_without_values(lines))
    first = max(1, number - _AROUND)
    near = lines[first - 1 : number + _AROUND]
    return tuple(Line(n, _SECRET.sub(r"\1…", text)[:300], n == number) for n, text in enumerate(near, first))


def _without_values(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a configuration; where a secret may stand, a key without what it is set to."""
    many = any(
        mark in line for line in lines for mark in ('"""', "'''")
    )  # what looks like a table may be text
    table = ""
    for line in lines:
        found = _TABLE.match(line)
        table = found["name"] if found else table
        key = _KEY.fullmatch(line)
        if table in _OPEN and not many:
            yield line
        elif key:
            yield f"{key[1]} …"
        else:
            yield line if found or not line.strip() else "…"
