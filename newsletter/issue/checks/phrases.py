"""Lists of words that checks look for; they are data, in ``phrases.json``."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(1)
def _lists() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(__package__).joinpath("phrases.json").read_text("utf-8"))
    return found


def words(name: str) -> frozenset[str]:
    """A list of phrases that hold in every language."""
    return frozenset(_lists()[name])


def in_language(name: str, language: str) -> frozenset[str]:
    """The phrases of a language, English ones always among them: lower case."""
    by_language: dict[str, list[str]] = _lists()[name]
    return frozenset((*by_language["en"], *by_language.get(language.partition("-")[0].lower(), ())))
