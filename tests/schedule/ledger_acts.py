"""What may happen, and to what; how often in a year. The machine and the year's dice draw from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.schedule.ledger_world import BRIEFED, NAMES

PEOPLE = tuple(f"{name}@example.org" for name in ("ann", "ben", "cleo"))
TOPICS = ((), (), ("dogs",), ("cats",))
FREQUENCIES = ("", "each", "daily", "weekly")
ZONES = ("", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Auckland")
#: Most mail arrives.
ANSWERS = (
    ("sent",),
    ("sent", "sent", "later"),
    ("sent", "hard"),
    ("soft", "sent", "sent"),
    ("sent", "sent", "doubt", "sent"),
    ("later", "doubt", "soft", "sent"),
)
ONE_OR_NONE = ((), (0,), (1,), (2, 0))
CHANGES = ("rename", "retitle", "edit", "date", "draft", "correct", "delete")


@dataclass(frozen=True)
class Act:
    """A method of `Play`."""

    kind: str  #: who does it
    choices: Mapping[str, Sequence[Any]] = field(default_factory=dict)  #: argument -> what it may be
    weight: int = 4  #: in a year; 0: the year has a clock of its own


ACTS = {
    "a_reader_joins": Act(
        "readers",
        {
            "who": PEOPLE,
            "names": (NAMES, NAMES, ("mixed",), ("single", "brief"), ("agreed",)),
            "zone": ZONES,
            "often": FREQUENCIES,
        },
        12,
    ),
    "a_reader_leaves": Act("readers", {"who": PEOPLE, "name": NAMES}, 3),
    "a_reader_chooses_how_often": Act("readers", {"who": PEOPLE, "name": NAMES, "often": FREQUENCIES}, 10),
    "a_reader_chooses_topics": Act("readers", {"who": PEOPLE, "name": NAMES, "topics": TOPICS}),
    "a_reader_moves": Act("readers", {"who": PEOPLE, "zone": ZONES}, 3),
    "a_reader_pauses": Act("readers", {"who": PEOPLE, "name": NAMES, "days": (1, 5, 9, 30)}, 6),
    "a_reader_resumes": Act("readers", {"who": PEOPLE, "name": NAMES}),
    "a_post_is_published": Act(
        "editor", {"tags": (("dogs",), ("cats",), ("dogs", "cats"), ()), "days": (0, 0, 0, -2, -40, 1, 8)}, 40
    ),
    "many_posts_are_published": Act("editor", {"number": (3, 4, 6)}, 2),
    "a_post_is_changed": Act("editor", {"which": range(24), "what": CHANGES}, 10),
    "a_brief_is_written": Act("editor", {"issue": [*BRIEFED], "pins": ONE_OR_NONE, "omit": ONE_OR_NONE}, 6),
    "a_newsletter_pauses": Act("operator", {"name": NAMES}, 1),
    "a_newsletter_resumes": Act("operator", {"name": NAMES}, 6),
    "another_cadence_is_the_default": Act("operator", {"cadence": ("daily", "weekly", "each")}, 2),
    "an_issue_is_sent_by_hand": Act("operator", {"name": NAMES[:3]}, 2),
    "the_newest_issue_is_cancelled": Act("operator", {"sent": (0, 1, 2)}, 2),
    "what_is_held_is_approved": Act("operator", {}, 30),
    "what_is_held_is_rejected": Act("operator", {}, 2),
    "doubt_is_resolved": Act("operator", {"word": ("sent", "failed", "retry")}, 8),
    "what_failed_is_tried_again": Act("operator", {}, 2),
    "what_is_old_is_packed": Act("operator", {"days": (0, 60)}, 3),
    "mail_is_delivered": Act("mail", {"answers": ANSWERS, "most": (1, 100)}, 0),
    "hours_pass": Act("clock", {"hours": (1, 3, 10)}, 2),
    "days_pass": Act("clock", {"days": (1, 2, 7, 7, 14), "answers": ((), *ANSWERS)}, 0),
    "nothing_runs_for_days": Act("clock", {"days": (2, 9)}, 2),
    "the_clock_steps_back": Act("clock", {}, 2),
    "it_crashes_while_it_queues": Act("clock", {"rows": (0, 1, 2), "hours": (12, 24)}, 4),
}
