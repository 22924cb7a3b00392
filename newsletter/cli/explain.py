"""`newsletter explain`: why somebody did or did not get something, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from newsletter.cli.session import Session, session
from newsletter.errors import NewsletterError, SubscribersError

if TYPE_CHECKING:
    from newsletter.audience.explained import Explanation, Reason

#: So many issues are told, the newest; --all tells every one.
_MOST = 20


@click.command("explain")
@click.argument("email")
@click.argument("about", metavar="[ISSUE|ARTICLE]", default="")
@click.option("--newsletter", "name", metavar="NAME", help="Only this one; default: all.")
@click.option("--all", "every", is_flag=True, help=f"Not only the newest {_MOST} issues; the articles too.")
@session(json=True, now=True)
def command(s: Session, email: str, about: str, name: str | None, every: bool) -> None:
    """Why this person did or did not get each issue: exactly one reason for each.

    With an issue, its reason, what it rests on, and one reason for each of its articles. With
    an article (its file, title or id), what became of it for this person.
    """
    from newsletter.cli.explain_text import lines

    chosen = s.newsletter(name) if name else ""
    found = explained(s, email, about)
    issues = tuple(one for one in found.issues if chosen in ("", one.newsletter))
    articles = tuple(one for one in found.articles if chosen in ("", one.newsletter))
    if s.json:
        s.answer(document(s, found, issues, articles))
        return
    shown = issues if every or about else issues[:_MOST]
    closer = articles if every or about else ()
    s.answer(None, "\n".join(lines(found, shown, closer, s.now, ZoneInfo(s.config.site.timezone))))
    if len(shown) < len(issues):
        s.note(f"… and {len(issues) - len(shown):,} older: --all tells them.")


def explained(s: Session, email: str, about: str) -> Explanation:
    """What can be said of an address. :class:`NewsletterError` says that there is nobody, or nothing of that
    name."""
    from newsletter.service.explained import explain

    with s.database() as database, database.read() as connection:
        try:
            found = explain(s.config, connection, email, s.now, about)
        except ValueError as error:
            raise SubscribersError(f"{email}: {error}") from error
    if found.is_empty:
        raise SubscribersError(f"{email}: nobody has this address, and nothing was ever sent there (a typo?)")
    if about and not found.erased and not found.issues and not found.articles:
        raise NewsletterError(f'there is no issue and no article "{about}": see `newsletter issues list`')
    return found


def document(
    s: Session, found: Explanation, issues: tuple[Reason, ...], articles: tuple[Reason, ...]
) -> dict[str, Any]:
    """The same as plain values, for JSON."""
    from newsletter.audience.dossier import person

    return {
        "address": found.address,
        "erased": found.erased,
        "about": found.about,
        "person": person(found.person, s.now) if found.person else None,
        "issues": [_reason(one) for one in issues],
        "articles": [_reason(one) for one in articles],
    }


def _reason(one: Reason) -> dict[str, Any]:
    return {
        "newsletter": one.newsletter,
        "issue": one.issue_id,
        "article": one.article,
        "title": one.title,
        "reason": one.code,
        "text": one.text,
        "at": one.at,
        "due": one.due_at,
        "evidence": one.evidence,
    }
