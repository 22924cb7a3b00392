"""Files -> changes: of content, templates, logo and configuration, and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

from watchfiles import Change, DefaultFilter, awatch

from newsletter.web.preview.desk import Desk
from newsletter.web.preview.events import Hub

#: Milliseconds: a save is told when it has been quiet for the first, and after the second anyway.
QUIET: Final = 20
AT_MOST: Final = 150
#: What the program keeps beside its database.
_BESIDE: Final = ("content.cache", "secret.key", "alive")


Changes = AsyncIterator[set[tuple[Change, str]]]


class Watch:
    """Tells the desk and the open pages of every change, as long as `run` runs."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self._desk, self._hub = desk, hub
        self.begun = asyncio.Event()  #: nothing that changes from now on is missed
        self._over = False
        self._halt = asyncio.Event()

    async def run(self) -> None:
        """Watch until :meth:`stop`; begin anew when the configuration names other folders."""
        while not self._over:
            self._halt = asyncio.Event()
            tasks = [asyncio.create_task(self._folders()), asyncio.create_task(self._files())]
            await asyncio.sleep(0)  # each tells the kernel what it watches before it waits
            if self.begun.is_set():
                await self._tell(config=False)  # what came while nobody watched
            self.begun.set()
            await asyncio.gather(*tasks)

    def stop(self) -> None:
        """End `run`, from its own event loop."""
        self._over = True
        self._halt.set()

    async def _folders(self) -> None:
        folders = [folder for folder in self._desk.folders if folder.is_dir()]
        if not folders:
            await self._halt.wait()
            return
        async for _ in self._changes(folders, recursive=True, only=_Content(self._desk.config.store_path)):
            await self._tell(config=False)

    async def _files(self) -> None:
        """Single files, and the folders themselves: one may be away, or be put in the place of another."""
        files, folders = self._desk.files, self._desk.folders
        parents = {path.parent for path in (*files, *folders) if path.parent.is_dir()}
        only = _Exactly((*files, *folders))
        async for changes in self._changes(parents, recursive=False, only=only):
            paths = {Path(path) for _, path in changes}
            await self._tell(config=self._desk.config_path in paths)
            if self._desk.files != files or self._desk.folders != folders or paths & set(folders):
                self._halt.set()

    async def _tell(self, *, config: bool) -> None:
        await asyncio.to_thread(self._desk.changed, config=config)
        self._hub.tell(self._desk.state)

    def _changes(self, paths: Iterable[Path], *, recursive: bool, only: DefaultFilter) -> Changes:
        return awatch(
            *paths,
            watch_filter=only,
            debounce=AT_MOST,
            step=QUIET,
            stop_event=self._halt,
            recursive=recursive,
        )


class _Content(DefaultFilter):
    """What is neither ours (the database and what lies beside it) nor an editor's."""

    def __init__(self, store: Path) -> None:
        super().__init__()
        self._store = store

    def __call__(self, change: Change, path: str) -> bool:
        file = Path(path)
        beside = file.parent == self._store.parent and file.name.startswith((self._store.name, *_BESIDE))
        return super().__call__(change, path) and not beside


class _Exactly(DefaultFilter):
    """Certain paths."""

    def __init__(self, paths: Iterable[Path]) -> None:
        super().__init__()
        self._paths = frozenset(map(str, paths))

    def __call__(self, change: Change, path: str) -> bool:
        return path in self._paths
