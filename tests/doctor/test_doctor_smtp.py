"""What the doctor sees of a mail server: a real dialogue that ends before a mail would begin."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.doctor.diagnosis import Diagnosis, Health
from newsletter.doctor.smtp import look
from newsletter.senders.smtp import SmtpSender
from tests.senders.fault_server import Act, FaultServer, Script, Then
from tests.tls import Authority

NOW = datetime.now(UTC)
PASSWORD = "correct horse battery"
BEFORE = Act(b"250-f\r\n250 STARTTLS\r\n")
AFTER = Act(b"250-f\r\n250-SIZE 50000000\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN\r\n")
GOOD: Script = {"ehlo": (BEFORE, AFTER)}


def lines(server: FaultServer, **options: object) -> dict[str, Diagnosis]:
    given: dict[str, object] = {"host": "127.0.0.1", "port": server.port, "timeout": 3.0, **options}
    return {line.topic: line for line in look(SmtpSender(**given).server, NOW)}  # type: ignore[arg-type]


def test_a_good_server_is_well_and_no_mail_begins(authority: Authority) -> None:
    tls = authority.context("127.0.0.1", ends=NOW + timedelta(days=60, hours=1))
    with FaultServer(GOOD, tls=tls) as server:
        found = lines(server, ca_file=str(authority.ca_file), username="news", password=PASSWORD)

    assert {line.health for line in found.values()} == {Health.OK}
    topics = ["smtp connection", "smtp tls", "smtp login", "smtp size", "smtp pipelining"]
    assert list(found) == topics
    assert "good for 60 days" in found["smtp tls"].text
    assert [command.split()[0] for command in server.commands] == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]
    assert server.accepted == []


def test_a_certificate_that_ends_soon_is_a_warning(authority: Authority) -> None:
    tls = authority.context("127.0.0.1", ends=NOW + timedelta(days=5, hours=1))
    with FaultServer({"ehlo": AFTER}, tls=tls, implicit=True) as server:
        found = lines(server, ca_file=str(authority.ca_file), security="tls")
    assert (found["smtp tls"].health, "good for 5 days" in found["smtp tls"].text) == (Health.WARNING, True)


@pytest.mark.parametrize(
    ("name", "days"), [("127.0.0.1", -1), ("other.test", 60)], ids=["expired", "another name"]
)
def test_a_certificate_that_cannot_be_trusted_is_a_failure(
    authority: Authority, name: str, days: int
) -> None:
    tls = authority.context(name, ends=NOW + timedelta(days=days))
    with FaultServer(GOOD, tls=tls) as server:
        found = lines(server, ca_file=str(authority.ca_file))
    assert list(found) == ["smtp connection", "smtp tls"]
    assert found["smtp tls"].health is Health.FAILURE
    assert "certificate not trusted" in found["smtp tls"].text
    assert "renew the server's certificate" in found["smtp tls"].fix


def test_a_wrong_password_is_a_failure_and_is_not_shown(authority: Authority) -> None:
    tls = authority.context("127.0.0.1", ends=NOW + timedelta(days=60))
    refuse = Act(f"535 5.7.8 {PASSWORD} is wrong\r\n".encode())
    with FaultServer({**GOOD, "auth": refuse}, tls=tls) as server:
        found = lines(server, ca_file=str(authority.ca_file), username="news", password=PASSWORD)
    assert found["smtp login"].health is Health.FAILURE
    assert found["smtp tls"].health is Health.OK
    assert "NEWSLETTER_SENDER__PASSWORD" in found["smtp login"].fix
    assert PASSWORD not in str(found)


@pytest.mark.parametrize(
    ("script", "topic", "health", "said"),
    [
        (
            {"ehlo": Act(b"250-f\r\n250 SIZE 100000\r\n")},
            "smtp size",
            Health.WARNING,
            "100,000 octets at most",
        ),
        ({"ehlo": Act(b"250 f\r\n")}, "smtp pipelining", Health.WARNING, "not offered"),
        ({"ehlo": Act(b"250 f\r\n")}, "smtp size", Health.OK, "no limit"),
        ({"greeting": Act(b"554 5.7.1 no\r\n")}, "smtp connection", Health.FAILURE, "greeting: 5.7.1 no"),
        ({"greeting": Act(b"", Then.HANG_UP)}, "smtp connection", Health.FAILURE, "hung up"),
    ],
)
def test_what_a_server_lacks_is_told(script: Script, topic: str, health: Health, said: str) -> None:
    with FaultServer(script) as server:
        found = lines(server, security="none")
    assert found[topic].health is health
    assert said in found[topic].text


def test_no_starttls_is_a_failure_that_names_the_port() -> None:
    with FaultServer({"ehlo": Act(b"250 f\r\n")}) as server:
        found = lines(server)
    assert found["smtp tls"].health is Health.FAILURE
    assert "port = 465" in found["smtp tls"].fix


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with FaultServer() as server:
        pass
    found = lines(server)
    assert found["smtp connection"].health is Health.FAILURE
    assert "check host and port" in found["smtp connection"].fix
