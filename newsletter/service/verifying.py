"""A manifest and the folder as it is now -> whether the same bytes come out, and if not, what changed.

The issue is made again by the lines that made it, of the articles that were chosen then; nothing that was
kept of an earlier run is believed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from newsletter import manifest
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp
from newsletter.errors import ConfigError, ContentError, RenderError
from newsletter.issue.ordering import CORRECTION, corrections
from newsletter.issue.words import Words
from newsletter.manifest import VERSION, Change, Manifest
from newsletter.model import Listing
from newsletter.outbox import ledger
from newsletter.pipeline import look
from newsletter.pipeline.making import Made, make
from newsletter.pipeline.offering import offered
from newsletter.service.rewriting import Sent
from newsletter.store import tables as t


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of making an issue again."""

    id: str
    blocks: int
    frames: int
    messages: int  #: of readers, that were written twice and compared
    changes: tuple[Change, ...]  #: inputs that are not what they were
    uses: tuple[Change, ...]  #: files that are used now and were not, or the other way round, because of them
    reread: tuple[str, ...]  #: what was read otherwise of files that are the same
    differing: tuple[str, ...]  #: frames, blocks, pictures and messages that came out otherwise
    failure: str  #: why it could not be made again; empty when it could

    @property
    def identical(self) -> bool:
        """Whether every byte is the same; an input may have changed without effect."""
        return not self.differing and not self.failure


@dataclass(frozen=True, slots=True)
class Remade:
    """An issue, made again."""

    made: Made
    manifest: Manifest
    identities: Mapping[str, str]  #: of its articles: then -> now


def verify(config: Config, before: Manifest, sent: Sent | None = None) -> Verified:
    """Make the issue of a manifest again, and compare: with what the manifest says came out, and with the
    outbox, where there is one. ConfigError when its newsletter is gone."""
    _check_newsletter(config, before)
    again, failure = None, ""
    try:
        again = remake(config, before)
    except (RenderError, ContentError, ConfigError) as error:
        failure = str(error)
    after = again.manifest if again is not None else None
    changed = manifest.changes(before, manifest.inputs_now(config, before, after))
    uses = manifest.uses(before, after) if after else ()
    differing = [*manifest.differing(before, after)] if after else []
    messages = 0
    if sent is not None:
        differing += sent.damaged(before)
        if again is not None and not differing:
            whose = unpack.identity(config, before["issue"]["newsletter"])
            words = unpack.words(config)
            messages, others = sent.messages(again.made, words, again.identities, whose)
            differing += others
    return Verified(
        id=sent.issue_id if sent is not None else before["issue"]["id"],
        blocks=len(before["result"]["blocks"]),
        frames=len(before["result"]["frames"]),
        messages=messages,
        changes=changed or uses,
        uses=uses if changed else (),
        reread=manifest.reread(before, after) if after else (),
        differing=tuple(differing),
        failure=failure,
    )


def _check_newsletter(config: Config, before: Manifest) -> None:
    name = before["issue"]["newsletter"]
    if name not in config.newsletters:
        raise ConfigError(f'there is no newsletter "{name}" any more, which {before["issue"]["id"]} is of')


def remake(config: Config, before: Manifest) -> Remade:
    """The issue of a manifest, with the articles that were chosen then, as far as they are there.

    Raises what making an issue raises; ContentError when none of its articles is there.
    """
    with tempfile.TemporaryDirectory(prefix="newsletter-verify-") as folder:
        return _remade(_forgetful(config, Path(folder)), before)


def _remade(config: Config, before: Manifest) -> Remade:
    about = before["issue"]
    at, cut_off = (datetime.fromisoformat(about[key]) for key in ("due", "cut_off"))
    picked = look(config, cut_off)
    found = _listings(before, picked, unpack.words(config))
    if not found:
        raise ContentError("none of its articles is in the content folder any more")
    name, id, listings = about["newsletter"], about["id"], tuple(dict.fromkeys(found.values()))
    brief = offered(config, name, id, picked, ledger.NOTHING).brief
    made = make(config, name, picked, listings, brief, id=id, at=at)
    after = manifest.manifest(
        config,
        made.issue,
        made.rendered,
        listings=listings,
        cut_off=cut_off,
        pictures=made.pictures,
        sources=made.sources,
        preset=picked.preset,
    )
    return Remade(made, after, {then: listing.identity for then, listing in found.items()})


def _listings(before: Manifest, picked: PickUp, words: Words) -> dict[str, Listing]:
    """By the identity that each had then: each by its file, or, where that has another name, by its keys. A
    correction has its article's file: it is found among corrections."""
    notes = corrections(picked.listings, words.correction)
    by_path = {False: {one.path: one for one in picked.listings}, True: {one.path: one for one in notes}}
    by_key = {key: listing for listing in (*picked.listings, *notes) for key in listing.keys}
    found = {}
    for each in before["articles"]:
        known = (by_key[key] for key in each["keys"] if key in by_key)
        is_note = each["identity"].startswith(CORRECTION)
        if listing := by_path[is_note].get(each["path"]) or next(known, None):
            found[each["identity"]] = listing
    return found


def _forgetful(config: Config, folder: Path) -> Config:
    """The same configuration without caches: they stand beside the database, and so that is elsewhere."""
    store = config.store.model_copy(update={"path": str(folder / "newsletter.db")})
    return config.model_copy(update={"store": store})


def stored(connection: Connection, id: str) -> Manifest | None:
    """The manifest of a frozen issue; None when there is no such issue, empty when it has none."""
    found = connection.execute(select(t.issue.c.manifest).where(t.issue.c.id == id)).scalar()
    if found is None:
        return None
    return dict(found) if found.get("manifest") == VERSION else {}
