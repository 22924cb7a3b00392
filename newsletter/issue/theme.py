"""What a newsletter says about its look and about itself: plain values that the configuration fills."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """One accent; :mod:`newsletter.issue.palette` derives every other colour, light and dark."""

    accent: str = "#0B6B5E"  #: ``#RRGGBB`` or ``#RGB``
    logo: str = ""  #: ``cid:…`` or https URL of a picture in place of the name; empty: the name as text
    logo_dark: str = ""  #: the same for a dark page; empty: `logo` stands on both


@dataclass(frozen=True, slots=True)
class Site:
    """Who publishes."""

    name: str
    url: str  #: of its pages; empty: the name is no link
    tagline: str
    postal_address: str  #: lines may be divided by newlines
    timezone: str  #: IANA name, for the date under the masthead
