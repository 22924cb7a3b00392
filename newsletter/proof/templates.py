"""A piece of a mail -> the template file and line that has it.

The files are read first: what stands in one literally is there. What a template puts together is looked up in
its output, by the line that wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

_NAMED = re.compile(r"{%-?\s*(?:include|import|from|extends)\s+[\"']([^\"']+)[\"']")

Locate = Callable[[str], str]  #: a piece of the output -> ``file:line``, or nothing


class Templates:
    """The files that a template is made of."""

    def __init__(self, searchpath: tuple[Path, ...], name: str, locate: Locate) -> None:
        """`name` with its ending; `locate` says which line wrote a piece of the output."""
        self._searchpath, self._main, self._locate = searchpath, name, lru_cache(64)(locate)

    def place(self, forms: tuple[str, ...], part: str = "") -> tuple[Path, int]:
        """File and line of what has one of `forms`; else the first line of `part`, or of the template."""
        for form in filter(None, forms):
            if found := self._literal(form) or self._written(form):
                return found
        return self._file(part if part in self._names() else self._main), 1

    def _literal(self, snippet: str) -> tuple[Path, int] | None:
        for name in self._names():
            text = self._text(name)
            at = text.find(snippet)
            if at >= 0:
                return self._file(name), text.count("\n", 0, at) + 1
        return None

    def _written(self, snippet: str) -> tuple[Path, int] | None:
        file, colon, line = self._locate(snippet).rpartition(":")
        return (Path(file), int(line)) if colon and line.isdigit() else None

    def _names(self) -> Iterator[str]:
        """The template, what it names, what that names, and at last every part: names may be put together."""
        waiting = [self._main, *self._parts()]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop(0)
            if name not in seen:
                seen.add(name)
                yield name
                waiting = [*_NAMED.findall(self._text(name)), *waiting]

    def _parts(self) -> list[str]:
        found = {
            file.relative_to(folder).as_posix()
            for folder in self._searchpath
            for file in folder.glob("parts/*.mjml.j2")
        }
        return sorted(found)

    def _text(self, name: str) -> str:
        try:
            return self._file(name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def _file(self, name: str) -> Path:
        places = [folder / name for folder in self._searchpath]
        return next((place for place in places if place.is_file()), places[0])
