"""A publication that can be signed up for, and the way of one sign-up through it."""

import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from newsletter.audience.consent import Evidence, Form
from newsletter.audience.tokens import Tokens
from newsletter.config import load, unpack
from newsletter.config.schema import Config
from newsletter.delivery.deliver import deliver
from newsletter.delivery.engine import Drained
from newsletter.service.wiring import open_line
from newsletter.signup.answering import Answered, answer
from newsletter.signup.confirming import confirmed
from newsletter.signup.letters import Office
from newsletter.signup.limits import Limits
from newsletter.signup.wishes import Asked, Wish, ask
from newsletter.store.alive import Presence
from newsletter.store.database import Database
from newsletter.web.maildrop import MailDrop

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
FORM = Form("en", "Yes, send me The Slow Post every Monday.")
UNLIMITED = Limits(0, 0, 0)

CONFIG = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
postal_address = "Quay 4, Port Example"
[newsletters.weekly]
title = "The Slow Post"
from = "Ida Vang <ida@slowpost.example>"
[newsletters.daily]
title = "The Quick Post"
from = "Ida Vang <ida@slowpost.example>"
[newsletters.board]
title = "Minutes of the board"
from = "Ida Vang <ida@slowpost.example>"
sign_up = false
[web]
public_url = "https://news.slowpost.example"
[sender]
name = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
"""


def wish(address: str = "ann@example.org", **more: object) -> Wish:
    """What Ann, or somebody in her name, types into the form."""
    said = {"newsletters": ("weekly",), "language": "", "source": "203.0.113.0/24", "form": FORM} | more
    return Wish(address=address, **said)  # type: ignore[arg-type]


@dataclass
class Publication:
    """The parts of a running publication, put to work one after the other."""

    config: Config
    database: Database
    inbox: Path

    @property
    def tokens(self) -> Tokens:
        return unpack.tokens(self.config)

    def ask(self, wanted: Wish, now: datetime = NOW, limits: Limits = UNLIMITED) -> Asked:
        return ask(self.database, wanted, limits, now)

    def answer(self, now: datetime = NOW) -> Answered:
        return answer(self.database, Office(self.config), now)

    def deliver(self, now: datetime = NOW) -> Drained:
        with Presence(self.database.path) as presence:
            line = open_line(
                self.config,
                self.database,
                presence,
                lambda: now,
                stop=threading.Event(),
                on_outcome=lambda delivery, outcome: None,
            )
            return deliver(line)

    def sign_up(self, wanted: Wish, now: datetime = NOW) -> Drained:
        """All the way to the mail server."""
        assert self.ask(wanted, now).taken
        self.answer(now)
        return self.deliver(now)

    def mails(self) -> list[EmailMessage]:
        """What arrived, in the order in which it did."""
        files = sorted((self.inbox / "new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [cast(EmailMessage, message_from_bytes(f.read_bytes(), policy=policy.default)) for f in files]

    def confirm(self, mail: EmailMessage, now: datetime = NOW) -> tuple[str, ...]:
        """Press the button of a confirmation, as its page does it: for what the mail is about."""
        read = self.tokens.read_confirm(link(mail, "c"))
        assert read is not None
        from newsletter.signup.confirming import asked_for

        with self.database.read() as connection:
            names = asked_for(connection, read[0], now)
        return confirmed(self.config, self.database, read[0], names, Evidence(now, "confirmation"))


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link(mail: EmailMessage, page: str) -> str:
    """The token of the first link to that page."""
    found = re.search(rf"https://news\.slowpost\.example/{page}/(\S+)", text_of(mail))
    assert found is not None, text_of(mail)
    return found[1]


def publication(folder: Path, database: Database, drop: MailDrop, more: str = "") -> Publication:
    """A publication whose mail goes to `drop`; `more` stands at the end of its configuration."""
    file = folder / "config.toml"
    file.write_text(CONFIG.format(port=drop.port) + more)
    return Publication(load(file, {}), database, folder / "inbox")
