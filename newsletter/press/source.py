"""Source: a file that a mail was made of. By itself, for whoever asks the press needs no Jinja."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A template, a part of one, or a catalogue."""

    name: str  #: as templates name it: ``parts/lead.mjml.j2``
    folder: int  #: which of the folders had it, from 0
    sha256: str  #: of its bytes, hexadecimal
