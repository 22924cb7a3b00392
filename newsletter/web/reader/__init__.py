"""READER PAGES: what the links in a mail lead to, and the form that begins it all.

Server-rendered, without script or cookie; in the reader's language and the colours of the mail. GET shows,
POST acts. All links are relative, so that the pages work under any prefix.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute

    from newsletter.config.schema import Config
    from newsletter.store.database import Database

__all__ = ["application", "routes"]


def routes(
    config: Config,
    database: Database,
    *,
    wake: Callable[[], None] = lambda: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[BaseRoute]:
    """The pages; without a `[web] public_url` only those that old links lead to: no mail could be written."""
    from newsletter.signup.answering import offered
    from newsletter.web.reader import api, confirming, leaving, own_data, preferences, signing_up
    from newsletter.web.reader.house import House
    from newsletter.web.reader.visits import route

    house = House(config, database, now, wake)
    pages: list[BaseRoute] = [
        route(house, "/u/{token}", leaving.unsubscribe, leaving.one_click),
        route(house, "/r/{token}", leaving.undo),
        route(house, "/c/{token}", confirming.confirm),
        route(house, "/p/{token}", preferences.preferences),
        route(house, "/my-data/{token}", own_data.my_data, acts=False),
        route(house, "/erase/{token}", own_data.erase),
    ]
    if config.web.public_url and offered(config):
        pages += [route(house, "/subscribe", signing_up.sign_up), api.api(house)]
    return pages


def door(config: Config, database: Database) -> BaseRoute:
    """``/``: the form where there is one, else a page that says what this address is for."""
    from newsletter.signup.answering import offered
    from newsletter.web.reader import signing_up
    from newsletter.web.reader.house import House
    from newsletter.web.reader.visits import nothing_here, route

    house = House(config, database, lambda: datetime.now(UTC), lambda: None)
    has_form = bool(config.web.public_url and offered(config))
    return route(house, "/", signing_up.sign_up if has_form else nothing_here, acts=False)


def application(config_path: Path | str) -> Starlette:
    """The reader pages as an ASGI application of their own, to be mounted in another: links stay below where
    it is mounted, and `[web] public_url` names that place. Whoever signs up is answered by `newsletter run`,
    or by the next `newsletter tick`.

    ConfigError or StoreError, as the command line tells them.
    """
    from newsletter.config import load
    from newsletter.store.database import open_database
    from newsletter.web.server import application as guarded

    config = load(Path(config_path), os.environ)
    database = open_database(config.store_path)
    return guarded([door(config, database), *routes(config, database)])
