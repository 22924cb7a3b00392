"""Other mailers, each sending the same personal mail to the same sink -> messages a second.

    nodemailer            pooled over eight connections, composing each message
    aiosmtplib            eight connections that stay open, an EmailMessage each
    django-post_office    a queue in SQLite, eight threads; it renders when it queues: that is counted

They come by npm and pip at the first use, into a folder that is thrown away.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.oracles import AbsentError, program

SCRIPTS: Final = Path(__file__).parent / "mailers"
#: Enough of each for some seconds: the slower it is, the less a start-up weighs.
MESSAGES: Final = {"nodemailer": 3000, "aiosmtplib": 2000, "django-post_office": 1500}


@dataclass(frozen=True, slots=True)
class Other:
    """One of them, ready to run."""

    name: str
    words: tuple[str, ...]  #: what is run, before the content, the port and the number

    def rate(self, content: Path, port: int) -> float:
        """Messages a second. AssertionError when not all were sent."""
        many = MESSAGES[self.name]
        done = subprocess.run(
            [*self.words, str(content), str(port), str(many)], stdout=subprocess.PIPE, text=True, check=True
        )
        told = json.loads(done.stdout)
        assert told["sent"] == many, f"{self.name} sent {told['sent']} of {many}"
        return float(many / told["seconds"])


@contextmanager
def others() -> Iterator[tuple[list[Other], list[str]]]:
    """Those that could be installed, and why the rest could not."""
    found: list[Other] = []
    absent: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for install in (_by_npm, _by_pip):
            try:
                found += install(Path(folder))
            except AbsentError as why:
                absent.append(str(why))
        yield found, absent


def _by_npm(folder: Path) -> list[Other]:
    for name in ("package.json", "package-lock.json", "nodemailer.mjs"):
        shutil.copy(SCRIPTS / name, folder)
    node, npm = program("node", "nodejs"), program("npm", "npm")
    _run([npm, "ci", "--ignore-scripts", "--silent"], folder)
    return [Other("nodemailer", (node, str(folder / "nodemailer.mjs")))]


def _by_pip(folder: Path) -> list[Other]:
    _run([sys.executable, "-m", "venv", "--without-pip", "venv"], folder)
    python = str(folder / "venv" / "bin" / "python")
    words = ["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    pinned = str(SCRIPTS / "requirements.txt")
    _run([sys.executable, "-m", "pip", "--python", python, *words, "--requirement", pinned], folder)
    scripts = {"aiosmtplib": "with_aiosmtplib.py", "django-post_office": "with_post_office.py"}
    return [Other(name, (python, str(SCRIPTS / script))) for name, script in scripts.items()]


def _run(words: list[str], folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise AbsentError(f"`{Path(words[0]).name} {' '.join(words[1:4])} …` failed: {last}")
