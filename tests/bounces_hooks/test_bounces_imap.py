"""Bounces over IMAP, with a real Dovecot: TLS that proves its name, what is marked, and when."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from newsletter.audience.bounces_imap import ImapBox, unread
from newsletter.audience.suppression import SOFT
from newsletter.delivery.bounced import Effect
from newsletter.delivery.taking_in import take_in
from newsletter.errors import SubscribersError
from newsletter.store.database import Database
from tests.inbox.postoffice import BOUNCES, PostOffice, post_office
from tests.inbox.returned import TOKENS, address, complaint, dsn, free
from tests.inbox.test_bounce_recording import reasons, sent
from tests.inbox.test_real_inbox import elsewhere
from tests.journeys.project import sample_project
from tests.outbox.publishing import NOW, subscribe

pytestmark = pytest.mark.slow

OURS = "bounce@bounces.news.test"


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with elsewhere() as refusing, post_office(refusing) as opened:
        yield opened
        print(opened.log())  # shown where a test failed


def box(office: PostOffice, user: str, **changed: object) -> ImapBox:
    made = ImapBox("localhost", office.imaps, "tls", user, "any", "INBOX", "", str(office.ca_file))
    return replace(made, **changed)  # type: ignore[arg-type]


@contextmanager
def mailbox(office: PostOffice, user: str) -> Iterator[imaplib.IMAP4_SSL]:
    trust = ssl.create_default_context(cafile=str(office.ca_file))
    with imaplib.IMAP4_SSL("localhost", office.imaps, ssl_context=trust, timeout=30) as imap:
        imap.login(user, "any")
        yield imap


def put(office: PostOffice, user: str, *mails: bytes) -> None:
    with mailbox(office, user) as imap:
        for mail in mails:
            imap.append("INBOX", "", "", mail.replace(b"\n", b"\r\n"))


def flags(office: PostOffice, user: str, folder: str = "INBOX") -> list[str]:
    """Of each mail of a folder: its flags, without \\Recent."""
    with mailbox(office, user) as imap:
        status, _ = imap.select(f'"{folder}"', readonly=True)
        if status != "OK":
            return []
        _, found = imap.fetch("1:*", "(FLAGS)")
        told = [imaplib.ParseFlags(row) for row in found if isinstance(row, bytes)]
    return [b" ".join(sorted(set(each) - {b"\\Recent"})).decode() for each in told]


@pytest.fixture(autouse=True)
def readers(database: Database) -> None:
    subscribe(database, 2)
    sent(database)


def taken(database: Database, mails: object) -> list[list[Effect]]:
    found = take_in(database, TOKENS, mails, SOFT, NOW)  # type: ignore[arg-type]
    return [[recorded.effect for _, recorded in one.notices] for one in found]


@pytest.mark.parametrize(
    ("user", "security"), [("u-tls", "tls"), ("u-starttls", "starttls"), ("u-none", "none")]
)
def test_unread_mails_are_acted_upon_and_marked(
    database: Database, office: PostOffice, user: str, security: str
) -> None:
    put(office, user, dsn(address(1)), free(OURS, "Hello?", sender="r2@example.org"), complaint(address(2)))
    port = office.imaps if security == "tls" else office.imap
    where = box(office, user, security=security, port=port)

    first, second = taken(database, unread(where)), taken(database, unread(where))

    assert (first, second) == ([[Effect.SUPPRESSED], [], [Effect.SUPPRESSED]], [])
    assert flags(office, user) == ["\\Seen", "\\Flagged", "\\Seen"]
    assert (reasons(database, 1), reasons(database, 2)) == ([("*", "hard bounce")], [("*", "complaint")])


def test_what_was_understood_moves_to_the_folder_that_is_named(
    database: Database, office: PostOffice
) -> None:
    put(office, "mover", dsn(address(1)), free(OURS, "Hello?", sender="r2@example.org"))
    where = box(office, "mover", handled='Read "here"')

    assert taken(database, unread(where)) == [[Effect.SUPPRESSED], []]
    assert flags(office, "mover") == ["\\Flagged"]
    assert flags(office, "mover", 'Read \\"here\\"') == ["\\Seen"]


def test_a_mail_whose_news_were_committed_but_that_was_not_marked_is_read_again_and_known(
    database: Database, office: PostOffice
) -> None:
    put(office, "killed", dsn(address(1)))

    mails = unread(box(office, "killed"))
    unmarked = (replace(mail, put_away=lambda understood: None) for mail in mails)
    assert taken(database, unmarked) == [[Effect.SUPPRESSED]]
    assert flags(office, "killed") == [""]
    assert taken(database, unread(box(office, "killed"))) == [[Effect.KNOWN]]
    assert flags(office, "killed") == ["\\Seen"]


def test_a_mail_whose_news_were_not_committed_is_not_marked(database: Database, office: PostOffice) -> None:
    put(office, "fails", dsn(address(1)))
    mails = unread(box(office, "fails"))
    next(mails)
    mails.close()  # type: ignore[attr-defined]
    assert flags(office, "fails") == [""]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"host": "127.0.0.1"}, "certificate not trusted: IP address mismatch"),
        ({"ca_file": ""}, "certificate not trusted: unable to get local issuer certificate"),
        ({"folder": "Nowhere"}, "Mailbox doesn't exist: Nowhere"),
        ({"folder": "Bücher"}, "write its name as the server does"),
        ({"port": 1}, "Connection refused"),
        ({"ca_file": "/nowhere.pem"}, "No such file or directory"),
    ],
    ids=[
        "another name",
        "an unknown authority",
        "no such folder",
        "not ASCII",
        "nobody there",
        "no authority",
    ],
)
def test_what_is_wrong_is_told_in_words(office: PostOffice, changed: dict[str, object], why: str) -> None:
    with pytest.raises(SubscribersError, match=why):
        list(unread(box(office, "anybody", **changed)))


def test_a_server_that_never_answers_is_left_after_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[socket.socket] = []

        def greet() -> None:
            connection, _ = silent.accept()
            held.append(connection)
            connection.sendall(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        where = ImapBox("127.0.0.1", silent.getsockname()[1], "none", "u", "p", "INBOX", "", "")
        with pytest.raises(SubscribersError):
            list(unread(where, seconds=0.5))
        thread.join()
        held[0].close()


def test_a_password_is_in_no_traceback() -> None:
    where = ImapBox("imap.example.org", 0, "tls", "u", "very-secret", "INBOX", "", "")
    assert "very-secret" not in repr(where)
    assert where.place == "imap.example.org:993/INBOX"


def test_a_real_bounce_over_imap_is_told_to_whoever_asks_about_the_reader(
    office: PostOffice, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Postfix takes the mail, learns that nobody lives there, and writes back."""
    project = sample_project(tmp_path_factory.mktemp("imap") / "project", office.smtp)
    project.set(host='"localhost"', security='"starttls"')
    project.add("sender", f'ca_file = "{office.ca_file}"\nmail_from = "bounce@{BOUNCES}"\nverp = true')
    with project.config.open("a") as config:
        config.write(
            f'\n[bounces]\nimap = {{ host = "localhost", port = {office.imaps}, username = "bounce", '
            f'password = "any", handled = "Handled", ca_file = "{office.ca_file}" }}\n'
        )
    project.run("subscribers", "add", "gone@elsewhere.test")
    project.run("send", "weekly", "--yes")
    dsn_id = str(office.received("bounce")["Message-ID"])

    answer = project.json("bounces", "process", "--imap")
    ticked = project.run("tick")

    assert dsn_id
    assert answer["counts"] == {"suppressed": 1}
    assert "Bounces could not be read" not in ticked.stderr
    assert flags(office, "bounce", "Handled") == ["\\Seen"]
    (told,) = [
        line
        for line in project.run("subscribers", "show", "gone@elsewhere.test").stdout.splitlines()
        if line.startswith("suppressions")
    ]
    assert re.fullmatch(
        r"suppressions  gets no newsletter: hard bounce since .{3} \d\d .{3} \d{4} \d\d:\d\d \S+: "
        r"550 5\.1\.1 user unknown \(lifted by the reader, by confirming anew; or you\)",
        told,
    )
