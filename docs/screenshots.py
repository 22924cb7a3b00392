"""Draws the pictures of the documents: the sample digest in headless Chromium.

    python docs/screenshots.py [WIDTH ...]      into docs/pictures/

Needs Chromium (`apt-get install chromium`). The digest is built as on the Sunday
after the newest sample article, so that the pictures do not depend on the day.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from email import message_from_bytes, policy
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
BUILT_AT = "2026-11-22T12:00"
TALL = 6000
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync --force-device-scale-factor=1"
).split()


def main() -> None:
    """Build the digest, draw it at each width, light and dark."""
    widths = [int(word) for word in sys.argv[1:]] or [320, 600, 1200]
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "digest.html"
        page.write_text(digest(Path(folder)), encoding="utf-8")
        for width in widths:
            for scheme in ("light", "dark"):
                shoot(page, PICTURES / f"digest-{width}-{scheme}.png", width, scheme)


def digest(folder: Path) -> str:
    """The HTML of the sample digest, its pictures inside."""
    build = [sys.executable, "-m", "newsletter", "build", "weekly", "--now", BUILT_AT, "--out", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    message = message_from_bytes((folder / "email.eml").read_bytes(), policy=policy.default)
    html = (folder / "email.html").read_text(encoding="utf-8")
    for part in message.walk():
        if part["Content-ID"]:
            data = f"data:{part.get_content_type()};base64,{b64encode(part.get_content()).decode()}"
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", data)
    assert "cid:" not in re.sub(r"data:[^\"]*", "", html)
    return html


def shoot(page: Path, target: Path, width: int, scheme: str) -> None:
    """Draw a page at full height, cut to what is on it."""
    chromium = shutil.which("chromium") or sys.exit("Chromium is missing: apt-get install chromium")
    # A window cannot be narrower than about 500 pixels: a frame can.
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder) / "frame.html"
        frame.write_text(
            f'<body style="margin:0;background:#f0f"><iframe src="{page.as_uri()}" '
            f'style="border:0;width:{width}px;height:{TALL}px;color-scheme:{scheme}"></iframe>'
        )
        dark = 0 if scheme == "dark" else 1
        subprocess.run(
            [chromium, *FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={max(width, 600)},{TALL}",
             f"--blink-settings=preferredColorScheme={dark}", f"--screenshot={target}", frame.as_uri()],
            check=True, capture_output=True, timeout=90,
        )  # fmt: skip
    with Image.open(target) as picture:
        drawn = picture.convert("RGB").crop((0, 0, width, picture.height))
    drawn.crop((0, 0, width, bottom(drawn))).quantize(128).save(target, optimize=True)


def bottom(picture: Image.Image) -> int:
    """The height down to the last line that is not empty, and a margin."""
    ground = picture.getpixel((2, picture.height - 2))
    blank = Image.new("RGB", (picture.width, 1), ground)
    line = picture.height - 1
    while line and picture.crop((0, line, picture.width, line + 1)).tobytes() == blank.tobytes():
        line -= 1
    return min(picture.height, line + 32)


if __name__ == "__main__":
    main()
