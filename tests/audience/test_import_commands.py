"""`newsletter subscribers import`, `export`, `sync`, `imports`, `undo`, as they are typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from newsletter.cli import group

CONFIG = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
[newsletters.blog]
from = "Ida Vang <ida@slowpost.example>"
[subscribers]
"""
LIST = (
    "email,name,status,Shoe Size\na@x.example,Ann,active,41\nb@x.example,=Bo,unsubscribed,\nnobody,,active,\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "subscribers").mkdir()
    (tmp_path / "subscribers" / "people.csv").write_text(LIST)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(group, ["subscribers", *words])


def test_a_list_is_tried_imported_exported_and_taken_back(project: Path) -> None:
    tried = run("import", "people.csv", "--newsletter", "weekly", "--dry-run", "--json")
    document = json.loads(tried.stdout)
    assert (document["added"], document["statuses"]) == (2, {"active": 1, "unsubscribed": 1})
    assert document["attributes"] == {"Shoe Size": "shoe_size"}
    assert json.loads(run("list", "--json").stdout) == {"subscribers": []}
    real = run("import", "people.csv", "--newsletter", "weekly", "--rejected", "no.csv")
    assert real.stdout == (
        "CSV list for weekly: 1 active · 1 unsubscribed\n"
        "2 added · 0 updated · 0 unchanged · 1 rejected\n"
        "Import 1: `subscribers undo` takes it back.\n"
    )
    assert (project / "no.csv").read_text() == "line,email,reason\n4,nobody,the address has no @\n"
    ghost = run("export", "weekly", "--format", "ghost").stdout
    assert [line.split(",")[1:5] for line in ghost.splitlines()[1:]] == [
        ["b@x.example", "'=Bo", "", "false"],
        ["a@x.example", "Ann", "", "true"],
    ]
    assert "\n" not in run("imports").stdout.strip().partition("\n")[2]
    undone = json.loads(run("undo", "1", "--json").stdout)
    assert undone == {"removed": 2, "stayed": 0, "put_back": 0, "subscriptions": 0, "suppressed": 1}
    again = run("undo", "1")
    assert (again.exit_code, "was taken back" in str(again.exception)) == (1, True)


@pytest.mark.parametrize("form", ["json", "mailchimp", "beehiiv"])
def test_what_is_exported_to_a_file_is_imported_again(project: Path, form: str) -> None:
    run("import", "people.csv", "--to", "weekly")
    assert run("export", "weekly", "--format", form, "--out", "out").exit_code == 0
    document = json.loads(run("import", "out", "--to", "weekly", "--json").stdout)
    assert (document["unchanged"] + document["updated"], document["rejected"]) == (2, [])


def test_an_unknown_format_names_those_there_are(project: Path) -> None:
    wrong = run("export", "weekly", "--format", "pigeon")
    assert str(wrong.exception) == (
        "there is no format pigeon to export to; there are: "
        "csv, json, beehiiv, buttondown, ghost, listmonk, mailchimp, substack"
    )


def test_synced_lists_need_a_newsletter_where_there_are_several(project: Path) -> None:
    asked = run("sync")
    assert str(asked.exception).endswith('set sync in [subscribers], such as "subscribers/*.csv"')
    with (project / "config.toml").open("a") as more:
        more.write('sync = "subscribers/*.csv"\n')
    refused = run("sync")
    assert "say in sync_to for which newsletters the lists are" in refused.output
    with (project / "config.toml").open("a") as more:
        more.write('sync_to = ["weekly"]\n')
    done = json.loads(run("sync", "--json").stdout)
    assert [(one["added"], one["removed"], one["problem"]) for one in done["files"]] == [(2, 0, "")]
    assert run("sync").stdout == "Nothing changed.\n"


def test_a_tick_reads_the_lists_that_changed(project: Path) -> None:
    with (project / "config.toml").open("a") as more:
        more.write('sync = "subscribers/*.csv"\nsync_to = ["blog"]\n')
    (project / "content").mkdir()
    CliRunner().invoke(group, ["tick", "--now", "2026-11-22T09:00Z"])
    people = json.loads(run("list", "blog", "--json").stdout)["subscribers"]
    assert [one["address"] for one in people] == ["b@x.example", "a@x.example"]
