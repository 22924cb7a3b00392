"""What was to be filled in, and was not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from newsletter.issue.checks.mail import Fault, Mail, Said, Spot
from newsletter.issue.checks.page import read

#: Marks of template languages: Jinja and Liquid, ours, ERB, Template Toolkit.
_MARKS: Final = (
    re.compile(r"\{\{.{0,80}?(?:\}\}|$)", re.DOTALL),
    re.compile(r"\{%.{0,80}?(?:%\}|$)", re.DOTALL),
    re.compile(r"\{#[ \w].{0,80}?#\}", re.DOTALL),
    re.compile(r"%%[A-Za-z0-9_]{1,40}%%"),
    re.compile(r"<%=?.{0,80}?%>", re.DOTALL),
    re.compile(r"\[%.{1,80}?%\]"),
)
#: What only a mailing can have meant, whatever the brackets around it.
_PERSON: Final = (
    r"(?:(?:first|last|full|given|family)[ _-]?name|[fl]name|(?:subscriber|recipient|contact)[._]\w{1,40}|"
    r"e?mail[ _-]?address|unsubscribe(?:[ _-]?(?:url|link))?)"
)
#: The same, and words that need a mark of their own beside them: in a shell ``${HOME}`` is somebody else's.
_NAMED: Final = rf"(?:{_PERSON}|name|e-?mail|recipient)"
#: What Markdown leaves of Mailchimp's, whose stars it takes for emphasis.
_BARE: Final = (
    r"\|(?:[FL]NAME|EMAIL|UNSUB|ARCHIVE|UPDATE_PROFILE|REWARDS|CURRENT_YEAR|FORWARD|MERGE\d{1,3}|MC_\w{1,40}|"
    r"(?:LIST|MC|IF|IFNOT|ELSEIF|END|USER|DATE):[\w:/ ]{1,40})\|"
)
#: Merge fields of mailing programs, by who reads them.
_FIELDS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\*\|[\w:/ .,=-]{{1,60}}\|\*|(?-i:{_BARE})",  # Mailchimp
        r"%%=.{1,80}?=%%|%%\[.{1,80}?\]%%",  # Salesforce Marketing Cloud
        rf"(?<![\w%])%(?:{_PERSON}|recipient|(?:mailing_list|tag)_\w{{1,40}})%(?![\w%])",  # Mailgun
        rf"\$\{{ ?{_NAMED} ?\}}",
        rf"\[\[ ?{_NAMED}(?: or [^\[\]]{{1,40}})? ?\]\]",  # GetResponse, Constant Contact
        rf"\[{_NAMED}, ?fallback=[^\[\]]{{0,40}}\]",  # Campaign Monitor
        # AWeber, MailerLite, Mautic
        rf"(?<![\w$\\{{])\{{(?:{_PERSON}|[!$]{_NAMED}|contactfield=[^{{}}]{{1,40}})\}}(?!\}})",
        r"~Contact\.\w{1,40}~",  # Keap
    )
)
#: In the lines that the configuration says, a name in braces was meant to become something, too.
_NAME = re.compile(
    r"(?<![\w$])\{[A-Za-z_][\w .]{0,40}\}|(?<!\w)\[\[?(?:FIRST|LAST|FULL)?[ _]?NAME\]?\]|\$\{\w+\}"
)
_DRAFT = re.compile(
    r"\b(?:TODO|FIXME|TBD|TKTK|TK|XXX)\b|\blorem ipsum\b|\[(?:insert|add|your)\b[^\]]{0,40}\]|"
    r"\bplaceholder text\b|ダミーテキスト",
)
_DRAFT_LOOSE = re.compile(r"lorem ipsum|placeholder text", re.IGNORECASE)
_READ: Final = ("href", "src", "alt", "title", "aria-label")  #: attributes whose values somebody reads
#: With one of these around it, TODO is what something is called.
_BEFORE_A_NAME: Final = frozenset("a an the my your our this that these first another any each every".split())
_BEHIND_A_NAME: Final = re.compile(
    r"[- ](?:apps?|lists?|items?|comments?|managers?|files?|boards?|notes?|MVC)\b", re.I
)


def marks(mail: Mail) -> Iterator[Fault]:
    """No {{ }}, {% %}, %%SLOT%% or merge field is left; no {name} in subject, preheader or intro."""
    told: set[str] = set()
    for spot, text, of_config in _texts(mail):
        for found in _found(text, names=of_config):
            if found not in told:
                told.add(found)
                where = spot or Said(found)
                yield Fault(where, f"{found[:60]} was never filled in", "fill it in, or take it out")


def drafts(mail: Mail) -> Iterator[Fault]:
    """No TK, TODO or lorem ipsum reaches a reader."""
    told: set[str] = set()
    for spot, text, _ in _texts(mail):
        for found in (*_DRAFT.finditer(text), *_DRAFT_LOOSE.finditer(text)):
            if found[0].lower() not in told and not _is_name(text, found):
                told.add(found[0].lower())
                fix = "finish the text, or take it out"
                yield Fault(spot or Said(found[0]), f'"{found[0]}" stands in the text', fix)


def _is_name(text: str, found: re.Match[str]) -> bool:
    """Whether a note to oneself is the name of a thing: a TODO app, Super Bowl XXX."""
    before = (text[: found.start()].split() or [""])[-1]
    if found[0] == "XXX":
        return before[:1].isupper()
    called = before.lower() in _BEFORE_A_NAME or bool(_BEHIND_A_NAME.match(text, found.end()))
    return found[0] in ("TODO", "FIXME") and called


def _texts(mail: Mail) -> Iterator[tuple[Spot | None, str, bool]]:
    """Each text of the mail, its spot where that is known, and whether the configuration says it; no code."""
    issue, page = mail.issue, read(mail.html)
    yield mail.subject(), issue.subject, "subject" in mail.given
    by_hand = "preheader" in mail.given
    yield mail.setting("preheader") if by_hand else None, issue.preheader, by_hand
    yield mail.setting("intro"), issue.intro, True
    for card in issue.cards:
        yield Said(card.title, card.path), card.title, False
    yield from ((None, text, False) for text in (*page.prose, *_attributes(mail)))
    in_code = " ".join(page.verbatim)
    yield from ((None, found, False) for found in _found(mail.text) if found not in in_code)


def _attributes(mail: Mail) -> Iterator[str]:
    for element in read(mail.html).root.iter():
        if isinstance(element.tag, str):
            for key in _READ:
                yield (value := element.get(key, ""))
                if "%" in value and key in ("href", "src"):  # Markdown writes a | in an address as %7C
                    yield from _found(unquote(value), fields_only=True)


def _found(text: str, *, names: bool = False, fields_only: bool = False) -> Iterator[str]:
    for pattern in (*(() if fields_only else _MARKS), *_FIELDS, *((_NAME,) if names else ())):
        yield from (match[0] for match in pattern.finditer(text))
