"""What the oracles are shown: one mail of each template, of the sample publication."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import eyes, oracles
from benchmarks.mails import Mail, mails
from tests.needs import absent


@pytest.fixture(scope="session")
def npm() -> Path:
    """The packages that the lock file names, unpacked."""
    try:
        return oracles.packages()
    except oracles.AbsentError as why:
        absent(str(why))


@pytest.fixture(scope="module")
def seeing() -> Iterator[eyes.Eyes]:
    """A real Chromium. For a module only: while it is open, no other test can have an event loop."""
    try:
        oracles.program("chromium", "chromium")
    except oracles.AbsentError as why:
        absent(str(why))
    with eyes.chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Mail]:
    """Template -> its mail."""
    return {mail.name: mail for mail in mails(tmp_path_factory.mktemp("sample") / "project")}
