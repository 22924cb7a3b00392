"""What became of each attempt -> one line in the log, in which a delivery can be followed, and counts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

from newsletter.audience.addresses import masked
from newsletter.model import Delivery, Outcome, Verdict

log = logging.getLogger(__name__)


class Attempts:
    """The attempts of this process. No address is written in full, and none at all unless asked for."""

    def __init__(self, *, show_masked: bool) -> None:
        self._show_masked = show_masked
        self._counts: Counter[Verdict] = Counter()

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """By outcome, since the process began."""
        return {verdict: self._counts[verdict] for verdict in Verdict}

    def __call__(self, delivery: Delivery, outcome: Outcome) -> None:
        """Count one, and write it down."""
        self._counts[outcome.verdict] += 1
        log.info(
            "delivery=%d issue=%s attempt=%d outcome=%s fault=%s code=%d%s",
            delivery.id,
            delivery.issue_id,
            delivery.attempts,
            outcome.verdict,
            outcome.fault,
            outcome.code,
            f" to={masked(delivery.address)}" if self._show_masked else "",
        )
