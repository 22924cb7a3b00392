"""Issue and templates -> Rendered, in a child process that can be stopped.

What :mod:`newsletter.issue.render` does, with a deadline and a limit of memory: a template that loops for
ever, eats memory or crashes MJML is a RenderError like any other mistake in a template.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import pickle
import signal
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

from newsletter import errors
from newsletter.errors import NewsletterError, RenderError
from newsletter.issue.notices import SAMPLE, Notice
from newsletter.issue.theme import Site, Theme
from newsletter.model import Issue, Rendered, RenderedBlock
from newsletter.press.source import Source
from newsletter.press.worker import Died, Worker

DEADLINE: Final = 20.0  #: seconds
MEMORY: Final = 512 << 20  #: bytes; a warm child has about a tenth of it
_SUFFIX: Final = ".mjml.j2"


@dataclass(frozen=True, slots=True)
class Printed:
    """An issue, and its templates, their parts and the catalogues of its language."""

    rendered: Rendered
    sources: tuple[Source, ...]


class Press:
    """Renders with the templates of some folders, first folder first. Any thread may use it."""

    def __init__(
        self,
        searchpath: tuple[Path, ...],
        *,
        deadline: float = DEADLINE,
        memory: int = MEMORY,
        worker: Worker | None = None,
    ) -> None:
        """`deadline`: seconds for one mail; `memory`: bytes for the child. Or a `worker` that is shared."""
        self._searchpath = searchpath
        self._worker = worker or Worker(deadline, memory)

    def start(self) -> None:
        """Let the child warm up while there is other work; the first use would do it, and wait."""
        self._worker.start()

    def render(self, issue: Issue, *, site: Site, theme: Theme, template: str = "digest") -> Rendered:
        """As :func:`newsletter.issue.render.render`; RenderError, too, for a template that was stopped."""
        return self.printed(issue, site=site, theme=theme, template=template).rendered

    def printed(self, issue: Issue, *, site: Site, theme: Theme, template: str = "digest") -> Printed:
        """The same, and the files that it was made of: those very bytes, whatever stands there by now."""
        words = {"issue": issue, "site": site, "theme": theme, "template": template}
        made = self._ask("render", template, words)
        return Printed(_rendered(made["rendered"]), tuple(Source(**each) for each in made["sources"]))

    def letter(
        self,
        name: str,
        *,
        language: str,
        title: str,
        site: Site,
        theme: Theme,
        notice: Notice = SAMPLE,
    ) -> Rendered:
        """As :func:`newsletter.issue.letters.render_letter`; RenderError as in :meth:`render`."""
        words = {"name": name, "language": language, "title": title, "site": site, "theme": theme}
        words["notice"] = notice
        return _rendered(self._ask("letter", name, words))

    def locate(
        self, issue: Issue, *, site: Site, theme: Theme, template: str = "digest", snippets: tuple[str, ...]
    ) -> tuple[str, ...]:
        """For each snippet of the MJML of `issue` the ``file:line`` that wrote it; empty when it has none."""
        words = {"issue": issue, "site": site, "theme": theme, "template": template, "snippets": snippets}
        return tuple(self._ask("locate", template, words))

    def close(self) -> None:
        """Let the child go."""
        self._worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, task: str, template: str, words: dict[str, Any]) -> Any:
        try:
            answer = self._answer(task, template, words)
        except Died as died:
            raise RenderError(f"{self._place(template, died)}: {_fate(died)}") from None
        if "bug" in answer:
            raise RuntimeError(f"a bug in the rendering process:\n{answer['bug']}")
        if "error" in answer:
            if answer["spent"]:
                self._worker.close()
            raise _known(answer["error"])(answer["text"])
        return answer["made"]

    def _answer(self, task: str, template: str, words: dict[str, Any]) -> Any:
        request = pickle.dumps((task, template, {"searchpath": self._searchpath, **words}))
        return json.loads(self._worker.call(request))

    def _place(self, template: str, died: Died) -> str:
        """The template, and its line where the child could still tell; a new child finds that out."""
        found = ""
        if died.place is not None:
            words = {"file": died.place.file, "line": died.place.line}
            with contextlib.suppress(Died, KeyError):
                found = self._answer("line", template, words)["made"]
        return found or f"{template}{_SUFFIX}"


@lru_cache(maxsize=1)
def _shared() -> Worker:
    worker = Worker(DEADLINE, MEMORY)
    atexit.register(worker.close)
    return worker


def press(searchpath: tuple[Path, ...]) -> Press:
    """The press of this process: whatever the folders, one child, warm until the process ends."""
    return Press(searchpath, worker=_shared())


def warm() -> None:
    """Start that child now, for a :func:`press` that will be used soon."""
    _shared().start()


def _known(name: str) -> type[NewsletterError]:
    found = getattr(errors, name, None)
    return found if isinstance(found, type) and issubclass(found, NewsletterError) else RenderError


def _fate(died: Died) -> str:
    if died.signal == 0:
        return "rendering did not come to an end and was stopped; look for a loop that does not end"
    if died.signal == signal.SIGABRT:
        return "rendering ran out of memory; the mail is too large, or the template multiplies something"
    name = signal.Signals(died.signal).name if died.signal in signal.valid_signals() else str(died.signal)
    return f"rendering crashed ({name}); undo what was changed last in the template, then part by part"


def _rendered(made: dict[str, Any]) -> Rendered:
    return Rendered(**{**made, "blocks": tuple(RenderedBlock(**block) for block in made["blocks"])})
