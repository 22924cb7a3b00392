"""HTML in a real Chromium -> what can be seen of it. Nothing is loaded from anywhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.oracles import axe, program

Scheme = Literal["light", "dark"]
WIDTHS: Final = (320, 600, 1200)
FLAGS: Final = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
_TAGS: Final = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa best-practice".split()
#: A mail is an article inside the page of a mail program, which has the landmarks.
IN_A_PAGE: Final = ("landmark-one-main", "region")
_RUN_AXE: Final = """([values, without]) => axe.run(document, {
  runOnly: {type: "tag", values}, rules: Object.fromEntries(without.map(id => [id, {enabled: false}]))})"""
_STYLES: Final = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    if (!node.textContent.trim()) continue;
    const style = getComputedStyle(node.parentElement);
    found.push([node.textContent.trim().slice(0, 40), style.color, style.fontSize, style.fontWeight,
      style.fontFamily, style.fontStyle, style.textDecorationLine, style.lineHeight, style.marginTop,
      style.letterSpacing, style.textTransform].join("|"));
  }
  return found;
}"""
_SHAPE: Final = """() => ({
  mode: document.compatMode, scroll: document.documentElement.scrollWidth,
  silent: document.querySelectorAll("img:not([alt])").length,
  broken: [...document.images].filter(image => !image.naturalWidth).length,
})"""
_STYLE = re.compile(r"(<!--.*?-->)|<style[^>]*>(.*?)</style>", re.DOTALL)


class Eyes:
    """One page that shows one HTML after the other."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._page = browser.new_page()
        self._page.route(re.compile("^(?!data:|about:)"), lambda route: route.abort())

    def show(self, html: str, width: int, scheme: Scheme = "light") -> Page:
        """The page with the HTML in it; the one before is gone."""
        self._page.set_viewport_size({"width": width, "height": 900})
        self._page.emulate_media(color_scheme=scheme)
        self._page.set_content(html)
        return self._page


@contextmanager
def chromium() -> Iterator[Eyes]:
    """The Chromium that is installed. Raises oracles.AbsentError."""
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield Eyes(browser)
        finally:
            browser.close()


def violations(page: Page, without: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and its best practice: rule, element, reason."""
    page.evaluate(axe())
    found = page.evaluate(_RUN_AXE, [_TAGS, list(without)])["violations"]
    return [_told(violation["id"], node) for violation in found for node in violation["nodes"]]


def _told(rule: str, node: dict[str, Any]) -> str:
    reasons = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return f"{rule}: {' '.join(map(str, node['target']))}: {'; '.join(reasons)[:200]}"


def mail_violations(eyes: Eyes, html: str) -> list[str]:
    """What axe-core finds in a mail on a phone and on a desk, light and dark."""
    found = []
    for scheme in ("light", "dark"):
        for width in (320, 1200):
            page = eyes.show(html, width, scheme)
            found += [f"{width} {scheme} {told}" for told in violations(page, IN_A_PAGE)]
    return found


def without_styles(html: str) -> str:
    """What is left of a mail where a mail program strips every style block."""
    return _STYLE.sub(lambda found: found[1] or "", html)


def style_bytes(html: str) -> int:
    """The size of the style blocks, those for Word in comments included."""
    return sum(len(block.encode()) for block in re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))


def survival(eyes: Eyes, html: str) -> tuple[float, list[str]]:
    """Percent of text nodes whose computed style is the same without style blocks, and those that differ."""
    whole = eyes.show(html, 700).evaluate(_STYLES)
    stripped = eyes.show(without_styles(html), 700).evaluate(_STYLES)
    changed = [f"{a} -> {b}" for a, b in zip(whole, stripped, strict=True) if a != b]
    return 100 * (1 - len(changed) / len(whole)), changed


def shape(eyes: Eyes, html: str, width: int) -> dict[str, Any]:
    """Mode of the parser, width of the page, images without alt text, images that did not load."""
    found: dict[str, Any] = eyes.show(html, width).evaluate(_SHAPE)
    return found


def picture(eyes: Eyes, html: str, width: int, scheme: Scheme = "light") -> Image.Image:
    """The whole page as one picture."""
    png = eyes.show(html, width, scheme).screenshot(full_page=True)
    return Image.open(io.BytesIO(png)).convert("RGB")


def unlike(one: Image.Image, other: Image.Image) -> int:
    """How many pixels of two pictures differ; what one has more counts as different."""
    width, height = max(one.width, other.width), max(one.height, other.height)
    frames = [Image.new("RGB", (width, height)) for _ in range(2)]
    for frame, image in zip(frames, (one, other), strict=True):
        frame.paste(image)
    bands = ImageChops.difference(*frames).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return width * height - most.histogram()[0]
