"""Template and views -> MJML, and for every character of it the template line that wrote it.

User templates run in Jinja's immutable sandbox with autoescape on; an undefined name is an error. Whatever
goes wrong in a template is a RenderError that names its file and line.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Hashable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import lru_cache
from itertools import islice
from types import CodeType, TracebackType
from typing import Any, Final

import jinja2
from jinja2 import meta, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.filters import do_urlencode
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import escape

from newsletter.errors import RenderError
from newsletter.issue.slots import HIDDEN, HIDDEN_IN_URL

SUFFIX: Final = ".mjml.j2"
TEXT_SUFFIX: Final = ".txt.j2"  #: of a plain text: nothing is escaped in it
_AT_ONCE: Final = 64  #: pieces between two looks at the length
_LONGEST: Final = 4_000_000  #: characters; forty times what Gmail shows of a mail


class Expanded:
    """The MJML of one template, and the way back to the line that wrote a place in it."""

    def __init__(
        self,
        loader: jinja2.BaseLoader,
        template: str,
        views: Mapping[str, object],
        suffix: str = SUFFIX,
    ) -> None:
        """Run the template. Raises RenderError: ``file:line: what is wrong``."""
        self.loader, self.name, self.views = loader, template + suffix, dict(views)
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
                return tuple(_measured(env.get_template(self.name), self.views))
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
            raise RenderError(f"{place}: {_told(error)}") from None

    def _missing(self, error: jinja2.TemplateNotFound) -> str:
        place = _last_template_line(error.__traceback__)
        where = ", ".join(_places(self.loader)) or "the loader"
        return f"{place + ': ' if place else ''}{error.name or error}: no such template; looked in {where}"


class _Render(threading.local):
    """What the render that runs in this thread has found so far; nothing between two of them."""

    templates: dict[str, jinja2.Template] | None = None
    modules: dict[str, tuple[tuple[object, ...], TemplateModule]] | None = None


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, which asks nothing twice: not of what is safe by its type, nor twice in a render."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.render = _Render()
        self.asked: dict[str, tuple[str, ...] | None] = {}  #: by name of a template: see `_asks`

    @contextmanager
    def one_render(self) -> Iterator[None]:
        """A template that is read within is the same until the end: its file is looked at once."""
        self.render.templates, self.render.modules = {}, {}
        try:
            yield
        finally:
            self.render.templates = self.render.modules = None

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> jinja2.Template:
        """As Jinja's, but that a render looks at a file once."""
        known = self.render.templates
        if known is None or globals is not None or not isinstance(name, str):
            return super().get_template(name, parent, globals)
        if (found := known.get(name)) is None:
            found = known[name] = super().get_template(name, parent)
        return found

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        if name is not None:
            self.asked[name] = _asks(source)
        return super()._generate(source, name, filename, defer_init)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute of a view is a value: nothing that a template could change, or call into."""
        if attribute in _public(type(obj)):  # type: ignore[arg-type]  # mypy: a class has no hash
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, *args: Any, **named: Any) -> Any:
        """A macro is safe by its type: it is a template's own, and gets what Jinja would hand it."""
        if type(obj) is not Macro:
            return super().call(context, obj, *args, **named)
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return obj(context.eval_ctx, *args, **named)


