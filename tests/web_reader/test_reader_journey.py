"""A reader's whole way, in a real browser against the real command, with real mail in between."""

import re
import signal
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import Project, inbox, sample_project
from tests.needs import absent

pytestmark = pytest.mark.browser

#: Longer than anything takes on a busy machine.
PATIENCE = 60_000


def free_port() -> int:
    """One that the links in mails can name before anything listens there."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core, where it is installed."""
    file = Path(__file__).parents[1] / "render_oracles" / "node_modules" / "axe-core" / "axe.min.js"
    return file.read_text() if file.exists() else absent("`npm ci --prefix tests/render_oracles`")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Project]]:
    """The sample publication, served and sending: its address, and where its mail arrives."""
    folder, port = tmp_path_factory.mktemp("journey"), free_port()
    with MailDrop(folder / "inbox") as drop:
        project = sample_project(folder / "project", drop.port)
        url = f"http://127.0.0.1:{port}"
        project.set(bind=f'"127.0.0.1:{port}"', public_url=f'"{url}"')
        with project.config.open("a") as config:
            config.write('\n[signup]\nform_min_age = "1s"\n')
        process = project.start("run")
        try:
            assert process.stderr is not None
            assert "Pages on" in process.stderr.readline()
            yield url, folder / "inbox", project
        finally:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
            assert "Traceback" not in told, told


def link(mail: EmailMessage, page: str) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    found = re.search(rf"http://127\.0\.0\.1:\d+/{page}/\S+", str(part.get_content()))
    assert found is not None, part.get_content()
    return found[0]


def arrived(page: Page, maildir: Path, address: str, subject: str) -> EmailMessage:
    """The newest mail to an address with such a subject; waits until it is there."""
    for _ in range(PATIENCE // 100):
        mails = inbox(maildir) if (maildir / "new").exists() else []
        ours = [mail for mail in mails if mail["Delivered-To"] == address and subject in mail["Subject"]]
        if ours:
            return ours[-1]
        page.wait_for_timeout(100)
    raise AssertionError(f"no mail {subject!r} came to {address}")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1200, "light")])
def test_from_the_form_to_being_forgotten(
    running: tuple[str, Path, Project], browser: Browser, axe: str, width: int, scheme: str
) -> None:
    url, maildir, project = running
    address = f"ann{width}@example.org"
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # axe is put into the page
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)

    def sees(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading, timeout=PATIENCE)
        page.evaluate(axe)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def press(button: str) -> None:
        page.get_by_role("button", name=button, exact=True).click()

    def goes(name: str) -> None:
        page.get_by_role("link", name=name, exact=True).click()

    page.goto(url)
    sees("The Slow Post by email")
    page.get_by_label("Your email address").fill(address)
    press("Sign up")
    if page.get_by_text("That was fast").count():
        page.wait_for_timeout(1000)  # what the page asks of its reader
        press("Sign up")
    sees("Now look in your inbox")

    page.goto(link(arrived(page, maildir, address, "Please confirm"), "c"))
    sees("Shall we send you The Slow Post?")
    press("Yes, send it to me")
    sees("Good to have you")

    welcome = arrived(page, maildir, address, "Welcome")
    page.goto(link(welcome, "p"))
    sees("What we send you")
    page.get_by_label("Time zone").select_option("Europe/Oslo")
    press("Save")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    sees("What we send you")

    page.goto(link(welcome, "u"))
    sees("Stop The Slow Post?")
    press("Unsubscribe")
    sees("You are unsubscribed")
    press("Undo")
    sees("Everything is as it was")

    goes("Choose what you get")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Oslo")
    goes("Erase me")
    sees("Erase everything about you?")
    page.get_by_label("Yes, erase it").check()
    press("Erase me")
    sees("You are erased")
    context.close()
    found = project.json("subscribers", "show", address)
    assert (found["erased"], found["consent"], found.get("address")) == (True, [], None)
