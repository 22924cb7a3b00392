"""Draws the pictures of the documents: the sample mails and the reader pages in headless Chromium.

    python docs/screenshots.py      into docs/pictures/, from the repository's folder

Needs Chromium (`apt-get install chromium`) and what the tests need. The mails are those that the benchmarks
measure; the one in Arabic is that of the checks. Nothing in the pictures depends on the day.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import eyes, mails  # noqa: E402 - the repository's folder must be known first
from newsletter.audience.subscribers import add  # noqa: E402
from newsletter.cli.init import lay_out  # noqa: E402
from newsletter.config import load, unpack  # noqa: E402
from newsletter.delivery.compose import sample  # noqa: E402
from newsletter.outbox.ledger import NOTHING  # noqa: E402
from newsletter.pipeline import Built, build  # noqa: E402
from newsletter.store.database import open_database  # noqa: E402
from newsletter.web.reader import leaving, preferences, signing_up  # noqa: E402
from newsletter.web.reader.asking import Form  # noqa: E402
from newsletter.web.reader.house import House  # noqa: E402
from newsletter.web.reader.visits import Turn, Visit  # noqa: E402
from tests.checks.golden_mail import GOLDEN, built, laid_out  # noqa: E402
from tests.web_reader.conftest import CONFIG as PAGES  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
COLOURS = 128


def main() -> None:
    """Every picture, drawn anew."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, eyes.chromium() as seeing:
        for name, html, width, scheme in _wanted(Path(folder)):
            drawn = eyes.picture(seeing, html, width, scheme)
            drawn.quantize(COLOURS).save(PICTURES / f"{name}-{width}-{scheme}.png", optimize=True)


def _wanted(folder: Path) -> Iterator[tuple[str, str, int, eyes.Scheme]]:
    """Name, page, width and scheme of each."""
    made = {mail.name: mail for mail in mails.mails(folder / "mails")}
    digest, post = _weekly(folder / "weekly"), made["post"].seen()
    schemes: tuple[eyes.Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        for width in eyes.WIDTHS:
            yield "digest", digest, width, scheme
            yield "post", post, width, scheme
        yield "digest-arabic", _arabic(folder / f"arabic-{scheme}"), 600, scheme
    yield "digest-without-images", _without_images(digest), 600, "light"
    yield "post-without-images", _without_images(post), 600, "light"
    for letter in ("confirm", "welcome", "goodbye"):
        yield letter, made[letter].seen(), 600, "light"
        yield letter, made[letter].seen(), 320, "dark"
    for name, html in _pages(folder):
        yield f"page-{name}", html, 600, "light"
        yield f"page-{name}", html, 320, "dark"


def _pages(folder: Path) -> Iterator[tuple[str, str]]:
    """What readers see on the way in, and on the way out."""
    file = folder / "pages.toml"
    file.write_text(PAGES.replace("Slow <Post> Weekly", "The Slow Post"))
    config = load(file, {})
    with open_database(config.store_path) as database:
        house = House(config, database, lambda: mails.NOW, lambda: None)
        id = add(database, "ida@slowpost.example", newsletters=("weekly",), now=mails.NOW).subscriber_id

        def seen(turn: Turn, token: str = "", *, acts: bool = False) -> str:
            visit = Visit(token, acts, Form(), mails.NOW, "127.0.0.0/24", "", ("en",))
            return bytes(turn(house, visit).body).decode()

        yield "sign-up", seen(signing_up.sign_up)
        yield "preferences", seen(preferences.preferences, house.tokens.preferences(id))
        yield "left", seen(leaving.unsubscribe, house.tokens.unsubscribe(id, "weekly"), acts=True)


def _weekly(folder: Path) -> str:
    """The sample digest, as a newcomer's first `newsletter build` makes it."""
    lay_out(folder)
    config = load(folder / "config.toml", {})
    made = build(config, "weekly", NOTHING, id="weekly-2026-11-23", due=mails.NOW)
    assert isinstance(made, Built), made.reason
    page = sample(made.issue, made.rendered, made.slots, unpack.identity(config, "weekly")).html
    return mails.with_pictures(page, made.issue.media)


def _arabic(folder: Path) -> str:
    config, made = built(laid_out(folder, GOLDEN / "good" / "arabic"))
    name = made.issue.newsletter
    page = sample(made.issue, made.rendered, made.slots, unpack.identity(config, name)).html
    return mails.with_pictures(page, made.issue.media)


def _without_images(html: str) -> str:
    """As a mail program shows it that loads none: the same, and no picture can be had."""
    return html.replace('src="data:', 'src="missing:')


if __name__ == "__main__":
    main()
