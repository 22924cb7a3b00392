"""A project of its own for a journey, and the command line as people use it."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from newsletter.cli.init import lay_out

#: The samples are out, and the Monday after them has not come.
NOW = "2026-11-22T12:00"


@dataclass(frozen=True)
class Project:
    """A folder with a config.toml."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def set(self, **values: str) -> "Project":
        """Replace lines of config.toml: key -> what stands after the equals sign."""
        text = self.config.read_text()
        for key, value in values.items():
            text, count = re.subn(rf"(?m)^(?:# )?{key} = .*", f"{key} = {value}", text, count=1)
            assert count == 1, key
        self.config.write_text(text)
        return self

    def add(self, table: str, lines: str) -> "Project":
        """Add lines at the head of a table."""
        text = self.config.read_text()
        changed = re.sub(rf"(?m)^\[{re.escape(table)}\].*", lambda m: f"{m[0]}\n{lines}", text, count=1)
        assert changed != text
        self.config.write_text(changed)
        return self

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """A command, running."""
        return subprocess.Popen(
            self._words(words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def run(self, *words: str, expect: int = 0) -> "subprocess.CompletedProcess[str]":
        """A command, finished."""
        done = subprocess.run(
            self._words(words), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120
        )
        assert done.returncode == expect, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *words: str, expect: int = 0) -> Any:
        """What a command answers with --json: one document on stdout."""
        return json.loads(self.run(*words, "--json", expect=expect).stdout)

    def _words(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "newsletter", *words, "--config", str(self.config)]

    def subscribe(self, count: int, *, now: str = NOW) -> None:
        """Import so many subscribers: then the schedule begins. Empty: by the clock, as `run` will go."""
        people = self.folder / "people.csv"
        rows = "".join(f"r{number}@example.org,Reader {number}\n" for number in range(1, count + 1))
        people.write_text(f"email,name\n{rows}")
        self.run("subscribers", "import", str(people), *(("--now", now) if now else ()))


def sample_project(folder: Path, port: int) -> Project:
    """The sample publication, sending to a server on this computer."""
    lay_out(folder)
    return Project(folder).set(host='"127.0.0.1"', port=str(port), security='"none"')


def inbox(maildir: Path) -> list[EmailMessage]:
    """The messages that a server filed."""
    files = sorted((maildir / "new").iterdir())
    return [cast(EmailMessage, message_from_bytes(f.read_bytes(), policy=policy.default)) for f in files]


def received(maildir: Path) -> Counter[str]:
    """How many messages each address got."""
    return Counter(str(message["Delivered-To"]) for message in inbox(maildir))
