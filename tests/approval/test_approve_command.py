"""`newsletter issues approve` and `reject`, as people type them."""

import pytest
from sqlalchemy import select

from newsletter.outbox import approving, operate
from newsletter.service.notices import notify
from newsletter.store import tables as t
from tests.journeys.project import Project
from tests.notices.newsroom import HASH, NOW, WEEKLY, change, hold
from tests.signup.signing import Publication

AT = "2026-11-23T09:00:00Z"
OTHER = "f" * 64


def approvals(room: Publication) -> list[tuple[str, str]]:
    with room.database.read() as connection:
        return [(each.hash, each.by) for each in approving.approvals(connection, WEEKLY)]


def state(room: Publication) -> tuple[str, str]:
    with room.database.read() as connection:
        row = operate.issue(connection, WEEKLY)
    assert row is not None
    return row.state, row.state_reason


def asked_of(room: Publication, before: dict[str, object], now: dict[str, object]) -> None:
    """Somebody was asked for an issue that was made of other things than it is now."""
    hold(room.database, hash=OTHER, manifest={"inputs": before, "result": {"hash": "7" * 64}})
    assert notify(room.config, room.database, NOW) == ()
    hold(room.database, manifest={"inputs": now, "result": {"hash": "7" * 64}})


# ── looking ─────────────────────────────────────────────────────────────────


def test_without_a_hash_it_shows_what_there_is_to_approve(room: Publication, project: Project) -> None:
    done = project.run("issues", "approve", WEEKLY, expect=5)
    assert done.stdout == (
        f"{WEEKLY} · held: waits for approval\n"
        "  subject   A snail, timed\n"
        "  slot      Tue 24 Nov 2026 09:00 CET\n"
        "  articles  0\n"
        f"  hash      {HASH}\n"
    )
    assert done.stderr == (
        "Nothing is approved yet. To approve it:\n\n"
        f"    newsletter issues approve {WEEKLY} --hash {HASH[:16]}\n"
    )
    assert approvals(room) == []


def test_the_command_that_it_shows_approves(room: Publication, project: Project) -> None:
    shown = project.json("issues", "approve", WEEKLY, expect=5)
    assert (shown["approved"], shown["hash"], shown["issue"]) == (False, HASH, WEEKLY)
    program, *words = shown["command"].split()
    assert program == "newsletter"
    project.run(*words)
    assert project.json("issues", "approve", WEEKLY)["approved"] is True


# ── approving ───────────────────────────────────────────────────────────────


def test_who_approves_is_written_down(room: Publication, project: Project) -> None:
    words = ("issues", "approve", WEEKLY, "--hash", HASH, "--by", "Ida  Vang", "--now", AT)
    done = project.json(*words)
    assert {key: done[key] for key in ("issue", "hash", "approved", "by", "at")} == {
        "issue": WEEKLY,
        "hash": HASH,
        "approved": True,
        "by": "Ida Vang",
        "at": AT,
    }
    assert approvals(room) == [(HASH, "Ida Vang")]
    said = project.run(*words).stdout
    assert said == f"{WEEKLY} is approved: {HASH}\nIt goes out Tue 24 Nov 2026 09:00 CET.\n"


def test_after_its_time_it_says_what_sends_it(room: Publication, project: Project) -> None:
    words = ("issues", "approve", WEEKLY, "--hash", HASH[:12], "--now", "2026-11-24T12:00:00Z")
    assert "Its time has passed: `newsletter tick` sends it" in project.run(*words).stdout


@pytest.mark.parametrize("given", [OTHER, HASH[:11], "yes", HASH[:12] + "0" * 52])
def test_another_hash_approves_nothing(room: Publication, project: Project, given: str) -> None:
    done = project.run("issues", "approve", WEEKLY, "--hash", given, expect=5)
    assert done.stdout == ""
    assert f"  yours  {given}\n  now    {HASH}\n" in done.stderr
    assert approvals(room) == []


def test_an_old_hash_is_told_what_has_changed_since(room: Publication, project: Project) -> None:
    before = {"article": {"snail.md": "1" * 64, "ferry.md": "2" * 64}, "template": "3" * 64}
    now = {"article": {"snail.md": "1" * 64, "ferry.md": "4" * 64, "gull.md": "5" * 64}, "theme": "6" * 64}
    asked_of(room, before, now)
    done = project.json("issues", "approve", WEEKLY, "--hash", OTHER[:16], expect=5)
    assert (done["given"], done["hash"], done["approved"]) == (OTHER[:16], HASH, False)
    assert done["changed"] == [
        "article/ferry.md: changed",
        "article/gull.md: new",
        "template: gone",
        "theme: new",
    ]


def test_a_mail_that_is_the_same_for_others_is_told_as_such(room: Publication, project: Project) -> None:
    asked_of(room, {"article": {"snail.md": "1" * 64}}, {"article": {"snail.md": "1" * 64}})
    done = project.run("issues", "approve", WEEKLY, "--hash", OTHER, expect=5)
    assert "The mail is as it was when you were asked. Who gets it, or when, has changed." in done.stderr


# ── rejecting ───────────────────────────────────────────────────────────────


def test_what_is_rejected_is_cancelled(room: Publication, project: Project) -> None:
    done = project.json("issues", "reject", WEEKLY, "--note", "the wrong\nweek")
    assert (done["issue"], done["rejected"], done["note"]) == (WEEKLY, True, "the wrong week")
    assert state(room) == ("cancelled", "rejected: the wrong week")
    with room.database.read() as connection:
        assert connection.execute(select(t.delivery.c.id)).all() == []


REFUSED = {
    "publishing": ("approve", WEEKLY, "--hash", HASH),
    "open": ("approve", WEEKLY),
    "finished": ("approve", WEEKLY, "--hash", HASH),
    "cancelled": ("reject", WEEKLY),
}


@pytest.mark.parametrize("now", REFUSED)
def test_what_is_not_held_is_left_alone(room: Publication, project: Project, now: str) -> None:
    change(room.database, now)
    done = project.run("issues", *REFUSED[now], expect=3)
    assert f"{WEEKLY} is {now}, not held" in done.stderr
    assert (state(room)[0], approvals(room)) == (now, [])


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_what_is_not_there_is_told(room: Publication, project: Project, verb: str) -> None:
    assert 'there is no issue "weekly-2026"' in project.run("issues", verb, "weekly-2026", expect=3).stderr


def test_what_is_held_is_listed_as_such(room: Publication, project: Project) -> None:
    (row,) = project.json("issues", "list")["issues"]
    assert (row["id"], row["state"]) == (WEEKLY, "held")
