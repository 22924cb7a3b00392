"""Where templates run: Jinja's immutable sandbox, autoescape on, without what would make two builds differ.

It asks nothing twice: not of what is safe by its type, nor twice within a render.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Hashable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, Final

import jinja2
from jinja2 import meta, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.filters import do_urlencode
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup, escape

from newsletter.issue.slots import HIDDEN, HIDDEN_IN_URL

SUFFIX: Final = ".mjml.j2"
TEXT_SUFFIX: Final = ".txt.j2"  #: of a plain text: nothing is escaped in it

_DEEP: Final = "nested too deeply; look for brackets or tags in one another"


class _Render(threading.local):
    """What the render that runs in this thread has found so far; nothing between two of them."""

    templates: dict[str, jinja2.Template] | None = None
    modules: dict[str, tuple[tuple[object, ...], TemplateModule]] | None = None
    files: tuple[str, ...] = ()  #: of the templates of the render before, too


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment; one for each loader."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.render = _Render()
        self.asked: dict[str, tuple[str, ...] | None] = {}  #: by name of a template: see `_asks`

    @contextmanager
    def one_render(self) -> Iterator[None]:
        """A template that is read within is the same until the end: its file is looked at once."""
        self.render.templates, self.render.modules, self.render.files = {}, {}, ()
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

    @property
    def files(self) -> tuple[str, ...]:
        """The files of all templates that the last render of this thread asked for, in that order."""
        return tuple(dict.fromkeys(self.render.files))

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> jinja2.Template:
        found = super()._load_template(name, globals)
        if self.render.templates is not None:
            self.render.files += (found.filename or name,)
        return found

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            return super()._parse(source, name, filename)
        except RecursionError:
            raise jinja2.TemplateSyntaxError(_DEEP, 1, name, filename) from None

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        try:
            # First: what is wrong in it is told by its own file; `_asks` knows no file.
            code = super()._generate(source, name, filename, defer_init)
        except RecursionError:
            raise jinja2.TemplateSyntaxError(_DEEP, 1, name, filename) from None
        if name is not None:
            self.asked[name] = _asks(source)
        return code

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute of a view is a value: nothing that a template could change, or call into.

        So is what a template exports; to call it is another matter.
        """
        kind = type(obj)
        if attribute in _public(kind) or (kind is TemplateModule and attribute[0] != "_"):  # type: ignore[arg-type]  # mypy: a class has no hash
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
        env: Sandbox = self.environment  # type: ignore[assignment]  # no other makes this class
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
    kind = type(value)
    return _escaped(value) if kind is str else value if kind is Markup else escape(value)


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return str(escape(text))


#: What makes values that a template can change.
_CHANGING: Final = frozenset({"namespace", "cycler", "joiner"})


def _asks(source: nodes.Template) -> tuple[str, ...] | None:
    """The names that a template takes from where it is imported; None when more than these counts."""
    others = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
    changing = any(name.name in _CHANGING for name in source.find_all(nodes.Name))
    if changing or any(source.find_all(others)):
        return None
    return tuple(sorted(meta.find_undeclared_variables(source)))


class Unknown(jinja2.StrictUndefined):
    """What is not there. An error as soon as it is used; it says what there is instead."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint or self._undefined_obj is missing:
            return str(super()._undefined_message)
        asked, name = self._undefined_obj, str(self._undefined_name)
        names: Iterable[object] = _public(type(asked))  # type: ignore[arg-type]  # mypy: a class has no hash
        if not names and not isinstance(asked, str):
            names = getattr(asked, "__iter__", tuple)()
        return f"there is no {name!r} here{instead(name, map(str, names))}"


def instead(name: str, names: Iterable[str]) -> str:
    """What to write for a name that is not among `names`, as the end of a sentence."""
    known = sorted(names)
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f', did you mean "{near[0]}"?'
    return f"; there are {', '.join(known[:12])}" if known else ""


@lru_cache(maxsize=64)
def _public(kind: Hashable) -> frozenset[str]:
    """The values that a dataclass shows; of anything else none."""
    names = (field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return frozenset(name for name in names if not name.startswith("_"))


@lru_cache(maxsize=8)
def environment(loader: jinja2.BaseLoader, traced: bool = False) -> Sandbox:
    """The sandbox in which templates run; without what would make two builds differ.

    Kept for each loader, with the templates that it compiled: Jinja reloads those that changed.
    """
    env = Sandbox(
        loader=loader,
        autoescape=_is_markup,
        undefined=Unknown,
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


def _is_markup(name: str | None) -> bool:
    return not (name or "").endswith(TEXT_SUFFIX)


def urlencoded(value: object) -> str:
    """Jinja's ``urlencode`` of guarded text: an outside ``%`` becomes ``%25``, as it should."""
    return do_urlencode(value).replace(HIDDEN_IN_URL, "%25").replace("%", HIDDEN)  # type: ignore[arg-type]


# ── where a piece comes from ────────────────────────────────────────────────


class _LineByLine(CodeGenerator):
    """Jinja notes the lines of expressions and tags; this notes those of plain text, too."""

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        self.newline(node)
        super().visit_Output(node, frame)


class Traced(str):
    """A piece of output that knows its template line."""

    file: str
    line: int
    is_text: bool  #: of the template: its line feeds are the template's


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
            constants = frozenset(map(id, running.gi_code.co_consts))
            for piece in running:
                if not isinstance(piece, Traced):
                    is_text = id(piece) in constants
                    piece = Traced(piece)
                    piece.is_text = is_text
                    piece.file = template.filename or template.name or ""
                    piece.line = template.get_corresponding_lineno(running.gi_frame.f_lineno)
                yield piece

        template.root_render_func = traced
        return template
