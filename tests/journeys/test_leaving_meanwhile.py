"""Leaving while an issue is sent, being erased, signing up at the demo: real processes, a real server."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from newsletter.config import load, unpack
from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, inbox, received, sample_project

ONE_CLICK = b"List-Unsubscribe=One-Click"
PEOPLE = 60


def wait_for(maildir: Path, address: str, seconds: float = 60) -> None:
    """Until the first message to an address is there."""
    end = time.monotonic() + seconds
    while not received(maildir)[address]:
        assert time.monotonic() < end, received(maildir)
        time.sleep(0.02)


def asked(page: str, form: bytes | None) -> str:
    """What the page says, whatever its status."""
    try:
        with urllib.request.urlopen(page, data=form, timeout=30) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refusal:
        return refusal.read().decode()


def test_who_leaves_by_one_click_while_an_issue_is_sent_does_not_get_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        web = free.getsockname()[1]
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.set(bind=f'"127.0.0.1:{web}"', public_url=f'"http://127.0.0.1:{web}"').subscribe(
            PEOPLE, now=""
        )
        project.add("sender", 'rate = "15/s"')
        pages = project.start("run")
        try:
            assert pages.stderr is not None
            assert "Pages on" in pages.stderr.readline()
            sending = project.start("send", "weekly", "--yes", "--now", NOW)
            wait_for(tmp_path / "inbox", "r1@example.org")
            tokens = unpack.tokens(load(project.config, {}))
            link = f"http://127.0.0.1:{web}/u/{tokens.unsubscribe(PEOPLE, 'weekly')}"
            with urllib.request.urlopen(link, data=ONE_CLICK, timeout=30) as answer:
                assert answer.status == 200
            sending.communicate(timeout=120)
        finally:
            pages.send_signal(signal.SIGTERM)
            pages.communicate(timeout=60)
    everybody = [f"r{number}@example.org" for number in range(1, PEOPLE + 1)]
    assert received(tmp_path / "inbox") == dict.fromkeys(everybody[:-1], 1)
    left = project.json("subscribers", "show", everybody[-1])
    assert [each["status"] for each in left["newsletters"]] == ["unsubscribed"]


def test_who_signs_up_at_the_demo_gets_a_letter(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "newsletter", "demo", "--out", str(tmp_path / "out")]
    demo = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    try:
        assert demo.stdout is not None
        told = next(line for line in demo.stdout if "/subscribe" in line)
        page = re.findall(r"http://\S+/subscribe", told)[0]
        text = asked(page, None)
        while "look in your inbox" not in text:  # whoever is faster than a reader is asked to press again
            hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
            text = asked(page, urllib.parse.urlencode([*hidden, ("email", "zoe@reader.example")]).encode())
        wait_for(tmp_path / "out" / "inbox", "zoe@reader.example")
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=60)
    letter = next(m for m in inbox(tmp_path / "out" / "inbox") if m["Delivered-To"] == "zoe@reader.example")
    assert letter["Subject"] == "Please confirm: The Slow Post"


def test_who_is_erased_on_the_page_stands_in_no_file_after_the_next_tick(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        web = free.getsockname()[1]
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.set(bind=f'"127.0.0.1:{web}"', public_url=f'"http://127.0.0.1:{web}"').subscribe(
            PEOPLE, now=""
        )
        (project.folder / "people.csv").unlink()
        store = project.folder / ".newsletter"
        assert holds(store, b"r7@example.org")
        pages = project.start("run")
        try:
            assert pages.stderr is not None
            assert "Pages on" in pages.stderr.readline()
            tokens = unpack.tokens(load(project.config, {}))
            page = f"http://127.0.0.1:{web}/erase/{tokens.preferences(7)}"
            assert "You are erased" in asked(page, b"sure=yes")
        finally:
            pages.send_signal(signal.SIGTERM)
            _, told = pages.communicate(timeout=60)
        project.run("tick", "--now", NOW)
    assert "r7@" not in told
    assert not holds(store, b"r7@example.org")
    assert holds(store, b"r8@example.org")


def holds(folder: Path, text: bytes) -> bool:
    """Whether it stands in any file there."""
    return any(text in file.read_bytes() for file in folder.rglob("*") if file.is_file())
