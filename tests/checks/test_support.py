"""Client support: the table is what caniemail says, and the formula is the one that is measured with."""

import json
import math
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from newsletter.issue.checks import support

ROOT = Path(__file__).parents[2]
MAIL = """<!DOCTYPE html><html><head><style>
@media (prefers-color-scheme: dark) { .a { color: #fff !important } }
.b { display: none; width: 50% }
</style></head><body>
<a href="https://a.example" target="_blank" style="border-radius:3px">x</a></body></html>"""


def derive() -> ModuleType:
    spec = spec_from_file_location("derive_support", ROOT / "benchmarks" / "derive_support.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def feature(slug: str, **stats: Any) -> dict[str, Any]:
    return {"slug": slug, "title": slug.upper(), "stats": {f.replace("_", "-"): p for f, p in stats.items()}}


def test_the_newest_version_is_the_last_of_the_data() -> None:
    data = {
        "last_update_date": "2026-01-02 03:04",
        "data": [
            feature("css-b", outlook={"windows": {"2007": "n", "2019": "a #1"}}),
            feature("css-a", gmail={"ios": {"9": "n", "10": "y"}}, outlook={"windows": {"2019": "n #2"}}),
        ],
    }

    made = derive().table(data)

    assert (made["clients"], made["features"]) == (
        ["gmail.ios", "outlook.windows"],
        {"css-a": ["CSS-A", "yn"], "css-b": ["CSS-B", "ua"]},
    )


def test_the_table_that_ships_is_as_its_script_writes_it() -> None:
    text = (ROOT / "newsletter/issue/checks/support.json").read_text("utf-8")

    assert derive().written(json.loads(text)) == text
    assert "MIT" in json.loads(text)["licence"]


def test_uses_are_counted() -> None:
    used = support.features(MAIL)

    assert {name: count for name, count in used.items() if not name.startswith("css-unit")} == {
        "html-style": 1,
        "html-body": 1,
        "html-target": 1,
        "css-border-radius": 1,
        "css-at-media": 1,
        "css-at-media-prefers-color-scheme": 1,
        "css-important": 1,
        "css-display": 1,
        "css-display-none": 1,
        "css-width": 1,
    }


def test_a_score_is_the_mean_of_the_uses_that_somebody_has_tested() -> None:
    number, used = support.table().clients.index("outlook.windows"), support.features(MAIL)
    known = [(support.table().letters[name][number], count) for name, count in used.items()]
    worth = [({"y": 1, "a": 0.5, "n": 0}[letter], count) for letter, count in known if letter != "u"]
    mean = 100 * sum(share * count for share, count in worth) / sum(count for _, count in worth)

    assert math.isclose(support.scores(MAIL)["outlook.windows"], mean)


def test_what_a_client_does_not_show_is_named() -> None:
    assert "css-border-radius" in support.unsupported(MAIL, "outlook.windows")
    assert "css-border-radius" not in support.unsupported(MAIL, "apple-mail.ios")


def test_a_client_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        support.unsupported(MAIL, "pigeon.loft")
