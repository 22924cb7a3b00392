"""A built issue and one copy of it -> findings: every check, each at the level that was asked for.

The checks of the mail itself are :data:`newsletter.issue.checks.CHECKS`; those that must ask somebody are
:data:`newsletter.proof.outside.OUTSIDE`. Mistakes that keep an issue from being built become findings by
:func:`mistakes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.config.values import did_you_mean
from newsletter.content import walk
from newsletter.errors import ConfigError, ContentError, NewsletterError, RenderError
from newsletter.issue.checks import CHECKS, Check, Fault, Mail, support
from newsletter.model import Finding, Level
from newsletter.pipeline import Built
from newsletter.proof import links
from newsletter.proof.outside import OUTSIDE, Case, Outside
from newsletter.proof.sources import Sources

#: What is told of a project from which no issue can be built; these have no function.
MISTAKES: Final[Mapping[str, str]] = {
    "config": "The configuration has no mistakes.",
    "template": "The templates have no mistakes, and MJML none that it would pass over.",
    "content-folder": "The content folder can be read.",
    "project": "Nothing else keeps an issue from being built.",
}
_ORDER: Final = (Level.ERROR, Level.WARNING, Level.INFO)
_LINE = re.compile(r":(\d+): ")


class Copied(Protocol):
    """One reader's copy of an issue: what it says, and the message that carries it."""

    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def data(self) -> bytes: ...


def check(
    config: Config,
    built: Built,
    copy: Copied,
    *,
    online: bool = False,
    spam: bool = True,
) -> tuple[Finding, ...]:
    """What is wrong with an issue, errors first, then in the order of the table.

    Links are asked for only when `online`, SpamAssassin only
    when `spam` and it is installed. Raises ConfigError when ``[check]`` names a check or a client that there
    is not.
    """
    levels = asked(config)
    mail = mail_of(config, built, copy)
    sources = Sources(config, built.issue)
    answers = cache(lambda: tuple(links.faults(mail, own=config.web.public_url)) if online else ())
    case = Case(config, built, mail, copy.data, sources, answers, spam)
    found = [_findings(each, levels[each.id], each.look(mail), sources) for each in CHECKS if levels[each.id]]
    found += [
        _findings(each, levels[each.id], each.look(case), sources) for each in OUTSIDE if levels[each.id]
    ]
    return ordered(finding for some in found for finding in some)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, else as they were found; each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _ORDER.index(finding.level)))


def asked(config: Config) -> Mapping[str, Level | None]:
    """Each check's level; None when it is off. Raises ConfigError for what is not in the tables."""
    default = {each.id: each.level for each in (*CHECKS, *OUTSIDE)}
    clients = support.table().clients
    wrong = [
        _unknown(config, ("check", "levels", id), id, "check", default)
        for id in config.check.levels
        if id not in default
    ]
    wrong += [
        _unknown(config, ("check", "clients"), client, "mail program", clients)
        for client in config.check.clients
        if client not in clients
    ]
    if wrong:
        raise ConfigError("\n".join(wrong))
    said = {id: None if level == "off" else Level(level) for id, level in config.check.levels.items()}
    return {**default, **said}


def mail_of(config: Config, built: Built, copy: Copied) -> Mail:
    """What the checks look at."""
    issue, name = built.issue, built.issue.newsletter
    newsletter, identity = config.newsletters[name], unpack.identity(config, name)
    said = {"subject": newsletter.subject, "preheader": newsletter.preheader, "intro": newsletter.intro}
    pages = (f"{identity.public_url}/u/",) if identity.public_url else ()
    return Mail(
        issue=issue,
        articles=tuple(built.picked.article(path) for path in dict.fromkeys(c.path for c in issue.cards)),
        html=copy.html,
        text=copy.text,
        head=copy.data.partition(b"\r\n\r\n")[0] + b"\r\n",
        site=unpack.site(config, name),
        theme=unpack.theme(config, None, None),
        given=frozenset(key for key, value in said.items() if value),
        unsubscribe=(*pages, f"mailto:{identity.unsubscribe_mailto}?"),
        one_click=bool(identity.public_url),
        mail_from=identity.mail_from,
        clients=config.check.clients,
    )


def mistakes(error: NewsletterError, root: Path) -> tuple[Finding, ...]:
    """What keeps an issue from being built, as findings: one for each line of the error."""
    kinds = ((ConfigError, "config"), (RenderError, "template"), (ContentError, "content-folder"))
    id = next((id for kind, id in kinds if isinstance(error, kind)), "project")
    return tuple(_mistake(id, line, root) for line in str(error).splitlines() if line.strip())


def _mistake(id: str, line: str, root: Path) -> Finding:
    fix = "mend this first: no issue can be built"
    placed = _placed(line.strip(), root)
    if not placed:
        return Finding(id, Level.ERROR, "", 0, line.strip(), fix)
    path, number, text = placed
    if path.absolute().is_relative_to(root.absolute()):
        path = path.absolute().relative_to(root.absolute())
    return Finding(id, Level.ERROR, walk.shown(path.as_posix()), number, text, fix)


def _placed(said: str, root: Path) -> tuple[Path, int, str] | None:
    """``path:line: text``, where the path may have such a thing in its own name: the one that is there."""
    found = [(said[: at.start()], int(at[1]), said[at.end() :]) for at in _LINE.finditer(said)]
    there = (each for each in found if (root / each[0]).exists())
    best = next(there, found[0] if found else None)
    return (Path(best[0]), best[1], best[2]) if best and best[0] else None


def _findings(
    check: Check | Outside, level: Level | None, faults: Iterable[Fault], sources: Sources
) -> Iterator[Finding]:
    for fault in faults:
        path, line = sources.place(fault.spot)
        yield Finding(check.id, level or check.level, path, line, fault.text, fault.fix)


def _unknown(config: Config, key: tuple[str, ...], said: str, kind: str, known: Iterable[str]) -> str:
    return f'{config.origin(*key)}: {".".join(key[:2])}: "{said}": unknown {kind}{did_you_mean(said, known)}'
