#!/usr/bin/env python3
"""Set up and run, with nothing but Python 3.11 or newer.

    python3 dev.py demo [ARGS]           sample content, a real SMTP hop, an inbox to look at
    python3 dev.py test [PYTEST ARGS]    all tests
    python3 dev.py check                 ruff, mypy --strict, import contracts
    python3 dev.py bench [NAME] [--json] measurements, as ratios against yardsticks in the same run
    python3 dev.py faults [--json]       every fault, the verdict required, and the one that was given
    python3 dev.py bench million         a million recipients in one run; a quarter of an hour
    python3 dev.py faults --kills 200    real processes, killed in the middle of sending
    python3 dev.py run ARGS              any `newsletter` command

The first call makes `.venv` beside this file and installs exactly what
`requirements.lock` names; later calls start at once.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed"


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  (whoever has an older one must be told, not shown a traceback)
        return fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if command in ("-h", "--help"):
        print(__doc__)
        return 0
    if command not in ("demo", "test", "check", "bench", "faults", "run"):
        print(__doc__, file=sys.stderr)
        return fail(f"no such command: {command}", 2)
    problem = set_up()
    if problem:
        return fail(problem)
    if command == "check":
        return check()
    if command in ("bench", "faults", "test"):
        os.chdir(HERE)
    become(
        {
            "demo": ["-m", "newsletter", "demo", *rest],
            "run": ["-m", "newsletter", *rest],
            "bench": ["-m", "benchmarks", *rest],
            "faults": ["-m", "tests.faults", *rest],
            "test": ["-m", "pytest", *rest],
        }[command]
    )
    return 0


def check() -> int:
    """Run every check, also after one has failed; the exit code is the number of failures."""
    failed = 0
    for words in (
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "mypy"],
        ["-c", "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"],
    ):
        failed += call(words, cwd=HERE) != 0
    return failed


def set_up() -> str:
    """Make `.venv` hold what the lock file names; return what is in the way, or nothing."""
    wanted = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        wanted.update((HERE / name).read_bytes())
    wanted.update(sys.version.encode())
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted.hexdigest():
        return ""
    print("Setting up .venv (once; half a minute) …", file=sys.stderr, flush=True)
    pip = make_venv()
    if not pip:
        return (
            "this Python has neither ensurepip nor pip: install one of them, "
            "for example `apt-get install python3-venv` (Debian, Ubuntu)"
        )
    quiet = ["install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    for words in (
        [*quiet, "--require-hashes", "--only-binary", ":all:", "--requirement", "requirements.lock"],
        [*quiet, "--no-build-isolation", "--editable", "."],
    ):
        if subprocess.run([*pip, *words], cwd=HERE).returncode:
            return "the installation failed: the lines above say why"
    STAMP.write_text(wanted.hexdigest(), encoding="utf-8")
    return ""


def make_venv() -> list[str]:
    """Create `.venv`; return the command that is pip for it, or nothing when there is none."""
    try:
        import ensurepip  # noqa: F401  (Debian ships venv without it)
    except ImportError:
        venv.create(VENV, with_pip=False, clear=True)
        # pip can work on another interpreter since 22.3; no pip at all is told by its exit code.
        pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
        found = subprocess.run([*pip, "--version"], capture_output=True).returncode == 0
        return pip if found else []
    venv.create(VENV, with_pip=True, clear=True)
    return [str(PYTHON), "-m", "pip"]


def become(words: list[str]) -> None:
    """Turn into the program: signals and exit codes are its own."""
    sys.stdout.flush()
    if os.name == "nt":
        sys.exit(subprocess.run([str(PYTHON), *words]).returncode)
    os.execv(PYTHON, [str(PYTHON), *words])


def call(words: list[str], cwd: Path) -> int:
    return subprocess.run([str(PYTHON), *words], cwd=cwd).returncode


def fail(message: str, code: int = 1) -> int:
    print(f"dev.py: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
