"""A newsroom for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.notices.newsroom import newsroom
from tests.signup.signing import Publication


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Publication]:
    """Two operators who want to be told everything."""
    with MailDrop(tmp_path / "inbox") as drop, open_database(tmp_path / ".newsletter" / "newsletter.db") as d:
        yield newsroom(tmp_path, d, drop)
