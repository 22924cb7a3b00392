"""A process that decides slots until it is killed: `python look_again.py DATABASE T0 OFFSET_HOURS`.

Its clock runs three days a second from the instant T0 on, so a slot a day is three a second.
"""

import os
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from newsletter.schedule.due import ISSUED, SKIPPED, claim_slot, missed, undecided
from newsletter.schedule.slots import Slot, parse
from newsletter.store.database import Database, open_database

BEGIN = datetime(2026, 3, 20, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAILY = parse("daily 02:30")
DAYS_A_SECOND = 3


def look(database: Database, now: datetime) -> list[tuple[str, str]]:
    """Decide what is undecided; key and issue of those that were won."""
    slots = undecided(database, "n", "daily", DAILY, BERLIN, now)
    old = missed(slots, now)
    return [won for slot in slots if (won := _decide(database, slot, now, is_old=slot in old))]


def _decide(database: Database, slot: Slot, now: datetime, *, is_old: bool) -> tuple[str, str] | None:
    issue, state = uuid.uuid4().hex, SKIPPED if is_old else ISSUED
    won = database.write(
        lambda c: claim_slot(c, "n", "daily", slot, state=state, reason="", issue_id=issue, now=now)
    )
    return (slot.key, issue) if won and not is_old else None


if __name__ == "__main__":
    begun, wrong = float(sys.argv[2]), timedelta(hours=float(sys.argv[3]))
    with open_database(Path(sys.argv[1])) as opened:
        while True:
            passed = timedelta(days=DAYS_A_SECOND * (time.time() - begun))
            for key, issue in look(opened, BEGIN + passed + wrong):
                os.write(1, f"{key} {issue}\n".encode())
