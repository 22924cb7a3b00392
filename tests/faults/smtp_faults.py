"""A row of the table -> its verdict, through database, engine and socket.

Each fault meets the first message of a connection and a later one, with and without PIPELINING. From
then on that connection shows nothing else, and every further one is refused, so that the verdict stands.
After it has been read the server is well again: what waits must arrive once, and nothing else may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path

from newsletter.model import State
from newsletter.senders import Sender
from tests.faults.real_line import PATIENT, Outbox, Seen, contradictions, outbox, smtp
from tests.faults.report import Fault, at_once
from tests.faults.smtp_table import MORE, OPENING, ROWS, Stage
from tests.senders.fault_server import PIPELINING, USUAL, Act, FaultServer, Script, Then

PEOPLE = 8
LATER = 2  #: how many messages go before, where it is not the first
AWAY: Script = {"greeting": Act(b"421 4.3.2 not now\r\n", Then.HANG_UP)}
#: Twelve million octets: no socket's buffer takes them.
LARGE = (b"y" * 990 + b"\r\n") * 12_000
WAITING = (State.QUEUED, State.DEFERRED)


def faults() -> list[Fault]:
    """The table, and what is listed beside it."""
    return [_fault(stage) for stage in (*ROWS, *MORE)]


def _fault(stage: Stage) -> Fault:
    def given(folder: Path) -> Sequence[str]:
        ways = product((True, False), (0, LATER))
        return at_once([partial(_given, folder, stage, *way) for way in ways])

    return Fault(stage.name, stage.required, given)


def _given(folder: Path, stage: Stage, pipelining: bool, before: int) -> str:
    with outbox(folder, PEOPLE) as box, FaultServer(*_scripts(stage, pipelining, before)) as server:
        box.padding = LARGE if stage.large else b""
        box.send(smtp(server.port, **_seconds(stage)))
        verdict = _met(stage, before, box.seen()).verdict
        wrong = aftermath(box, server, smtp)
    return f"{verdict} BUT {wrong}" if wrong else verdict


def _met(stage: Stage, before: int, seen: Sequence[Seen]) -> Seen:
    """The delivery that met the fault. On a second connection: the first that is not as it was before."""
    if stage.stage not in OPENING or not before:
        return seen[before]
    others = seen[1:]
    return next((each for each in others if each.state is not State.QUEUED), others[0])


def _scripts(stage: Stage, pipelining: bool, before: int) -> tuple[Script, ...]:
    usual: Script = {"ehlo": PIPELINING} if pipelining else {}
    if stage.stage not in OPENING:
        healthy = USUAL.get(stage.stage, Act())
        faulty = (*(healthy,) * before, stage.act, *(healthy,) * stage.once)
        return {**usual, stage.stage: faulty}, AWAY
    faulty_from_the_start = {**usual, stage.stage: stage.act}
    first = {**usual, "dot": Act(b"250 2.0.0 queued\r\n", Then.HANG_UP)}
    return (first, faulty_from_the_start, AWAY) if before else (faulty_from_the_start, AWAY)


def _seconds(stage: Stage) -> dict[str, float]:
    """Short only where silence has to be waited for."""
    if stage.act.then is not Then.SAY_NOTHING:
        return {"timeout": PATIENT, "dot_timeout": PATIENT}
    return {"timeout": 0.8, "dot_timeout": 0.8}


def aftermath(
    box: Outbox,
    server: FaultServer,
    to: Callable[[int], Callable[[], Sender]],
    healthy: Script | None = None,
) -> str:
    """What is wrong with the database or once all has been sent that waits; empty when nothing."""
    before = box.seen()
    wrong = contradictions(before, Counter(server.recipients))
    if server.for_nobody and any(server.for_nobody):
        wrong += " a text was sent for nobody"
    box.resume()
    box.later()
    with FaultServer(healthy or {"ehlo": PIPELINING}) as well:
        box.padding = b""
        box.send(to(well.port))
        accepted = Counter(server.recipients + well.recipients)
    after = box.seen()
    wrong += contradictions(after, accepted)
    for was, now in zip(before, after, strict=True):
        should = State.SENT if was.state in WAITING else was.state
        if now.state is not should:
            wrong += f" {now.address} was {was.state} and became {now.state}"
    return wrong
