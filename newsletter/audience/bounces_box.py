"""A file, a Maildir or stdin -> mails to be read, and where they go when they have been.

Nothing is deleted. Of a Maildir, what nobody has looked at is taken; it is then marked: as seen when it was
understood, else as flagged, so that a person sees it in a mail program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from newsletter.audience.bounces import LONGEST
from newsletter.errors import SubscribersError

#: The first line of each mail of an mbox; some programs give a single mail such a line too.
_FROM_LINE: Final = re.compile(rb"(?:\A>?|(?<=\n\n)|(?<=\r\n\r\n))From [^\n]*[0-9][0-9]:[0-9][0-9][^\n]*\n")
_LONGEST_MBOX: Final = 1 << 28
_LOOKED_AT: Final = frozenset("SFT")


def _left(understood: bool) -> None:
    """Nothing to be marked."""


@dataclass(frozen=True, slots=True)
class Returned:
    """One mail that came back."""

    name: str  #: of its file, for people
    octets: bytes
    #: To be called once what follows from it is committed, with whether it was understood: it is then never
    #: given again. A mail that is not put away comes again, which does no harm.
    put_away: Callable[[bool], None] = _left


def returned(source: Path) -> Iterator[Returned]:
    """The mails of a file (one, or an mbox) or of a Maildir.
    :class:`SubscribersError` when it cannot be read."""
    try:
        if source.is_dir():
            yield from _maildir(source)
            return
        with source.open("rb") as file:
            yield from stream(file, str(source))
    except OSError as error:
        raise SubscribersError(f"{error.filename or source}: {error.strerror or error}") from error


def stream(file: BinaryIO, name: str) -> Iterator[Returned]:
    """The mails that `file` holds: one, or those of an mbox."""
    octets = file.read(_LONGEST_MBOX)
    mails = _FROM_LINE.split(octets)[1:] if _FROM_LINE.match(octets) else [octets]
    for number, mail in enumerate(mails, 1):
        yield Returned(name if len(mails) == 1 else f"{name} ({number})", mail)


def _mark(file: Path, understood: bool) -> None:
    """Mark a mail of a Maildir as read; another program may have moved it meanwhile."""
    base, _, flags = file.name.partition(":2,")
    flags = "".join(sorted({*flags, "S" if understood else "F"}))
    try:
        file.rename(file.parent.parent / "cur" / f"{base}:2,{flags}")
    except FileNotFoundError:
        return
    except OSError as error:
        raise SubscribersError(f"{file}: {error.strerror or error}") from error


def _maildir(folder: Path) -> Iterator[Returned]:
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise SubscribersError(f"{folder}: is no Maildir: it has no folders new and cur")
    for path in sorted((*(folder / "new").iterdir(), *(folder / "cur").iterdir())):
        if path.name.startswith(".") or not _LOOKED_AT.isdisjoint(path.name.partition(":2,")[2]):
            continue
        try:
            with path.open("rb") as file:
                octets = file.read(LONGEST)
        except FileNotFoundError:
            continue
        yield Returned(path.name.partition(":")[0], octets, partial(_mark, path))
