"""Folders -> templates, the first folder that has one; changes on disk are seen at the next use.

What cannot be a template is an error that names its own file and line, whichever template asked for it: a
link out of the folders, bytes that are no UTF-8, characters that no mail can carry.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import jinja2
from jinja2.loaders import split_template_path

from newsletter.press.source import Source

#: What XML 1.0 cannot carry, and MJML with it, which does not say where it met one.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MARKUP: Final = ".mjml.j2"


class Folders(jinja2.FileSystemLoader):
    """Jinja's loader, which would not see a template that appears in an earlier folder than before."""

    def __init__(self, searchpath: tuple[Path, ...]) -> None:
        super().__init__(searchpath)
        self._folders = searchpath
        self._read: dict[str, Source] = {}  #: by file

    def read(self, files: Iterable[str]) -> Iterator[Source]:
        """What those files were when they were read last; none that was never read."""
        return (self._read[file] for file in files if file in self._read)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, its file, and whether both are still so."""
        name = "/".join(split_template_path(template))
        place = self._find(name)
        if place is not None and not self._stays(place):
            raise _wrong(template, place, 1, f"is a link to {place.resolve()}, which is outside the folder")
        try:
            text, file, unchanged = super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise _wrong(template, place, line, "not UTF-8; save it as UTF-8") from None
        odd = _CONTROL.search(text) if template.endswith(_MARKUP) else None
        if odd:
            told = f"the control character U+{ord(odd[0]):04X} cannot stand in a mail; delete it"
            raise _wrong(template, place, text.count("\n", 0, odd.start()) + 1, told)
        if place is not None:
            self._note(name, place, file)
        return text, file, lambda: unchanged() and self._find(template) == Path(file)

    def _note(self, name: str, place: Path, file: str) -> None:
        folder = next(n for n, each in enumerate(self._folders) if Path(each, name) == place)
        self._read[file] = Source(name, folder, hashlib.sha256(place.read_bytes()).hexdigest())

    def _find(self, template: str) -> Path | None:
        places = (Path(folder, template) for folder in self.searchpath)
        return next((place for place in places if place.is_file()), None)

    def _stays(self, place: Path) -> bool:
        """Whether a file, itself or what it links to, is in one of the folders: clones may link anywhere."""
        real = place.resolve()
        return any(real.is_relative_to(folder.resolve()) for folder in self._folders)


def _wrong(template: str, place: Path | None, line: int, told: str) -> jinja2.TemplateSyntaxError:
    """Jinja's own way to say that a file cannot be used: it passes through the lines that include it."""
    return jinja2.TemplateSyntaxError(told, line, template, str(place or template))
