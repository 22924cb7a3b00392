"""A row of features -> a score, by small decision trees.

The trees were fitted to the human summaries of a development set by
``benchmarks/excerpt_training.py``; the score says how much better than the article's
average a sentence would do as its excerpt.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

#: Leaves are whole numbers of this.
UNIT = 1e-5

#: feature, threshold, what follows if the value is at most the threshold, what follows if not
Tests = tuple[int, float, int, int]
Branch = tuple[int, float, Tests, Tests]
Tree = tuple[int, float, Branch, Branch]


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of depth three; their values add up."""

    names: tuple[str, ...]  #: of the features, in the order of a row
    trees: tuple[Tree, ...]
    second: float  #: the least score of a second sentence
    heat: int  #: trees that every row is put through; only the best rows go through the others

    def scores(self, rows: Sequence[Sequence[float]], finalists: int) -> list[float]:
        """A score for each row; minus infinity for those that the first trees put behind the best."""
        rough = [_sum(self.trees[: self.heat], row) for row in rows]
        least = sorted(rough, reverse=True)[:finalists][-1] if rough else 0
        rest = self.trees[self.heat :]
        return [
            (start + _sum(rest, row)) * UNIT if start >= least else float("-inf")
            for start, row in zip(rough, rows, strict=True)
        ]


def _sum(trees: tuple[Tree, ...], row: Sequence[float]) -> int:
    """What some trees say about a row, added up, in units."""
    total = 0
    for feature, threshold, low, high in trees:
        branch = low if row[feature] <= threshold else high
        tests = branch[2] if row[branch[0]] <= branch[1] else branch[3]
        total += tests[2] if row[tests[0]] <= tests[1] else tests[3]
    return total


def forest_from(table: dict[str, Any]) -> Forest:
    """A forest from its JSON form."""
    trees = tuple(_nested(tree) for tree in table["trees"])
    return Forest(tuple(table["names"]), trees, float(table["second"]), int(table["heat"]))


def load() -> Forest:
    """The forest that comes with the package."""
    return forest_from(json.loads(files(__package__).joinpath("forest.json").read_text("utf-8")))


def _nested(node: Any) -> Any:
    return tuple(map(_nested, node)) if isinstance(node, list) else node
