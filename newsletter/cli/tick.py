"""`newsletter tick`: whatever is due, once."""

from __future__ import annotations

import click

from newsletter.cli import copies, sending
from newsletter.cli.session import Session, session
from newsletter.errors import NewsletterError
from newsletter.model import State


@click.command("tick")
@copies.adopt_option
@session(json=True, now=True)
def command(s: Session, adopt: bool) -> None:
    """Do whatever is due, once, and exit: for cron, systemd timers and CI.

    Puts right what a crash left, turns due slots into issues, sends what waits.
    """
    from newsletter.outbox import operate
    from newsletter.service.chores import beat, compact_ledger, put_right, take_bounces, wipe
    from newsletter.service.coming import first_slot
    from newsletter.service.due import begin, fire_due
    from newsletter.service.notices import notify

    with s.database() as database:
        own = copies.own(s, database, adopt=adopt)
        with database.read() as connection:
            before = {row.id for row in operate.paused(connection)}
        for name in begin(s.config, database, s.now):
            first = first_slot(s.config, name, s.now)
            s.note(f"{name}: the schedule begins now; its first slot: {s.local(first) if first else 'none'}")
        for trouble in take_bounces(s.config, database, s.now):
            s.note(f"Bounces could not be read: {trouble}")
        lost = put_right(s.config, database, s.now)
        fired = fire_due(s.config, database, s.now)
        for trouble in notify(s.config, database, s.now):
            s.note(f"The operators could not be told: {trouble}")
        drained = sending.deliver(s, database, own=own)
        sent = drained.sent
        if not drained.unreachable:
            # What came to rest, or in doubt, in this very round: the next may be tomorrow.
            for trouble in notify(s.config, database, s.now):
                s.note(f"The operators could not be told: {trouble}")
            with database.read() as connection:
                notices = operate.open_notices(connection)
            for notice in notices:
                sent += sending.deliver(s, database, own=own, only=notice).sent
        if trouble := wipe(database):
            s.note(trouble)
        compact_ledger(s.config, database, s.now)
        with database.read() as connection:
            counts = operate.counts(connection)
            paused = operate.paused(connection)
    if not s.json:
        for each in fired:
            s.say(f"{each.issue_id or each.newsletter}: {each.reason or 'issued'} · {s.local(each.due_at)}")
        s.say(f"Sent now: {sent:,}. In all: {sending.tell(counts)}")
    s.answer(
        {
            "slots": [
                {"newsletter": f.newsletter, "due": f.due_at, "issue": f.issue_id or None, "reason": f.reason}
                for f in fired
            ],
            "sent_now": sent,
            "outbox": sending.document(counts),
        }
    )
    for row in paused:
        because = "" if row.state_reason == operate.BY_OPERATOR else f": {row.state_reason}"
        s.note(f"{row.id} is paused{because}. `newsletter outbox resume {row.id}` goes on.")
    if doubtful := counts[State.IN_DOUBT]:
        s.note(f"{doubtful:,} in doubt until you decide: see `newsletter outbox list --state in_doubt`.")
    if not drained.unreachable and not any(each.mistake for each in fired):
        beat(s.config)
    if drained.unreachable:
        sending.leave(s, drained, counts)
    for why in drained.gone:
        s.note(f"A sender could not be used, and the others went on: {why}")
    for each in (each for each in fired if each.mistake):
        s.note(f"{each.newsletter}: {each.reason}")
    if any(each.mistake for each in fired):
        raise click.exceptions.Exit(NewsletterError.exit_code)
    if lost or drained.troubled or {row.id for row in paused} - before:
        s.note("Some were not sent, or nobody knows: see `newsletter outbox status`.")
        raise click.exceptions.Exit(sending.PARTLY_SENT)
    if doubtful:
        # Each time: `outbox status` may have found them first, and nobody reads every line of cron.
        raise click.exceptions.Exit(sending.PARTLY_SENT)
