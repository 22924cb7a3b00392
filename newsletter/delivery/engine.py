"""The outbox -> a sender, over several connections, until nothing is due.

Each connection is a thread with a sender of its own. It commits the intent for a
window of deliveries, sends them one after the other, and commits the outcomes
together with the next intents. So what a `kill -9` can leave in doubt is at most
connections x window, and every row of it is marked.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from newsletter.delivery.connection import Connection
from newsletter.delivery.line import Drained, Line
from newsletter.model import Verdict
from newsletter.outbox import recovery

__all__ = ["Drained", "Line", "drain"]


def drain(line: Line, connections: int) -> Drained:
    """Send everything that is due now. A bug in one connection gives its rows back, then is raised."""
    with ThreadPoolExecutor(connections, thread_name_prefix="connection") as pool:
        reached = threading.Event()
        futures = [pool.submit(Connection(line, reached).work) for _ in range(connections)]
        done = [future.result() for future in futures]
    line.database.write(recovery.finish)
    outcomes: Counter[Verdict] = Counter()
    for drained in done:
        outcomes.update(drained.outcomes)
    return Drained(outcomes, next((d.unreachable for d in done if d.unreachable), ""))
