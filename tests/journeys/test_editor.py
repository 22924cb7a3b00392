"""What an editor says of an issue reaches the mail, by the commands that people type."""

import shutil
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, Project, inbox, sample_project

FIRST, SECOND, THIRD = "weekly-2026-11-23", "weekly-2026-11-30", "weekly-2026-12-07"


def paper(folder: Path, drop: MailDrop) -> Project:
    """Its schedule has begun with an empty folder, and it has a reader."""
    made = sample_project(folder / "project", drop.port)
    shutil.rmtree(made.folder / "content")
    (made.folder / "content").mkdir()
    made.subscribe(1)
    made.run("tick", "--now", NOW)
    return made


def write(project: Project, name: str, day: str, more: str = "", text: str = "") -> None:
    """An article of that day; `more` stands in its front matter."""
    head = f"title: The {name}\ndate: {day}\n{more}".rstrip()
    words = text or f"All that is known of the {name}, told at length and in order."
    (project.folder / "content" / f"{name}.md").write_text(f"---\n{head}\n---\n{words}\n")


def brief(project: Project, id: str, text: str) -> None:
    (project.folder / "issues").mkdir(exist_ok=True)
    (project.folder / "issues" / f"{id}.md").write_text(text)


def mails(folder: Path) -> list[EmailMessage]:
    """All that the reader has got, in its order."""
    return sorted(inbox(folder / "inbox"), key=lambda mail: mail["Date"].datetime)


def text_of(mail: EmailMessage) -> str:
    """On one line: where lines break is not what is asked here."""
    return " ".join(cast(EmailMessage, mail.get_body(("plain",))).get_content().split())


def html_of(mail: EmailMessage) -> str:
    return str(cast(EmailMessage, mail.get_body(("html",))).get_content())


def titles(mail: EmailMessage, *names: str) -> list[str]:
    """Those of the named articles that it brings, in its order."""
    text = text_of(mail)
    found = {name: text.find(f" The {name} ") for name in names}
    return sorted((name for name in names if found[name] >= 0), key=lambda name: found[name])


