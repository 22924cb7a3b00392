"""`newsletter check`: what is wrong with the next issue, before anybody gets it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.session import Session, session
from newsletter.errors import ConfigError, ContentError, NewsletterError, RenderError
from newsletter.press import warm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.model import Finding
    from newsletter.pipeline import Built

CHECKS_FAILED = 5


@click.command("check")
@click.argument("name")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML, too.")
@click.option("--online", is_flag=True, help="Ask every link whether its page is there.")
@click.option("--again", is_flag=True, help="As if nothing had been sent yet: check the newest articles.")
@session(json=True, now=True)
def command(s: Session, name: str, junit: Path | None, online: bool, again: bool) -> None:
    """Check the issue of newsletter NAME that would be sent now; nothing is sent or written.

    Every finding names the file and line that causes it. The exit code is 5
    when there are errors, so that a pull request of your content can be gated.
    """
    warm()  # beside the imports that follow, which take as long
    from newsletter.proof import checking

    title, id = name, ""
    try:
        s.newsletter(name)
        checking.asked(s.config)  # what is wrong there is told although nothing can be built
        made = _made(s, name, again=again)
        if isinstance(made, str):
            _answer(s, name, f"{name}: {made}; nothing to check", (), "", junit)
            s.note("--again checks the newest articles, as if nothing had been sent yet")
            return
        title, id = _title(made), made.issue.id
        findings = checked(s, made, online=online)
    except (ConfigError, RenderError, ContentError) as error:
        if _unknown_newsletter(s, name, error):
            raise
        findings = checking.mistakes(error, s.config_path.absolute().parent)
    _answer(s, name, title, findings, id, junit)
    if any(finding.level == "error" for finding in findings):
        raise click.exceptions.Exit(CHECKS_FAILED)


def _made(s: Session, name: str, *, again: bool) -> Built | str:
    """The issue, or why there is none."""
    from newsletter.cli.build import known
    from newsletter.pipeline import Nothing, build, by_hand

    with known(s) as database:
        made = build(s.config, name, database, by_hand(s.config, name, s.now), again=again)
    return made.reason if isinstance(made, Nothing) else made


def checked(s: Session, made: Built, *, online: bool = False, spam: bool = True) -> tuple[Finding, ...]:
    """The findings about an issue, in the copy that a sample reader would get."""
    from newsletter.config import unpack
    from newsletter.delivery.compose import sample
    from newsletter.proof.checking import check

    copy = sample(made.issue, made.rendered, made.slots, unpack.identity(s.config, made.issue.newsletter))
    return check(s.config, made, copy, online=online, spam=spam)


def _unknown_newsletter(s: Session, name: str, error: NewsletterError) -> bool:
    """Whether the mistake is in the words of the call: then it is no finding about the project."""
    try:
        return isinstance(error, ConfigError) and name not in s.config.newsletters
    except NewsletterError:
        return False


def _answer(
    s: Session, name: str, title: str, findings: Sequence[Finding], id: str, junit: Path | None
) -> None:
    from newsletter.proof import report

    if junit:
        try:
            junit.write_bytes(report.junit(name, findings))
        except OSError as error:
            raise NewsletterError(f"{junit}: {error.strerror}") from error
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    told = report.text(title, findings, colour=colour) if id or findings else title
    s.answer(report.document(id, findings), told)


def _title(made: Built) -> str:
    from newsletter.cli.tables import number

    size = len((made.rendered.frame_html + "".join(b.html for b in made.rendered.blocks)).encode())
    return f"{made.issue.id} · {number(len(made.issue.cards), 'article')} · {size / 1000:.0f} kB"
