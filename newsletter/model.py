"""The frozen values of the line, in the order in which they appear.

All times are aware UTC datetimes. Nothing here reads a clock, a disk or a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

# ── PICK UP ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that a person should mend; the file is still used."""

    path: str  #: relative to the folder that was read, with ``/``
    line: int  #: from 1; 0 when it concerns the whole file
    text: str  #: what is wrong and what to write instead

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


class BlockKind(StrEnum):
    """What a block of an article's body is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"  #: one block an item
    QUOTE = "quote"
    CODE = "code"
    IMAGE = "image"
    TABLE = "table"
    FOOTNOTE = "footnote"
    EMBED = "embed"  #: video, iframe, script, shortcode: nothing that a mail can show
    BREAK = "break"  #: a thematic break
    MORE = "more"  #: the mark that ends the opening (``<!--more-->``)


@dataclass(frozen=True, slots=True)
class Block:
    """One typed piece of an article's body."""

    kind: BlockKind
    text: str  #: plain text, white space normalised; the alt text of an image
    #: sanitised inline HTML, empty where the kind has none; of an image its caption; of a table
    #: a line (``<br>``) for each row, `` | `` between cells, its head in ``<strong>``
    html: str
    line: int  #: of the source file, from 1
    level: int = 0  #: of a heading (1-6), nesting depth of a list item from 1; else 0
    #: address of an image or embed, language of code, number of a numbered item or of a footnote,
    #: ``note`` for a quotation that is one; else empty
    target: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as an article names it; nothing has been loaded."""

    source: str  #: URL, or path relative to the content folder with ``/``
    alt: str | None  #: None when the author gave none: reported, never invented
    local: bool  #: source is a file inside the content folder


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a content folder, read whole."""

    identity: str  #: the strongest of `keys`
    keys: tuple[
        str, ...
    ]  #: all that may recognise it again, strongest first: ``id:`` ``url:`` ``text:`` ``path:``
    path: str  #: of its file, relative to the folder, with ``/``
    title: str
    url: str  #: absolute where a base URL is known; else as near as the file says, maybe empty
    date: datetime | None  #: publication, UTC; None when nobody says
    date_precision: Literal["day", "time", "none"]
    updated: datetime | None
    language: str  #: BCP 47
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    summary: str  #: the author's own, plain text; empty when there is none
    standfirst: str  #: a lead-in set apart from the body; empty when there is none
    image: Image | None
    blocks: tuple[Block, ...]
    expires: datetime | None
    weight: int  #: the author's order within one day; 0 when not said
    problems: tuple[Problem, ...]
    pinned: bool = False  #: its author wants it to stand first
    correction: str = ""  #: what its author says was wrong in it once, plain text; empty as a rule


@dataclass(frozen=True, slots=True)
class Listing:
    """An article as it is chosen and remembered: without its text."""

    identity: str
    keys: tuple[str, ...]
    path: str
    title: str
    language: str
    date: datetime | None
    weight: int
    tags: tuple[str, ...] = ()
    pinned: bool = False
    correction: str = ""
    corrects: str = ""  #: identity of the article whose correction this is; empty of an article


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the content folder that is not an article, and why."""

    path: str
    reason: str


# ── SUMMARIZE ───────────────────────────────────────────────────────────────


class ExcerptFrom(StrEnum):
    """Where a card's excerpt came from."""

    FRONT_MATTER = "front matter"
    MORE_MARKER = "more-marker"
    STANDFIRST = "standfirst"
    RANKER = "ranker"
    LEAD = "lead"
    NONE = "none"  #: the article has nothing that may stand as an excerpt: title alone


@dataclass(frozen=True, slots=True)
class Excerpt:
    """At most a few whole sentences, and where they came from."""

    text: str
    origin: ExcerptFrom


@dataclass(frozen=True, slots=True)
class Card:
    """What an issue shows of an article."""

    identity: str
    path: str
    title: str
    url: str
    date: datetime | None
    language: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    image: Image | None
    reading_minutes: int  #: at least 1
    excerpt: str
    excerpt_from: ExcerptFrom


# ── COMPOSE ─────────────────────────────────────────────────────────────────


class Role(StrEnum):
    """How a card is set. Each role is one block; LEFT is always followed by a RIGHT."""

    LEAD = "lead"
    LEFT = "left"  #: first of a pair
    RIGHT = "right"  #: second of a pair
    WIDE = "wide"  #: picture beside text, or text alone
    ROW = "row"  #: one line of the compact list
    CONTENTS = "contents"  #: its line in the list of contents
    ALONE = "alone"  #: a whole article that has the mail to itself; the first of several is a LEAD
    NEXT = "next"  #: a whole article behind another


@dataclass(frozen=True, slots=True)
class Media:
    """A picture that travels inside the mail, or is served from ``/media``."""

    name: str  #: content hash and ending; the Content-ID is ``name@`` + the list's domain
    mime: str
    data: bytes
    width: int  #: pixels
    height: int


