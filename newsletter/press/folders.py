"""Folders -> templates, the first folder that has one; changes on disk are seen at the next use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jinja2


class Folders(jinja2.FileSystemLoader):
    """Jinja's loader, which would not see a template that appears in an earlier folder than before."""

    def __init__(self, searchpath: tuple[Path, ...]) -> None:
        super().__init__(searchpath)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, its file, and whether both are still so."""
        text, file, unchanged = super().get_source(environment, template)
        return text, file, lambda: unchanged() and self._find(template) == Path(file)

    def _find(self, template: str) -> Path | None:
        places = (Path(folder, template) for folder in self.searchpath)
        return next((place for place in places if place.is_file()), None)
