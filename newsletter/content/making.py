"""What an article is made of besides its page: the folder's say, and the problems found on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from newsletter.content import dates, images
from newsletter.content.languages import Variant
from newsletter.content.page import Page
from newsletter.model import Problem


@dataclass(frozen=True, slots=True)
class Folder:
    """What all files together say, and the settings that hold for all."""

    zone: tzinfo
    order: dates.Order
    voted: bool  #: the folder's own dates decided the order
    language: str
    base_url: str
    pattern: str  #: of permalinks; empty: none is made up
    word_tags: bool
    now: datetime
    drafts: bool
    future: bool
    variants: Mapping[str, Variant]
    title_tags: Mapping[str, int]  #: how many files have this <title>, or this part of one
    files: images.Files


@dataclass(slots=True)
class Making:
    """An article in the making: collects what is wrong."""

    page: Page
    folder: Folder
    problems: list[Problem]
    spoken_title: str = ""  #: the title, unless it is made of the file name

    def wrong(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.page.path, line, text))