@dataclass(frozen=True, slots=True)
class Placement:
    """One block of an issue: a card in a role, or the heading of a section."""

    key: str  #: unique in the issue: ``card:<n>:<role>`` or ``section:<n>``
    role: Role | None  #: None for a section heading
    card: Card | None  #: None for a section heading
    section: str  #: the section it belongs to; empty for the lead
    picture: Picture | None  #: how the mail shows the card's image, if at all
    #: the whole article where the template shows it, else empty; an IMAGE block behind a Picture is
    #: its caption
    body: tuple[Block | Picture, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as the mail shows it."""

    src: str  #: ``cid:…`` or an https URL
    alt: str
    width: int  #: natural width in pixels; 0 when not known
    height: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One dated mailing: the pool of cards frozen at build, not yet rendered.

    A pool has every card in every role that some reader's variant of it may need.
    """

    id: str  #: ``weekly-2026-11-23``; a manual one ends in ``-m1``
    newsletter: str
    title: str  #: of the newsletter
    date: datetime  #: nominal send time
    language: str
    subject: str
    preheader: str
    sections: tuple[str, ...]  #: the tags whose sections stand first, in this order
    written: frozenset[str]  #: of ``subject`` and ``preheader``, those that are not made from the cards
    intro: str  #: plain text, may be empty
    placements: tuple[Placement, ...]
    most: int  #: cards that one reader's mail may have
    media: tuple[Media, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards in the order in which they are read, each once."""
        placed = (p.card for p in self.placements if p.card is not None and p.role is not Role.CONTENTS)
        return tuple({card.identity: card for card in placed}.values())


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article that this issue does not carry, and why."""

    identity: str
    path: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class RenderedBlock:
    """The bytes of one placement; they do not depend on its neighbours."""

    key: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """One issue in one language, rendered once: a frame, its blocks, and the slots still in them.

    A message is ``frame_html`` with ``%%BLOCKS%%`` replaced by the joined blocks of
    the reader's variant, and then every other ``%%SLOT%%`` filled.
    """

    language: str
    subject: str
    frame_html: str
    frame_text: str
    blocks: tuple[RenderedBlock, ...]
    mjml: str  #: the source that MJML was given, for people who look into it
    hash: str  #: sha256 over the slot-less bytes of frame, blocks and media, hexadecimal


class Level(StrEnum):
    """How much a finding matters."""

    ERROR = "error"  #: must not be sent so
    WARNING = "warning"  #: should be mended
    INFO = "info"  #: worth knowing


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in an issue before it is sent."""

    check: str  #: id of the check: ``image-alt``
    level: Level
    path: str  #: of the file that causes it, from the project's folder, with ``/``; empty when no file does
    line: int  #: from 1; 0 when it concerns the whole file
    text: str  #: what is wrong
    fix: str  #: what to do


# ── QUEUE ───────────────────────────────────────────────────────────────────


class Kind(StrEnum):
    """What a delivery is for; decides its priority and what the intent re-checks."""

    ISSUE = "issue"
    TEST = "test"
    CONFIRM = "confirm"  #: asks whether somebody wants what was asked for in their name
    WELCOME = "welcome"
    GOODBYE = "goodbye"
    NOTICE = "notice"  #: tells the operators what became of an issue; they need not be subscribed


#: Not about articles; each is one of :data:`newsletter.issue.letters.LETTERS`.
LETTER_KINDS: Final = (Kind.CONFIRM, Kind.WELCOME, Kind.GOODBYE, Kind.NOTICE)


class State(StrEnum):
    """The states of a delivery: see :mod:`newsletter.outbox.states` for the table."""

    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"
    PASSED = "passed"  #: the issue had nothing for this reader: no message, and no recipient


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox whose intent to send has been committed."""

    id: int
    kind: Kind
    issue_id: str
    subscriber_id: int  #: 0 for a test and for a notice
    variant_id: int
    address: str
    name: str
    due_at: datetime
    token: str  #: fences every later update of the row
    attempts: int  #: this one included


# ── ADDRESS ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5321 addresses: where a message goes, and where its bounces go."""

    mail_from: str
    rcpt_to: str


@dataclass(frozen=True, slots=True)
class Message:
    """RFC 5322 bytes with CRLF line ends, and their envelope."""

    envelope: Envelope
    data: bytes
    dotless: bool  #: known to have no line that begins with a dot: nothing to stuff (RFC 5321 4.5.2)


# ── SEND ────────────────────────────────────────────────────────────────────


class Verdict(StrEnum):
    """What became of one attempt."""

    SENT = "sent"  #: the next hop answered 2yz to the final dot: accepted, no more is known
    DEFERRED = "deferred"  #: certainly not accepted, may be tried again
    FAILED = "failed"  #: certainly not accepted, and never will be
    IN_DOUBT = "in_doubt"  #: the final dot may have been taken, and no certain answer came


class Fault(StrEnum):
    """Whose fault a refusal is."""

    NONE = "none"
    RECIPIENT = "recipient"  #: this address
    US = "us"  #: our reputation, content, authentication: the issue pauses, nobody is suppressed
    RELAY = "relay"  #: the next hop cannot be used now: everything waits


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one attempt. A refusal is a value, not an exception."""

    verdict: Verdict
    fault: Fault
    code: int  #: SMTP reply code; 0 when there was none
    text: str  #: the reply, or what happened instead; printable, at most 500 characters
