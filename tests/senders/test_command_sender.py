"""Messages for a program: its exit status is the answer, and nothing of a message is ever a command."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Verdict
from newsletter.senders.command import EXITS, CommandSender

ADA = Envelope("bounce@news.test", "ada@reader.test")
MESSAGE = b"Subject: s\r\n\r\n.\r\nA line.\r\n"


def python(script: str, *words: str, timeout: float = 30.0) -> CommandSender:
    return CommandSender((sys.executable, "-c", script, *words, "{mail_from}", "{rcpt_to}"), timeout)


@pytest.mark.parametrize(
    ("status", "verdict", "fault"),
    [(status, verdict, fault) for status, (verdict, fault, _) in EXITS.items()]
    + [(1, Verdict.IN_DOUBT, Fault.NONE), (79, Verdict.IN_DOUBT, Fault.NONE)],
)
def test_the_exit_status_decides(status: int, verdict: Verdict, fault: Fault) -> None:
    script = f"import sys; sys.stdin.read(); print('because'); sys.exit({status})"
    outcome = python(script).send(ADA, MESSAGE)
    assert (outcome.verdict, outcome.fault) == (verdict, fault)
    assert outcome.text.endswith(": because")


def test_nothing_certain_is_failed_but_what_concerns_the_address_or_the_message() -> None:
    assert {status for status, (verdict, _, _) in EXITS.items() if verdict is Verdict.FAILED} == {65, 67, 68}
    assert {status for status, (verdict, _, _) in EXITS.items() if verdict is Verdict.SENT} == {0}


def test_a_program_that_is_killed_by_another_leaves_a_doubt() -> None:
    outcome = python("import os, signal, sys; sys.stdin.read(); os.kill(os.getpid(), 9)").send(ADA, MESSAGE)
    assert (outcome.verdict, outcome.text) == (Verdict.IN_DOUBT, "it was ended by signal 9")


def test_a_program_that_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "child"
    script = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)"
    )
    began = time.monotonic()
    outcome = python(script, timeout=2.0).send(ADA, MESSAGE)

    assert outcome.verdict is Verdict.IN_DOUBT
    assert "did not end within 2 s" in outcome.text
    assert time.monotonic() - began < 20
    deadline = time.monotonic() + 20
    while _runs(int(note.read_text())) and time.monotonic() < deadline:
        os.sched_yield()
    assert not _runs(int(note.read_text()))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_that_goes_on_in_the_background_is_not_waited_for() -> None:
    script = (
        "import subprocess, sys; sys.stdin.read(); p = subprocess.Popen(['sleep', '20']); p.returncode = 0"
    )
    began = time.monotonic()
    assert python(script).send(ADA, MESSAGE).verdict is Verdict.SENT
    assert time.monotonic() - began < 15


def test_a_program_that_reads_nothing_and_says_yes_is_believed() -> None:
    assert python("").send(ADA, MESSAGE + b"y" * 70 + b"\r\n").verdict is Verdict.SENT
    assert python("").send(ADA, (b"y" * 70 + b"\r\n") * 20_000).verdict is Verdict.SENT


def test_what_it_reads_and_is_called_with(tmp_path: Path) -> None:
    script = (
        "import json, pathlib, sys\n"
        "out = {'words': sys.argv[2:], 'read': sys.stdin.buffer.read().decode()}\n"
        "pathlib.Path(sys.argv[1]).write_text(json.dumps(out))"
    )
    out = tmp_path / "out"
    odd = Envelope("", "a$(touch${IFS}x);b`c`'d@reader.test")
    python(script, str(out), "to={rcpt_to}").send(odd, MESSAGE)
    seen = json.loads(out.read_text())
    assert seen["words"] == [f"to={odd.rcpt_to}", "<>", odd.rcpt_to]
    assert seen["read"] == MESSAGE.decode().replace("\r\n", "\n")


def test_an_address_is_never_taken_for_an_option(tmp_path: Path) -> None:
    sender = python(f"open({str(tmp_path / 'ran')!r}, 'w')")
    refused = sender.send(Envelope("bounce@news.test", "-oQ/tmp@reader.test"), MESSAGE)
    ours = sender.send(Envelope("-f@news.test", "ada@reader.test"), MESSAGE)

    assert (refused.verdict, refused.fault) == (Verdict.FAILED, Fault.RECIPIENT)
    assert (ours.verdict, ours.fault) == (Verdict.DEFERRED, Fault.US)
    assert not (tmp_path / "ran").exists()


def test_our_settings_are_not_shown_to_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_SENDER__PASSWORD", "correct-horse")
    monkeypatch.setenv("KEPT", "yes")
    script = "import os; print(sorted(set(os.environ) & {'NEWSLETTER_SENDER__PASSWORD', 'KEPT'}))"
    assert python(script).send(ADA, MESSAGE).text == "taken: ['KEPT']"


def test_a_program_that_vanished_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "mailer"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o700)
    sender = CommandSender((str(file), "{rcpt_to}"))
    file.unlink()
    outcome = sender.send(ADA, MESSAGE)
    assert (outcome.verdict, outcome.fault) == (Verdict.DEFERRED, Fault.RELAY)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ((), "must be a list of words"),
        (("sh",), r'needs "\{rcpt_to\}"'),
        (("sh", "{rcpt_to}", "{name}"), "and no other"),
        (("{rcpt_to}",), "must be the name of a program"),
        (("there-is-no-such-program", "{rcpt_to}"), 'no program "there-is-no-such-program"'),
    ],
)
def test_a_command_that_cannot_work_is_refused(command: tuple[str, ...], said: str) -> None:
    with pytest.raises(PluginError, match=said):
        CommandSender(command)
