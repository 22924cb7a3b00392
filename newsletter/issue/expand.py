"""Template and views -> MJML, and for every character of it the template line that wrote it.

Templates run in :mod:`newsletter.issue.sandbox`; an undefined name is an error. Whatever goes wrong in a
template is a RenderError that names its file and line.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import Final

import jinja2
from markupsafe import escape

from newsletter.errors import RenderError
from newsletter.issue.sandbox import SUFFIX, Traced, environment, instead
from newsletter.issue.slots import HIDDEN

_UNDEFINED = re.compile(r"'(\w+)' is undefined")
_AT_ONCE: Final = 64  #: pieces between two looks at the length
LONGEST: Final = 4_000_000  #: characters; forty times what Gmail shows of a mail


class Expanded:
    """The MJML of one template, and the way back to the line that wrote a place in it."""

    def __init__(
        self,
        loader: jinja2.BaseLoader,
        template: str,
        views: Mapping[str, object],
        suffix: str = SUFFIX,
        longest: int = LONGEST,
    ) -> None:
        """Run the template, for so many characters. Raises RenderError: ``file:line: what is wrong``."""
        self.loader, self.name, self.views = loader, template + suffix, dict(views)
        self._longest = longest
        self.text = "".join(self._run())

    def error(self, offset: int, reason: str) -> RenderError:
        """The error for what stands `offset` characters into the MJML."""
        return RenderError(f"{self.origin(offset)}: {reason}")

    def origin(self, offset: int) -> str:
        """``file:line`` of the template that wrote the character at `offset`; see :meth:`origins`."""
        return self.origins((offset,))[0]

    def origins(self, offsets: tuple[int, ...]) -> tuple[str, ...]:
        """``file:line`` for each of these places.

        The template is run once more, this time with a note of where each piece comes from; what a macro
        wrote counts as written by the line that called it.
        """
        found, at, origin = {}, 0, f"{self.name}:1"
        waiting = sorted(set(offsets), reverse=True)
        for piece in self._run(traced=True):
            while waiting and waiting[-1] < at + len(piece):
                offset = waiting.pop()
                found[offset] = _line_in(piece, offset - at) or origin
            origin = _line_in(piece, len(piece)) or origin
            at += len(piece)
        return tuple(found.get(offset, origin) for offset in offsets)

    def lines_of(self, snippets: tuple[str, ...]) -> tuple[str, ...]:
        """``file:line`` of the first place of each snippet, as it is or escaped; empty where it has none."""
        text = self.text.replace(HIDDEN, "%")
        places = [text.find(snippet) for snippet in snippets]
        for n, snippet in enumerate(snippets):
            places[n] = places[n] if places[n] >= 0 else text.find(str(escape(snippet)))
        lines = iter(self.origins(tuple(place for place in places if place >= 0)))
        return tuple(next(lines) if place >= 0 else "" for place in places)

    def _run(self, *, traced: bool = False) -> tuple[str, ...]:
        env = environment(self.loader, traced)
        try:
            with env.one_render():
                return tuple(_measured(env.get_template(self.name), self.views, self._longest))
        except jinja2.TemplateNotFound as error:
            raise RenderError(self._missing(error)) from None
        except jinja2.TemplateSyntaxError as error:
            raise RenderError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from None
        except Exception as error:
            # A template runs user code: any error that passes through a line of it is that line's.
            place = _last_template_line(error.__traceback__)
            if place is None and isinstance(error, RecursionError):
                place = self.name
            if place is None:
                raise
            raise RenderError(f"{place}: {_told(error)}{self._nearest(error)}") from None

    def _nearest(self, error: Exception) -> str:
        """The name that was meant, where a template asks for one that nobody gives."""
        found = _UNDEFINED.fullmatch(str(error)) if isinstance(error, jinja2.UndefinedError) else None
        return instead(found[1], self.views) if found else ""

    def _missing(self, error: jinja2.TemplateNotFound) -> str:
        place = _last_template_line(error.__traceback__)
        where = ", ".join(_places(self.loader)) or "the loader"
        return f"{place + ': ' if place else ''}{error.name or error}: no such template; looked in {where}"


def _measured(template: jinja2.Template, views: Mapping[str, object], longest: int) -> Iterator[str]:
    """The pieces of a template; one that writes without end is stopped at the line that is writing."""
    running: Generator[str] = template.generate(views)  # type: ignore[assignment]
    length = 0
    while pieces := tuple(islice(running, _AT_ONCE)):
        length += sum(map(len, pieces))
        if length > longest:
            running.throw(OverflowError(f"writes more than {longest:,} characters; a mail has 100,000"))
        yield from pieces


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply; look for tags in one another, or a macro or include that calls itself"
    if isinstance(error, MemoryError):
        return "out of memory; look for a loop or a multiplication that makes too much text"
    return str(error)


def _last_template_line(trace: TracebackType | None) -> str | None:
    """``file:line`` of the innermost template frame; Jinja marks its own with ``__jinja_exception__``."""
    place = None
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _places(loader: jinja2.BaseLoader) -> Iterator[str]:
    for inner in getattr(loader, "loaders", ()):
        yield from _places(inner)
    yield from getattr(loader, "searchpath", ())
    if package := getattr(loader, "package_name", ""):
        yield f"package {package}"


def _line_in(piece: str, offset: int) -> str:
    """``file:line`` so many characters into a piece; empty when it does not know."""
    if not isinstance(piece, Traced):
        return ""
    before = piece[:offset].count("\n") if piece.is_text else 0
    return f"{piece.file}:{piece.line + before}"
