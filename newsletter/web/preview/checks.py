"""A built issue -> what the checks find in it, in the background: no page waits for it but their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from newsletter.config.schema import Config
from newsletter.model import Finding
from newsletter.pipeline import Built
from newsletter.proof.checking import check
from newsletter.proof.copies import Copy

Findings = tuple[Finding, ...]


class Checks:
    """The findings of the newest builds, one check at a time."""

    def __init__(self, done: Callable[[], None]) -> None:
        self._done = done
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="checks")
        self._found: dict[str, tuple[Built, Future[Findings]]] = {}

    def of(self, config: Config, built: Built, copy: Copy, *, wait: bool) -> Findings | None:
        """What is wrong with an issue; None while nobody knows yet, unless one wants to `wait`.

        Raises ConfigError when the configuration names a check that there is not.
        """
        name = built.issue.newsletter
        held = self._found.get(name)
        if held is None or held[0] is not built:
            # SpamAssassin takes seconds: the command asks it.
            future = self._pool.submit(check, config, built, copy, spam=False)
            held = self._found[name] = (built, future)
            future.add_done_callback(lambda _: self._done())
        return held[1].result() if wait or held[1].done() else None

    def close(self) -> None:
        """Let the thread go."""
        self._pool.shutdown(wait=False, cancel_futures=True)
