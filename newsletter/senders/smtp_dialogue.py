"""Octets of the server in, octets for the server out, and an outcome for each message. Without a socket.

Where the server offers PIPELINING (RFC 2920) the end of one message and the envelope of the next go out in
one piece, ``body . MAIL RCPT DATA``, so that a message costs one round trip; else every command waits for its
answer. What a lost connection means depends only on how far a message was:

    before its dot was handed over     certainly not accepted: deferred
    after that                         nobody can know: in doubt (RFC 1047)
    its envelope went out behind       its turn never came: nothing happened to it
    another message, or over a
    connection that had ended before
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

from newsletter.model import Fault, Message, Outcome, Verdict
from newsletter.senders.smtp_envelope import mail_line, rcpt_line
from newsletter.senders.smtp_opening import Encrypt, Offers, Refused, Say, opening
from newsletter.senders.smtp_replies import NotSmtp, Replies, Reply
from newsletter.senders.smtp_server import BLOCK_SECONDS, Server
from newsletter.senders.smtp_verdict import Stage, judge, printable
from newsletter.senders.wire_form import dot_stuffed

#: A body up to this many octets is written together with its dot. A longer one is handed over first, so
#: that a connection lost on the way is certain.
WHOLE: Final = 64 * 1024
_GROUP: Final = (Stage.MAIL, Stage.RCPT, Stage.DATA)


@dataclass(frozen=True, slots=True)
class Job:
    """One message to be sent, and what its giver calls it."""

    message: Message
    tag: object


class Jobs(Protocol):
    """Where a dialogue takes its messages from, and where it says what became of them."""

    def next(self) -> Job | None:
        """A message that may be sent now; None when there is none at the moment."""
        ...

    def done(self, job: Job, outcome: Outcome | None) -> None:
        """What became of it; None when its turn never came, so that it is as if it had not been given."""
        ...


class Dialogue:
    """One connection. The driver moves octets and time; everything else is decided here."""

    def __init__(self, server: Server, jobs: Jobs, local: str, *, whole: int = WHOLE) -> None:
        """`local` is the address of our end, for EHLO."""
        self.encrypting = False  #: the driver must begin TLS, then call :meth:`encrypted`
        self.over = False  #: the driver must write what is left and hang up
        self.refusal: Outcome | None = None  #: why no message could be said at all
        self.offers: Offers = {}  #: what the server offers once the session stands open
        self.progress = 0  #: counts replies: while it stands still, time runs out
        self._server, self._jobs, self._whole = server, jobs, whole
        self._replies = Replies()
        self._opening = opening(server, local, self._replies)
        self._stands = False  # the session is open
        self._pipelining = False
        self._expected: deque[Stage] = deque()
        self._out: list[bytes] = []
        self._head: Job | None = None  # its envelope has been said
        self._body: Job | None = None  # its text has been said
        self._tail = b""  # what waits until the text is handed over
        self._dot_given = False  # the kernel may have the dot of `_body`
        self._failed = False  # `_head` has its outcome; the rest of its replies say nothing
        self._behind = False  # `_head` was said behind `_body`
        self._begun = False  # the server holds half a transaction: RSET before the next
        self._count = 0
        self._quitting = False
        self._step(next(self._opening))

    # ── the driver's side ───────────────────────────────────────────────────

    @property
    def idle(self) -> bool:
        """Whether the session stands open and nothing is under way."""
        return self._stands and not (self._expected or self._head or self._body or self.over)

    @property
    def draining(self) -> bool:
        """Whether the driver must call :meth:`drained` once the kernel has all that was taken."""
        return bool(self._tail) and not self.over

    @property
    def seconds(self) -> float | None:
        """How long the next answer may take; None when none is awaited."""
        if self._tail:
            return min(BLOCK_SECONDS, self._server.timeout)
        return self._server.wait(self._expected[0]) if self._expected else None

    def output(self) -> list[bytes]:
        """What is to be written now. Who takes it has handed it over, as far as anyone can know."""
        out, self._out = self._out, []
        if self._body is not None and not self._tail:
            self._dot_given = True
        return out

    def received(self, octets: bytes) -> None:
        """What the server says; after the end nobody listens."""
        if self.over:
            return
        self._replies.feed(octets)
        try:
            while (reply := self._replies.next()) is not None:
                self.progress += 1
                self._take(reply)
                if self.over:
                    return
        except NotSmtp as odd:
            self.lost(f"{odd}, in answer to {self._awaited()}")

    def encrypted(self) -> None:
        """TLS stands."""
        self.encrypting = False
        self._step(next(self._opening))

    def drained(self) -> None:
        """The text is with the kernel: now its dot may follow."""
        tail, self._tail = self._tail, b""
        if tail:
            self._out.append(tail)

    def poll(self) -> None:
        """There may be a message again."""
        if self.idle and not self._quitting:
            self._proceed()

    def quit(self) -> None:
        """Take no further message, finish what is under way, and say goodbye."""
        self._quitting = True
        if not self._stands:
            self.over = True
        elif self.idle:
            self._say("QUIT", Stage.QUIT)

    def hung_up(self) -> None:
        """The connection has ended."""
        self.lost(f"the server hung up instead of answering {self._awaited()}")

    def timed_out(self) -> None:
        """`seconds` have passed without an answer."""
        self.lost(f"waiting for the reply to {self._awaited()}: timed out")

    def lost(self, text: str) -> None:
        """The connection cannot be used any more. A second call does nothing."""
        if self.over:
            return
        self.over = True
        relay = Outcome(Verdict.DEFERRED, Fault.RELAY, 0, printable(text))
        if not self._stands:
            self.refusal = self.refusal or relay
        body, head, fresh = self._body, self._head, self._never_came()
        self._body = self._head = None
        if body is not None:
            verdict = Verdict.IN_DOUBT if self._dot_given else Verdict.DEFERRED
            self._jobs.done(body, Outcome(verdict, Fault.RELAY, 0, relay.text))
        if head is not None and not self._failed:
            self._jobs.done(head, None if fresh else relay)

    # ── opening ─────────────────────────────────────────────────────────────

    def _step(self, step: Say | Encrypt) -> None:
        if isinstance(step, Encrypt):
            if self._replies.unread:
                # RFC 3207 6: anything that came in clear could have been put there by anyone.
                self.lost("TLS: the server spoke in clear instead")
            else:
                self.encrypting = True
            return
        if step.line:
            self._out.append(step.line.encode() + b"\r\n")
        self._expected.append(step.stage)

    def _open(self, reply: Reply) -> None:
        self._expected.clear()
        try:
            self._step(self._opening.send(reply))
        except StopIteration as opened:
            self.offers, self._stands = opened.value, True
            self._pipelining = "PIPELINING" in self.offers
            self._proceed()
        except Refused as refused:
            self.refusal, self.over = refused.outcome, True

    # ── replies ─────────────────────────────────────────────────────────────

    def _take(self, reply: Reply) -> None:
        if not self._stands:
            self._open(reply)
            return
        if not self._expected:
            # 421 is the one reply that may come unasked (RFC 5321 3.8): nothing was under way.
            self.lost(f"the server spoke out of turn: {reply.code} {reply.text}")
            return
        stage = self._expected.popleft()
        if stage is Stage.MAIL or stage is Stage.RCPT:
            self._after_envelope(stage, reply)
        elif stage is Stage.DATA:
            self._after_data(reply)
        elif stage is Stage.DOT:
            self._after_dot(reply)
        elif stage is Stage.RSET:
            self._after_reset(reply)
        elif stage is Stage.NOTHING:
            self._begun = False
            self._proceed()
        else:  # QUIT
            self.over = True

    def _after_reset(self, reply: Reply) -> None:
        if reply.code // 100 != 2:
            self._end()
            return
        self._begun = False
        if self._head and not self._expected:
            self._say(self._mail, Stage.MAIL)

    def _after_envelope(self, stage: Stage, reply: Reply) -> None:
        if self._failed:
            return
        if reply.code // 100 != 2:
            self._fail(stage, reply)
            return
        self._begun = True
        if self._head and not self._expected:  # lock-step
            if stage is Stage.MAIL:
                self._say(rcpt_line(self._head.message, self.offers), Stage.RCPT)
            else:
                self._say("DATA", Stage.DATA)

    def _after_data(self, reply: Reply) -> None:
        if not self._failed and reply.code == 354:
            self._write_body()
        elif not self._failed:
            self._fail(Stage.DATA, reply)
        elif reply.code == 354:
            # A server that wants the text although it took no recipient gets an empty one, for nobody.
            self._say(".", Stage.NOTHING)
            self._head = None
        else:
            self._head = None
            self._proceed()

    def _fail(self, stage: Stage, reply: Reply) -> None:
        """This message will not be taken; the connection may be good for another."""
        head = self._head
        assert head is not None
        ended_before = reply.code == 421 and stage is Stage.MAIL and self._count > 0
        self._failed = True
        self._jobs.done(head, None if ended_before else judge(stage, reply))
        # 421 announces the end; 452 counts recipients of this connection; a reply of
        # another family (250 to DATA) means that we are out of step.
        if reply.code in (421, 452) or reply.code < 400:
            self._end()
        elif not self._expected:
            self._head = None
            self._proceed()

    def _after_dot(self, reply: Reply) -> None:
        job, self._body = self._body, None
        assert job is not None
        if not self._dot_given:
            # Some servers refuse while the text still comes. The dot is never sent now, so this is certain.
            self._out.clear()
            self._tail = b""
            self._jobs.done(job, judge(Stage.DATA, reply))
            self._end()
            return
        outcome = judge(Stage.DOT, reply)
        self._count, self._begun, self._behind = self._count + 1, False, False
        self._jobs.done(job, outcome)
        if reply.code == 421 or outcome.verdict is Verdict.IN_DOUBT:
            self._end()
        elif self._head is None:
            self._proceed()

    # ── messages ────────────────────────────────────────────────────────────

    def _proceed(self) -> None:
        """The next message, or goodbye where there shall be none."""
        job = self._pull(self._count)
        if job is not None:
            self._out.append(self._envelope(job))
        elif self._quitting or self._is_full(self._count):
            self._say("QUIT", Stage.QUIT)

    def _pull(self, count: int) -> Job | None:
        """A message that this server can take; those that it cannot are refused here."""
        while not (self._quitting or self._is_full(count)):
            job = self._jobs.next()
            if job is None:
                return None
            try:
                self._mail = mail_line(job.message, self.offers)
            except Refused as refused:
                self._jobs.done(job, refused.outcome)
                continue
            return job
        return None

    def _is_full(self, count: int) -> bool:
        return 0 < self._server.messages <= count

    def _envelope(self, job: Job) -> bytes:
        """What is said of a message before its text; as much at once as the server allows."""
        self._head, self._failed, self._behind = job, False, self._body is not None
        first = ["RSET"] if self._begun else []
        stages = [Stage.RSET] if self._begun else []
        if self._pipelining:
            lines = [*first, self._mail, rcpt_line(job.message, self.offers), "DATA", ""]
            stages += _GROUP
        else:
            lines = [*(first or [self._mail]), ""]
            stages = stages or [Stage.MAIL]
        self._expected.extend(stages)
        return "\r\n".join(lines).encode()

    def _write_body(self) -> None:
        self._body, self._head, self._dot_given, self._begun = self._head, None, False, False
        assert self._body is not None
        message = self._body.message
        text = message.data if message.dotless else dot_stuffed(message.data)
        self._expected.append(Stage.DOT)
        ahead = self._pull(self._count + 1) if self._pipelining else None
        tail = b".\r\n" + (self._envelope(ahead) if ahead else b"")
        if len(text) > self._whole:
            self._out.append(text)
            self._tail = tail
        else:
            self._out += (text, tail)

    # ── ends ────────────────────────────────────────────────────────────────

    def _say(self, line: str, stage: Stage) -> None:
        self._out.append(line.encode() + b"\r\n")
        self._expected.append(stage)

    def _end(self) -> None:
        """The session is good for nothing more, but nobody hung up on us."""
        self.over = True
        head, self._head = self._head, None
        if head is not None and not self._failed:
            self._jobs.done(head, None)

    def _never_came(self) -> bool:
        """Whether nothing can have happened to `_head`."""
        kept = Stage.RSET in self._expected or (Stage.MAIL in self._expected and self._count > 0)
        return self._behind or kept

    def _awaited(self) -> str:
        return self._expected[0] if self._expected else "nothing"
