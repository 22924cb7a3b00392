"""How a content folder is to be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """How a folder is to be read."""

    language: str = "en"  #: BCP 47, for articles that do not say theirs
    timezone: str = "UTC"  #: IANA name, for dates without an offset
    base_url: str = ""  #: joined with relative links
    permalink: str = (
        ""  #: ``/:section/:slug/`` (``:year :month :day :title :slug :section``); empty: the preset's
    )
    preset: str = ""  #: ``hugo jekyll eleventy zola pelican mkdocs plain``; empty: guessed
    include: tuple[str, ...] = ()  #: glob patterns; empty: every known ending
    exclude: tuple[str, ...] = ()  #: glob patterns
    drafts: bool = False  #: take drafts too
    future: bool = False  #: take articles dated in the future too
