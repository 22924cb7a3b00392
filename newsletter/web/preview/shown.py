"""What a page can show -> its mail: the next issue of a newsletter, one that was sent, or a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from newsletter.config import unpack
from newsletter.delivery.compose import ALONE, Edition
from newsletter.errors import NewsletterError
from newsletter.issue.letters import LETTERS, sample_slots
from newsletter.issue.render import mjml_of
from newsletter.issue.slots import fill
from newsletter.message.write import Identity
from newsletter.model import Media, Rendered
from newsletter.outbox import operate
from newsletter.pipeline import Built, Nothing
from newsletter.press import press
from newsletter.proof.copies import Copy, Reader, copy_of, edition_of, sent
from newsletter.proof.copies import letter as written_letter
from newsletter.web.preview.desk import Desk, Next, parted
from newsletter.web.preview.faults import Fault, faults

#: Slots of a letter that its message fills by itself.
_READERS_OWN: Final = frozenset({"NAME", "ADDRESS", "UNSUBSCRIBE_URL"})
ALL_TABS: Final = ("", "text", "source", "message", "checks")


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail, ready to be looked at."""

    newsletter: str
    id: str
    tabs: tuple[str, ...]
    due: datetime | None
    subject: str
    preheader: str
    from_name: str
    mjml: str
    hash: str
    html: str
    text: str
    copy: Copy  #: the message
    media: Mapping[str, Media]
    hosted: str  #: where pictures will be served from; empty when they travel


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to show, and what stands in the way."""

    newsletter: str
    shown: Shown | None
    next: Next | None  #: the build, where it is about the next issue
    built: Built | None
    reason: str  #: why there is no issue
    faults: tuple[Fault, ...]


def next_issue(desk: Desk, stream: str, reader: Reader | None, *, again: bool) -> Answer:
    """The next issue of a newsletter, or of one of its cadences."""
    made, name = desk.next(stream, again=again), parted(stream)[0]
    reason = made.made.reason if isinstance(made.made, Nothing) else ""
    if made.edition is None or not isinstance(made.made, Built):
        return Answer(name, None, made, None, reason, made.faults)
    own = desk.of_reader(made.made, reader.id) if reader and reader.id and not again else made.made
    if isinstance(own, str):
        return Answer(name, None, made, None, f"nothing for this reader: {own}", made.faults)
    edition = made.edition if own is made.made else edition_of(desk.config, own, desk.tokens, made.id)
    shown = _issue(desk, edition, reader, own.issue.date, made.id, own.issue.preheader)
    return Answer(name, shown, made, own, "", made.faults)


def past_issue(desk: Desk, id: str, reader: Reader | None) -> Answer | None:
    """An issue as it was sent; None when there is none of that name."""
    database = desk.database
    if database is None:
        return None
    with database.read() as connection:
        row = operate.issue(connection, id)
        if row is None or row.kind != "issue":
            return None
        edition = sent(connection, id, reader.id if reader else 0)
    shown = _issue(desk, edition, reader, row.due_at, id, "")
    return Answer(row.newsletter, shown, None, None, "", desk.config_faults)


def letter(desk: Desk, newsletter: str, name: str, reader: Reader | None) -> Answer | None:
    """One of the letters about a subscription; None when there is none of that name."""
    if name not in LETTERS:
        return None
    config = desk.config
    identity = unpack.identity(config, newsletter)
    try:
        rendered = press(unpack.searchpath(config)).letter(
            name,
            language=config.site.language,
            title=identity.title,
            site=unpack.site(config, newsletter),
            theme=unpack.theme(config, None, None),
        )
    except NewsletterError as error:
        wrong = (*desk.config_faults, *faults(error, config.root, desk.folders))
        return Answer(newsletter, None, None, None, "", wrong)
    shown = _letter(desk, newsletter, name, identity, rendered, reader)
    return Answer(newsletter, shown, None, None, "", desk.config_faults)


def _issue(
    desk: Desk, edition: Edition, reader: Reader | None, due: datetime, id: str, preheader: str
) -> Shown:
    copy = copy_of(edition, desk.tokens, reader, due, verp=desk.config.sender.verp)
    rendered, identity = edition.variant.rendered, edition.identity
    return Shown(
        newsletter=edition.variant.newsletter,
        id=id,
        tabs=ALL_TABS if preheader else ALL_TABS[:-1],
        due=due,
        subject=rendered.subject,
        preheader=preheader,
        from_name=identity.from_name or identity.from_address,
        mjml=mjml_of(rendered, edition.variant.keys),
        hash=rendered.hash,
        html=copy.html,
        text=copy.text,
        copy=copy,
        media={media.name: media for media in edition.variant.media},
        hosted=f"{identity.public_url}/media" if identity.public_url else "",
    )


def _letter(
    desk: Desk, newsletter: str, name: str, identity: Identity, rendered: Rendered, reader: Reader | None
) -> Shown:
    slots = {key: value for key, value in sample_slots(name).items() if key not in _READERS_OWN}
    copy = written_letter(
        rendered,
        identity,
        slots,
        tokens=desk.tokens,
        newsletter=newsletter,
        reader=reader,
        date=desk.outside.clock(),
        alone=name in ALONE,
    )
    return Shown(
        newsletter=newsletter,
        id=name,
        tabs=ALL_TABS[:-1],
        due=None,
        subject=fill(rendered.subject, slots),
        preheader="",
        from_name=identity.from_name or identity.from_address,
        mjml=rendered.mjml,
        hash=rendered.hash,
        html=copy.html,
        text=copy.text,
        copy=copy,
        media={},
        hosted="",
    )
