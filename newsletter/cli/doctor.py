"""`newsletter doctor`: everything that a sending depends on, each with its fix. Sends no mail."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsletter.cli import copies
from newsletter.cli.session import Session, session
from newsletter.errors import ConfigError, NewsletterError

if TYPE_CHECKING:
    from newsletter.config.tables import PlugIn
    from newsletter.doctor.diagnosis import Diagnosis
    from newsletter.doctor.names import Names

#: As for checks that failed.
UNWELL = 5
INSTALL_DNS = "pip install 'newsletter-line[dns]'"


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Ask neither DNS nor the mail server nor the public URL.")
@click.option(
    "--ip", "addresses", multiple=True, metavar="IP", help="A public address that mail leaves from."
)
@click.option("--dkim-selector", "selectors", multiple=True, help="Where the DKIM key stands in DNS.")
@click.option("--nameserver", default="", metavar="IP[:PORT]", help="Ask this DNS server.")
@session(json=True)
def command(
    s: Session, offline: bool, addresses: tuple[str, ...], selectors: tuple[str, ...], nameserver: str
) -> None:
    """Look at everything that a sending depends on: each line with its fix.

    Configuration, database, clock, mail server (up to where a mail would
    begin: none is sent), SPF, DKIM, DMARC and PTR of the sending domains, the
    public URL and one-click unsubscribe, Python's mail package. Exit code 5
    when something is a failure; warnings leave it 0.
    """
    from newsletter.doctor.diagnosis import Health

    for address in addresses:
        _is_address(address)
    found = []
    for diagnosis in _lines(s, offline, addresses, selectors, nameserver):
        found.append(diagnosis)
        if not s.json:
            _show(s, diagnosis)
    failures = sum(1 for each in found if each.health is Health.FAILURE)
    s.answer({"ok": not failures, "lines": [asdict(each) for each in found]})
    if failures:
        raise click.exceptions.Exit(UNWELL)


def _show(s: Session, diagnosis: Diagnosis) -> None:
    s.say(f"{diagnosis.health.value:<8} {diagnosis.topic}: {diagnosis.text}")
    if diagnosis.fix:
        s.say(f"{'':<8} → {diagnosis.fix}")


def _lines(
    s: Session, offline: bool, addresses: tuple[str, ...], selectors: tuple[str, ...], nameserver: str
) -> Iterator[Diagnosis]:
    from newsletter.doctor import disk, python_mail, timing
    from newsletter.doctor.diagnosis import failure, ok

    watch = timing.Watch()
    try:
        yield ok("config", f"{s.config_path} is understood: {', '.join(s.config.newsletters)}")
    except ConfigError as error:
        for line in str(error).splitlines():
            yield failure("config", line, "mend that line")
        yield from python_mail.look()
        return
    yield from disk.look(s.config.store_path)
    newest = None
    if s.config.store_path.exists():
        newest, diagnosis = _inside(s)
        yield diagnosis
    yield from _senders(s, offline)
    if not offline:
        yield from _public(s)
        yield from _domains(s, addresses, selectors, nameserver)
    yield from python_mail.look()
    yield from timing.look(datetime.now(UTC), newest, watch.step(), timing.is_synchronised())


def _inside(s: Session) -> tuple[datetime | None, Diagnosis]:
    """The newest time in the database, and whether it is the one that sends."""
    from sqlalchemy import func, select

    from newsletter.doctor.diagnosis import failure, ok
    from newsletter.store import tables as t

    try:
        with s.database() as database:
            with database.read() as connection:
                newest: datetime | None = connection.execute(select(func.max(t.delivery.c.state_at))).scalar()
            reason = copies.instance(database).copied()
    except NewsletterError as error:
        return None, failure("database use", str(error), "see the line about the database")
    if reason:
        return newest, failure("database use", f"nothing is sent: {reason}", "newsletter tick --adopt")
    return newest, ok("database use", "this is the copy that sends")


def _senders(s: Session, offline: bool) -> Iterator[Diagnosis]:
    from newsletter.config import routes

    for table, sender in routes.senders(s.config).items():
        for line in _sender(table, sender, offline):
            several = table != "sender"
            yield _about(line, table) if several else line


def _about(line: Diagnosis, table: str) -> Diagnosis:
    from dataclasses import replace

    fix = line.fix.replace("[sender]", f"[{table}]")
    return replace(line, topic=f"{table.removeprefix('senders.')}: {line.topic}", fix=fix)


def _sender(table: str, sender: PlugIn, offline: bool) -> Iterator[Diagnosis]:
    from newsletter.doctor import smtp
    from newsletter.doctor.diagnosis import failure, ok
    from newsletter.senders import describe, open_sender
    from newsletter.senders.smtp import SmtpSender

    try:
        made = open_sender(sender.name, sender.revealed())
    except NewsletterError as error:
        yield failure("sender", str(error), f"mend the table [{table}]")
        return
    yield ok("sender", describe(made))
    if isinstance(made, SmtpSender) and not offline:
        yield from smtp.look(made.server, datetime.now(UTC))
    made.close()


def _public(s: Session) -> Iterator[Diagnosis]:
    from newsletter.config import unpack
    from newsletter.doctor import public

    url = s.config.web.public_url.rstrip("/")
    yield from public.look(url, unpack.tokens(s.config).inert() if url else "")


def _domains(
    s: Session, given: tuple[str, ...], selectors: tuple[str, ...], nameserver: str
) -> Iterator[Diagnosis]:
    from newsletter.doctor import records
    from newsletter.doctor.diagnosis import warning
    from newsletter.doctor.names import LiveNames

    try:
        names = LiveNames(*_nameserver(nameserver))
    except ImportError:
        yield warning("dns", "SPF, DKIM, DMARC and PTR were not looked at: dnspython is missing", INSTALL_DNS)
        return
    addresses = given or tuple(_public_addresses(names, _hosts(s)))
    pairs = dict.fromkeys(
        (each.from_.domain, _mail_domain(s, name)) for name, each in s.config.newsletters.items()
    )
    for from_domain, mail_domain in pairs:
        sending = records.Sending(from_domain, mail_domain, addresses, selectors)
        yield from records.look(names, sending)


def _mail_domain(s: Session, newsletter: str) -> str:
    return s.config.mail_from(newsletter).rpartition("@")[2]


def _hosts(s: Session) -> Iterable[str]:
    from newsletter.config import routes

    senders = routes.senders(s.config).values()
    return [str(one.options.get("host", "localhost")) for one in senders if one.name == "smtp"]


def _public_addresses(names: Names, hosts: Iterable[str]) -> Iterator[str]:
    """Where mail leaves from, if the relay itself sends it on: else --ip says better."""
    from newsletter.doctor.names import Unanswered

    for host in hosts:
        try:
            found: tuple[str, ...] = (str(ipaddress.ip_address(host)),)
        except ValueError:
            try:
                found = names.addresses(host)
            except Unanswered:
                continue
        yield from (each for each in found if ipaddress.ip_address(each).is_global)


def _nameserver(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    if text:
        _is_address(host)
    return host, int(port) if colon and port.isdecimal() else 53


def _is_address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise click.UsageError(f'"{text}" is not an IP address') from None
