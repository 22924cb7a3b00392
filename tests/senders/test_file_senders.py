"""The senders that write files, and the one that keeps messages in memory."""

from __future__ import annotations

import mailbox
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Outcome, Verdict
from newsletter.senders.eml import EmlSender
from newsletter.senders.maildir import MaildirSender
from newsletter.senders.memory import MemorySender

ADA = Envelope("bounce@news.test", "ada@reader.test")
BOB = Envelope("bounce@news.test", "bob@reader.test")


def message(message_id: str, body: str = "A line.") -> bytes:
    return f"Subject: s\r\nMessage-ID: <{message_id}>\r\n\r\n{body}\r\n".encode()


@contextmanager
def full_disk() -> Iterator[None]:
    """A file-size limit of one octet: the kernel then refuses writes as a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    usual = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, usual)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_maildir_is_one_that_other_programs_read(tmp_path: Path) -> None:
    sender = MaildirSender(str(tmp_path / "deep" / "box"))
    sender.send(ADA, message("1@news.test"))
    box = mailbox.Maildir(tmp_path / "deep" / "box", create=False)
    assert [m["Message-ID"] for m in box] == ["<1@news.test>"]
    assert list((tmp_path / "deep" / "box" / "tmp").iterdir()) == []
    box.close()


def test_many_threads_share_a_maildir_without_losing_a_message(tmp_path: Path) -> None:
    def deliver(n: int) -> Outcome:
        return MaildirSender(str(tmp_path)).send(ADA, message(f"{n}@news.test"))

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(deliver, range(60)))
    assert {outcome.verdict for outcome in outcomes} == {Verdict.SENT}
    assert len(files(tmp_path / "new")) == 60


def test_mail_is_for_its_owner_alone(tmp_path: Path) -> None:
    MaildirSender(str(tmp_path)).send(ADA, message("1@news.test"))
    EmlSender(str(tmp_path)).send(ADA, message("1@news.test"))
    assert {path.stat().st_mode & 0o777 for path in files(tmp_path)} == {0o600}


def test_a_repeated_attempt_overwrites_its_eml_file(tmp_path: Path) -> None:
    sender = EmlSender(str(tmp_path))
    sender.send(ADA, message("1@news.test", "first"))
    sender.send(ADA, message("1@news.test", "second"))
    assert [path.read_bytes() for path in files(tmp_path)] == [message("1@news.test", "second")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((ADA, message("1@news.test")), (BOB, message("1@news.test"))),
        ((ADA, message("a@news.test")), (ADA, message("A@news.test"))),
        ((ADA, message("a/b@news.test")), (ADA, message("a?b@news.test"))),
        ((ADA, b"Subject: 1\r\n\r\n"), (ADA, b"Subject: 2\r\n\r\n")),
        ((ADA, b"S: 1\r\n\r\nMessage-ID: <1@x>\r\n"), (ADA, b"S: 2\r\n\r\nMessage-ID: <1@x>\r\n")),
    ],
    ids=["recipients", "case", "odd characters", "no Message-ID", "Message-ID in the body"],
)
def test_different_messages_are_different_eml_files(
    tmp_path: Path, first: tuple[Envelope, bytes], second: tuple[Envelope, bytes]
) -> None:
    sender = EmlSender(str(tmp_path))
    sender.send(*first)
    sender.send(*second)
    assert len({path.name.lower() for path in files(tmp_path)}) == 2


@pytest.mark.parametrize(
    "odd", ["../../etc/passwd", "/etc/passwd", "..", ".", "a" * 400, "\u00fc", "a b\tc", ""]
)
def test_no_message_id_leads_out_of_the_folder(tmp_path: Path, odd: str) -> None:
    outcome = EmlSender(str(tmp_path / "eml")).send(ADA, message(odd))
    assert outcome.verdict is Verdict.SENT, outcome
    (path,) = files(tmp_path)
    assert path.parent == tmp_path / "eml"
    assert path.name.isascii() and not path.name.startswith(".")


@pytest.mark.parametrize("kind", [MaildirSender, EmlSender])
def test_a_full_disk_defers_and_leaves_nothing_behind(
    tmp_path: Path, kind: type[MaildirSender] | type[EmlSender]
) -> None:
    sender = kind(str(tmp_path))
    with full_disk():
        outcome = sender.send(ADA, message("1@news.test"))
    assert (outcome.verdict, outcome.fault) == (Verdict.DEFERRED, Fault.RELAY)
    assert files(tmp_path) == []


@pytest.mark.parametrize("kind", [MaildirSender, EmlSender])
def test_a_folder_that_went_away_defers(tmp_path: Path, kind: type[MaildirSender] | type[EmlSender]) -> None:
    sender = kind(str(tmp_path / "gone"))
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    outcome = sender.send(ADA, message("1@news.test"))
    assert (outcome.verdict, outcome.fault) == (Verdict.DEFERRED, Fault.RELAY)
    assert outcome.text.endswith(": No such file or directory")


@pytest.mark.parametrize("kind", [MaildirSender, EmlSender])
def test_a_path_that_cannot_be_a_folder_is_said_at_once(
    tmp_path: Path, kind: type[MaildirSender] | type[EmlSender]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PluginError, match=r"^\[sender\]: cannot make the folder .*/file/box: "):
        kind(str(tmp_path / "file" / "box"))
    with pytest.raises(PluginError, match=r'"path" is empty'):
        kind("")


def test_memory_gives_the_outcomes_it_was_told_and_then_accepts() -> None:
    later = Outcome(Verdict.DEFERRED, Fault.RECIPIENT, 450, "RCPT: 4.2.0 later")
    sender = MemorySender()
    sender.answer("ada@reader.test", later, ConnectionResetError("gone"))
    assert sender.send(ADA, message("1@news.test")) == later
    with pytest.raises(ConnectionResetError):
        sender.send(ADA, message("1@news.test"))
    assert sender.send(ADA, message("1@news.test")).verdict is Verdict.SENT
    assert sender.send(BOB, message("2@news.test")).verdict is Verdict.SENT
    assert [m.envelope.rcpt_to for m in sender.messages] == ["ada@reader.test", "bob@reader.test"]
    assert len(sender.attempts) == 4
    sender.close()
    assert sender.closed and len(sender.messages) == 2


def test_memory_may_be_used_by_many_threads() -> None:
    sender = MemorySender()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: sender.send(ADA, message(f"{n}@news.test")), range(200)))
    assert len({m.data for m in sender.messages}) == 200
