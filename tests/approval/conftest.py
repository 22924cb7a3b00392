"""A newsroom for each test, with an issue that is held."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.journeys.project import Project
from tests.notices.newsroom import hold, newsroom
from tests.signup.signing import Publication


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Publication]:
    """It is due at noon in Oslo."""
    with MailDrop(tmp_path / "inbox") as drop, open_database(tmp_path / ".newsletter" / "newsletter.db") as d:
        made = newsroom(tmp_path, d, drop)
        config = tmp_path / "config.toml"
        zone = 'timezone = "Europe/Oslo"\n[newsletters.daily]'
        config.write_text(config.read_text().replace("[newsletters.daily]", zone))
        hold(d)
        yield made


@pytest.fixture
def project(room: Publication, tmp_path: Path) -> Project:
    """The same, for commands."""
    return Project(tmp_path)
