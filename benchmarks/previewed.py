"""`newsletter preview` in a real Chromium -> how soon a change is seen, and what axe-core finds."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from benchmarks import eyes
from benchmarks.mails import DIGEST_OF_TEN, NOW, project
from benchmarks.row import Row, median, spread

CHANGES: Final = 9
MAIL: Final = f"/n/{DIGEST_OF_TEN}"
#: Each tab, another way of looking, a letter, and a page that is not there.
PAGES: Final = (
    *(MAIL + tab for tab in ("", "/text", "/source", "/message", "/checks")),
    f"{MAIL}?styles=off&w=320&mail=dark",
    f"/l/{DIGEST_OF_TEN}/confirm",
    "/n/nothing",
)
_TITLE = re.compile(r"(?m)^title:.*$")
_BUILT = re.compile(r"built in (\d+) ms")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_PATIENCE: Final = 60_000  #: milliseconds


def rows(folder: Path) -> Iterator[Row]:
    """The rows of the preview. Raises oracles.AbsentError without Chromium."""
    place = folder / "previewed"
    project(place)
    with eyes.chromium() as seeing, _previewing(place) as address:
        yield _axe(seeing.browser, address)
        yield _change(seeing.browser, address + MAIL, place / "content")


@contextmanager
def _previewing(place: Path) -> Iterator[str]:
    """A preview of the project: its address."""
    words = ["preview", "--port", "0", "--config", str(place / "config.toml"), "--now", NOW.isoformat()]
    with subprocess.Popen(
        [sys.executable, "-m", "newsletter", *words], stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        try:
            told = running.stderr.readline()
            found = _ADDRESS.search(told)
            if found is None:
                raise AssertionError(f"newsletter preview did not start: {told}{running.stderr.read()}")
            yield found[0]
        finally:
            running.terminate()


# ── axe-core ────────────────────────────────────────────────────────────────


def _axe(browser: Browser, address: str) -> Row:
    found: list[str] = []
    for scheme in ("light", "dark"):
        for width in (320, 1200):
            found += [f"{width} {scheme} {told}" for told in _violations(browser, address, width, scheme)]
    for fault in found:
        print(f"axe, preview: {fault}", file=sys.stderr)
    detail = f"{len(PAGES)} pages, 320 and 1200 px, light and dark"
    return Row("axe_violations_preview", len(found), "<= 0", "", detail)


def _violations(browser: Browser, address: str, width: int, scheme: eyes.Scheme) -> Iterator[str]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.set_default_timeout(_PATIENCE)
    for path in PAGES:
        page.goto(address + path)
        yield from (f"{path} {told}" for told in eyes.violations(page))
    page.close()


# ── a change ────────────────────────────────────────────────────────────────


def _change(browser: Browser, address: str, content: Path) -> Row:
    """From the moment a file has its new text to the moment the new headline has been painted."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(_PATIENCE)
    page.goto(address)
    path = content / _lead(page)
    times, builds = [], []
    for number in range(CHANGES + 1):
        times.append(_seen(page, path, f"Change number {number}"))
        builds.append(_built(page))
    page.close()
    detail = f"{spread(times[1:])}; building took {median(builds[1:]):.0f} of it"
    return Row("preview_change_to_picture_ms", median(times[1:]), "<= 500", "", detail)


def _built(page: Page) -> float:
    """What the preview says about its last build, in milliseconds."""
    told = _BUILT.search(page.locator(".live").inner_text())
    return float(told[1]) if told else 0.0


def _lead(page: Page) -> str:
    """The file of the first article of the mail."""
    told = page.locator("#rail small", has_text=".md ·").first.inner_text()
    return told.partition(" ·")[0].strip()


def _seen(page: Page, path: Path, title: str) -> float:
    """Milliseconds."""
    text = _TITLE.sub(f"title: {title}", path.read_text(encoding="utf-8"), count=1)
    began = time.perf_counter()
    path.write_text(text, encoding="utf-8")
    page.frame_locator("#frame").get_by_role("heading", name=title, exact=True).wait_for()
    page.screenshot(clip={"x": 0, "y": 0, "width": 8, "height": 8})  # answered when the frame is painted
    return 1000 * (time.perf_counter() - began)
