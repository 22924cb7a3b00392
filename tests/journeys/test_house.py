"""What the repository promises about itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import absent

ROOT = Path(__file__).resolve().parents[2]
HOSTS = re.compile("pyp" + r"i\.org|python" + r"hosted|npm" + r"js\.|deb\." + "debian")
MACHINE_PATHS = re.compile(r"(^|[^\w./-])/(work|farm|root|home)/[A-Za-z.]")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        absent(f"not a git checkout: {listed.stderr.strip()}")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine() -> None:
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "ignore")
        if HOSTS.search(text) or (path.suffix != ".lock" and MACHINE_PATHS.search(text)):
            found.append(path.relative_to(ROOT))
    assert found == []


def test_the_lock_has_a_hash_for_everything_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"(?m)^([a-z0-9._-]+)(?:\[[^\]]*\])?==", lock)

    assert "://" not in lock
    assert len(pinned) > 40
    assert all(re.search(rf"(?m)^{re.escape(name)}==[^\n]*\\\n\s+--hash=sha256:", lock) for name in pinned)


def test_help_is_quick() -> None:
    # The measured claim is in benchmarks/; this only catches a slow import that crept in.
    script = "import sys, newsletter.cli; print(*sorted(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.split()
    )
    slow = {
        "pydantic",
        "sqlalchemy",
        "starlette",
        "apscheduler",
        "premailer",
        "lxml",
        "mjml",
        "PIL",
        "jinja2",
        "rich",
    }

    assert loaded & slow == set()
    assert "click" in loaded


def test_every_command_of_the_contract_has_its_help() -> None:
    from newsletter.cli import COMMANDS, group

    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None and (command.help or "").strip(), name


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md", "docs/glossary.md", "CHANGELOG.md"])
def test_the_documents_are_there(name: str) -> None:
    assert len((ROOT / name).read_text()) > 400


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            if not (document.parent / target).exists():
                broken.append((document.name, target))
    assert broken == []
