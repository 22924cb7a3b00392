"""The child: requests on its socket -> templates run -> answers. Started by :mod:`newsletter.press.worker`.

A request is pickled by the parent; an answer is JSON: ``made``, or the ``error`` of a person, or the text of
a ``bug``. It leaves when its parent does, in the middle of a template, too.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import json
import os
import pickle
import resource
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

from newsletter.errors import NewsletterError, RenderError
from newsletter.issue.sandbox import SUFFIX, environment
from newsletter.model import Issue
from newsletter.press import wire
from newsletter.press.folders import Folders

#: Something that all that rendering needs takes part in: the first page is as quick as the second.
_WARM_UP: Final = (
    '<mjml><mj-head><mj-style inline="inline">.a { color: red }</mj-style></mj-head><mj-body><mj-section>'
    '<mj-column><mj-text><p class="a">x</p></mj-text></mj-column></mj-section></mj-body></mjml>'
)


class Overdue(Exception):
    """The deadline has passed. An ordinary exception, so that the template line it meets is named."""


def main(words: list[str]) -> None:
    """Serve the socket that stands in the place of standard input, until it closes."""
    deadline, (memory, trace, life) = float(words[0]), map(int, words[1:])
    _end_with(life)
    line = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    threading.Thread(target=_leave_with, args=(line,), daemon=True).start()
    _limit(memory)
    faulthandler.enable(trace, all_threads=False)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it leaves when its parent has finished, not before
    signal.signal(signal.SIGALRM, lambda number, frame: _overdue(deadline, frame))
    _warm_up()
    wire.put(line, b"ready")
    while (request := wire.take(line)) is not None:
        wire.put(line, _answer(request, deadline, trace))


def _end_with(life: int) -> None:
    """Have the kernel end us when our parent's end of this pipe closes, in the middle of a call of C, too.

    Not PR_SET_PDEATHSIG: that is sent when the *thread* ends that started us, and those come and go.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)  # which is: end
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:
        os._exit(0)  # it has closed before anybody could tell us


def _leave_with(line: socket.socket) -> None:
    closed = select.poll()
    closed.register(line, 0)  # no event but the other side's end, which is always told
    closed.poll()
    os._exit(0)


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _warm_up() -> None:
    from newsletter.issue import render
    from newsletter.issue.mjml_html import to_html

    assert render
    to_html(_WARM_UP, lambda offset, reason: RenderError(reason))


def _overdue(deadline: float, frame: FrameType | None) -> None:
    raise Overdue(f"still running after {deadline:g} seconds; look for a loop that does not end")


def _answer(request: bytes, deadline: float, trace: int) -> bytes:
    template = ""
    try:
        task, template, words = pickle.loads(request)
        with _watched(deadline, trace):
            made = _TASKS[task](**words)
        answer = {"made": made}
    except (Overdue, MemoryError) as error:
        answer = _error(RenderError(f"{template}{SUFFIX}: {_told(error)}"), spent=True)
    except NewsletterError as error:
        answer = _error(error, spent=isinstance(error.__context__, (Overdue, MemoryError)))
    except Exception:
        answer = {"bug": traceback.format_exc()}
    return json.dumps(answer).encode()


@contextlib.contextmanager
def _watched(deadline: float, trace: int) -> Iterator[None]:
    """Stop at the deadline. Where no line of Python runs any more, write down where that was, and end."""
    signal.setitimer(signal.ITIMER_REAL, deadline)
    faulthandler.dump_traceback_later(deadline + 1, exit=True, file=trace)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


def _error(error: NewsletterError, *, spent: bool) -> dict[str, Any]:
    """`spent`: the child may be in disorder; better a new one."""
    return {"error": type(error).__name__, "text": str(error), "spent": spent}


def _told(error: Exception) -> str:
    return str(error) or "out of memory; the mail is too large, or the template multiplies something"


# ── what it can be asked ────────────────────────────────────────────────────


@lru_cache(maxsize=8)
def _loader(searchpath: tuple[Path, ...]) -> Folders:
    return Folders(searchpath)


def _render(searchpath: tuple[Path, ...], issue: Issue, **words: Any) -> Any:
    from newsletter.issue.render import render
    from newsletter.issue.words_catalogue import files

    loader = _loader(searchpath)
    made = render(issue, loader=loader, **words)
    # Asked for as rendering does: with other arguments it would be another environment.
    used = (*environment(loader, False).files, *files(issue.language, loader))
    return {"rendered": asdict(made), "sources": [asdict(each) for each in loader.read(used)]}


def _locate(searchpath: tuple[Path, ...], snippets: tuple[str, ...], **words: Any) -> Any:
    from newsletter.issue.render import expanded

    return expanded(loader=_loader(searchpath), **words).lines_of(snippets)


def _letter(searchpath: tuple[Path, ...], **words: Any) -> Any:
    from newsletter.issue.letters import render_letter

    return asdict(render_letter(loader=_loader(searchpath), **words))


def _line(searchpath: tuple[Path, ...], file: str, line: int) -> Any:
    """``file:line`` of a template for a line of the code that Jinja made of it; empty when it is not ours."""
    for folder in searchpath:
        if Path(file).is_relative_to(folder):
            name = Path(file).relative_to(folder).as_posix()
            code = environment(_loader(searchpath)).get_template(name)
            return f"{file}:{code.get_corresponding_lineno(line)}"
    return ""


_TASKS: Final[dict[str, Callable[..., Any]]] = {
    "render": _render,
    "letter": _letter,
    "locate": _locate,
    "line": _line,
}

if __name__ == "__main__":
    main(sys.argv[1:])