class _Shared(jinja2.Template):
    """A template that runs once for all who import it within a render and give it the same."""

    def make_module(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> TemplateModule:
        env: _Sandbox = self.environment  # type: ignore[assignment]  # no other makes this class
        names, known = env.asked.get(self.name or ""), env.render.modules
        if names is None or known is None or self.name is None:
            return super().make_module(vars, shared, locals)
        given: Mapping[str, Any] = vars or {}
        near = {name: value for name, value in (locals or {}).items() if value is not missing}
        values = tuple(near[name] if name in near else given.get(name, missing) for name in names)
        before = known.get(self.name)
        if before is None or any(one is not other for one, other in zip(before[0], values, strict=True)):
            before = known[self.name] = values, super().make_module(vars, shared, locals)
        return before[1]

    @classmethod
    def _from_namespace(
        cls, environment: jinja2.Environment, namespace: MutableMapping[str, Any], globals: Any
    ) -> jinja2.Template:
        if "escape" in namespace:
            namespace["escape"] = _written
        return super()._from_namespace(environment, namespace, globals)


def _written(value: Any) -> str:
    """The value as a piece of markup: most values of a mail are few words, colours and measures."""
    return _escaped(value) if type(value) is str else escape(value)


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return str(escape(text))


#: What makes values that a template can change.
_CHANGING: Final = frozenset({"namespace", "cycler", "joiner"})


def _asks(source: nodes.Template) -> tuple[str, ...] | None:
    """The names that a template takes from where it is imported; None when more than these counts."""
    names = meta.find_undeclared_variables(source)
    others = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
    if names & _CHANGING or any(source.find_all(others)):
        return None
    return tuple(sorted(names))


@lru_cache(maxsize=64)
def _public(kind: Hashable) -> frozenset[str]:
    """The values that a dataclass shows; of anything else none."""
    names = (field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return frozenset(name for name in names if not name.startswith("_"))


@lru_cache(maxsize=8)
def environment(loader: jinja2.BaseLoader, traced: bool = False) -> _Sandbox:
    """The sandbox in which templates run; without what would make two builds differ.

    Kept for each loader, with the templates that it compiled: Jinja reloads those that changed.
    """
    env = _Sandbox(
        loader=loader,
        autoescape=_is_markup,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.template_class = _Shared
    if traced:
        env.template_class, env.code_generator_class = _TracedTemplate, _LineByLine
    env.filters["urlencode"] = urlencoded
    del env.filters["random"], env.globals["lipsum"]
    return env


def _measured(template: jinja2.Template, views: Mapping[str, object]) -> Iterator[str]:
    """The pieces of a template; one that writes without end is stopped at the line that is writing."""
    running: Generator[str] = template.generate(views)  # type: ignore[assignment]
    length = 0
    while pieces := tuple(islice(running, _AT_ONCE)):
        length += sum(map(len, pieces))
        if length > _LONGEST:
            running.throw(OverflowError(f"writes more than {_LONGEST:,} characters; a mail has 100,000"))
        yield from pieces


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply; look for tags in one another, or a macro or include that calls itself"
    if isinstance(error, MemoryError):
        return "out of memory; look for a loop or a multiplication that makes too much text"
    return str(error)


def _is_markup(name: str | None) -> bool:
    return not (name or "").endswith(TEXT_SUFFIX)


def urlencoded(value: object) -> str:
    """Jinja's ``urlencode`` of guarded text: an outside ``%`` becomes ``%25``, as it should."""
    return do_urlencode(value).replace(HIDDEN_IN_URL, "%25").replace("%", HIDDEN)  # type: ignore[arg-type]


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


# ── where a piece comes from ────────────────────────────────────────────────


class _LineByLine(CodeGenerator):
    """Jinja notes the lines of expressions and tags; this notes those of plain text, too."""

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        self.newline(node)
        super().visit_Output(node, frame)


class _Traced(str):
    """A piece of output that knows its template line."""

    file: str
    line: int


def _line_in(piece: str, offset: int) -> str:
    """``file:line`` so many characters into a piece; empty when it does not know."""
    if not isinstance(piece, _Traced):
        return ""
    return f"{piece.file}:{piece.line + piece[:offset].count(chr(10))}"


class _TracedTemplate(jinja2.Template):
    """A template whose pieces know where they come from, through any depth of includes."""

    @classmethod
    def from_code(
        cls, environment: jinja2.Environment, code: CodeType, globals: Any, uptodate: Any = None
    ) -> jinja2.Template:
        template = super().from_code(environment, code, globals, uptodate)
        plain = template.root_render_func

        def traced(*args: Any, **named: Any) -> Iterator[str]:
            running: Any = plain(*args, **named)
            for piece in running:
                if not isinstance(piece, _Traced):
                    piece = _Traced(piece)
                    piece.file = template.filename or template.name or ""
                    piece.line = template.get_corresponding_lineno(running.gi_frame.f_lineno)
                yield piece

        template.root_render_func = traced
        return template
