"""What mail programs show of the mail, by caniemail's data."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.issue.checks import support
from newsletter.issue.checks.mail import Fault, Mail, Written
from newsletter.issue.checks.page import Page, read


def clients(mail: Mail) -> Iterator[Fault]:
    """Everything in the mail is shown by the mail programs that [check] clients names."""
    without: dict[str, list[str]] = {}
    for client in mail.clients:
        for feature in support.unsupported(mail.html, client):
            without.setdefault(feature, []).append(client)
    for feature, blind in without.items():
        title = support.table().titles[feature]
        text = f"{title} is not shown by {', '.join(blind)}"
        yield Fault(
            Written(_snippet(feature, read(mail.html))), text, "see that the mail reads well without it"
        )


def overall(mail: Mail) -> Iterator[Fault]:
    """How much of the mail the large mail programs show, by use, in percent."""
    found = support.scores(mail.html)
    told = ", ".join(
        f"{name} {found[client]:.1f}" for client, name in support.LARGE.items() if client in found
    )
    yield Fault(Written("<mjml"), f"support by mail programs, of 100: {told}", "nothing; it is good to know")


def _snippet(feature: str, page: Page) -> str:
    """How a template most likely writes a feature."""
    kind, _, name = feature.partition("-")
    if kind == "html":
        name = name.removesuffix("-attribute")
        return f"<{name}" if next(page.root.iter(name), None) is not None else f"{name}="
    if name.startswith("at-media"):
        return name.removeprefix("at-media-") if name != "at-media" else "@media"
    return {"important": "!important"}.get(name, name.removeprefix("unit-"))
