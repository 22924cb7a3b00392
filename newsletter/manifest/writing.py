"""What was built -> its manifest: canonical JSON, equal on every machine that built the same.

No floats, no absolute paths, no moment of building, no secrets. Paths are those of the project, with ``/``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import walk
from newsletter.issue.ordering import CORRECTION
from newsletter.manifest.program import program
from newsletter.model import Card, Issue, Listing, Placement, Rendered
from newsletter.press import Source

VERSION: Final = 1
#: What of a newsletter's table enters the bytes, `max_items` by the blocks that there must be; all else
#: decides who gets what and when, and that was decided.
_NEWSLETTER: Final = (
    "title",
    "from",
    "reply_to",
    "subject",
    "preheader",
    "intro",
    "timezone",
    "sections",
    "max_items",
    "images",
    "template",
    "excerpt",
    "excerpt_sentences",
    "excerpt_characters",
    "link_params",
    "list_id",
    "unsubscribe_mailto",
)
_FILLED: Final = ("title", "timezone", "list_id", "unsubscribe_mailto")
_CONTENT: Final = ("preset", "permalink", "include", "exclude")
LARGEST: Final = 30 * 1024 * 1024  # bytes of one file: a picture may have as many
_CATALOGUE: Final = ".po"
OWN, PACKAGED = "project", "package"  #: where a template comes from

Manifest = dict[str, Any]


def manifest(
    config: Config,
    issue: Issue,
    rendered: Rendered,
    *,
    listings: Sequence[Listing],
    cut_off: datetime,
    pictures: Iterable[str],
    sources: Iterable[Source],
    preset: str,
    approval: Mapping[str, Any] | None = None,
) -> Manifest:
    """Everything that `rendered` was made of, and what came out.

    `listings`: the articles, in their order; `cut_off`: as of when the folder was read; `pictures`: the files
    of it that were opened to be shown; `sources`: what the press used; `preset`: the habits that the folder
    was read by; `approval`: who gets it and when, with the hash that somebody agrees to.
    """
    found = {
        "manifest": VERSION,
        "issue": {
            "id": issue.id,
            "newsletter": issue.newsletter,
            "due": issue.date.isoformat(),
            "cut_off": cut_off.isoformat(),
        },
        "articles": [_article(each) for each in listings],
        "inputs": {
            "article": files(config.content_dir, (each.path for each in listings)),
            "picture": files(config.content_dir, pictures),
            "logo": files(config.root, logos(config)),
            "template": dict(sorted(_templates(config, sources))),
            "catalogue": dict(sorted(_catalogues(config, sources))),
            "brief": _brief(config, issue.id),
            "config": settings(config, issue.newsletter),
            "program": program(),
        },
        "read": {
            "preset": preset,
            "local": issue.date.astimezone(ZoneInfo(unpack.timezone(config, issue.newsletter))).isoformat(),
            "cards": dict(sorted(_cards(issue))),
        },
        "result": _result(issue, rendered),
        "approval": dict(approval or {}),
    }
    return _canonical(found)


def _canonical(found: Manifest) -> Manifest:
    """The same as JSON gives it back: keys sorted, no tuples."""
    plain: Manifest = json.loads(json.dumps(found, sort_keys=True, ensure_ascii=False))
    return plain


def _article(listing: Listing) -> dict[str, Any]:
    return {"path": listing.path, "identity": listing.identity, "keys": list(listing.keys)}


# ── inputs ──────────────────────────────────────────────────────────────────


def files(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Path -> SHA-256 of its bytes; empty where there is no file that may be read."""
    return {path: _hash(root, path) for path in sorted(set(paths))}


def _hash(root: Path, path: str) -> str:
    try:
        return _sha256(walk.contents((walk.named(root, path) if root.is_dir() else root).resolve(), LARGEST))
    except (walk.Refused, ValueError):
        return ""


def _brief(config: Config, id: str) -> dict[str, str]:
    """The file that may say more about the issue. One that appears later is a change as any other."""
    return files(config.resolve(config.content.briefs), (f"{id}.md",))


def logos(config: Config) -> tuple[str, ...]:
    """The picture files at the head of the mail, as the configuration names them."""
    named = (config.theme.logo, config.theme.logo_dark)
    return tuple(source for source in named if source and not source.startswith(("http://", "https://")))


