"""`newsletter subscribers block`, `unblock`, `verify`: what an operator decides, what nobody may alter."""

from __future__ import annotations

import click

from newsletter.cli.session import Session, session
from newsletter.errors import SubscribersError

DOES_NOT_HOLD = 5


@click.command("block")
@click.argument("what", metavar="EMAIL|@DOMAIN")
@click.option("--from", "name", default="*", metavar="NAME", help="One newsletter; default: all.")
@click.option("--note", default="", help="Why, for those who come after you.")
@session(json=True, now=True)
def block(s: Session, what: str, name: str, note: str) -> None:
    """Send nothing to an address, or to anybody at a domain."""
    from newsletter.audience.blocking import block as shut

    with s.database() as database:
        try:
            done = shut(database, what, name if name == "*" else s.newsletter(name), s.now, note)
        except ValueError as error:
            raise SubscribersError(f"{what}: {error}") from error
    s.answer({"blocked": what, "changed": done}, f"{what}: {'blocked' if done else 'was blocked already'}")


@click.command("unblock")
@click.argument("what", metavar="EMAIL|@DOMAIN")
@click.option("--note", default="", help="Why; a complaint is not lifted without.")
@session(json=True, now=True)
def unblock(s: Session, what: str, note: str) -> None:
    """Take back a block, a hard bounce or a complaint. Who left can only come back by themselves."""
    from newsletter.audience.blocking import unblock as open_up
    from newsletter.audience.blocking import who_lifts

    with s.database() as database:
        try:
            answer = open_up(database, what, s.now, note)
        except ValueError as error:
            raise SubscribersError(f"{what}: {error}") from error
    for one in answer.stays:
        s.note(f"{what}: {one.reason} ({one.scope}) stays: it is lifted by {who_lifts(one.reason)}")
    lifted = [one.reason for one in answer.lifted]
    s.answer(
        {"unblocked": what, "lifted": lifted, "stays": [one.reason for one in answer.stays]},
        f"{what}: {', '.join(lifted) + ' lifted' if lifted else 'there was nothing that you may lift'}",
    )


@click.command("verify")
@click.option(
    "--head", default="", metavar="HEX", help="A link that was noted earlier and must still be there."
)
@session(json=True)
def verify(s: Session, head: str) -> None:
    """Whether the consent log is as it was written: every link of its chain, and all that still stands."""
    from newsletter.audience import consent

    with s.database() as database, database.read() as connection:
        found = consent.verify(connection, head.strip().lower())
    s.answer(
        {
            "entries": found.entries,
            "erased": found.erased,
            "head": found.head,
            "broken": found.broken or None,
            "why": found.why,
        },
        f"{found.entries:,} entries hold · of {found.erased:,} only the link is left · head {found.head}"
        if not found.broken
        else None,
    )
    if found.broken:
        s.note(f"The consent log does not hold: entry {found.broken}: {found.why}")
        raise click.exceptions.Exit(DOES_NOT_HOLD)
