"""Message → the standard input of a program such as sendmail, without a shell.

The exit status is the answer, in the words of sysexits(3). A program that was stopped before it answered may
have taken the message: nobody can know. Lines end in LF there, as programs on this side of SMTP expect.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Outcome, Verdict
from newsletter.senders.smtp_verdict import printable
from newsletter.senders.wire_form import checked, refused_addresses

SENDMAIL = ("/usr/sbin/sendmail", "-i", "-f", "{mail_from}", "--", "{rcpt_to}")
_SLOTS = re.compile(r"\{([a-z_]+)\}")
_SAID = 2000  # octets of what the program says

#: sysexits(3). What says that the command itself is wrong pauses the issue: it would be so for everybody.
EXITS: Mapping[int, tuple[Verdict, Fault, str]] = {
    0: (Verdict.SENT, Fault.NONE, "taken"),
    64: (Verdict.DEFERRED, Fault.US, "EX_USAGE: the command is used wrongly"),
    65: (Verdict.FAILED, Fault.US, "EX_DATAERR: the message is not taken"),
    66: (Verdict.DEFERRED, Fault.US, "EX_NOINPUT: an input file is missing"),
    67: (Verdict.FAILED, Fault.RECIPIENT, "EX_NOUSER: there is no such address"),
    68: (Verdict.FAILED, Fault.RECIPIENT, "EX_NOHOST: there is no such domain"),
    69: (Verdict.DEFERRED, Fault.RELAY, "EX_UNAVAILABLE: not available"),
    70: (Verdict.DEFERRED, Fault.RELAY, "EX_SOFTWARE: an internal error"),
    71: (Verdict.DEFERRED, Fault.RELAY, "EX_OSERR: an error of the system"),
    72: (Verdict.DEFERRED, Fault.RELAY, "EX_OSFILE: a file of the system is missing"),
    73: (Verdict.DEFERRED, Fault.RELAY, "EX_CANTCREAT: a file cannot be made"),
    74: (Verdict.DEFERRED, Fault.RELAY, "EX_IOERR: an input or output error"),
    75: (Verdict.DEFERRED, Fault.RELAY, "EX_TEMPFAIL: try again later"),
    76: (Verdict.DEFERRED, Fault.RELAY, "EX_PROTOCOL: the next hop was not understood"),
    77: (Verdict.DEFERRED, Fault.US, "EX_NOPERM: not permitted"),
    78: (Verdict.DEFERRED, Fault.US, "EX_CONFIG: the program is not configured"),
    126: (Verdict.DEFERRED, Fault.US, "the program cannot be run"),
    127: (Verdict.DEFERRED, Fault.US, "the program was not found"),
}


class CommandSender:
    """Runs `command` once a message, which it reads from its standard input.

    In its words ``{mail_from}`` and ``{rcpt_to}`` stand for the addresses of the envelope; the null return
    path is ``<>``. After `timeout` seconds the program and what it started are killed, and nobody knows.
    """

    def __init__(self, command: tuple[str, ...] = SENDMAIL, timeout: float = 60.0) -> None:
        """PluginError for a command that is not there, or names no recipient."""
        self._words = _checked_words(command)
        if not 0 < timeout < 86400:
            raise PluginError('[sender]: command: "timeout" must be a number of seconds above 0')
        self._timeout = timeout

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """What the exit status says; ValueError as for SMTP."""
        text = checked(data).replace(b"\r\n", b"\n")
        refusal = refused_addresses(envelope) or _refused_option(envelope)
        if refusal is not None:
            return refusal
        slots = {"mail_from": envelope.mail_from or "<>", "rcpt_to": envelope.rcpt_to}
        words = [_SLOTS.sub(lambda found: slots[found[1]], word) for word in self._words]
        # A file, not a pipe: a program that goes on in the background would keep a pipe open.
        with tempfile.TemporaryFile() as said:
            return self._run(words, text, said)

    def close(self) -> None:
        """Nothing is held."""

    def __str__(self) -> str:
        return f"command {self._words[0]}"

    def _run(self, words: list[str], text: bytes, said: BinaryIO) -> Outcome:
        try:
            program = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=said, stderr=said, env=_environment(), process_group=0
            )
        except OSError as error:
            text_ = f"cannot run {words[0]}: {error.strerror or error}"
            return Outcome(Verdict.DEFERRED, Fault.RELAY, 0, printable(text_))
        try:
            program.communicate(text, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            _kill(program)
            text_ = f"{words[0]} did not end within {self._timeout:g} s and was killed"
            return Outcome(Verdict.IN_DOUBT, Fault.RELAY, 0, printable(text_))
        except BaseException:
            _kill(program)
            raise
        said.seek(0)
        return judged(program.returncode, said.read(_SAID).decode("utf-8", "replace"))


def judged(status: int, said: str) -> Outcome:
    """The outcome of a program that ended with `status`; a negative one is the signal that ended it."""
    unknown = f"it was ended by signal {-status}" if status < 0 else f"exit status {status}"
    verdict, fault, meaning = EXITS.get(status, (Verdict.IN_DOUBT, Fault.NONE, unknown))
    return Outcome(verdict, fault, 0, printable(f"{meaning}: {said}" if said.strip() else meaning))


def _checked_words(command: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(command, tuple) or not command or not all(isinstance(each, str) for each in command):
        raise PluginError('[sender]: command: "command" must be a list of words: the program, its arguments')
    slots = [slot for word in command for slot in _SLOTS.findall(word)]
    if "rcpt_to" not in slots or not set(slots) <= {"mail_from", "rcpt_to"}:
        raise PluginError(
            '[sender]: command: "command" needs "{rcpt_to}", may have "{mail_from}", and no other'
        )
    if any("\0" in word for word in command) or _SLOTS.search(command[0]):
        raise PluginError('[sender]: command: the first word of "command" must be the name of a program')
    if shutil.which(command[0]) is None:
        raise PluginError(f'[sender]: command: there is no program "{command[0]}" that can be run')
    return command


def _refused_option(envelope: Envelope) -> Outcome | None:
    """An address that a program would take for one of its options."""
    if envelope.rcpt_to.startswith("-"):
        return Outcome(
            Verdict.FAILED, Fault.RECIPIENT, 0, "an address that begins with - is given to no program"
        )
    if envelope.mail_from.startswith("-"):
        return Outcome(
            Verdict.DEFERRED, Fault.US, 0, "a return path that begins with - is given to no program"
        )
    return None


def _environment() -> dict[str, str]:
    """Ours, without our settings: a password of ours is none of its business."""
    return {name: text for name, text in os.environ.items() if not name.startswith("NEWSLETTER_")}


def _kill(program: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        os.killpg(program.pid, signal.SIGKILL)
    if program.stdin is not None:
        with suppress(OSError):
            program.stdin.close()
    program.wait()
