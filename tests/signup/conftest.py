"""A publication for each test, with a real mail server behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.signup.signing import Publication, publication


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Publication]:
    """The Slow Post."""
    with MailDrop(tmp_path / "inbox") as drop, open_database(tmp_path / ".newsletter" / "newsletter.db") as d:
        yield publication(tmp_path, d, drop)
