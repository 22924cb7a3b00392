"""An issue made again elsewhere is the same, byte for byte: in another locale, zone, folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.project import Project
from tests.needs import program

from .verify_samples import publication

WHEN = "2026-11-22T12:00"
ISSUE = "weekly-2026-11-22-m1"
SURROUNDINGS: tuple[dict[str, str], ...] = (
    {},
    {"LANG": "C", "LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0"},
    {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "TZ": "Pacific/Chatham", "PYTHONHASHSEED": "1"},
    {
        "LANG": "tr_TR.UTF-8",
        "LC_ALL": "tr_TR.UTF-8",
        "TZ": "America/St_Johns",
        "PYTHONHASHSEED": "4294967295",
    },
    {"LANG": "ar_EG.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "1234", "PYTHONUTF8": "0"},
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A publication that has sent an issue of a digest, and one of a whole article, to two people."""
    made = publication(tmp_path_factory.mktemp("verify") / "project")
    made.subscribe(2)
    for name in ("weekly", "letters"):
        made.run("send", name, "--yes", "--now", WHEN)
    return made


@pytest.fixture(scope="module")
def exported(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The issue, written out."""
    folder = tmp_path_factory.mktemp("verify") / "exported"
    project.run("issues", "export", ISSUE, "--out", str(folder))
    return folder


def verified(config: Path, *words: str, cwd: Path, surroundings: dict[str, str], expect: int = 0) -> Any:
    """What `issues verify` says somewhere."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME")}
    done = subprocess.run(
        [sys.executable, "-m", "newsletter", "issues", "verify", *words, "--config", str(config), "--json"],
        cwd=cwd,
        env=kept | {"XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]} | surroundings,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == expect, done.stderr.decode("utf-8", "replace")
    return json.loads(done.stdout.decode("utf-8", "replace"))


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda each: each.get("LANG", "as it is"))
@pytest.mark.parametrize("issue", [ISSUE, "letters-2026-11-22-m1"])
def test_an_issue_is_the_same_in_any_locale_zone_and_hash_seed(
    project: Project, tmp_path: Path, issue: str, surroundings: dict[str, str]
) -> None:
    found = verified(project.config, issue, cwd=tmp_path, surroundings=surroundings)

    assert (found["identical"], found["changes"], found["reread"]) == (True, [], [])
    assert found["blocks"] > 0


def test_an_issue_is_the_same_from_a_clone_elsewhere_without_database_and_key(
    project: Project, exported: Path, tmp_path: Path
) -> None:
    clone = cloned(project, tmp_path)

    found = verified(
        clone / "config.toml",
        "--manifest",
        str(exported / "manifest.json"),
        cwd=Path("/"),
        surroundings=SURROUNDINGS[2],
    )
    assert (found["identical"], found["changes"]) == (True, [])
    assert not (clone / ".newsletter").exists()


def cloned(project: Project, folder: Path) -> Path:
    """A clone of a repository of the project, as a pull request would be looked at."""
    git = (program("git", "git"), "-c", "user.name=Ida", "-c", "user.email=ida@slowpost.example")
    origin, clone = folder / "origin", folder / "clone"
    shutil.copytree(project.folder, origin, ignore=shutil.ignore_patterns(".newsletter", "out", "*.csv"))
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "All")):
        subprocess.run([*git, *words], cwd=origin, check=True, timeout=60)
    subprocess.run([*git, "clone", "-q", str(origin), str(clone)], check=True, timeout=60)
    shutil.rmtree(origin)
    return clone
