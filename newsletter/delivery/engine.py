"""The outbox -> senders, over several connections, until nothing is due.

One asyncio loop: SMTP connections are driven by it directly, other senders each in a thread of their own,
one message at a time. What may be sent, and what became of it, goes over one :class:`Desk`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from newsletter.delivery.desk import Channel, Desk
from newsletter.delivery.line import Drained, Limits, Line, Route
from newsletter.model import Fault, Message, Outcome, Verdict
from newsletter.outbox import recovery
from newsletter.senders import Sender
from newsletter.senders.smtp import SmtpSender
from newsletter.senders.smtp_async import serve

__all__ = ["Drained", "Limits", "Line", "Route", "drain"]

log = logging.getLogger(__name__)


def drain(line: Line) -> Drained:
    """Send everything that is due now. A bug in one connection gives its rows back, then is raised."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        drained = runner.run(_drain(line))
    line.database.write(recovery.finish)
    return drained


async def _drain(line: Line) -> Drained:
    desk = Desk(line)
    places = [(desk.channel(), route) for route in line.routes for _ in range(route.connections)]
    with ThreadPoolExecutor(len(places), thread_name_prefix="connection") as threads:
        working = [asyncio.create_task(_work(desk, *place, threads)) for place in places]
        try:
            await desk.serve()
        finally:
            desk.close()
            ended = await asyncio.gather(*working, return_exceptions=True)
            await desk.finish()
    bugs = [desk.bug, *(each for each in ended if isinstance(each, BaseException))]
    for bug in filter(None, bugs):
        raise bug
    why = tuple(dict.fromkeys(channel.unreachable for channel, _ in places if channel.unreachable))
    if all(channel.unreachable for channel, _ in places):
        return Drained(desk.outcomes, why[0])
    return Drained(desk.outcomes, "", gone=why)


async def _work(desk: Desk, channel: Channel, route: Route, threads: ThreadPoolExecutor) -> None:
    """The life of one connection; when it ends before the drain does, another takes its place."""
    loop = asyncio.get_running_loop()
    sender = await loop.run_in_executor(threads, route.open_sender)
    try:
        if isinstance(sender, SmtpSender):
            await _by_dialogue(desk, channel, sender)
        else:
            await _one_by_one(channel, sender, threads)
    except BaseException as bug:
        desk.crash(bug)
        raise
    finally:
        channel.open = False
        channel.give_back()
        desk.call()
        await loop.run_in_executor(threads, sender.close)


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


async def _one_by_one(channel: Channel, sender: Sender, threads: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    while not channel.closing:
        job = channel.next()
        if job is None:
            if not channel.closing:
                await channel.wake.wait()
                channel.wake.clear()
            continue
        channel.done(job, await loop.run_in_executor(threads, _attempt, sender, job.message))


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
