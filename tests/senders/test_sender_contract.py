"""What every installed sender promises, whoever wrote it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from newsletter.errors import PluginError
from newsletter.model import Envelope, Outcome, Verdict
from newsletter.plugins import installed, options
from newsletter.plugins import load as load_plugin
from newsletter.senders import Sender, describe, open_sender
from newsletter.senders.memory import MemorySender
from tests.senders.fault_server import FaultServer

ENVELOPE = Envelope("bounce@news.test", "ada@reader.test")
MESSAGE = b"Message-ID: <1@news.test>\r\nSubject: s\r\n\r\nA line.\r\n.\r\n..two\r\n" + b"y" * 998 + b"\r\n"
SECRET = "correct-horse-battery"

Arrived = Callable[[Sender], list[bytes]]
Case = tuple[str, Mapping[str, object], Arrived]


def unstuffed(body: bytes) -> bytes:
    return b"\r\n".join(line.removeprefix(b".") for line in body.split(b"\r\n"))


def kept_in_memory(sender: Sender) -> list[bytes]:
    assert isinstance(sender, MemorySender)
    return [message.data for message in sender.messages]


@pytest.fixture(params=installed("senders"))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    """The name of an installed sender, options that make it work here, and where its messages arrive."""
    match request.param:
        case "smtp":
            with FaultServer() as server:
                given = {"host": "127.0.0.1", "port": server.port, "security": "none", "timeout": 2.0}
                login = {"username": "news", "password": SECRET}
                assert open_sender("smtp", {**given, **login})
                yield "smtp", given, lambda _: [unstuffed(body) for body in server.accepted]
        case "maildir":
            new = tmp_path / "box" / "new"
            # Lines end in LF in a Maildir: the one change that a sender may make.
            yield (
                "maildir",
                {"path": str(tmp_path / "box")},
                lambda _: [file.read_bytes().replace(b"\n", b"\r\n") for file in new.iterdir()],
            )
        case "eml":
            yield (
                "eml",
                {"path": str(tmp_path / "eml")},
                lambda _: [file.read_bytes() for file in (tmp_path / "eml").iterdir()],
            )
        case "command":
            box = tmp_path / "box"
            box.mkdir()
            script = "import pathlib, sys, uuid; b = sys.stdin.buffer.read(); " + (
                "pathlib.Path(sys.argv[1], str(uuid.uuid4())).write_bytes(b)"
            )
            command = (sys.executable, "-c", script, str(box), "{mail_from}", "{rcpt_to}")
            # Lines end in LF for programs on this side of SMTP.
            yield (
                "command",
                {"command": command},
                lambda _: [file.read_bytes().replace(b"\n", b"\r\n") for file in box.iterdir()],
            )
        case "memory":
            yield "memory", {}, kept_in_memory
        case name:
            pytest.fail(f"sender {name!r} is installed, but nobody wrote down here how to try it")


@pytest.fixture
def sender(case: Case) -> Iterator[Sender]:
    made = open_sender(case[0], case[1])
    yield made
    made.close()


def test_the_five_senders_are_installed() -> None:
    assert {"smtp", "command", "maildir", "eml", "memory"} <= set(installed("senders"))


def test_a_message_arrives_unchanged_and_the_outcome_says_sent(sender: Sender, case: Case) -> None:
    outcome = sender.send(ENVELOPE, MESSAGE)
    assert isinstance(outcome, Outcome)
    assert outcome.verdict is Verdict.SENT, outcome
    assert outcome.text.isprintable() and len(outcome.text) <= 500
    assert case[2](sender) == [MESSAGE]


def test_several_messages_arrive_each_once(sender: Sender, case: Case) -> None:
    messages = [MESSAGE.replace(b"<1@", f"<{n}@".encode()) for n in range(5)]
    outcomes = [sender.send(ENVELOPE, message).verdict for message in messages]
    assert outcomes == [Verdict.SENT] * 5
    assert sorted(case[2](sender)) == messages


def test_closing_twice_is_as_closing_once(sender: Sender) -> None:
    sender.send(ENVELOPE, MESSAGE)
    sender.close()
    sender.close()


def test_closing_what_was_never_used_is_fine(sender: Sender) -> None:
    sender.close()


@pytest.mark.parametrize("address", ["a@b.test>\r\nRCPT TO:<x@y.test", "a b@c.test", "", "../../a"])
def test_an_address_that_no_server_must_see_is_a_failed_delivery(
    sender: Sender, case: Case, address: str
) -> None:
    assert sender.send(Envelope("bounce@news.test", address), MESSAGE).verdict is Verdict.FAILED
    assert case[2](sender) == []


@pytest.mark.parametrize(
    "message",
    [b"a\nb\r\n", b"a\rb\r\n", b"a\r\r\n", b"a\0b\r\n", b"y" * 999 + b"\r\n"],
    ids=["bare LF", "bare CR", "doubled CR", "NUL", "long line"],
)
def test_bytes_that_are_no_message_are_a_bug_and_never_leave(
    sender: Sender, case: Case, message: bytes
) -> None:
    with pytest.raises(ValueError, match="message has"):
        sender.send(ENVELOPE, message)
    assert case[2](sender) == []


def test_an_unknown_option_is_refused_by_name(case: Case) -> None:
    with pytest.raises(PluginError, match=f'^\\[sender\\]: {case[0]} takes no "hots"'):
        open_sender(case[0], {**case[1], "hots": 1})


def test_no_text_about_a_sender_shows_a_secret(case: Case) -> None:
    name, given, _ = case
    secrets = {o: SECRET for o in options(load_plugin("senders", name)) if o in ("username", "password")}
    sender = open_sender(name, {**given, **secrets})
    assert SECRET not in repr(sender) + str(sender) + describe(sender)
    assert describe(sender).startswith(name)
    sender.close()
