"""The whole way, with programs that other people wrote: our sender, Postfix, Dovecot, IMAP, and back."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from newsletter.audience.tokens import Tokens, load_keys
from newsletter.message.write import message_id
from newsletter.model import Envelope, Fault, Verdict
from newsletter.senders.smtp import SmtpSender
from tests.inbox.postoffice import BOUNCES, PostOffice, post_office
from tests.journeys.project import Project, sample_project

pytestmark = pytest.mark.slow

SUBJECT = "Tårnuret går: 日本語, œuvre & 🌙, and a subject that is long enough for two lines"
PEOPLE = (
    "email,name\n"
    "bob@reader.test,Bob Žižek\n"  # has a mailbox
    "zoe@reader.test,Zoë\n"  # has one too
    "nobody@reader.test,Nobody\n"  # has none, and Postfix knows
    "gone@elsewhere.test,Gone\n"  # has none, and Postfix learns it later
)


class Refusing:
    """A server of another domain, where nobody lives."""

    async def handle_RCPT(self, *_: object) -> str:
        return "550 5.1.1 user unknown"


@contextmanager
def elsewhere() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    controller = Controller(Refusing(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@dataclass(frozen=True)
class Sent:
    """An issue that was sent, and where it went."""

    office: PostOffice
    project: Project
    answer: Any  #: of `newsletter send --json`

    @property
    def tokens(self) -> Tokens:
        return Tokens(load_keys(self.project.folder / ".newsletter" / "secret.key"))

    def delivery(self, address: str) -> Any:
        rows = self.project.json("outbox", "list")["deliveries"]
        return next(row for row in rows if row["address"] == address)

    def standing(self, address: str) -> Any:
        return self.project.json("subscribers", "show", address)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    with elsewhere() as refusing, post_office(refusing) as office:
        folder = tmp_path_factory.mktemp("inbox") / "project"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            pages = probe.getsockname()[1]
        project = sample_project(folder, office.smtp)
        project.set(
            host='"localhost"', security='"starttls"', bind=f'"127.0.0.1:{pages}"',
            public_url=f'"http://127.0.0.1:{pages}"', subject=json.dumps(SUBJECT, ensure_ascii=False),
        )  # fmt: skip
        project.add("sender", f'ca_file = "{office.ca_file}"\nmail_from = "bounce@{BOUNCES}"\nverp = true')
        people = folder / "people.csv"
        people.write_text(PEOPLE, "utf-8")
        project.run("subscribers", "import", str(people))
        done = project.run("send", "weekly", "--yes", "--json", expect=6)
        yield Sent(office, project, json.loads(done.stdout))
        print(office.log())  # shown where a test failed


def test_the_issue_arrives_as_it_was_written(sent: Sent) -> None:
    id = message_id(sent.tokens.message_key(sent.answer["issue"]), "1", "slowpost.example")
    mail = sent.office.received("bob", id)
    delivery = sent.delivery("bob@reader.test")

    assert sent.answer == {
        "issue": sent.answer["issue"], "recipients": 4, "sent": 3, "failed": 1,
        "suppressed": 0, "in_doubt": 0, "cancelled": 0, "waiting": 0,
    }  # fmt: skip
    assert str(mail["Subject"]) == SUBJECT
    assert str(mail["To"]) == "Bob Žižek <bob@reader.test>"
    assert re.fullmatch(rf"<bounce\+{delivery['id']}\.[0-9a-f]{{8}}@{BOUNCES}>", str(mail["Return-Path"]))
    assert sent.tokens.verp().delivery_id(str(mail["Return-Path"])) == delivery["id"]
    assert "with ESMTPS" in str(mail.get_all("Received")[-1])


def test_each_reader_has_a_bounce_address_of_their_own(sent: Sent) -> None:
    senders = [str(sent.office.received(user)["Return-Path"]) for user in ("bob", "zoe")]

    assert len(set(senders)) == 2


@pytest.mark.parametrize(
    ("host", "trusts", "said"),
    [
        ("127.0.0.1", True, "certificate not trusted: IP address mismatch"),
        ("localhost", False, "certificate not trusted: unable to get local issuer certificate"),
    ],
    ids=["another name", "an unknown authority"],
)  # fmt: skip
def test_a_server_that_cannot_prove_its_name_gets_nothing(
    sent: Sent, host: str, trusts: bool, said: str
) -> None:
    sender = SmtpSender(host, sent.office.smtp, ca_file=str(sent.office.ca_file) if trusts else "")
    outcome = sender.send(Envelope(f"bounce@{BOUNCES}", "bob@reader.test"), b"Subject: no\r\n\r\nno\r\n")
    sender.close()

    assert (outcome.verdict, outcome.fault) == (Verdict.DEFERRED, Fault.RELAY)
    assert said in outcome.text


def test_an_unknown_reader_is_refused_at_once_and_gets_nothing_any_more(sent: Sent) -> None:
    delivery = sent.delivery("nobody@reader.test")
    standing = sent.standing("nobody@reader.test")

    assert (delivery["state"], delivery["code"]) == ("failed", 550)
    assert delivery["reply"].startswith("RCPT: 5.1.1 <nobody@reader.test>: Recipient address rejected")
    assert [each["reason"] for each in standing["suppressions"]] == ["hard bounce"]


def test_a_bounce_that_comes_later_is_understood(sent: Sent) -> None:
    dsn = sent.office.received("bounce")
    delivery = sent.delivery("gone@elsewhere.test")
    assert delivery["state"] == "sent"
    assert dsn.get_content_type() == "multipart/report"

    answer = sent.project.json("bounces", "process", str(sent.office.maildir("bounce")))
    again = sent.project.json("bounces", "process", str(sent.office.maildir("bounce")))
    (file,) = (sent.office.maildir("bounce") / "cur").iterdir()
    once_more = sent.project.json("bounces", "process", str(file))

    (notice,) = answer["mails"][0]["notices"]
    expected = {
        "recipient": "gone@elsewhere.test", "action": "failed", "status": "5.1.1", "effect": "suppressed",
        "delivery_id": delivery["id"], "issue_id": sent.answer["issue"], "address": "gone@elsewhere.test",
        "resolved": "", "failures": 1,
    }  # fmt: skip
    assert {key: notice[key] for key in expected} == expected
    assert "550 5.1.1 user unknown" in notice["diagnostic"]
    assert again == {"mails": [], "counts": {}}
    assert once_more["counts"] == {"known": 1}
    assert sent.delivery("gone@elsewhere.test")["state"] == "sent"
    standing = sent.standing("gone@elsewhere.test")
    assert [each["reason"] for each in standing["suppressions"]] == ["hard bounce"]


def test_the_link_in_the_mail_leads_out(sent: Sent) -> None:
    mail = sent.office.received("bob")
    url = re.match(r"<(http://127\.0\.0\.1:[0-9]+/u/[^>]+)>, <mailto:", str(mail["List-Unsubscribe"]))
    html = mail.get_body(("html",))
    assert url is not None and html is not None
    assert url[1] in html.get_content()
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"

    pages = sent.project.start("run")
    assert pages.stderr is not None
    while "Pages on" not in (line := pages.stderr.readline()):
        assert line, "the pages did not start"
    try:
        with urllib.request.urlopen(url[1], timeout=30) as page:
            assert page.status == 200
        assert [each["status"] for each in sent.standing("bob@reader.test")["newsletters"]] == ["active"]

        with urllib.request.urlopen(url[1], b"List-Unsubscribe=One-Click", timeout=30) as page:
            assert (page.status, page.url) == (200, url[1])
        standing = sent.standing("bob@reader.test")["newsletters"]
        assert [each["status"] for each in standing] == ["unsubscribed"]
    finally:
        pages.terminate()
        pages.communicate(timeout=30)
