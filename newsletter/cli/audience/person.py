"""`newsletter subscribers show`, `consent`, `erase`: all about one person, what proves it, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session, session
from newsletter.cli.tables import number, show_table
from newsletter.errors import SubscribersError

if TYPE_CHECKING:
    from newsletter.audience.dossier import Dossier
    from newsletter.audience.suppression import Suppression


@click.command("show")
@click.argument("email")
@session(json=True, now=True)
def show(s: Session, email: str) -> None:
    """Everything that is known about one person; with --json, all of it for themselves."""
    from newsletter.audience.dossier import document

    found = _dossier(s, email)
    told = document(found, s.now)
    if s.json:
        s.answer(told)
        return
    told |= {"consent": number(len(found.consent), "entry").replace("entrys", "entries")}
    told |= {"deliveries": number(len(found.deliveries), "message")}
    told |= {"suppressions": [_why(s, one) for one in found.suppressions]}
    lines = [f"{key:<13} {_line(value)}" for key, value in told.items() if value not in ("", False)]
    s.say("\n".join(lines))


@click.command("consent")
@click.argument("email")
@session(json=True)
def consent(s: Session, email: str) -> None:
    """What one person agreed to: when, where, through what, and the words that they read."""
    from newsletter.audience.dossier import entry

    found = _dossier(s, email)
    if s.json:
        s.answer({"address": email, "consent": [entry(one) for one in found.consent]})
        return
    rows = [
        (one.id, f"{one.at:%Y-%m-%d %H:%M:%S}Z", said["newsletter"], said["action"], said["status"] or "-",
         said["frequency"] or "-", said["through"], said["source"] or said["note"])
        for one in found.consent if (said := one.said)
    ]  # fmt: skip
    show_table(("entry", "at", "newsletter", "action", "status", "how often", "through", "from"), rows)
    for form in dict.fromkeys(one.form for one in found.consent if one.form):
        s.say(f"\nThe form {form.sha256[:12]} ({form.language}) said:\n{form.text}")


@click.command("erase")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--compact/--no-compact", default=True, help="Write the database file anew, as it should be.")
@session(json=True, now=True)
def erase(s: Session, email: str, yes: bool, compact: bool) -> None:
    """Forget a person: what is left is a keyed hash, so that no import brings them back."""
    from newsletter.audience.consent import Evidence
    from newsletter.audience.erasing import erase as forget

    if not yes:
        click.confirm(f"Forget {email} for ever?", abort=True, err=True)
    with s.database() as database:
        try:
            gone = forget(database, email, Evidence(s.now, "operator"))
        except ValueError as error:
            raise SubscribersError(f"{email}: {error}") from error
        if compact:
            database.compact()
    if not gone.subscribers:
        s.note("That address was on no list; it will not be imported either.")
    told = number(gone.deliveries, "message")
    s.answer(
        {
            "erased": gone.subscribers,
            "consent": gone.entries,
            "deliveries": gone.deliveries,
            "suppressions": gone.suppressions,
        },
        f"Erased. What stays: that {told} went out, and a keyed hash. Backups and files are yours to clean.",
    )


def _dossier(s: Session, email: str) -> Dossier:
    from newsletter.audience.dossier import dossier

    with s.database() as database:
        try:
            found = dossier(database, email)
        except ValueError as error:
            raise SubscribersError(f"{email}: {error}") from error
    if found.is_empty:
        raise SubscribersError(f"{email}: is on no list")
    return found


def _why(s: Session, one: Suppression) -> str:
    """Why somebody gets nothing: since when, in whose words, and who may change that."""
    from newsletter.audience.blocking import who_lifts

    what = "no newsletter" if one.scope == "*" else f"nothing of {one.scope}"
    until = f" until {s.local(one.until)}" if one.until else ""
    note = f": {one.note}" if one.note else ""
    since, who = s.local(one.since), who_lifts(one.reason)
    return f"gets {what}{until}: {one.reason} since {since}{note} (lifted by {who})"


def _line(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(_line(each) for each in value) or "-"
    if isinstance(value, dict):
        told = {key: each for key, each in value.items() if each not in (None, "", (), [])}
        return ", ".join(f"{key} {_line(each)}" for key, each in told.items()) or "-"
    return "".join(sign if sign.isprintable() else " " for sign in str(value)) or "-"
