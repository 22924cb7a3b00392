"""A year of readers, an editor and an operator, by dice; then every pair is asked why.

    python3 -m tests.schedule.ledger_year --seed 1 [--days 365]

The same acts as the machine's (`ledger_acts`), the same oracle after each of them.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from newsletter.store import tables as t
from tests.schedule.ledger_acts import ACTS, ANSWERS
from tests.schedule.ledger_play import Play
from tests.schedule.ledger_world import nothing_is_rendered

READERS = tuple(f"{name}@example.org" for name in ("ann", "ben", "cleo", "dan", "eva"))
#: In each day of Berlin: at half past nine, at half past six in the evening.
LOOKS = (timedelta(hours=9), timedelta(hours=15))


@dataclass
class Year:
    """What came of it."""

    seed: int
    play: Play
    days: int = 0
    changes: Counter[str] = field(default_factory=Counter)  #: by who made them
    pairs: Counter[str] = field(default_factory=Counter)
    became: Counter[tuple[str, str]] = field(default_factory=Counter)  #: of articles: and what is told
    told: Counter[str] = field(default_factory=Counter)  #: of issues
    seconds: float = 0.0
    table: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The table."""
        oracle, play = self.play.oracle, self.play
        packed = sum(row.is_packed for row in oracle.rows.values())
        decided, skipped = self._slots()
        told = {
            "days": (self.days, f"{len(READERS)} readers, {play.looks:,} looks, {self.seconds:.0f} s"),
            "slots": (decided, f"{skipped:,} of them skipped"),
            "issues": (len(oracle.names), ""),
            "rows": (len(oracle.rows), f"{packed:,} of them in the archive"),
            "articles": (len(play.names), ""),
            "changes": (self.changes.total(), _list(self.changes)),
            "pairs": (self.pairs.total(), _list(self.pairs)),
            "reasons": (self.told.total(), f"of issues: {_list(self.told)}"),
            "": (self.became.total(), f"of articles: {_list(self._part(1))}"),
            "failures": (0, f"of articles it was so: {_list(self._part(0))}"),
        }
        return [f"{title:9} {number:7,}   {text}" for title, (number, text) in told.items()]

    def _part(self, part: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for pair, number in self.became.items():
            found[pair[part]] += number
        return found

    def _slots(self) -> tuple[int, int]:
        s = t.slot.c
        query = select(s.state, func.count()).where(s.state != "begun").group_by(s.state)
        with self.play.world.database.read() as connection:
            found = dict(map(tuple, connection.execute(query)))
        return sum(found.values()), found.get("skipped", 0)


def _list(counted: Counter[str]) -> str:
    return ", ".join(f"{number:,} {what}" for what, number in counted.most_common())


def year(seed: int, days: int = 365) -> Year:
    """Live through it. AssertionError when a reader is forgotten, told twice, or told a wrong reason."""
    dice, begun = random.Random(seed), time.monotonic()
    with nothing_is_rendered():
        play = Play("3650d" if seed % 3 else "60d", dice.randrange(6), READERS)
        try:
            found = Year(seed, play)
            names = [name for name, act in ACTS.items() if act.weight]
            weights = [ACTS[name].weight for name in names]
            while (play.world.now - play.begun).days < days:
                _day(found, dice, names, weights)
            play.all_comes_to_rest()
            found.days = (play.world.now - play.begun).days
            _ask_everything(found)
            found.seconds = time.monotonic() - begun
            found.table = found.lines()
            return found
        finally:
            play.world.close()


def _day(found: Year, dice: random.Random, names: list[str], weights: list[int]) -> None:
    play = found.play
    for look in LOOKS:
        for name in dice.choices(names, weights, k=dice.randrange(3)):
            act = ACTS[name]
            among = {**act.choices, "who": play.people} if "who" in act.choices else act.choices
            chosen = {key: dice.choice(values) for key, values in among.items()}
            getattr(play, name)(**chosen)
            play.look()
            found.changes[act.kind] += 1
        play.mail_is_delivered(dice.choice(ANSWERS), 1000)
        play.go(look)
    for who in play.ids:
        play.ask(who)


def _ask_everything(found: Year) -> None:
    """Each reader about each issue and each article, in each newsletter."""
    play = found.play
    for who in play.ids:
        told = play.ask(who)
        for one in told.issues:
            found.pairs["reader and issue" if one.issue_id else "reader and skipped slot"] += 1
            found.told[one.code.value] += 1
        for name in play.names:
            for end, code in play.why(who, name).values():
                found.pairs["reader and article"] += 1
                found.became[end, code.value] += 1


def main() -> None:
    """Print the table of one year."""
    parser = argparse.ArgumentParser(description="A year of changes; every pair is asked why.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    sys.stdout.write("\n".join(year(given.seed, given.days).table) + "\n")


if __name__ == "__main__":
    main()
