"""Word -> how much it tells: words that stand in most articles tell little.

The table is a fact about English (counted over some two thousand articles); a word that it
does not have, of any language, tells most.
"""

from __future__ import annotations

import json
from importlib.resources import files

#: ``log`` of one over the share of articles, of a word that the table does not have.
RAREST = 6.0


def _load() -> dict[str, float]:
    """Stem -> weight, from lists of stems by weight in tenths."""
    table = json.loads(files(__package__).joinpath("commonness.json").read_text("utf-8"))
    return {stem: int(tenths) / 10 for tenths, stems in table.items() for stem in stems.split()}


_WEIGHTS = _load()


def telling(stem: str) -> float:
    """The weight of a topic stem, from 0 (stands everywhere) to :data:`RAREST`."""
    return _WEIGHTS.get(stem, RAREST)
