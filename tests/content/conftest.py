from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.content import FolderSettings, PickUp, pick_up
from newsletter.model import Article, Skipped

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def picked(tmp_path: Path) -> Callable[..., PickUp]:
    """Write files into a folder of their own and pick them up."""

    def pick(files: Mapping[str, str | bytes], now: datetime = NOW, **settings: object) -> PickUp:
        root = tmp_path / "site"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return pick_up(root, FolderSettings(**settings), now)  # type: ignore[arg-type]

    return pick


@pytest.fixture
def one(picked: Callable[..., PickUp]) -> Callable[..., Article]:
    """The article that a single file becomes."""

    def read(text: str | bytes, name: str = "post.md", **settings: object) -> Article:
        found = picked({name: text}, **settings)
        assert found.skipped == ()
        return found.articles[0]

    return read


@pytest.fixture
def why(picked: Callable[..., PickUp]) -> Callable[..., str]:
    """The reason for which a single file is no article."""

    def reason(text: str | bytes, name: str = "post.md", **settings: object) -> str:
        found = picked({name: text}, **settings)
        assert found.listings == ()
        assert isinstance(found.skipped[0], Skipped)
        return found.skipped[0].reason

    return reason
