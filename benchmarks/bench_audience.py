"""Who gets what: a list of a million read in, and the people of a segment counted. Signing up stands beside.

`AUDIENCE_ROWS` makes the list shorter, for trying.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from benchmarks import audience_import
from benchmarks.row import Row


def _signing_up() -> list[Row]:
    from benchmarks import audience_signup

    return list(audience_signup.rows())


def _million() -> list[Row]:
    return audience_import.rows(int(os.environ.get("AUDIENCE_ROWS", "1000000")))


#: The names of rows -> what measures them.
PARTS: dict[tuple[str, ...], Callable[[], list[Row]]] = {
    (
        "import_rate_over_executemany",
        "import_memory_growth_megabytes",
        "segment_count_over_sql_by_hand",
    ): _million,
    ("sign-up", "sign-up_answer_of_known_and_new_apart"): _signing_up,
}
