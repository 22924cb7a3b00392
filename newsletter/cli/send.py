"""`newsletter send`: build, queue, deliver now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli import copies, sending
from newsletter.cli.session import Session, session
from newsletter.cli.tables import number
from newsletter.errors import SubscribersError

if TYPE_CHECKING:
    from newsletter.pipeline import Built
    from newsletter.store.database import Database
    from newsletter.store.instance import Instance


@click.command("send")
@click.argument("name")
@click.option(
    "--test", "test_address", metavar="ADDR", help="Send one copy to this address, and to nobody else."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, to how many.")
@click.option("--unchecked", is_flag=True, help="Send although checks find errors.")
@click.option("--unapproved", is_flag=True, help="Send although `approval` asks for somebody's word.")
@copies.adopt_option
@session(json=True, now=True)
def command(
    s: Session,
    name: str,
    test_address: str | None,
    yes: bool,
    dry_run: bool,
    unchecked: bool,
    unapproved: bool,
    adopt: bool,
) -> None:
    """Send what is new in newsletter NAME to its subscribers, now.

    The checks of `newsletter check` come first: where they find an error,
    nothing is sent (exit code 5). So it is where the newsletter has
    `approval`, which issues of its schedule wait for.

    Interrupted or killed, it loses nothing and repeats nothing:
    `newsletter tick` goes on where it stopped.
    """
    from newsletter.pipeline import Nothing, build, by_hand, learn, look

    s.newsletter(name)
    with s.database() as database:
        # A test goes to one person who asked for it: a copy may send that.
        own = None if test_address or dry_run else copies.own(s, database, adopt=adopt)
        learn(s.config, database, look(s.config, s.now), s.now)
        occasion = by_hand(s.config, name, s.now)
        made = build(s.config, name, database, occasion)
        if isinstance(made, Nothing) and test_address:
            s.note(f"{name}: {made.reason}; the test shows the newest articles instead")
            made = build(s.config, name, database, occasion, again=True)
        if isinstance(made, Nothing):
            _nothing(s, database, name, made.reason)
        elif test_address:
            _test(s, database, made, test_address)
        else:
            agreed = unapproved or dry_run or not s.config.newsletters[name].approval
            _send(s, database, made, own, yes=yes, dry_run=dry_run, unchecked=unchecked, agreed=agreed)


def _nothing(s: Session, database: Database, name: str, reason: str) -> None:
    from newsletter.outbox import operate

    with database.read() as connection:
        waiting = operate.counts(connection).waiting
        paused = [row for row in operate.paused(connection) if row.counts.waiting]
    s.answer({"issue": None, "reason": reason, "waiting": waiting}, f"{name}: {reason}; nothing is sent")
    if going := waiting - sum(row.counts.waiting for row in paused):
        s.note(f"{going:,} of earlier issues wait: `newsletter tick` delivers them.")
    for row in paused:
        resume = f"`newsletter outbox resume {row.id}`"
        s.note(f"{row.counts.waiting:,} wait because {row.id} is paused: {resume}, then `newsletter tick`.")


def _test(s: Session, database: Database, made: Built, address: str) -> None:
    from newsletter.audience.addresses import parse
    from newsletter.pipeline import publish_test

    try:
        to = parse(address).address
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--test") from error
    id = publish_test(s.config, database, made, to, now=s.now)
    _deliver(s, database, id, 1)


def _check(s: Session, made: Built, *, unchecked: bool) -> None:
    """Tell what the checks find, and leave where that keeps the issue from being sent."""
    from newsletter.cli import check
    from newsletter.model import Level
    from newsletter.proof import report

    # not SpamAssassin, which takes seconds: `newsletter check` asks it
    findings = check.checked(s, made, online=False, spam=False)
    s.say(f"  checks     {report.summary(findings)}")
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    if not errors or unchecked:
        return
    told = report.text(f"{made.issue.id}: not sent", errors)
    s.note(f"{told}\nMend it, lower the level of a check under [check], or send it --unchecked.")
    if s.json:
        s.answer({**report.document("", errors), "reason": "checks failed"})
    raise click.exceptions.Exit(check.CHECKS_FAILED)


def _send(
    s: Session,
    database: Database,
    made: Built,
    own: Instance | None,
    *,
    yes: bool,
    dry_run: bool,
    unchecked: bool,
    agreed: bool,
) -> None:
    from newsletter.audience import subscribers
    from newsletter.pipeline import publish

    name = made.issue.newsletter
    segment = s.config.newsletters[name].segment
    people = subscribers.counts(database, name, s.now, segment=segment).active
    if not people:
        raise SubscribersError(f"{name} has no active subscribers: `newsletter subscribers import FILE`")
    for line in sending.summary(made):
        s.say(line)
    if not s.config.web.public_url:
        s.note("  readers can leave by mail only: there is no [web] public_url")
    for problem in (*made.unheeded, *made.problems):
        s.note(f"  {problem}")
    _check(s, made, unchecked=unchecked)
    if not agreed:
        _refuse(s, name)
    if dry_run:
        s.answer({"issue": made.issue.id, "recipients": people, "dry_run": True}, f"would go to {people:,}")
        return
    if not yes:
        _ask(people)
    id = publish(s.config, database, made, now=s.now, mark="m")
    if not id:
        s.answer(
            {"issue": None, "reason": "another process sends it"},
            "Another process was faster; nothing is sent",
        )
        return
    _deliver(s, database, id, people, own)


def _refuse(s: Session, name: str) -> None:
    """What waits for somebody's word is not sent past them."""
    from newsletter.cli.approving import UNAPPROVED

    s.note(f"{name} wants approval, and an issue by hand asks nobody: --unapproved sends it all the same.")
    s.answer({"issue": None, "reason": "approval"})
    raise click.exceptions.Exit(UNAPPROVED)


def _ask(people: int) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: add --yes")
    click.confirm(f"Send to {number(people, 'subscriber')}?", abort=True)


def _deliver(
    s: Session, database: Database, issue_id: str, expected: int, own: Instance | None = None
) -> None:
    from newsletter.outbox import operate

    drained = sending.deliver(s, database, own=own, only=issue_id, expected=expected)
    with database.read() as connection:
        counts = operate.counts(connection, issue_id)
        issue = operate.issue(connection, issue_id)
        paused = issue if issue and issue.state == "paused" else None
    s.answer({"issue": issue_id, **sending.document(counts)}, sending.tell(counts))
    sending.leave(s, drained, counts, paused)
