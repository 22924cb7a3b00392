"""`newsletter subscribers`: who gets what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli import importing
from newsletter.cli.audience import blocks, form, person, segments, wishes
from newsletter.cli.session import Moment, Session, session
from newsletter.cli.tables import show_table
from newsletter.errors import SubscribersError

if TYPE_CHECKING:
    from newsletter.audience.subscribers import Subscriber


@click.group("subscribers")
def command() -> None:
    """The people on the lists. Nothing here ever brings back somebody who left."""


def _lists(s: Session, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(s.newsletter(name) for name in names) or tuple(s.config.newsletters)


_TO = click.option(
    "--to", "names", multiple=True, metavar="NAME", help="Newsletter; again for more. Default: all."
)


@command.command("list")
@click.argument("name", required=False)
@session(json=True, now=True)
def list_subscribers(s: Session, name: str | None) -> None:
    """The people on one newsletter's list, or all."""
    from newsletter.audience import subscribers
    from newsletter.audience.dossier import person

    chosen = s.newsletter(name) if name else ""
    found: list[Subscriber] = []
    with s.database() as database:
        while page := subscribers.listed(database, chosen, after=found[-1].id if found else 0):
            found += page
    if s.json:
        s.answer({"subscribers": [person(one, s.now) for one in found]})
        return
    rows = [
        (one.address, one.name, standing(one, s.now), ", ".join(one.tags), one.zone, one.language)
        for one in found
    ]
    show_table(("address", "name", "newsletters", "tags", "time zone", "language"), rows)


@command.command("add")
@click.argument("email")
@click.option("--name", default="", help="Their name.")
@click.option("--language", default="", metavar="TAG", help="Such as en or pt-BR; default: the newsletter's.")
@click.option("--timezone", default="", metavar="ZONE", help="Such as Europe/Berlin.")
@click.option("--tag", "tags", multiple=True, help="Again for more; tags are only added.")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="Again for more.")
@click.option(
    "--frequency",
    type=click.Choice(["each", "daily", "weekly", "none"]),
    help="How often they want mail; none: as the newsletter comes by default.",
)
@click.option("--topic", "topics", multiple=True, help="What they want to read about; again for more.")
@click.option("--pause-until", type=Moment(), help="Nothing before then; a time that is past ends a pause.")
@_TO
@session(json=True, now=True)
def add(s: Session, email: str, names: tuple[str, ...], **given: Any) -> None:
    """Add one person, on your word that they agreed; or set what is said of one who is there."""
    from newsletter.audience import subscribers

    lists = _lists(s, names)
    with s.database() as database:
        try:
            person, asked = wishes.person(email, given), wishes.asked(s, given)
            answer = subscribers.add(
                database, email, name=person.name, newsletters=lists, now=s.now, more=person
            )
        except ValueError as error:
            raise SubscribersError(f"{email}: {error}") from error
        adjusted = wishes.adjust(s, database, answer.subscriber_id, lists, asked)
    if answer.kept_out:
        s.note(f"{email} left {', '.join(answer.kept_out)}, and only they can come back.")
    change = "updated" if adjusted and answer.change == "unchanged" else str(answer.change)
    s.answer({"address": email, "change": change}, f"{email}: {change}")


@command.command("remove")
@click.argument("email")
@click.option("--from", "name", default="*", metavar="NAME", help="One newsletter; default: all.")
@session(json=True, now=True)
def remove(s: Session, email: str, name: str) -> None:
    """Unsubscribe a person, and keep every later import from bringing them back."""
    from newsletter.audience import subscribers

    with s.database() as database:
        try:
            known = subscribers.show(database, email) is not None
            done = subscribers.unsubscribe(
                database, email, name if name == "*" else s.newsletter(name), s.now
            )
        except ValueError as error:
            raise SubscribersError(f"{email}: {error}") from error
    if not known:
        s.note(f"{email} is on no list (a typo?); it will not be imported either")
    s.answer(
        {"address": email, "changed": done}, f"{email}: {'unsubscribed' if done else 'was not subscribed'}"
    )


def standing(one: Subscriber, now: datetime) -> str:
    """How a person stands with each newsletter, in a few words."""
    return ", ".join(
        f"{each.newsletter} {one.standing(each.newsletter, now)}"
        + (f" ({each.frequency})" if each.frequency else "")
        for each in one.subscriptions
    )


for more in (importing.import_command, importing.export, importing.sync, importing.imports, importing.undo,
             person.show, person.consent, person.erase, blocks.block, blocks.unblock, blocks.verify,
             form.command, segments.count, segments.segments):  # fmt: skip
    command.add_command(more)
