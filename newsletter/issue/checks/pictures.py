"""Pictures: each can be loaded, is described, and is no heavier than a telephone likes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from newsletter.issue.checks.mail import Fault, Field, Line, Mail, Said, Spot
from newsletter.issue.checks.page import read
from newsletter.model import BlockKind, Placement, Role

WIDEST: Final = 1200  #: pixels
HEAVIEST: Final = 1_000_000  #: bytes
_PICTURED: Final = frozenset(Role) - {Role.ROW, Role.CONTENTS}
_GENERATED = re.compile(
    r"(?:img|image|dsc|dscn|dscf|pic|picture|photo|screenshot|screen ?shot|untitled|bild|foto|logo|banner|"
    r"unnamed|download|pxl|whatsapp image)?[\s_-]*(?:\d[\d\s_.:-]*(?:at)?[\d\s_.:-]*)?(?:copy)?"
    r"(?:\.(?:png|jpe?g|gif|webp|svg|avif|heic))?",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|webp|svg|avif|heic)", re.IGNORECASE)


def source(mail: Mail) -> Iterator[Fault]:
    """Every picture has an address that a mail can load, or travels in the mail."""
    carried = {medium.name for medium in mail.issue.media}
    for image in read(mail.html).images:
        scheme, _, rest = image.src.partition(":")
        if image.src.startswith("data:") or scheme in ("http", "https"):
            continue
        if scheme != "cid" or rest.rpartition("@")[0] not in carried:
            where = image.src or "nothing"
            text = f"the picture {where[:80]} cannot be loaded from a mailbox"
            yield Fault(_picture_spot(mail, image.src), text, "write its whole address, from https:// on")


def embedded_as_text(mail: Mail) -> Iterator[Fault]:
    """No picture is written out as a data: address: Gmail and Outlook do not show those."""
    for image in read(mail.html).images:
        if image.src.startswith("data:"):
            text = f"a picture is written out as {image.src[:30]}…: Gmail and Outlook do not show those"
            yield Fault(Said(image.src[:50]), text, "save it as a file, and name the file")


def alt_missing(mail: Mail) -> Iterator[Fault]:
    """Every picture has an alternative text."""
    for placement in _pictured(mail):
        if placement.card and placement.card.image and not placement.card.image.alt:
            spot = Field(placement.card.path, "image")
            yield Fault(spot, "the image has no alternative text", 'say what it shows: image_alt: "…"')
    for path, line, alt, target in _body_pictures(mail):
        if not alt:
            fix = "say what it shows: ![…](…)"
            yield Fault(Line(path, line, target), "the image has no alternative text", fix)
    for image in read(mail.html).images:
        if image.alt is None:
            text = f"the picture {image.src[:60]} has no alt attribute: its file name is read out"
            yield Fault(Said(image.src), text, 'write alt="…", or alt="" when it is decoration')


def alt_generated(mail: Mail) -> Iterator[Fault]:
    """Alternative texts are written by people, not by cameras and programs."""
    told: set[str] = set()
    for spot, alt in _alts(mail):
        if alt.strip() and is_generated(alt) and alt not in told:
            told.add(alt)
            yield Fault(spot, f'the alternative text "{alt[:60]}" says nothing', "say what the picture shows")


def is_generated(alt: str) -> bool:
    """Whether an alternative text was made by a camera or a program: ``IMG_1234``, ``image1``, ``a.png``."""
    said = alt.strip()
    return bool(_GENERATED.fullmatch(said) or _FILE_NAME.fullmatch(said))


def too_large(mail: Mail) -> Iterator[Fault]:
    """No picture is wider than 1,200 pixels or heavier than 1 MB."""
    for image in read(mail.html).images:
        if image.width > WIDEST:
            text = f"the picture {image.src[:60]} is {image.width:,} pixels wide"
            yield Fault(_picture_spot(mail, image.src), text, f"show it at most {WIDEST:,} wide")
    for medium in mail.issue.media:
        if len(medium.data) > HEAVIEST:
            text = f"the picture {medium.name} has {len(medium.data):,} bytes"
            yield Fault(Said(medium.name), text, "save it smaller, or as JPEG")


def card_without(mail: Mail) -> Iterator[Fault]:
    """Every article that is set as a card brings a picture."""
    for placement in mail.issue.placements:
        card = placement.card
        if card and placement.role in _PICTURED and not placement.picture and card.image is None:
            yield Fault(Field(card.path, "title"), "the article has no picture", "image: in its front matter")


def _pictured(mail: Mail) -> Iterator[Placement]:
    return (p for p in mail.issue.placements if p.role in _PICTURED and p.picture)


def _body_pictures(mail: Mail) -> Iterator[tuple[str, int, str, str]]:
    """Pictures of whole articles: path, line, alternative text, and how the article names it."""
    whole = {p.card.path for p in mail.issue.placements if p.card and p.body}
    for article in mail.articles:
        if article.path in whole:
            for block in article.blocks:
                if block.kind is BlockKind.IMAGE:
                    lead = article.image and article.image.source.endswith(block.target.lstrip("./"))
                    if not lead:
                        yield article.path, block.line, block.text, block.target


def _alts(mail: Mail) -> Iterator[tuple[Spot, str]]:
    for placement in _pictured(mail):
        if placement.card and placement.card.image and placement.card.image.alt:
            yield Field(placement.card.path, "alt"), placement.card.image.alt
    for path, line, alt, target in _body_pictures(mail):
        yield Line(path, line, target), alt
    for image in read(mail.html).images:
        yield Said(image.alt or ""), image.alt or ""


def _picture_spot(mail: Mail, src: str) -> Spot:
    for placement in _pictured(mail):
        if placement.card and placement.picture and placement.picture.src == src:
            return Field(placement.card.path, "image")
    return Said(urlsplit(src).path if src.startswith("http") else src)
