"""What is published: the site, its articles, how they look."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from newsletter.config.tables.kinds import (
    Colour,
    ColourOrDerived,
    Filled,
    Globs,
    Language,
    Levels,
    Line,
    Preset,
    Table,
    Texts,
    Website,
    Zone,
    key,
)


class Site(Table):
    """The publication that the newsletters belong to."""

    name: Filled = Field(description="The publication's name, as readers know it", examples=["The Slow Post"])
    base_url: Website = Field(
        description="The address of the website; article links begin with it",
        examples=["https://example.org"],
    )
    tagline: Line = key("", "A few words under the name")
    language: Language = key("en", "The language of the publication, as a BCP 47 tag")
    timezone: Zone = key("UTC", "Where schedule times and article dates without a zone are")
    postal_address: str = key("", "The address in the footer, which the law asks for in many countries")


class Content(Table):
    """The folder of articles."""

    dir: Filled = key("content", "The folder, from where config.toml stands")
    preset: Preset = key("", "The site generator whose habits the folder follows; empty finds out")
    permalink: Line = key("", "The pattern of article addresses; empty is the preset's")
    include: Globs = key((), "File patterns to read; empty reads all")
    exclude: Globs = key((), "File patterns to leave out")
    briefs: Filled = key("issues", "The folder of briefs, `ID.md`, which say more about one issue")


class Theme(Table):
    """The look of the packaged templates. What is left empty is derived, so that it can be read."""

    accent: Colour = key("#0B6B5E", "The colour of links and buttons")
    accent_dark: ColourOrDerived = key("", "The same in dark mode; empty is derived")
    paper: ColourOrDerived = key("", "The ground of the mail; empty is a warm white")
    paper_dark: ColourOrDerived = key("", "The same in dark mode; empty is a warm black")
    ink: ColourOrDerived = key("", "The colour of headlines; empty is derived")
    ink_dark: ColourOrDerived = key("", "The same in dark mode; empty is derived")
    font: Line = key("", "The faces of what authors wrote, by name and comma; empty is a book face")
    font_ui: Line = key("", "The faces of what stands around it; empty is the system's")
    radius: int = key(3, "How round the corners of buttons are, in pixels", ge=0, le=30)
    width: int = key(600, "How wide the mail is at most, in pixels", ge=480, le=720)
    logo: Line = key("", "A picture file for the head of the mail")
    logo_dark: Line = key("", "The same for dark mode; empty is the logo")


class Templates(Table):
    """Your own templates."""

    dir: Filled = key("templates", "The folder; a template in it wins over the packaged one")
    texts: Texts = Field(
        default_factory=lambda: MappingProxyType({}),
        description="Texts of your own by name, for your templates: `sponsor` is `{{ texts.sponsor }}`",
    )


class Check(Table):
    """What `newsletter check` asks for."""

    levels: Levels = Field(
        default_factory=lambda: MappingProxyType({}),
        description="The level of a check by its id: `error`, `warning`, `info` or `off`",
    )
    clients: Globs = key((), "Mail programs that must show everything, such as `outlook.windows`")
