"""npm packages that the rendered mail is held against -> their answers. Only tests and benchmarks use them.

What is pinned stands in ``tests/render_oracles``; the packages are unpacked there at the first use, which
needs node, npm and a network.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parents[1] / "tests" / "render_oracles"
_MODULES: Final = FOLDER / "node_modules"
_STAMP: Final = _MODULES / ".installed"


class AbsentError(Exception):
    """A program or its packages are not here; the text says what to do."""


def program(name: str, package: str) -> str:
    """The path of a program from a Debian package. Raises AbsentError."""
    found = shutil.which(name)
    if found is None:
        raise AbsentError(f"{name} is not installed: `apt-get install {package}`")
    return found


def packages() -> Path:
    """The folder with the packages that the lock file names. Raises AbsentError."""
    program("node", "nodejs")
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if not _STAMP.is_file() or _STAMP.read_text() != wanted:
        _install()
        _STAMP.write_text(wanted)
    return _MODULES


def _install() -> None:
    words = [program("npm", "npm"), "ci", "--ignore-scripts", "--silent"]
    done = subprocess.run(words, cwd=FOLDER, capture_output=True, text=True)
    if done.returncode:
        raise AbsentError(f"`npm ci` in {FOLDER.name} failed: {done.stderr.strip()[-500:]}")


def node(script: str, *words: str, given: object = None) -> Any:
    """What a script of ours prints, as JSON; `given` is what it reads, as JSON. Raises AbsentError."""
    packages()
    done = subprocess.run(
        [program("node", "nodejs"), script, *words],
        cwd=FOLDER,
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def npm_mjml(sources: dict[str, str]) -> dict[str, str]:
    """Name -> MJML, as name -> the HTML of npm's mjml, which finds every document valid."""
    made: dict[str, dict[str, Any]] = node("compile.mjs", given=sources)
    wrong = {name: answer["errors"] for name, answer in made.items() if answer["errors"]}
    if wrong:
        raise ValueError(f"npm mjml, strict: {wrong}")
    return {name: answer["html"] for name, answer in made.items()}


@contextmanager
def npm_stopwatch(source: Path) -> Iterator[Callable[[], tuple[float, float]]]:
    """A call that renders the MJML of the file once more: seconds of npm's mjml, and of mjml and juice."""
    packages()
    words = [program("node", "nodejs"), "time.mjs", str(source.resolve())]
    with subprocess.Popen(words, cwd=FOLDER, stdin=PIPE, stdout=PIPE, text=True) as running:
        assert running.stdin is not None and running.stdout is not None
        asked, answers = running.stdin, running.stdout

        def once() -> tuple[float, float]:
            asked.write("\n")
            asked.flush()
            alone, both = json.loads(answers.readline())
            return alone, both

        yield once
        asked.close()


def axe() -> str:
    """The JavaScript of axe-core."""
    return (packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def caniemail() -> Any:
    """The data of caniemail, as published."""
    return json.loads((packages() / "caniemail" / "data" / "caniemail.json").read_text(encoding="utf-8"))


def spam_score(message: bytes, home: Path) -> tuple[float, str]:
    """SpamAssassin's score without network tests, and the rules that made it. `home` is its scratch."""
    words = [program("spamassassin", "spamassassin"), "--local", "--test-mode"]
    environ = {"HOME": str(home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    done = subprocess.run(words, input=message, capture_output=True, env=environ, check=True)
    report = done.stdout.decode(errors="replace").rpartition("Content analysis details:")[2]
    score = float(report.partition("(")[2].split()[0])
    lines = [line.split() for line in report.splitlines()]
    rules = [
        f"{words[1]} {words[0]}"
        for words in lines
        if len(words) > 1 and words[1].isupper() and words[0][-1:].isdigit()
    ]
    return score, ", ".join(rules)
