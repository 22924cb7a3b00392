"""`newsletter demo`: the whole line on sample content, to an inbox that one can open."""

from __future__ import annotations

import contextlib
import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import sending
from newsletter.cli.init import lay_out
from newsletter.cli.session import Session
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.model import Delivery, Outcome
    from newsletter.store.database import Database

NEWSLETTER = "weekly"
#: The samples are dated up to here; on a machine whose clock is behind, the demo acts at this time.
SAMPLES_ARE_OUT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@click.command("demo")
@click.option("--once", is_flag=True, help="Send, print the result, and exit.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep inbox/ and project/ in this folder.")
def command(once: bool, out: Path | None) -> None:
    """Send a sample digest over a real SMTP hop, and open the inbox.

    Makes a project of its own with sample articles and 25 subscribers, starts a
    mail server on this computer, sends through the ordinary smtp sender, and
    serves the inbox that the mails arrived in. Nothing leaves this computer.
    """
    from newsletter.web.maildrop import MailDrop

    folder = _folder(out)
    with socket.create_server(("127.0.0.1", 0)) as pages, MailDrop(folder / "inbox") as drop:
        port = pages.getsockname()[1]
        lay_out(folder / "project")
        path = folder / "project" / "config.toml"
        _adapt(path, smtp_port=drop.port, web_port=port)
        s = Session(path, json=False, at=max(datetime.now(UTC), SAMPLES_ARE_OUT))
        with s.database() as database:
            _send(s, database)
            s.say(f"\ninbox    {folder / 'inbox'}\nproject  {folder / 'project'}")
            if once:
                return
            here = f"http://127.0.0.1:{port}"
            s.say(f"\nOpen {here}/ to read the mails, {here}/subscribe to sign up. Ctrl-C ends the demo.")
            _serve(s, database, pages, folder / "inbox")


def _folder(out: Path | None) -> Path:
    if out is None:
        return Path(tempfile.mkdtemp(prefix="newsletter-demo-"))
    if (out / "project").exists() or (out / "inbox").exists():
        raise NewsletterError(f"{out}: holds a demo already; name another folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NewsletterError(f"{out}: {error.strerror}") from error
    return out.resolve()


def _adapt(path: Path, *, smtp_port: int, web_port: int) -> None:
    """Point the sample configuration at the demo's own servers."""
    text = path.read_text(encoding="utf-8")
    for key, value in (
        ("host", '"127.0.0.1"'),
        ("port", str(smtp_port)),
        ("security", '"none"'),
        ("bind", f'"127.0.0.1:{web_port}"'),
        ("public_url", f'"http://127.0.0.1:{web_port}"'),
        ("images", '"cid"'),
    ):
        text, count = re.subn(rf"(?m)^(?:# )?{key} = \S+ *", f"{key} = {value}  ", text)
        assert count == 1, key
    path.write_text(text, encoding="utf-8")


def _send(s: Session, database: Database) -> None:
    from newsletter.audience.importing import import_list
    from newsletter.outbox import operate
    from newsletter.pipeline import Built, build, by_hand, learn, look, publish

    people = s.config.subscribers_dir / "sample.csv"
    report = import_list(database, people, newsletters=(NEWSLETTER,), now=s.now)
    s.say(f"{report.added} subscribers from {people.name}")
    learn(s.config, database, look(s.config, s.now), s.now)
    made = build(s.config, NEWSLETTER, database, by_hand(s.config, NEWSLETTER, s.now))
    assert isinstance(made, Built), made
    for line in sending.summary(made):
        s.say(line)
    id = publish(s.config, database, made, now=s.now, mark="m")
    drained = sending.deliver(s, database, only=id, expected=report.added)
    with database.read() as connection:
        counts = operate.counts(connection, id)
    s.say(sending.tell(counts))
    if drained.unreachable or counts.waiting:
        sending.leave(s, drained, counts)


def _serve(s: Session, database: Database, listening: socket.socket, inbox: Path) -> None:
    import asyncio

    from newsletter.service.wiring import reader_routes
    from newsletter.web import inbox as inbox_pages
    from newsletter.web.server import application, serve

    with _letters(s, database) as wake:
        routes = [*inbox_pages.routes(inbox), *reader_routes(s.config, database, wake)]
        asyncio.run(serve(application(routes), [listening]))


@contextlib.contextmanager
def _letters(s: Session, database: Database) -> Iterator[Callable[[], None]]:
    """While this lasts, who signs up on the pages is written to; what it gives wakes whoever does that."""
    from newsletter.delivery.deliver import deliver
    from newsletter.service.wiring import open_line
    from newsletter.signup import answering
    from newsletter.signup.letters import Office
    from newsletter.store.alive import Presence

    asked, stop, office = threading.Event(), threading.Event(), Office(s.config)

    def once() -> None:
        answering.answer(database, office, s.clock())
        with Presence(database.path) as presence:
            deliver(open_line(s.config, database, presence, s.clock, stop=stop, on_outcome=_unseen))

    thread = threading.Thread(target=answering.whenever, args=(asked, stop, once), name="sign-ups")
    thread.start()
    try:
        yield asked.set
    finally:
        stop.set()
        asked.set()
        thread.join()


def _unseen(delivery: Delivery, outcome: Outcome) -> None:
    """The demo shows what was sent in its inbox."""
