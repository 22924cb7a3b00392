"""A project that is being previewed by the real command, and the real browser that looks at it."""

import contextlib
import re
import signal
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, Project, sample_project
from tests.needs import absent, program
from tests.web_preview.overview import overview

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
LONG = " ".join(f"Line {n} of a story that goes on for a while." for n in range(12))
DATES = {"tide": "2026-11-21", "ropes": "2026-11-20"}


def png(width: int, height: int) -> bytes:
    """A picture of one colour."""
    rows = b"".join(b"\0" + b"\x20\x60\x50" * width for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@dataclass(frozen=True, slots=True)
class House:
    """A running preview."""

    url: str
    project: Project
    drop: MailDrop

    def article(self, name: str, title: str, text: str = LONG) -> Path:
        """Write an article, or write it anew."""
        file = self.project.folder / "content" / f"{name}.md"
        head = f"title: {title}\ndate: {DATES.get(name, '2026-11-19')}\nimage: tile.png\nimage_alt: A tile"
        file.write_text(f"---\n{head}\n---\n{name.capitalize()}. {text}\n")
        return file

    def template(self, name: str, text: str) -> Path:
        """Write a template of the project's own."""
        file = self.project.folder / "templates" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


@contextlib.contextmanager
def previewed(folder: Path) -> Iterator[House]:
    """Three articles, three readers, one newsletter by its slot and one by hand, and `newsletter preview`."""
    with MailDrop(folder / "inbox") as drop:
        project = sample_project(folder / "project", drop.port).set(images='"cid"')
        for file in (project.folder / "content").rglob("*"):
            if file.is_file():
                file.unlink()
        (project.folder / "content" / "tile.png").write_bytes(png(640, 320))
        house = House("", project, drop)
        for name, title in (("tide", "The tide"), ("ropes", "Ropes and rust"), ("salt", "Salt, slowly")):
            house.article(name, title)
        (project.folder / "content" / "later.md").write_text(
            "---\ntitle: Later\ndraft: true\n---\nNot yet.\n"
        )
        with project.config.open("a") as config:
            config.write('\n[newsletters.notes]\ntitle = "Notes"\nfrom = "Ida Vang <ida@slowpost.example>"\n')
        people = folder / "people.csv"
        people.write_text(
            "email,name\nana@example.com,Ana Lind\nbo@example.com,Bo <b>Bold</b>\nbo2@example.com,Bo Two\n"
        )
        project.run("subscribers", "import", str(people), "--now", NOW)
        words = ("preview", "--port", "0", "--now", NOW)
        running = project.start(*words)
        try:
            assert running.stderr is not None
            said = running.stderr.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found, said + running.stderr.read()
            yield House(found[0], project, drop)
        finally:
            running.send_signal(signal.SIGINT)
            _, told = running.communicate(timeout=30)
            assert (running.returncode, "Traceback" in told) == (0, False), told


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with previewed(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One that the tests of a module look at and leave as it is."""
    with previewed(tmp_path_factory.mktemp("still")) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module only: while it is open, no other test can have an event loop."""
    chromium = program("chromium", "chromium")
    expect.set_options(timeout=20_000)  # a busy machine is no failure; how fast it is has a test of its own
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe() -> Path:
    """axe-core, where it is installed."""
    file = Path(__file__).parents[1] / "render_oracles" / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        absent("axe-core is not installed: `npm ci --prefix tests/render_oracles`")
    return file


@pytest.fixture(scope="module")
def foreseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a preview with a plan and reasons that were made by hand."""
    with overview(tmp_path_factory.mktemp("foreseen")) as url:
        yield url


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    made.set_default_timeout(20_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; what goes wrong in it is a failure."""
    wrong: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield made
    # Chromium calls it an error that pictures are off.
    assert [said for said in wrong if "\"img-src 'none'\"" not in said] == []
