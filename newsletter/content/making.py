"""What an article is made of besides its page: the folder's say, and the problems found on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from newsletter.content import dates, images
from newsletter.content.languages import Variant
from newsletter.content.page import Page
from newsletter.model import Article, Problem


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
    path_slash: bool
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
    asked_order: bool = False  #: the order of day and month made a difference
    asked_tags: bool = False  #: so did the <title> of other files

    def wrong(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.page.path, line, text))


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a page, whatever the time is and whether drafts are wanted."""

    unpublished: str  #: why its author does not want it read
    refused: str  #: why it is no article in any case
    opens: tuple[datetime, ...]  #: when it may be read
    expires: datetime | None
    empty: str  #: why it is none once it may be read
    article: Article | None

    def why_not(self, *, drafts: bool, future: bool, zone: tzinfo, now: datetime) -> str:
        """Why it is no article as of `now`; empty when it is."""
        if self.unpublished and not drafts:
            return self.unpublished
        if self.refused:
            return self.refused
        for moment in () if future else self.opens:
            if moment > now:
                return f"dated in the future ({moment:%Y-%m-%d %H:%M} UTC)"
        if self.expires and self.expires <= now:
            return f"expired on {self.expires.astimezone(zone):%Y-%m-%d}"
        return self.empty

    def moments(self, *, future: bool) -> tuple[datetime, ...]:
        """The instants at which `why_not` may change its mind."""
        opens = () if future else self.opens
        return (*opens, self.expires) if self.expires else opens
