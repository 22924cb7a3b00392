"""What a content folder holds: listings in memory, articles one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import overload

from newsletter.content import rows
from newsletter.content.cache import Cache, Unusable
from newsletter.errors import ContentError
from newsletter.model import Article, Listing, Problem, Skipped


class PickUp:
    """What a content folder holds.

    `listings` are the articles without their texts, newest first, then by path; `skipped`
    the other files with the reasons, by path. `preset` is the one that was used, `guessed`
    says that nobody named it.
    """

    def __init__(
        self,
        listings: tuple[Listing, ...],
        skipped: tuple[Skipped, ...],
        *,
        preset: str,
        guessed: bool,
        claims: Mapping[str, tuple[Problem, ...]],
        cache: Cache,
        anew: Callable[[], PickUp],
    ) -> None:
        self.listings, self.skipped = listings, skipped
        self.preset, self.guessed = preset, guessed
        self._claims, self._cache, self._anew = claims, cache, anew

    @property
    def articles(self) -> Sequence[Article]:
        """The articles in the order of `listings`; each is loaded when it is asked for, and not held."""
        return _Articles(self)

    def article(self, path: str) -> Article:
        """The article of one file, by the path in its listing; KeyError when there is none."""
        return self.load(self._by_path[path])

    def load(self, listing: Listing) -> Article:
        """The article of a listing of ours."""
        more = self._claims.get(listing.path, ())
        try:
            return rows.article_in(listing, self._cache.article(listing.path), more)
        except (Unusable, ValueError, LookupError, TypeError):
            # Somebody has overwritten the cache while we hold it: the folder is still there.
            return self._read_again(listing)

    def _read_again(self, listing: Listing) -> Article:
        again = self._anew()
        self._cache, self._anew = again._cache, _gone
        if listing.path not in again._by_path:
            raise ContentError(f"{listing.path}: changed while it was being read; run this again")
        return again.load(again._by_path[listing.path])

    @cached_property
    def _by_path(self) -> dict[str, Listing]:
        return {listing.path: listing for listing in self.listings}


def _gone() -> PickUp:
    raise ContentError("the content folder cannot be read twice: is there room for temporary files?")


class _Articles(Sequence[Article]):
    """Articles that are loaded when they are asked for."""

    def __init__(self, picked: PickUp) -> None:
        self._picked = picked

    def __len__(self) -> int:
        return len(self._picked.listings)

    @overload
    def __getitem__(self, index: int) -> Article: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Article, ...]: ...

    def __getitem__(self, index: int | slice) -> Article | tuple[Article, ...]:
        if isinstance(index, slice):
            return tuple(map(self._picked.load, self._picked.listings[index]))
        return self._picked.load(self._picked.listings[index])