def test_a_brief_reaches_the_mail_and_what_it_omits_never_comes(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = paper(tmp_path, drop)
        for name, day in (("ferry", "2026-11-22"), ("bridge", "2026-11-21"), ("draft", "2026-11-20")):
            write(project, name, day)
        head = 'subject: "The bridge,\\u0007 at last"\npreheader: And the ferry'
        head += "\npins: [bridge.md]\nomit: [draft.md]"
        brief(project, FIRST, f"---\n{head}\n---\nIt has been a *long* week.\n\nHere is what came of it.\n")
        assert project.json("tick", "--now", "2026-11-23T09:00")["sent_now"] == 1
        write(project, "gull", "2026-11-29")
        assert project.json("tick", "--now", "2026-11-30T09:00")["sent_now"] == 1
        (slot,) = project.json("tick", "--now", "2026-12-07T09:00")["slots"]
        assert slot["reason"] == "nothing new"

    first, second = mails(tmp_path)
    assert str(first["Subject"]) == "The bridge, at last"
    assert "And the ferry" in html_of(first)
    for body in (text_of(first), html_of(first)):
        assert body.index("It has been a long week.") < body.index("Here is what came of it.")
    assert titles(first, "ferry", "bridge", "draft") == ["bridge", "ferry"]
    assert titles(second, "ferry", "bridge", "draft", "gull") == ["gull"]
    assert "draft" not in text_of(first) + text_of(second)


def test_a_correction_comes_with_the_next_digest_and_a_mended_typo_with_none(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = paper(tmp_path, drop)
        write(
            project, "lamp", "2026-11-21", text="All that is known of the lamp: it was lit in 1817. Teh end."
        )
        write(project, "ferry", "2026-11-20", text="All that is known of teh ferry, which was late.")
        assert project.json("tick", "--now", "2026-11-23T09:00")["sent_now"] == 1
        write(project, "ferry", "2026-11-20", text="All that is known of the ferry, which was late.")
        (slot,) = project.json("tick", "--now", "2026-11-30T09:00")["slots"]
        assert slot["reason"] == "nothing new"
        said = 'correction: "The lamp was lit in 1871, not in 1817."'
        write(
            project, "lamp", "2026-11-21", said, "All that is known of the lamp: it was lit in 1871. The end."
        )
        write(project, "gull", "2026-12-05")
        assert project.json("tick", "--now", "2026-12-07T09:00")["sent_now"] == 1
        write(project, "moth", "2026-12-12")
        assert project.json("tick", "--now", "2026-12-14T09:00")["sent_now"] == 1

    first, second, third = mails(tmp_path)
    assert titles(first, "lamp", "ferry") == ["lamp", "ferry"]
    assert str(second["Subject"]) == "The gull"
    text = text_of(second)
    assert text.index("The gull") < text.casefold().index("correction: the lamp")
    assert "The lamp was lit in 1871, not in 1817." in text
    assert "The lamp was lit in 1871, not in 1817." in html_of(second)
    assert "ferry" not in text and "lamp" not in text_of(third)


def test_a_correction_is_called_as_the_language_says(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = paper(tmp_path, drop).set(language='"de"')
        write(project, "lamp", "2026-11-21")
        project.run("tick", "--now", "2026-11-23T09:00")
        write(project, "lamp", "2026-11-21", 'correction: "Sie brannte erst 1871."')
        write(project, "gull", "2026-11-28")
        coming = project.json("plan", "--weeks", "2", "--now", "2026-11-24T09:00")
        project.run("tick", "--now", "2026-11-30T09:00")

    assert "Berichtigung: The lamp" in str(coming) and "Correction" not in str(coming)
    assert "Berichtigung: The lamp" in text_of(mails(tmp_path)[1])


# ── told ────────────────────────────────────────────────────────────────────


def test_what_a_brief_says_in_vain_is_told_with_its_line(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = paper(tmp_path, drop)
        write(project, "ferry", "2026-11-22")
        project.run("tick", "--now", "2026-11-23T09:00")
    write(project, "gull", "2026-11-29")
    brief(project, SECOND, "---\nsubject: Of gulls\npins: [ferry.md]\n---\n")
    told = f"issues/{SECOND}.md:3: pins: ferry.md is not in this issue: already in an earlier issue"
    assert told in project.run("build", "weekly", "--now", "2026-11-30T08:00").stderr
    findings = project.json("check", "weekly", "--now", "2026-11-30T08:00")["findings"]
    (found,) = [one for one in findings if one["path"] == f"issues/{SECOND}.md"]
    assert (found["line"], found["level"]) == (3, "warning")
    brief(project, SECOND, "---\nomit:\n- ferry.md\n---\n")
    told = f"issues/{SECOND}.md:2: omit: ferry.md was in {FIRST} already: who has it keeps it"
    assert told in project.run("build", "weekly", "--now", "2026-11-30T08:00").stderr


def test_a_name_that_is_no_article_is_told_and_one_in_another_language_is_one(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = paper(tmp_path, drop)
    write(project, "ferry", "2026-11-22")
    write(project, "gull", "2026-11-21")
    content = project.folder / "content"
    (content / "gull.de.md").write_text("---\ntitle: Die Möwe\ndate: 2026-11-21\n---\nAlles von der Möwe.\n")
    brief(project, FIRST, '---\npins: ["gul.md"]\n---\n')
    done = project.run("build", "weekly", "--now", "2026-11-23T08:00", expect=3)
    assert f'issues/{FIRST}.md:2: pins: there is no article "gul.md", did you mean "gull.md"?' in done.stderr
    brief(project, FIRST, '---\npins: ["gull.de.md"]\n---\n')
    project.run("build", "weekly", "--now", "2026-11-23T08:00")
    mail = " ".join((project.folder / "build" / "weekly" / "email.txt").read_text().split())
    assert mail.index("The gull") < mail.index("The ferry")


def test_a_folder_of_briefs_that_is_a_link_out_of_the_project_is_not_read(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = paper(tmp_path, drop)
    write(project, "ferry", "2026-11-22")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / f"{FIRST}.md").write_text("---\nsubject: From elsewhere\n---\n")
    (project.folder / "issues").symlink_to(outside)
    words = ("build", "weekly", "--now", "2026-11-23T08:00")
    assert "issues: a link out of the project" in project.run(*words, expect=3).stderr

    (project.folder / "issues").unlink()
    outside.rename(project.folder / "kept")
    (project.folder / "issues").symlink_to("kept")
    project.run(*words)

    (project.folder / "issues").unlink()
    (project.folder / "issues").write_text("no folder")
    assert "issues: a file; it should be the folder" in project.run(*words, expect=3).stderr
    subject = (project.folder / "build" / "weekly" / "email.eml").read_text()
    assert "Subject: From elsewhere" in subject
