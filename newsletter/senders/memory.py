"""Message → a tuple in memory: the sender for tests, yours included."""

from __future__ import annotations

from collections import deque
from threading import Lock

from newsletter.model import Envelope, Fault, Message, Outcome, Verdict
from newsletter.senders.wire_form import checked, refused_addresses

_SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 kept in memory")


class MemorySender:
    """Accepts everything and keeps it, unless :meth:`answer` told it otherwise. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._attempts: list[Message] = []
        self._messages: list[Message] = []
        self._script: dict[str, deque[Outcome | Exception]] = {}
        self._closed = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was accepted, in order."""
        return tuple(self._messages)

    @property
    def attempts(self) -> tuple[Message, ...]:
        """What was handed over, accepted or not, in order."""
        return tuple(self._attempts)

    @property
    def closed(self) -> bool:
        return self._closed

    def answer(self, address: str, *outcomes: Outcome | Exception) -> None:
        """The next attempts to `address` get `outcomes`, one each; later ones are accepted again.

        Only an outcome that is SENT keeps the message; an exception is raised.
        """
        with self._lock:
            self._script.setdefault(address, deque()).extend(outcomes)

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """The scripted outcome, else SENT; ValueError as for SMTP."""
        checked(data)
        refusal = refused_addresses(envelope)
        if refusal is not None:
            return refusal
        message = Message(envelope, data, dotless=False)
        with self._lock:
            self._attempts.append(message)
            script = self._script.get(envelope.rcpt_to)
            outcome = script.popleft() if script else _SENT
            if isinstance(outcome, Exception):
                raise outcome
            if outcome.verdict is Verdict.SENT:
                self._messages.append(message)
            return outcome

    def close(self) -> None:
        """Keeps what was accepted."""
        self._closed = True

    def __str__(self) -> str:
        return f"memory, {len(self._messages)} messages"
