"""The whole line, by the commands that people type."""

import json
import os
import subprocess
import sys
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, inbox, received, sample_project

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def test_the_demo_sends_the_sample_digest_to_everybody(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "newsletter", "demo", "--once", "--out", str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=120)

    assert done.returncode == 0, done.stderr
    assert "25 sent · 0 failed · 0 in doubt" in done.stdout
    messages = inbox(tmp_path / "out" / "inbox")
    assert len(messages) == 25 == len(received(tmp_path / "out" / "inbox"))
    for message in messages:
        assert [d for part in message.walk() for d in part.defects] == []
        html = cast(EmailMessage, message.get_body(("html",))).get_content()
        text = cast(EmailMessage, message.get_body(("plain",))).get_content()
        assert "<h1" in html and "%%" not in html and "cid:" in html
        assert "The train that waits for morning" in text and "%%" not in text
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    again = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (again.returncode, "holds a demo already" in again.stderr) == (3, True)


def test_what_was_sent_is_not_sent_again(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.subscribe(3)
        first = project.json("send", "weekly", "--yes", "--now", NOW)
        assert (first["sent"], first["issue"]) == (3, "weekly-2026-11-22-m1")

        assert "nothing new" in project.run("send", "weekly", "--yes", "--now", NOW).stdout
        assert project.json("tick", "--now", NOW)["sent_now"] == 0
        (project.folder / "content" / "fresh.md").write_text(
            "---\ntitle: Fresh\ndate: 2026-11-22\n---\nA fresh one.\n"
        )
        second = project.json("send", "weekly", "--yes", "--now", NOW)

    assert (second["sent"], second["issue"]) == (3, "weekly-2026-11-22-m2")
    subjects = [str(message["Subject"]) for message in inbox(tmp_path / "inbox")]
    assert sorted(subjects) == ["Fresh"] * 3 + ["The train that waits for morning"] * 3


def test_an_edited_renamed_or_retitled_article_is_not_new(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port).set(max_items="50")
        project.subscribe(1)
        project.run("send", "weekly", "--yes", "--now", NOW)
        content = project.folder / "content"
        (content / "town-clock.md").rename(content / "the-clock.md")
        wall = content / "a-gap-in-the-wall.md"
        wall.write_text(wall.read_text().replace("wall", "WALL"))

        assert project.json("send", "weekly", "--yes", "--now", NOW)["reason"] == "nothing new"


def test_a_slot_fires_once_and_an_empty_one_says_why(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.subscribe(2)
        assert project.json("tick", "--now", NOW)["slots"] == []
        fired = project.json("tick", "--now", "2026-11-23T09:00")["slots"]
        assert [slot["issue"] for slot in fired] == ["weekly-2026-11-23"]
        assert project.json("tick", "--now", "2026-11-23T09:01")["slots"] == []
        (empty,) = project.json("tick", "--now", "2026-11-30T09:00")["slots"]

    assert (empty["issue"], empty["reason"]) == (None, "nothing new")
    assert len(inbox(tmp_path / "inbox")) == 2


def test_a_build_has_the_same_bytes_wherever_it_is_made(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "project", 25)
    names = ("issue.json", "email.mjml", "email.html", "email.txt", "email.eml")
    built = []
    for number, extra in enumerate([{}, {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LANG": "de_DE.UTF-8"}]):
        out = tmp_path / f"out{number}"
        words = project._words(("build", "weekly", "--now", NOW, "--out", str(out)))
        subprocess.run(words, env={**os.environ, **extra}, check=True, capture_output=True, timeout=60)
        built.append([(out / name).read_bytes() for name in names])

    assert built[0] == built[1]
    assert json.loads(built[0][0])["cards"][0]["title"] == "The train that waits for morning"
    assert not list((project.folder / ".newsletter").glob("newsletter.db*"))


def test_a_test_mail_goes_to_one_address_and_changes_nothing(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.subscribe(3)
        project.run("send", "weekly", "--test", "me@example.org", "--now", NOW)
        assert received(tmp_path / "inbox") == {"me@example.org": 1}
        assert str(inbox(tmp_path / "inbox")[0]["Subject"]).startswith("[TEST] ")

        assert project.json("send", "weekly", "--yes", "--now", NOW)["sent"] == 3


def test_a_server_that_is_not_there_loses_nothing(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "nobody") as gone:
        port = gone.port
    project = sample_project(tmp_path / "project", port)
    project.subscribe(10)
    done = project.run("send", "weekly", "--yes", "--now", NOW, expect=7)
    assert "cannot be reached" in done.stderr
    assert "10 waiting" in done.stdout

    with MailDrop(tmp_path / "inbox") as drop:
        project.set(port=str(drop.port))
        assert project.json("tick", "--now", NOW)["outbox"]["sent"] == 10
    assert set(received(tmp_path / "inbox").values()) == {1}


@pytest.mark.parametrize("corpus", ["18f", "rust-blog", "digitalgov-news", "rescript", "jekyll"])
def test_every_file_of_a_real_folder_is_accounted_for(corpus: str) -> None:
    folder = CORPORA / corpus
    if not folder.is_dir():
        pytest.skip("the content folders are not beside this checkout")
    words = [sys.executable, "-m", "newsletter", "articles", str(folder), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, cwd="/")
    document = json.loads(done.stdout)

    endings = {".md", ".markdown", ".mdx", ".html", ".htm", ".txt"}
    files = {
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.suffix in endings and p.is_file()
    }
    articles = [article["path"] for article in document["articles"]]
    skipped = [each["path"] for each in document["skipped"]]
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert sorted(articles + skipped) == sorted(files)
    assert all(article["title"] for article in document["articles"])


def test_run_serves_the_link_in_the_mail_and_sends_what_is_due(tmp_path: Path) -> None:
    import re
    import signal
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        web = free.getsockname()[1]
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.set(bind=f'"127.0.0.1:{web}"', public_url=f'"http://127.0.0.1:{web}"').subscribe(2, now="")
        project.run("send", "weekly", "--yes", "--now", NOW)
        running = project.start("run")
        try:
            assert running.stderr is not None
            assert "Pages on" in running.stderr.readline()
            message = inbox(tmp_path / "inbox")[0]
            link = re.findall(r"<(http[^>]+)>", str(message["List-Unsubscribe"]))[0]
            body = b"List-Unsubscribe=One-Click"
            with urllib.request.urlopen(link, data=body, timeout=30) as answer:
                assert answer.status == 200
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=60)
        assert running.returncode == 0
    left = project.json("subscribers", "show", str(message["Delivered-To"]))
    assert left["newsletters"][0]["status"] == "unsubscribed"


def test_hosted_pictures_are_served_under_the_address_in_the_mail(tmp_path: Path) -> None:
    import re
    import signal
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        web = free.getsockname()[1]
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.set(bind=f'"127.0.0.1:{web}"', public_url=f'"http://127.0.0.1:{web}"').subscribe(1, now="")
        project.run("send", "weekly", "--yes", "--now", NOW)
        (message,) = inbox(tmp_path / "inbox")
        html = cast(EmailMessage, message.get_body(("html",))).get_content()
        links = re.findall(rf'src="(http://127\.0\.0\.1:{web}/media/[^"]+)"', html)
        assert len(links) > 3 and "cid:" not in html
        assert [part.get_content_maintype() for part in message.walk()].count("image") == 0
        running = project.start("run")
        try:
            assert running.stderr is not None
            assert "Pages on" in running.stderr.readline()
            with urllib.request.urlopen(links[0], timeout=30) as answer:
                assert answer.headers["content-type"].startswith("image/")
                assert len(answer.read()) > 5000
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=60)


def test_a_logo_travels_in_the_mail(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "project", 25).set(logo='"content/images/clock.png"')
    project.run("build", "weekly", "--now", NOW, "--out", str(tmp_path / "out"))
    html = (tmp_path / "out" / "email.html").read_text()
    eml = (tmp_path / "out" / "email.eml").read_bytes()
    import re

    (source,) = re.findall(r'src="(cid:[^"]+)" alt="The Slow Post" width="\d+" height="\d+"', html)
    assert f"Content-ID: <{source.removeprefix('cid:')}>".encode() in eml

    project.set(logo='"nowhere.png"')
    assert "theme.logo: nowhere.png" in project.run("build", "weekly", "--now", NOW, expect=3).stderr


def test_one_newsletters_broken_template_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        text = project.config.read_text()
        broken = (
            '[newsletters.alpha]\nfrom = "a@slowpost.example"\nschedule = "mon 09:00"\ntemplate = "gone"\n\n'
        )
        project.config.write_text(text.replace("[newsletters.weekly]", f"{broken}[newsletters.weekly]", 1))
        project.subscribe(2)
        project.run("tick", "--now", NOW)
        fired = project.json("tick", "--now", "2026-11-23T09:00", expect=3)

    assert [slot["issue"] for slot in fired["slots"]] == [None, "weekly-2026-11-23"]
    assert "gone.mjml.j2" in fired["slots"][0]["reason"]
    assert len(inbox(tmp_path / "inbox")) == 2


def test_a_schedule_that_moves_within_a_day_makes_two_issues(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port).set(schedule='"daily 09:00"', max_items="1")
        project.subscribe(1)
        project.run("tick", "--now", NOW)
        project.run("tick", "--now", "2026-11-23T09:00")
        project.set(schedule='"weekdays 18:00"')
        fresh = "---\ntitle: Fresh\ndate: 2026-11-23\n---\nA fresh one.\n"
        (project.folder / "content" / "fresh.md").write_text(fresh)
        project.run("tick", "--now", "2026-11-23T09:05")
        fired = project.json("tick", "--now", "2026-11-23T18:00")["slots"]

    assert [slot["issue"] for slot in fired] == ["weekly-2026-11-23-2"]


def test_nobody_subscribed_uses_nothing_up(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        assert (
            "no active subscribers" in project.run("send", "weekly", "--yes", "--now", NOW, expect=3).stderr
        )
        project.run("tick", "--now", NOW)
        (slot,) = project.json("tick", "--now", "2026-11-23T09:00")["slots"]
        assert slot["reason"] == "nobody is subscribed"
        project.subscribe(1)
        assert project.json("send", "weekly", "--yes", "--now", NOW)["sent"] == 1


def test_test_mails_sent_at_the_same_moment_do_not_meet(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.run("outbox", "status")
        words = ("send", "weekly", "--now", NOW, "--test")
        together = [project.start(*words, f"me{number}@example.org") for number in range(3)]
        said = [process.communicate(timeout=90) for process in together]

    assert [process.returncode for process in together] == [0, 0, 0], said
    assert set(received(tmp_path / "inbox").values()) == {1}


def test_two_sends_at_the_same_moment_make_one_issue(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.subscribe(20)
        together = [project.start("send", "weekly", "--yes", "--now", NOW) for _ in range(3)]
        for process in together:
            process.communicate(timeout=90)

    assert received(tmp_path / "inbox") == {f"r{number}@example.org": 1 for number in range(1, 21)}


def test_a_content_folder_that_is_away_does_not_hold_up_what_waits(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "nobody") as gone:
        port = gone.port
    project = sample_project(tmp_path / "project", port)
    project.subscribe(3)
    project.run("send", "weekly", "--yes", "--now", NOW, expect=7)
    (project.folder / "content").rename(project.folder / "elsewhere")

    with MailDrop(tmp_path / "inbox") as drop:
        project.set(port=str(drop.port))
        done = project.run("tick", "--now", NOW, expect=3)
    assert "there is no such content folder" in done.stderr
    assert received(tmp_path / "inbox") == {f"r{number}@example.org": 1 for number in range(1, 4)}


def test_the_schedule_begins_with_the_first_import(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        people = project.folder / "people.csv"
        people.write_text("email\nr1@example.org\n")
        project.run("subscribers", "import", str(people), "--now", NOW)
        (slot,) = project.json("tick", "--now", "2026-11-23T09:00")["slots"]  # the first tick ever

    assert slot["issue"] == "weekly-2026-11-23"
    assert received(tmp_path / "inbox") == {"r1@example.org": 1}
