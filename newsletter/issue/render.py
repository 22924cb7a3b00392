"""Issue -> Rendered: the line of this room.

    views -> Jinja2 (expand) -> MJML -> HTML with inlined styles (mjml_html) -> frame and blocks (split),
    those that are too heavy ended early (ending)

An issue is rendered once, for everybody; what differs from reader to reader is a slot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Set
from typing import Final

import jinja2

from newsletter.issue.dress import spared, without_sheets
from newsletter.issue.ending import HEAVIEST, SLOTS, Ended, ended, has_pieces, level, weight
from newsletter.issue.expand import LONGEST, Expanded
from newsletter.issue.links import Link, linker
from newsletter.issue.mjml_html import unspared
from newsletter.issue.plaintext import block_text, frame_text
from newsletter.issue.slots import BLOCKS, RECIPIENT_SLOTS, SLOT, reveal
from newsletter.issue.split import end_marker, only, split, with_names
from newsletter.issue.theme import Site, Theme
from newsletter.issue.variant import key_number, slot_names
from newsletter.issue.view import Texts, block_views, issue_view, site_view, theme_view
from newsletter.issue.words import Words, words_for
from newsletter.model import Issue, Rendered, RenderedBlock, Role

_A_BLOCK: Final = 400_000  #: characters that one may have, where a pool has many


def render(
    issue: Issue, *, site: Site, theme: Theme, loader: jinja2.BaseLoader, template: str = "digest"
) -> Rendered:
    """The issue as frame, blocks and plain text, slots still in.

    Equal arguments and templates give equal bytes, in any process. `loader` finds ``<template>.mjml.j2`` and
    its parts. Raises RenderError, naming file and line of the template.
    """
    words, link = words_for(issue.language, loader), linker(issue, site)
    source = _expanded(issue, site, theme, loader, template, words, link)
    check_slots(source, RECIPIENT_SLOTS | set(slot_names(issue)))
    page = reveal(unspared(source.text, source.error))
    frame, blocks = split(page, tuple(placement.key for placement in issue.placements), source.name)
    rendered_blocks = tuple(
        RenderedBlock(placement.key, block.html, block_text(placement, words, link, block))
        for placement, block in zip(
            issue.placements, _ended(issue, frame, blocks, source.name, link), strict=True
        )
    )
    text = frame_text(issue, site, words, link)
    return Rendered(
        language=issue.language,
        subject=issue.subject,
        frame_html=frame,
        frame_text=text,
        blocks=rendered_blocks,
        mjml=with_names(reveal(source.text)),
        hash=hash_of(_bytes_of(issue, frame, text, rendered_blocks)),
    )


def _ended(issue: Issue, frame: str, blocks: tuple[str, ...], template: str, link: Link) -> tuple[Ended, ...]:
    """The blocks, articles ended where a mail would be too heavy; the short ones stay whole.

    An article alone ends as if there were no others. Among others it ends so that any mail has room for it,
    even that of the heaviest: a little soon for a reader who gets it beside short ones.
    """
    if not any(map(has_pieces, blocks)):
        return tuple(Ended(html, 0, True) for html in blocks)
    placed = tuple(zip(issue.placements, blocks, strict=True))
    ends = {p.key: has_pieces(html) and p.card is not None and bool(link(p.card.url)) for p, html in placed}
    beside = [(p, html) for p, html in placed if p.role is (Role.NEXT if key_number(p.key) else Role.LEAD)]
    stays = sorted(weight(html) for p, html in beside if not ends[p.key])
    room = HEAVIEST - SLOTS - weight(without_sheets(frame))
    share = level(
        (weight(html) for p, html in beside if ends[p.key]),
        room - sum(stays[-issue.most :]),
        issue.most,
    )
    return tuple(
        ended(html, room if p.role is Role.ALONE else share, template, elsewhere=ends[p.key])
        if has_pieces(html)
        else Ended(html, 0, True)
        for p, html in placed
    )


def assemble(rendered: Rendered, keys: tuple[str, ...] | None = None) -> tuple[str, str]:
    """HTML and text of a variant: the frame around the blocks of these keys, in their order (None = all).

    Style rules that nothing in these blocks asks for are left out. The slots are still in; fill them in one
    pass with :func:`newsletter.issue.slots.fill`. A pair is taken whole: a left block without its right one
    is a ValueError, an unknown key a KeyError.
    """
    by_key = {block.key: block for block in rendered.blocks}
    chosen = rendered.blocks if keys is None else tuple(by_key[key] for key in keys)
    _check_pairs(tuple(block.key for block in chosen))
    return (
        spared(_around(rendered.frame_html, (block.html for block in chosen))),
        _around(rendered.frame_text, (block.text for block in chosen)),
    )


def mjml_of(rendered: Rendered, keys: tuple[str, ...] | None = None) -> str:
    """The MJML that such a variant would come from, for people to look at (None = all blocks)."""
    return only(rendered.mjml, tuple(block.key for block in rendered.blocks) if keys is None else keys)


def _around(frame: str, blocks: Iterable[str]) -> str:
    # Found as a slot, not as a string: outside text that says "%%BLOCKS%%" has one within its escapes.
    place = next((slot for slot in SLOT.finditer(frame) if slot[0] == BLOCKS), None)
    if place is None:
        return frame  # of a letter
    return "".join((frame[: place.start()], *blocks, frame[place.end() :]))


def _check_pairs(keys: tuple[str, ...]) -> None:
    sides = [key.rsplit(":", 1)[1] for key in keys]
    for place, side in enumerate(sides):
        after = sides[place + 1] if place + 1 < len(sides) else ""
        before = sides[place - 1] if place else ""
        if (side == "left" and after != "right") or (side == "right" and before != "left"):
            raise ValueError(f"{keys[place]}: half of a pair; a variant takes both blocks or neither")


def expanded(
    issue: Issue, *, site: Site, theme: Theme, loader: jinja2.BaseLoader, template: str = "digest"
) -> Expanded:
    """The MJML that :func:`render` is made from, and which template line wrote what of it."""
    words, link = words_for(issue.language, loader), linker(issue, site)
    return _expanded(issue, site, theme, loader, template, words, link)


def _expanded(
    issue: Issue,
    site: Site,
    theme: Theme,
    loader: jinja2.BaseLoader,
    template: str,
    words: Words,
    link: Link,
) -> Expanded:
    view = issue_view(issue, site)
    views = {
        "issue": view,
        "site": site_view(site, theme, link),
        "texts": Texts(site),
        "theme": theme_view(theme, issue.language),
        "words": words,
        "why": words.why("%%ADDRESS%%", view.title),
        "_": words.say,
        "ngettext": words.count,
        "blocks": block_views(issue, theme, link, words),
        "blocks_end": end_marker(),
    }
    longest = max(LONGEST, _A_BLOCK * len(issue.placements))
    return Expanded(loader, template, views, longest=longest)


def check_slots(expanded: Expanded, known: Set[str]) -> None:
    """RenderError, with file and line, for a slot of the template that nobody will fill."""
    for slot in SLOT.finditer(expanded.text):
        if slot[1] not in known:
            told = ", ".join(sorted(name for name in known if not any(c.isdigit() for c in name)))
            raise expanded.error(slot.start(), f"unknown slot {slot[0]} (there are {told})")


# ── the hash ────────────────────────────────────────────────────────────────


def _bytes_of(issue: Issue, frame: str, text: str, blocks: tuple[RenderedBlock, ...]) -> Iterable[bytes]:
    parts = [issue.language, issue.subject, issue.preheader, frame, text]
    for block in blocks:
        parts += [block.key, block.html, block.text]
    yield from (part.encode("utf-8", "surrogatepass") for part in parts)
    for medium in issue.media:
        yield medium.name.encode()  # the hash of its bytes


def hash_of(parts: Iterable[bytes]) -> str:
    """SHA-256 over the parts, each behind its length: no two lists of parts run together."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
