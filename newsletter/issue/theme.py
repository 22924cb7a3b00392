"""What a newsletter says about its look and about itself: plain values that the configuration fills."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.model import Picture


@dataclass(frozen=True, slots=True)
class Theme:
    """The look. A colour that is empty is derived by :mod:`newsletter.issue.palette`."""

    accent: str = "#0B6B5E"  #: ``#RRGGBB`` or ``#RGB``, as every colour here
    accent_dark: str = ""
    paper: str = ""
    paper_dark: str = ""
    ink: str = ""
    ink_dark: str = ""
    font: str = ""  #: faces of what authors wrote: names without quotes, commas between them
    font_ui: str = ""  #: faces of what the publication says around it
    radius: int = 3  #: pixels, of the corners of buttons
    width: int = 600  #: pixels, of the mail at most
    logo: Picture | None = None  #: in place of the name; None: the name as text
    logo_dark: Picture | None = None  #: the same for a dark page; None: `logo` stands on both


@dataclass(frozen=True, slots=True)
class Site:
    """Who publishes."""

    name: str
    url: str  #: of its pages; empty: the name is no link
    tagline: str
    postal_address: str  #: lines may be divided by newlines
    timezone: str  #: IANA name, for the date under the masthead
    #: names and values that links to the host of `url` carry; see :mod:`newsletter.issue.links`
    link_params: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()  #: names and texts for templates of one's own
    pages: bool = False  #: whether there are pages on which readers choose what they get
