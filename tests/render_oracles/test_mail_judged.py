"""SpamAssassin and caniemail about the mails of the sample publication."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from benchmarks import derive_support, oracles
from benchmarks.bench_render import SPAM_TESTED, SUPPORT
from benchmarks.mails import DIGEST_OF_TEN, Mail
from newsletter.issue.checks.support import features, scores
from tests.needs import program


@pytest.mark.parametrize("name", SPAM_TESTED)
def test_spamassassin_finds_nothing(made: dict[str, Mail], tmp_path: Path, name: str) -> None:
    program("spamassassin", "spamassassin")

    score, rules = oracles.spam_score(made[name].data, tmp_path)

    assert score <= 0, rules


def test_spamassassin_would_say_so(made: dict[str, Mail], tmp_path: Path) -> None:
    program("spamassassin", "spamassassin")
    # The generic test of unsolicited bulk mail: every filter must find it.
    gtube = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    head, _, _ = made["confirm"].data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    plain = b"\r\n".join(line for line in lines if line.startswith((b"From", b"To", b"Subject")))

    score, rules = oracles.spam_score(plain + b"\r\n\r\n" + gtube + b"\r\n", tmp_path)

    assert score >= 1000, rules
    assert "GTUBE" in rules


@pytest.mark.parametrize("client", SUPPORT)
def test_a_mail_program_shows_the_digest(made: dict[str, Mail], client: str) -> None:
    assert scores(made[DIGEST_OF_TEN].html)[client] >= SUPPORT[client]


def test_the_table_that_ships_is_that_of_the_pinned_caniemail(npm: Path) -> None:
    shipped = json.loads(files("newsletter.issue.checks").joinpath("support.json").read_text("utf-8"))

    assert shipped == derive_support.table(oracles.caniemail())


def test_a_score_is_support_weighted_by_use(made: dict[str, Mail], npm: Path) -> None:
    """The formula once more, from the data as published."""
    html = made[DIGEST_OF_TEN].html
    stats = {feature["slug"]: feature["stats"] for feature in oracles.caniemail()["data"]}
    worth = {"y": 1.0, "a": 0.5, "n": 0.0}
    for client in SUPPORT:
        family, platform = client.split(".")
        gained, used = 0.0, Counter[str]()
        for feature, count in features(html).items():
            tested = list(stats[feature].get(family, {}).get(platform, {}).values())
            if tested and tested[-1][0] in worth:
                gained += worth[tested[-1][0]] * count
                used[feature] += count
        assert scores(html)[client] == pytest.approx(100 * gained / used.total())
