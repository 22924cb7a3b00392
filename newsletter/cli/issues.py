"""`newsletter issues`: what has been sent, and what waits for somebody's word."""

from __future__ import annotations

from dataclasses import asdict

import click

from newsletter.cli import approving
from newsletter.cli.exporting import export
from newsletter.cli.sending import document, tell
from newsletter.cli.session import Session, session
from newsletter.cli.tables import show_table
from newsletter.cli.verifying import verify
from newsletter.errors import NewsletterError


@click.group("issues")
def command() -> None:
    """The issues so far, and how far each has come."""


for each in (approving.approve, approving.reject, verify, export):
    command.add_command(each)


@command.command("list")
@click.argument("name", required=False)
@click.option("--letters", is_flag=True, help="Confirmations and welcomes instead, by day.")
@session(json=True)
def list_issues(s: Session, name: str | None, letters: bool) -> None:
    """The newest issues, of one newsletter or of all."""
    from newsletter.outbox import operate

    with s.database() as database, database.read() as connection:
        chosen = s.newsletter(name) if name else None
        rows = operate.issues(connection, newsletter=chosen, letters=letters)
    if s.json:
        s.answer({"issues": [{**asdict(row), "counts": document(row.counts)} for row in rows]})
        return
    if not rows:
        s.say("No letter yet." if letters else "No issue yet.")
        return
    columns = ("issue", "state", "due", "deliveries", "subject")
    show_table(columns, [(r.id, r.state, s.local(r.due_at), tell(r.counts), r.subject) for r in rows])


@command.command("show")
@click.argument("id")
@session(json=True)
def show(s: Session, id: str) -> None:
    """One issue: its articles and what became of its deliveries."""
    from newsletter.outbox import approving, ledger, operate

    with s.database() as database, database.read() as connection:
        row = operate.issue(connection, id)
        if row is None:
            raise NewsletterError(f'there is no issue "{id}": see `newsletter issues list`')
        articles = ledger.carried(connection, id)
        waits = approving.held(connection, id)
        is_agreed = any(approving.is_approved(connection, one.id, one.hash) for one in waits)
    if s.json:
        s.answer({**asdict(row), "counts": document(row.counts), "articles": [asdict(a) for a in articles]})
        return
    s.say(f"{row.id} · {row.state}{' · ' + row.state_reason if row.state_reason else ''}")
    s.say(f"  subject  {row.subject}\n  due      {s.local(row.due_at)}\n  mail     {row.hash}")
    for one in waits:
        agreed = "approved as it is" if is_agreed else one.command
        s.say(f"  approve  {agreed}")
    s.say(f"  {tell(row.counts)}")
    show_table(("article", "file"), [(a.title, a.path) for a in articles])
