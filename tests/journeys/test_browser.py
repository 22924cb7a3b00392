"""The sample digest in a real browser: narrow and wide, standards mode, nothing to scroll sideways."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.journeys.project import NOW, sample_project
from tests.needs import program

WIDTHS = (320, 375, 600, 1200)
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --virtual-time-budget=8000 --window-size=1300,900 --dump-dom"
).split()

#: Frames of each width show the mail; what they measure is written into the page.
PAGE = """<!doctype html><body><script>
const html = %s;
Promise.all(%s.map(width => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:4000px;border:0`;
  frame.onload = () => {
    const page = frame.contentDocument, root = page.documentElement;
    done({
      width, scroll: root.scrollWidth, mode: page.compatMode, language: root.lang,
      silent: [...page.images].filter(image => !image.hasAttribute("alt")).length,
      images: page.images.length,
      small: [...page.querySelectorAll("p")].filter(p => p.textContent.trim()
        && parseFloat(frame.contentWindow.getComputedStyle(p).fontSize) < 13).length,
      headings: page.querySelectorAll("h1").length,
    });
  };
  frame.srcdoc = html;
  document.body.append(frame);
}))).then(found => { const pre = document.createElement("pre"); pre.id = "found";
  pre.textContent = JSON.stringify(found); document.body.append(pre); });
</script>"""


@pytest.mark.browser
def test_the_digest_fits_every_width_and_is_read_in_standards_mode(tmp_path: Path) -> None:
    chromium = program("chromium", "chromium")
    project = sample_project(tmp_path / "project", 25)
    project.run("build", "weekly", "--now", NOW, "--out", str(tmp_path / "out"))
    html = (tmp_path / "out" / "email.html").read_text()
    page = tmp_path / "page.html"
    page.write_text(PAGE % (json.dumps(html).replace("</", "<\\/"), json.dumps(WIDTHS)))
    words = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
    dom = subprocess.run(words, capture_output=True, text=True, timeout=120).stdout

    match = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert match is not None, dom[-2000:]
    found = json.loads(match[1])
    assert [one["width"] for one in found] == list(WIDTHS)
    for one in found:
        assert one["scroll"] == one["width"]
        assert (one["mode"], one["language"]) == ("CSS1Compat", "en")
        assert (one["silent"], one["small"], one["headings"]) == (0, 0, 1)
        assert one["images"] > 3
