"""`newsletter subscribers`: what is said of a person, what they agreed to, how many are meant."""

from pathlib import Path

import pytest

from tests.journeys.project import Project, sample_project

ANN = "Ann.Lee@münchen.example"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = sample_project(tmp_path_factory.mktemp("people") / "project", 9)
    return made.add("newsletters.weekly", 'segment = \'tags has "pro" and language in ["de"]\'')


@pytest.mark.slow
def test_a_person_is_added_shown_and_paused(project: Project) -> None:
    words = (
        "--name Ann --language de_at --timezone europe/berlin --tag pro --tag b --attribute score=7 "
        "--attribute vip=true --attribute plan=gold --frequency daily --topic dogs --now 2026-11-22T12:00Z"
    ).split()
    assert project.json("subscribers", "add", ANN, *words)["change"] == "added"
    shown = project.json("subscribers", "show", ANN, "--now", "2026-11-22T12:00Z")

    assert {key: shown[key] for key in ("address", "name", "tags", "timezone", "language", "attributes")} == {
        "address": "Ann.Lee@xn--mnchen-3ya.example",
        "name": "Ann",
        "tags": ["b", "pro"],
        "timezone": "Europe/Berlin",
        "language": "de-AT",
        "attributes": {"score": 7, "vip": True, "plan": "gold"},
    }
    (weekly,) = shown["newsletters"]
    assert (weekly["status"], weekly["frequency"], weekly["topics"]) == ("active", "daily", ["dogs"])

    paused = ["subscribers", "add", ANN, "--pause-until", "2026-12-24T00:00Z", "--now", "2026-11-22T12:00Z"]
    assert project.json(*paused)["change"] == "updated"
    assert [project.json("subscribers", "show", ANN, "--now", now)["newsletters"][0]["status"]
            for now in ("2026-12-23T00:00Z", "2026-12-24T00:00Z")] == ["paused", "active"]  # fmt: skip
    log = project.json("subscribers", "consent", ANN)["consent"]
    assert [(one["action"], one["frequency"], one["paused_until"]) for one in log] == [
        ("added", "daily", None),
        ("changed", "daily", "2026-12-24T00:00:00.000Z"),
    ]


@pytest.mark.slow
def test_a_frequency_is_chosen_and_taken_back(project: Project) -> None:
    def often(*words: str) -> tuple[str, str]:
        change = project.json("subscribers", "add", "often@x.example", *words)["change"]
        (weekly,) = project.json("subscribers", "show", "often@x.example")["newsletters"]
        return change, weekly["frequency"]

    assert often() == ("added", "")
    assert often("--frequency", "each") == ("updated", "each")
    assert "(each)" in project.run("subscribers", "list").stdout
    assert often("--topic", "dogs") == ("updated", "each")
    assert often("--frequency", "none") == ("updated", "")
    assert often("--frequency", "none") == ("unchanged", "")
    log = project.json("subscribers", "consent", "often@x.example")["consent"]
    assert [(one["action"], one["frequency"]) for one in log] == [
        ("added", ""),
        ("changed", "each"),
        ("changed", "each"),
        ("changed", ""),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--timezone", "Europe/Berlim"], "unknown time zone Europe/Berlim, did you mean Europe/Berlin?"),
        (["--language", "german"], "'german' is not a language tag such as en or pt-BR"),
        (["--attribute", "score"], "write --attribute NAME=VALUE, not score"),
        (["--attribute", "1st=x"], "an attribute's name is letters, digits, _ and -"),
        (["--attribute", f"a={'x' * 1001}"], "the attribute a is longer than 1000 characters"),
        (["--topic", "x" * 101], "a topic has at most 100 characters"),
    ],
)
def test_what_cannot_be_kept_is_refused(project: Project, words: list[str], says: str) -> None:
    told = project.run("subscribers", "add", "new@x.example", *words, expect=3).stderr
    assert told.startswith(f"new@x.example: {says}")
    assert "is on no list" in project.run("subscribers", "show", "new@x.example", expect=3).stderr


@pytest.mark.slow
def test_segments_are_counted(project: Project) -> None:
    for address, language in (
        ("s1@seg.example", "de"),
        ("s2@seg.example", "en"),
        ("s3@seg.example", "de-CH"),
    ):
        project.run("subscribers", "add", address, "--language", language, "--tag", "pro")
    project.run("subscribers", "block", "s3@seg.example")
    (found,) = project.json("subscribers", "count", "weekly", "--segment", 'domain == "seg.example"')[
        "counts"
    ]
    assert (found["active"], found["suppressed"]) == (2, 1)
    (found,) = project.json("subscribers", "segments", "--now", "2027-01-01T00:00Z")["counts"]
    assert found["segment"] == 'tags has "pro" and language in ["de"]'
    assert (found["active"], found["suppressed"]) == (2, 1)  # Ann, s1; s3

    told = project.run("subscribers", "count", "--segment", 'langage == "de"', expect=3).stderr
    assert told == (
        '--segment: at character 1: langage is no field; did you mean language?\n  langage == "de"\n  ^\n'
    )


@pytest.mark.slow
def test_a_wrong_segment_in_the_configuration_is_told_with_its_line(tmp_path: Path) -> None:
    made = sample_project(tmp_path / "project", 9).add("newsletters.weekly", "segment = 'tags hs \"pro\"'")
    line = made.config.read_text().splitlines().index("segment = 'tags hs \"pro\"'") + 1
    told = made.run("subscribers", "list", expect=3).stderr
    assert (
        f"config.toml:{line}: newsletters.weekly.segment: at character 6: after tags comes one of has" in told
    )


@pytest.mark.slow
def test_the_log_is_verified_and_a_broken_link_named(tmp_path: Path) -> None:
    import sqlite3

    made = sample_project(tmp_path / "project", 9)
    made.subscribe(3)
    head = made.json("subscribers", "verify")["head"]
    assert made.json("subscribers", "verify", "--head", head)["broken"] is None
    with sqlite3.connect(made.folder / ".newsletter" / "newsletter.db") as raw:
        raw.execute("DROP TRIGGER consent_detail_is_not_changed")
        raw.execute(
            "UPDATE consent_detail SET said = replace(said, 'active', 'pending') WHERE consent_id = 2"
        )
    raw.close()
    told = made.run("subscribers", "verify", expect=5)
    assert told.stderr == "The consent log does not hold: entry 2: what it says was changed\n"
    assert made.json("subscribers", "verify", expect=5)["broken"] == 2


@pytest.mark.slow
def test_a_block_is_lifted_and_a_leave_is_not(project: Project) -> None:
    project.run("subscribers", "add", "b@block.example")
    assert project.json("subscribers", "block", "@block.example", "--note", "spam")["changed"] is True
    (standing,) = project.json("subscribers", "show", "b@block.example")["newsletters"]
    assert standing["status"] == "suppressed"
    assert project.json("subscribers", "unblock", "@block.example")["lifted"] == ["domain"]
    project.run("subscribers", "remove", "b@block.example")
    done = project.run("subscribers", "unblock", "b@block.example")
    assert "unsubscribed (*) stays: it is lifted by the reader, by confirming anew" in done.stderr
