"""The ranker that comes with the package, and the shape of its table."""

from importlib.metadata import entry_points
from importlib.resources import files

import pytest

from newsletter.excerpt import Limits, summarize, trace
from newsletter.excerpt.features import NAMES
from newsletter.excerpt.forest import UNIT, Forest, forest_from, load
from newsletter.excerpt.lead import lead
from newsletter.excerpt.ranker import by_forest, ranker
from newsletter.model import ExcerptFrom

ARTICLE = (
    "Welcome back, dear reader, to another grey week by the sea.",
    "Last Tuesday the council met for three hours. Coffee was served. Nobody agreed on anything much.",
    (
        "paragraph",
        "The council will hang forty lanterns along the quay and pay one keeper to light them each night.",
    ),
    ("heading", "Who lights the lanterns"),
    "Keeper Ole was asked first. He has a ladder and a boat.",
    "The council will meet again on the last Friday of November.",
)


def test_it_finds_what_the_article_brings_and_not_the_greeting(make):
    found = summarize(make(*ARTICLE), ranker(), Limits(1, 260))
    assert found.origin is ExcerptFrom.RANKER
    assert found.text.startswith("The council will hang forty lanterns")


def test_lead_takes_the_opening(make):
    assert summarize(make(*ARTICLE), lead(), Limits()).text == ARTICLE[0]


def test_the_trace_says_what_was_taken_and_from_where(make):
    lines = trace(make(*ARTICLE), ranker(), Limits())
    assert any("sentences may be shown" in line for line in lines)
    assert any("taken, score" in line and "sentence 5 of" in line for line in lines)


def test_the_table_fits_the_features_and_stays_small():
    assert load().names == NAMES
    tables = [files("newsletter.excerpt").joinpath(name) for name in ("forest.json", "commonness.json")]
    assert sum(len(table.read_bytes()) for table in tables) < 150_000


def _stump(feature: int, threshold: float, low: float, high: float) -> list[object]:
    tests = [feature, threshold, low, high]
    branch = [feature, threshold, tests, tests]
    return [feature, threshold, branch, branch]


@pytest.mark.parametrize(("value", "score"), [(1.0, -1.0), (2.0, -1.0), (2.1, 1.0)])
def test_a_tree_sends_values_up_to_the_threshold_down_its_first_branch(value, score):
    forest = forest_from({"names": ["a"], "second": 0, "heat": 1, "trees": [_stump(0, 2, -1, 1)]})
    assert forest.scores([(value,)], 4) == [score * UNIT]


def test_only_the_best_rows_go_through_all_trees():
    trees = [_stump(0, 0, -1, 1), _stump(0, 0, -1, 1)]
    forest = forest_from({"names": ["a"], "second": 0, "heat": 1, "trees": trees})
    assert forest.scores([(1.0,), (-1.0,)], 1) == [2 * UNIT, float("-inf")]


def test_another_forest_makes_another_method(make):
    last = NAMES.index("from_end")
    forest = Forest(
        NAMES,
        forest_from({"names": [], "second": 0, "heat": 1, "trees": [_stump(last, 0, 1, -1)]}).trees,
        9.0,
        1,
    )
    assert by_forest(forest)(make(*ARTICLE), Limits()).sentences == (ARTICLE[-1],)


@pytest.mark.parametrize("name", ["ranker", "lead"])
def test_the_methods_are_found_by_name(name):
    (found,) = entry_points(group="newsletter.excerpts", name=name)
    assert callable(found.load()())
