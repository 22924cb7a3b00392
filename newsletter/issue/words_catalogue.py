"""Templates' ``locale/<language>.po`` -> the translations of a language, the nearest catalogue first.

A catalogue is found as a template is: the project's own before the packaged one. Both are used, message by
message; what neither translates stays English. Catalogues are read as they are, nothing is compiled to disk.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator
from copy import copy
from functools import lru_cache
from gettext import c2py
from typing import TYPE_CHECKING, Final, NamedTuple

import jinja2

from newsletter import packaged
from newsletter.errors import RenderError
from newsletter.issue.words import PLACEHOLDER, tags

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

_LINE = re.compile(r'\s*(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?"(?:[^"\\]|\\.)*"\s*')
_TRIED: Final = 200  #: no language looks at more than the last two digits
_RULE: Final = "the plural rule must be as nplurals=2; plural=(n != 1);"
_COUNT: Final = "n"  #: the one placeholder that a plural form may do without: "two minutes"


class Source(NamedTuple):
    """One catalogue as it was read."""

    language: str
    file: str
    text: str


def translations(language: str, loader: jinja2.BaseLoader | None = None) -> gettext.NullTranslations:
    """The words of a BCP 47 language; English where `loader` (None: the packaged templates) has none.

    Raises RenderError, ``file:line: what is wrong``, for a catalogue that cannot be used.
    """
    return _chained(tuple(_sources(language, loader or _packaged())))


def files(language: str, loader: jinja2.BaseLoader) -> tuple[str, ...]:
    """The catalogues that a language is taken from, the nearest first. Raises as :func:`translations`."""
    return tuple(source.file for source in _sources(language, loader))


# ── finding ─────────────────────────────────────────────────────────────────


def _sources(language: str, loader: jinja2.BaseLoader) -> Iterator[Source]:
    for place in _places(loader):
        for tag in tags(language):
            for name in dict.fromkeys((tag, tag.replace("-", "_"))):
                yield from _source(place, tag, f"locale/{name}.po")


def _source(place: jinja2.BaseLoader, tag: str, name: str) -> Iterator[Source]:
    try:
        text, file, _ = place.get_source(_environment(), name)
    except jinja2.TemplateNotFound:
        return
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        file = "/".join((*getattr(place, "searchpath", ()), name))
        raise RenderError(f"{file}:{line}: not UTF-8; save it as UTF-8") from None
    except jinja2.TemplateSyntaxError as error:  # our own loader says so of what it refuses
        raise RenderError(f"{error.filename}:{error.lineno}: {error.message}") from None
    yield Source(tag, file or name, text)


def _places(loader: jinja2.BaseLoader) -> Iterator[jinja2.BaseLoader]:
    """The loaders that a loader asks one after the other: here all of them answer."""
    if isinstance(loader, jinja2.ChoiceLoader):
        for inner in loader.loaders:
            yield from _places(inner)
    elif isinstance(loader, jinja2.FileSystemLoader):
        yield from (_alone(loader, path) for path in loader.searchpath)
    else:
        yield loader


def _alone(loader: jinja2.FileSystemLoader, path: str) -> jinja2.BaseLoader:
    """The same loader, whatever it keeps to, with one of its folders."""
    alone = copy(loader)
    alone.searchpath = [path]
    return alone


@lru_cache(maxsize=1)
def _packaged() -> jinja2.BaseLoader:
    return jinja2.FileSystemLoader(packaged.templates())


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(autoescape=True)  # loaders want one, and make no use of it


# ── reading ─────────────────────────────────────────────────────────────────


@lru_cache(maxsize=16)
def _chained(sources: tuple[Source, ...]) -> gettext.NullTranslations:
    chain = gettext.NullTranslations()
    for source in reversed(sources):
        nearer = compiled(source)
        nearer.add_fallback(chain)
        chain = nearer
    return chain


def compiled(source: Source) -> gettext.GNUTranslations:
    """One catalogue, checked. What is untranslated or fuzzy is left out, so that the next one is asked."""
    from babel.messages.mofile import write_mo

    catalog = read(source)
    for message in [*catalog]:
        if message.id:
            _check(message, catalog, source)
            if not all(_forms(message)):
                catalog.delete(message.id, message.context)
    binary = io.BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    try:
        made = gettext.GNUTranslations(binary)
        rule = c2py(catalog.plural_expr)
        fits = all(0 <= rule(n) < catalog.num_plurals for n in range(_TRIED))
    except (ValueError, RecursionError, ArithmeticError):
        fits = False
    if not fits:
        raise RenderError(f"{source.file}:{_line_of(source, 'Plural-Forms')}: {_RULE}")
    return made


def read(source: Source) -> Catalog:
    """The catalogue as Babel has it. Raises RenderError with file and line."""
    from babel.core import UnknownLocaleError
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import PoFileError, PoFileParser

    _check_lines(source)
    try:
        catalog = Catalog(locale=source.language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        catalog = Catalog()  # a language that Babel does not know has the plural rule of its header
    parser = PoFileParser(catalog, ignore_obsolete=True, abort_invalid=True)
    try:
        parser.parse(io.StringIO(source.text.removeprefix("\ufeff")))
    except PoFileError as error:
        raise RenderError(f"{source.file}:{error.lineno + 1}: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RenderError(f"{source.file}:{parser.offset + 1}: {error}") from None
    catalog.charset = "utf-8"  # it is a text by now, whatever its header says
    return catalog


def _check_lines(source: Source) -> None:
    # Babel takes a string without its quotes, and drops a letter at both ends.
    for number, line in enumerate(source.text.removeprefix("\ufeff").splitlines(), start=1):
        text = line.strip().removeprefix("#~").strip() if line.startswith("#~") else line.strip()
        if text and not text.startswith("#") and not _LINE.fullmatch(text):
            raise RenderError(
                f'{source.file}:{number}: neither a comment nor msgid "…" nor msgstr "…": {line.strip()[:40]}'
            )


def _check(message: Message, catalog: Catalog, source: Source) -> None:
    plural = isinstance(message.id, tuple)
    asked = set(PLACEHOLDER.findall(" ".join(message.id) if plural else str(message.id)))
    for form in filter(None, _forms(message)):
        found = set(PLACEHOLDER.findall(form))
        if "%%" in form:
            raise RenderError(f"{source.file}:{message.lineno}: a translation cannot hold a %%SLOT%%")
        if found - asked or asked - found - ({_COUNT} if plural else set()):
            told = " ".join(f"{{{name}}}" for name in sorted(asked)) or "none"
            raise RenderError(
                f"{source.file}:{message.lineno}: the English has these placeholders: {told}; "
                f"the translation must have the same: {form[:60]}"
            )
    if any(_forms(message)) and plural and len(_forms(message)) != catalog.num_plurals:
        raise RenderError(f"{source.file}:{message.lineno}: {catalog.num_plurals} plural forms are needed")


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (str(message.string),)


def _line_of(source: Source, words: str) -> int:
    lines = source.text.splitlines()
    return next((number for number, line in enumerate(lines, start=1) if words in line), 1)
