"""Who came after all articles that are known, and is away when the next one goes: foreseen as it happens."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import Project, inbox, sample_project

BEFORE, AFTERWARDS = "2026-11-22T12:00+00:00", "2026-11-22T13:00+00:00"
ROUNDS = ("2026-11-23T08:00+00:00", "2026-11-30T08:00+00:00")
ARTICLES = {"Autumn": "2026-11-02", "Frost": "2026-11-22T20:00:00Z", "Snow": "2026-11-24"}


def laid_out(folder: Path, port: int) -> Project:
    project = sample_project(folder, port)
    shutil.rmtree(folder / "content")
    (folder / "content").mkdir()
    for title, date in ARTICLES.items():
        text = f"---\ntitle: {title}\ndate: {date}\n---\nWords.\n"
        (folder / "content" / f"{title.lower()}.md").write_text(text)
    (folder / "first.csv").write_text("email\nthere@example.org\n")
    (folder / "then.csv").write_text("email,status,paused_until\naway@example.org,paused,2026-11-25T00:00Z\n")
    project.run("subscribers", "import", str(folder / "first.csv"), "--now", BEFORE)
    project.run("subscribers", "import", str(folder / "then.csv"), "--now", AFTERWARDS)
    return project


def test_who_is_back_gets_what_appeared_since_they_came(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = laid_out(tmp_path / "project", drop.port)
        plan = project.json("plan", "--weeks", "3", "--now", AFTERWARDS)
        for at in ROUNDS:
            project.run("tick", "--now", at)

    came: dict[str, list[set[str]]] = defaultdict(list)
    for mail in inbox(tmp_path / "inbox"):
        came[mail["Delivered-To"]].append(titles(mail))
    assert came == {
        "there@example.org": [{"Autumn", "Frost"}, {"Snow"}],
        "away@example.org": [{"Frost", "Snow"}],
    }
    foreseen = [
        ({one["title"] for one in slot["articles"]}, slot["recipients"])
        for slot in plan["slots"]
        if not slot["skipped"]
    ]
    assert foreseen == [({"Autumn", "Frost"}, 1), ({"Frost", "Snow"}, 2)]


def titles(mail: EmailMessage) -> set[str]:
    text = cast(EmailMessage, mail.get_body(("plain",))).get_content()
    return set(re.findall("|".join(ARTICLES), text))
