"""The way out, and who is answerable: what law and mailbox providers ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from newsletter.issue.checks.headers import fields
from newsletter.issue.checks.mail import Fault, Mail, Setting, Written
from newsletter.issue.checks.page import read

FOOTER: Final = "parts/footer.mjml.j2"


def in_html(mail: Mail) -> Iterator[Fault]:
    """The HTML has an unsubscribe link."""
    if not any(link.href.startswith(mail.unsubscribe) for link in read(mail.html).links):
        fix = 'put <a href="%%UNSUBSCRIBE_URL%%"> into the template; parts/footer.mjml.j2 has it'
        yield Fault(Written("", FOOTER), "the HTML has no unsubscribe link", fix)


def in_text(mail: Mail) -> Iterator[Fault]:
    """The text has an unsubscribe link."""
    if mail.text.strip() and not any(start in mail.text for start in mail.unsubscribe):
        fix = "the text must have %%UNSUBSCRIBE_URL%% on a line of its own"
        yield Fault(Written("", FOOTER), "the text has no unsubscribe link", fix)


def list_unsubscribe(mail: Mail) -> Iterator[Fault]:
    """The message has one List-Unsubscribe header, and the one-click one where pages can take it."""
    found = fields(mail.head)
    ways = found.get("list-unsubscribe", ())
    if len(ways) != 1 or not re.match(r"<(?:https?|mailto):[^>]+>", ways[0]):
        text = "the message has no List-Unsubscribe header that mail programs can use"
        yield Fault(mail.setting("unsubscribe_mailto"), text, "set unsubscribe_mailto, or [web] public_url")
    elif mail.one_click and found.get("list-unsubscribe-post") != ("List-Unsubscribe=One-Click",):
        text = "the message has no List-Unsubscribe-Post header: Gmail and Yahoo ask for one-click"
        yield Fault(Setting(("web", "public_url")), text, "it is written wherever [web] public_url is set")


def one_click(mail: Mail) -> Iterator[Fault]:
    """Readers can leave with one click (RFC 8058), which large senders must offer."""
    if not mail.one_click:
        text = "readers leave by mail only; Gmail and Yahoo ask senders of 5,000 a day for one click"
        yield Fault(
            Setting(("web", "public_url")), text, 'set public_url = "https://…" and run `newsletter run`'
        )


def postal_address(mail: Mail) -> Iterator[Fault]:
    """The mail says where the sender can be reached by post."""
    lines = [line.strip() for line in mail.site.postal_address.splitlines() if line.strip()]
    if not lines:
        text = "no postal address: the law asks for one in many countries"
        yield Fault(Setting(("site", "postal_address")), text, 'write postal_address = "…" in [site]')
        return
    said = _letters(read(mail.html).words)
    if missing := [line for line in lines if _letters(line) not in said]:
        text = f'the HTML does not show the postal address: "{missing[0][:60]}" is missing'
        yield Fault(Written("", FOOTER), text, "write {% for line in site.address %} into the template")


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
