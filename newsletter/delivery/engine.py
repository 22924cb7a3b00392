"""The outbox -> senders, over several connections, until nothing is due.

One asyncio loop: SMTP connections are driven by it directly, other senders each in a thread of their own,
one message at a time. What may be sent, and what became of it, goes over one :class:`Desk`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

from newsletter.delivery.channel import Channel
from newsletter.delivery.desk import Desk
from newsletter.delivery.hand import Hand
from newsletter.delivery.line import Drained, Limits, Line, Route
from newsletter.model import Fault, Message, Outcome, Verdict
from newsletter.outbox import recovery
from newsletter.senders import Sender
from newsletter.senders.smtp import SmtpSender
from newsletter.senders.smtp_async import serve

__all__ = ["Drained", "Limits", "Line", "Route", "drain"]

log = logging.getLogger(__name__)

#: So often somebody looks whether all shall be cut.
LOOK_SECONDS = 0.05


def drain(line: Line) -> Drained:
    """Send everything that is due now. A bug in one connection gives its rows back, then is raised."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        drained = runner.run(_drain(line))
    line.database.write(recovery.finish)
    return drained


async def _drain(line: Line) -> Drained:
    desk = Desk(line)
    ways = [route for route in enumerate(line.routes) for _ in range(route[1].connections)]
    places = [(desk.channel(number), route) for number, route in ways]
    working = [asyncio.create_task(_work(desk, *place)) for place in places]
    with _cut(line, working):
        try:
            await desk.serve()
        finally:
            desk.close()
            ending = asyncio.gather(*working, return_exceptions=True)
            try:
                await desk.finish(ending)
            finally:
                ended = await ending
    bugs = [desk.bug, *(each for each in ended if _is_bug(each))]
    for bug in filter(None, bugs):
        raise bug
    why = tuple(dict.fromkeys(channel.unreachable for channel, _ in places if channel.unreachable))
    if all(channel.unreachable for channel, _ in places):
        return Drained(desk.outcomes, why[0])
    return Drained(desk.outcomes, "", gone=why)


def _is_bug(ended: object) -> bool:
    return isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError)


@contextlib.contextmanager
def _cut(line: Line, working: list[asyncio.Task[None]]) -> Iterator[None]:
    """While this lasts, who sets `abandon` ends all connections wherever they are."""

    async def watch() -> None:
        while not line.abandon.is_set():
            await asyncio.sleep(LOOK_SECONDS)
        for task in working:
            task.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


async def _work(desk: Desk, channel: Channel, route: Route) -> None:
    """The life of one connection; when it ends before the drain does, another takes its place."""
    hand = Hand("connection")
    try:
        sender = await hand.do(route.open_sender)
        if isinstance(sender, SmtpSender):
            await _by_dialogue(desk, channel, sender)
        else:
            await _one_by_one(channel, sender, hand)
        await hand.do(sender.close)
    except asyncio.CancelledError:  # a sender may be stuck: nobody waits for it
        desk.close()
        raise
    except BaseException as bug:
        desk.crash(bug)
        raise
    finally:
        channel.open = False
        channel.give_back()
        desk.call()
        hand.let_go()


async def _by_dialogue(desk: Desk, channel: Channel, sender: SmtpSender) -> None:
    while not channel.closing:
        if not channel.ready:  # a connection is opened for somebody, not ahead
            desk.call()
            await channel.wake.wait()
            channel.wake.clear()
            continue
        refusal = await serve(sender.server, channel)
        if refusal is not None:
            channel.refused(refusal)


async def _one_by_one(channel: Channel, sender: Sender, hand: Hand) -> None:
    while not channel.closing:
        job = channel.next()
        if job is None:
            if not channel.closing:
                await channel.wake.wait()
                channel.wake.clear()
            continue
        try:
            outcome = await hand.do(_attempt, sender, job.message)
        except asyncio.CancelledError:
            channel.done(job, _CUT)
            raise
        channel.done(job, outcome)


_CUT = Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "stopped at once while the sender had it")


def _attempt(sender: Sender, message: Message) -> Outcome:
    """One try. A plug-in that raises anything at all may have sent: nobody can know."""
    try:
        return sender.send(message.envelope, message.data)
    except BaseException as error:
        log.exception("the sender raised an exception; the message is in doubt")
        return Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, f"the sender failed: {type(error).__name__}")


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed: the same, at half the cost."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop  # type: ignore[no-any-return]