def _templates(config: Config, sources: Iterable[Source]) -> Iterator[tuple[str, Any]]:
    for source in sources:
        if not source.name.endswith(_CATALOGUE):
            yield source.name, {"from": _home(config, source.folder), "sha256": source.sha256}


def _catalogues(config: Config, sources: Iterable[Source]) -> Iterator[tuple[str, str]]:
    for source in sources:
        if source.name.endswith(_CATALOGUE):
            yield f"{_home(config, source.folder)} {source.name}", source.sha256


def _home(config: Config, folder: int) -> str:
    return OWN if folder < len(config.template_dirs) else PACKAGED


def settings(config: Config, newsletter: str) -> dict[str, Any]:
    """The values that enter, as they stand in the file; a secret is none of them."""
    plain = config.masked()
    own = plain["newsletters"][newsletter]
    for key in _FILLED:
        if config.origin("newsletters", newsletter, key) == "default":
            own[key] = ""  # it is made from another value, which stands here
    return {
        "site": plain["site"],
        "content": {key: plain["content"][key] for key in _CONTENT},
        "newsletters": {newsletter: {key: own[key] for key in _NEWSLETTER}},
        "theme": plain["theme"],
        "templates": {"texts": plain["templates"]["texts"]},
        "sender": {"mail_from": plain["sender"]["mail_from"]},
        "web": {"public_url": plain["web"]["public_url"]},
    }


def inputs_now(config: Config, before: Mapping[str, Any], after: Mapping[str, Any] | None) -> Manifest:
    """What the inputs of a manifest are now, in its place and under its names, whether they are used or not.

    `after`: the manifest of what could be made of them, if anything could.
    """
    then, articles = before["inputs"], (after or before)["articles"]
    inputs = {
        "article": files(config.content_dir, {*then["article"], *(each["path"] for each in articles)}),
        "picture": files(config.content_dir, then["picture"]),
        "logo": files(config.root, then["logo"]),
        "template": {name: _template_now(config, name) for name in then["template"]},
        "catalogue": {name: _catalogue_now(config, name) for name in then["catalogue"]},
        "brief": _brief(config, before["issue"]["id"]),
        "config": settings(config, before["issue"]["newsletter"]),
        "program": program(),
    }
    return _canonical({"articles": articles, "inputs": inputs})


def _template_now(config: Config, name: str) -> dict[str, str]:
    for number, folder in enumerate(unpack.searchpath(config)):
        if found := _hash(folder, name):
            return {"from": _home(config, number), "sha256": found}
    return {"from": PACKAGED, "sha256": ""}


def _catalogue_now(config: Config, name: str) -> str:
    home, _, path = name.partition(" ")
    folders = unpack.searchpath(config)
    return _hash(folders[0 if home == OWN else -1], path)


# ── what was read, and what came out ────────────────────────────────────────


def _cards(issue: Issue) -> Iterator[tuple[str, Any]]:
    bodies = {each.card.identity: each for each in issue.placements if each.card and each.body}
    for card in issue.cards:
        note = " (correction)" if card.identity.startswith(CORRECTION) else ""
        yield f"{card.path}{note}", {**_card(card), **_body(bodies.get(card.identity))}


def _card(card: Card) -> dict[str, Any]:
    values = asdict(card)
    del values["path"]
    return {**values, "date": card.date.isoformat() if card.date else ""}


def _body(placement: Placement | None) -> dict[str, str]:
    if placement is None:
        return {}
    told = json.dumps([asdict(piece) for piece in placement.body], sort_keys=True)
    return {"body": _sha256(told.encode())}


def _result(issue: Issue, rendered: Rendered) -> dict[str, Any]:
    return {
        "hash": rendered.hash,
        "subject": issue.subject,
        "preheader": issue.preheader,
        "media": sorted(medium.name for medium in issue.media),
        **parts(rendered),
    }


def parts(rendered: Rendered) -> dict[str, Any]:
    """The hashes of frames and blocks, slots still in them."""
    return {
        "frames": {rendered.language: _pair(rendered.frame_html, rendered.frame_text)},
        "blocks": {block.key: _pair(block.html, block.text) for block in rendered.blocks},
        "order": [block.key for block in rendered.blocks],
    }


def _pair(html: str, text: str) -> Mapping[str, str]:
    return {
        "html": _sha256(html.encode("utf-8", "surrogatepass")),
        "text": _sha256(text.encode("utf-8", "surrogatepass")),
    }


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
