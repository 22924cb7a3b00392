"""What a template may try, and what becomes of it: an error with its place, and a press that goes on."""

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from newsletter.errors import RenderError
from newsletter.issue.theme import Theme
from newsletter.press import Press
from tests.issue.issue_samples import TEMPLATES, rendered_of

from .press_samples import FOREVER, ISSUE, at, printed, written

#: Jinja works this out while it compiles, in one call of C that looks at nothing else for minutes.
IN_C = "{{ 10 ** (10 ** 8) }}"
HARMFUL = {
    "loops for ever": (FOREVER, ":2: ", "still running after 1 second"),
    "loops in a macro": ("{% macro m() %}\n" + FOREVER + "{% endmacro %}{{ m() }}", ":3: ", "still running"),
    "writes for ever": (
        "{% for a in range(99999) %}{% for b in range(99999) %}\nten letter{% endfor %}{% endfor %}",
        ":2: ",
        "writes more than 4,000,000 characters",
    ),
    "multiplies text": ("{{ 'x' * 10**9 }}", ":2: ", "out of memory"),
    "pads text": ("{{ '%999999999d' % 1 }}", ":2: ", "out of memory"),
    "doubles text": (
        "{% set n = namespace(x='x') %}{% for a in range(99) %}\n{% set n.x = n.x ~ n.x %}{% endfor %}",
        ":3: ",
        "out of memory",
    ),
    "calls itself": ("{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}", ":2: ", "nested too deeply"),
    "includes itself": ('{% include "odd.mjml.j2" %}', ":2: ", "nested too deeply"),
    "nests expressions": ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", ":1: ", "nested too deeply"),
    "nests tags": ("<div>" * 10_000 + "x" + "</div>" * 10_000, ":2: ", "more than 200 levels deep"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harm_is_an_error_with_its_place_and_the_next_mail_is_printed(tmp_path: Path, name: str) -> None:
    inside, line, told = HARMFUL[name]
    file = written(tmp_path, inside)

    with Press(at(tmp_path), deadline=1.0) as press:
        with pytest.raises(RenderError) as caught:
            printed(press)
        after = printed(press, "digest")

    place, text = file.name + line, str(caught.value)
    assert place in text
    assert told in text
    assert after == rendered_of(*ISSUE.cards)


def test_what_no_signal_can_interrupt_is_stopped_all_the_same(tmp_path: Path) -> None:
    written(tmp_path, IN_C)

    with Press(at(tmp_path), deadline=0.5) as press:
        with pytest.raises(RenderError) as caught:
            printed(press)
        after = printed(press, "digest")

    assert str(caught.value).startswith("odd.mjml.j2: rendering did not come to an end")
    assert after == rendered_of(*ISSUE.cards)


def child_of(press: Press) -> int:
    child = press._worker._child
    assert child is not None
    return child._process.pid


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL], ids=lambda n: n.name)
def test_a_crash_is_an_error_that_names_the_template(tmp_path: Path, number: signal.Signals) -> None:
    written(tmp_path, FOREVER)
    caught: list[BaseException] = []

    def attempt(press: Press) -> None:
        try:
            printed(press)
        except RenderError as error:
            caught.append(error)

    with Press(at(tmp_path), deadline=30.0) as press:
        printed(press, "digest")
        before = child_of(press)
        running = threading.Thread(target=attempt, args=(press,))
        running.start()
        wait_until_busy(before)
        os.kill(before, number)
        running.join()
        assert printed(press, "digest") == rendered_of(*ISSUE.cards)
        assert child_of(press) != before

    (error,) = caught
    assert f"rendering crashed ({number.name})" in str(error)
    assert "odd.mjml.j2" in str(error)


def test_a_crash_in_the_middle_of_a_template_names_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, "\n\n" + FOREVER)
    caught: list[BaseException] = []

    def attempt(press: Press) -> None:
        try:
            printed(press)
        except RenderError as error:
            caught.append(error)

    with Press(at(tmp_path), deadline=30.0) as press:
        printed(press, "digest")
        running = threading.Thread(target=attempt, args=(press,))
        running.start()
        wait_until_busy(child_of(press))
        os.kill(child_of(press), signal.SIGSEGV)
        running.join()

    assert str(caught[0]).startswith(f"{file}:4: rendering crashed (SIGSEGV)")


def wait_until_busy(pid: int, ticks: int = 10) -> None:
    """Until a process has worked for so many hundredths of a second more."""
    begin = worked(pid)
    while worked(pid) < begin + ticks:
        os.sched_yield()


def worked(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11])


def test_a_child_that_died_while_nobody_asked_is_replaced_in_silence() -> None:
    with Press((TEMPLATES,)) as press:
        printed(press, "digest")
        os.kill(child_of(press), signal.SIGKILL)
        os.waitid(os.P_PID, child_of(press), os.WEXITED | os.WNOWAIT)

        assert printed(press, "digest") == rendered_of(*ISSUE.cards)


def test_a_bug_is_raised_with_its_traceback() -> None:
    with (
        Press((TEMPLATES,)) as press,
        pytest.raises(RuntimeError, match="a bug in the rendering process") as caught,
    ):
        press.render(ISSUE, site=None, theme=Theme())  # type: ignore[arg-type]

    assert "Traceback (most recent call last)" in str(caught.value)
    assert "AttributeError" in str(caught.value)


def test_the_child_outlives_the_thread_that_started_it() -> None:
    with Press((TEMPLATES,)) as press:
        starting = threading.Thread(target=printed, args=(press, "digest"))
        starting.start()
        starting.join()
        before = child_of(press)

        assert printed(press, "digest") == rendered_of(*ISSUE.cards)
        assert child_of(press) == before


SURROUNDED = """
import sys
from pathlib import Path
from tests.press.press_samples import *
with Press(at(Path(sys.argv[1]))) as press:
    printed(press, "digest")
    print(Path(f"/proc/{press._worker._child._process.pid}/environ").read_text().replace(chr(0), " "))
"""


def test_the_child_has_no_secrets_and_no_terminal(tmp_path: Path) -> None:
    secrets = {"NEWSLETTER_SENDER_PASSWORD": "hunter2", "AWS_SECRET": "hunter3"}
    words = [sys.executable, "-c", SURROUNDED, str(tmp_path)]
    done = subprocess.run(
        words, env={**os.environ, **secrets}, capture_output=True, text=True, cwd=TEMPLATES.parent, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert "PYTHONPATH" in done.stdout
    assert "hunter" not in done.stdout
    assert done.stderr == ""


KILLED = """
import sys
from pathlib import Path
from tests.press.press_samples import *
press = Press(at(Path(sys.argv[1])), deadline=60.0)
printed(press, "digest")
print(press._worker._child._process.pid, flush=True)
if sys.argv[2] != "idle":
    printed(press)
sys.stdin.read()
"""


@pytest.mark.parametrize("when", ["idle", "busy", "busy in C"])
def test_the_child_goes_with_its_parent_even_when_that_is_killed(tmp_path: Path, when: str) -> None:
    written(tmp_path, IN_C if when == "busy in C" else FOREVER)
    words = [sys.executable, "-c", KILLED, str(tmp_path), when]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=TEMPLATES.parent
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        gone = os.pidfd_open(child)
        if when != "idle":
            wait_until_busy(child)
        parent.kill()
        parent.wait()

    assert ended(gone, seconds=10.0)
    os.close(gone)


def ended(process: int, seconds: float) -> bool:
    return bool(select.select([process], [], [], seconds)[0])
