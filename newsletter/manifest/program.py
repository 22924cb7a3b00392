"""This program and the libraries that shape its bytes -> their versions.

Which bytes come out depends on them as much as on any template: a new Pillow may write another JPEG, a new
Babel another date. None of them is told by the name of the machine, its locale or its time zone.
"""

from __future__ import annotations

import hashlib
import platform
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from newsletter import __version__

_OURS: Final = "newsletter-line"
_LIBRARIES: Final = (
    "babel",
    "charset-normalizer",
    "cssselect",
    "cssutils",
    "jinja2",
    "lxml",
    "markdown-it-py",
    "markupsafe",
    "mdit-py-plugins",
    "mdurl",
    "mjml-python",
    "nh3",
    "pillow",
    "premailer",
    "pyyaml",
    "sentencex",
)
#: Rooms and files of ours from which the bytes of an issue come.
_ROOMS: Final = (
    "config/unpack.py",
    "content",
    "excerpt",
    "issue",
    "message",
    "model.py",
    "pipeline",
    "press",
)
_SUFFIXES: Final = (".py", ".json")
_PLUG_INS: Final = ("newsletter.excerpts", "newsletter.readers")


@cache
def program() -> dict[str, str]:
    """Versions by name; ``source`` is a hash of our lines that make an issue, whatever the version says."""
    return dict(sorted(_versions()))


def _versions() -> Iterator[tuple[str, str]]:
    yield "newsletter", __version__
    yield "source", _source()
    yield "python", platform.python_version()
    yield "unicode", unicodedata.unidata_version
    for name in _LIBRARIES:
        yield name, _version(name)
    yield from _inside()
    yield from _plug_ins()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _inside() -> Iterator[tuple[str, str]]:
    """The libraries in C that travel within others, with versions of their own."""
    from lxml import etree
    from PIL import features

    yield "libxml2", ".".join(map(str, etree.LIBXML_VERSION))
    for name in ("libjpeg_turbo", "zlib", "webp"):
        yield f"pillow {name}", str(features.version(name) or "")


def _plug_ins() -> Iterator[tuple[str, str]]:
    """What others have installed to read files, or to pick sentences."""
    for group in _PLUG_INS:
        for entry in metadata.entry_points(group=group):
            if entry.dist is not None and entry.dist.name != _OURS:
                yield entry.dist.name, entry.dist.version


def _source() -> str:
    top, seen = Path(__file__).parent.parent, hashlib.sha256()
    for file in _files(top):
        # As it is in any clone, whatever its line ends.
        text = file.read_bytes().replace(b"\r\n", b"\n")
        seen.update(f"{file.relative_to(top).as_posix()} {len(text)}\n".encode() + text)
    return seen.hexdigest()


def _files(top: Path) -> Iterator[Path]:
    for place in (top / room for room in _ROOMS):
        if place.is_file():
            yield place
        else:
            yield from sorted(file for file in place.rglob("*") if file.suffix in _SUFFIXES)
