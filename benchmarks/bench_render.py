"""The rendered mail and its preview, held against the programs that judge such mails.

A row whose program is not installed is left out, and the reason is told on standard error. The mails are
those of the sample publication (:mod:`benchmarks.mails`); the digest has ten cards.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Final

import jinja2

from benchmarks import eyes, oracles, previewed
from benchmarks.mails import DIGEST_OF_TEN, NOW, TEMPLATES, Mail, mails
from benchmarks.row import Row, median, spread
from newsletter.cli.init import lay_out
from newsletter.errors import RenderError
from newsletter.issue.checks.support import scores, unsupported
from newsletter.issue.mjml_html import to_html
from newsletter.issue.render import render

WARM: Final = 5  #: turns
RUNS: Final = 20
IN_A_ROW: Final = 5
BUILDS: Final = 5
#: What each mail program must show, in percent, weighted by use.
SUPPORT: Final = {
    "gmail.desktop-webmail": 97,
    "gmail.android": 94,
    "outlook.windows": 82,
    "outlook.outlook-com": 97,
    "apple-mail.ios": 98.5,
    "yahoo.desktop-webmail": 90,
}
SPAM_TESTED: Final = ("digest", "post", "confirm", "welcome")


def rows() -> list[Row]:
    """All rows of the table."""
    with tempfile.TemporaryDirectory() as there:
        folder = Path(there)
        made = mails(folder / "project")
        digest = next(mail for mail in made if mail.name == DIGEST_OF_TEN)
        return [
            *_weight(digest),
            *_or_reason("what Chromium shows", lambda: _eyes(made)),
            *_or_reason("spamassassin", lambda: _spam(made, folder)),
            *_support(digest),
            *_or_reason("npm mjml", lambda: _npm(made)),
            *_or_reason("npm mjml and juice", lambda: [_speed(digest, folder)]),
            _first_build(folder),
            *_or_reason("preview", lambda: previewed.rows(folder)),
        ]


def _or_reason(what: str, measure: Callable[[], Iterable[Row]]) -> list[Row]:
    try:
        return list(measure())
    except oracles.AbsentError as absent:
        print(f"{what}: left out: {absent}", file=sys.stderr)
        return []


def _weight(digest: Mail) -> Iterator[Row]:
    assert digest.issue is not None
    cards = f"{len(digest.issue.cards)} cards"
    yield Row("digest_html_bytes", len(digest.html.encode()), "<= 90000", "", cards)
    styles = eyes.style_bytes(digest.html)
    yield Row("digest_style_bytes", styles, "<= 8192", "", "all blocks, those for Word in comments too")
    parts = [p for p in message_from_bytes(digest.data).walk() if p.get_content_maintype() == "text"]
    codings = [f"{p.get_content_type()} {p['Content-Transfer-Encoding']}" for p in parts]
    quoted = len(parts) == 2 and all(p["Content-Transfer-Encoding"] == "quoted-printable" for p in parts)
    yield Row("message_in_quoted_printable", int(quoted), ">= 1", "", ", ".join(codings))


# ── Chromium ────────────────────────────────────────────────────────────────


def _eyes(made: tuple[Mail, ...]) -> list[Row]:
    with eyes.chromium() as seeing:
        axe = [_axe(mail.name, eyes.mail_violations(seeing, mail.seen())) for mail in made]
        survived = {mail.name: eyes.survival(seeing, mail.seen()) for mail in made}
    for name, (_, changed) in survived.items():
        _tell(f"{name}, styles stripped", changed)
    shares = [share for share, _ in survived.values()]
    detail = f"the worst of {', '.join(survived)}"
    return [*axe, Row("styles_stripped_text_kept_percent", min(shares), ">= 100", "", detail)]


def _axe(name: str, found: list[str]) -> Row:
    _tell(f"axe, {name}", found)
    return Row(f"axe_violations_{name}", len(found), "<= 0", "", "320 and 1200 px, light and dark")


def _tell(what: str, faults: Iterable[str]) -> None:
    for fault in faults:
        print(f"{what}: {fault}", file=sys.stderr)


# ── SpamAssassin and caniemail ──────────────────────────────────────────────


def _spam(made: tuple[Mail, ...], folder: Path) -> Iterator[Row]:
    home = folder / "spam"
    home.mkdir()
    for mail in made:
        if mail.name in SPAM_TESTED:
            score, rules = oracles.spam_score(mail.data, home)
            yield Row(f"spamassassin_{mail.name}", score, "<= 0", "", rules)


def _support(digest: Mail) -> Iterator[Row]:
    found = scores(digest.html)
    for client, must in SUPPORT.items():
        lacks = " ".join(unsupported(digest.html, client)[:5])
        yield Row(f"support_{client}", found[client], f">= {must}", "", f"not shown: {lacks or 'nothing'}")


# ── npm ─────────────────────────────────────────────────────────────────────


def _npm(made: tuple[Mail, ...]) -> Iterator[Row]:
    theirs = oracles.npm_mjml({mail.name: mail.mjml for mail in made})
    with eyes.chromium() as seeing:
        for mail in made:
            pairs = [mail.seen(to_html(mail.mjml, _blame)), mail.seen(theirs[mail.name])]
            counts = [
                eyes.unlike(*(eyes.picture(seeing, html, width) for html in pairs)) for width in eyes.WIDTHS
            ]
            detail = ", ".join(f"{width} px: {n}" for width, n in zip(eyes.WIDTHS, counts, strict=True))
            yield Row(f"pixels_unlike_npm_mjml_{mail.name}", sum(counts), "<= 0", "", detail)


def _blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")


def _speed(digest: Mail, folder: Path) -> Row:
    """Both sides in turns, some renders in a row each: warm is who has just done the same.

    mjml has a juice of its own inside, for the styles that are inlined.
    """
    source = folder / "digest.mjml"
    source.write_text(digest.mjml, encoding="utf-8")
    ours = _render(digest)
    with oracles.npm_stopwatch(source) as theirs:
        turns = [_turn(ours, theirs) for _ in range(WARM + RUNS)][WARM:]
    own, alone, both = ([turn[n] for turn in turns] for n in range(3))
    ratios = [mine / yours for mine, yours in zip(own, both, strict=True)]
    times = f"ours {1e3 * median(own):.1f} ms, theirs {1e3 * median(both):.1f} ms, {RUNS} turns of {IN_A_ROW}"
    detail = (
        f"{times}; {spread(ratios)}; against mjml without a second juice {median(own) / median(alone):.2g}"
    )
    return Row("render_over_npm_mjml_and_juice", median(ratios), "<= 0.25", "", detail)


def _turn(ours: Callable[[], float], theirs: Callable[[], tuple[float, float]]) -> tuple[float, float, float]:
    """Seconds of one render: ours, npm's mjml, mjml and juice."""
    own = [ours() for _ in range(IN_A_ROW)]
    others = [theirs() for _ in range(IN_A_ROW)]
    return median(own), median([alone for alone, _ in others]), median([both for _, both in others])


def _render(digest: Mail) -> Callable[[], float]:
    """A call that renders the digest once more, and says in how many seconds."""
    assert digest.issue is not None
    issue, loader = digest.issue, jinja2.FileSystemLoader(TEMPLATES)

    def once() -> float:
        began = time.perf_counter()
        render(issue, site=digest.site, theme=digest.theme, loader=loader, template=digest.name)
        return time.perf_counter() - began

    return once


# ── the command line ────────────────────────────────────────────────────────


def _first_build(folder: Path) -> Row:
    """`newsletter build` in a project that nobody has used yet: process, folder, pictures, templates."""
    times = []
    for number in range(BUILDS):
        project = folder / f"first{number}"
        lay_out(project)
        words = ["build", "weekly", "--config", str(project / "config.toml"), "--now", NOW.isoformat()]
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "newsletter", *words],
            check=True,
            stdout=subprocess.DEVNULL,
            env=_environ(),
        )
        times.append(time.perf_counter() - began)
    return Row("first_build_seconds", median(times), "<= 2", "", f"whole process, {spread(times)}")


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not re.match("NEWSLETTER_", name)}
