"""Findings -> what people and programs read: text, a JSON document, JUnit XML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final
from xml.etree import ElementTree as xml

from newsletter.issue.checks import CHECKS
from newsletter.model import Finding, Level
from newsletter.proof.checking import MISTAKES
from newsletter.proof.outside import OUTSIDE

_NOUNS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_COLOURS: Final = {Level.ERROR: "\x1b[31m", Level.WARNING: "\x1b[33m", Level.INFO: "\x1b[36m"}
_FAINT, _BOLD, _PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"
#: What XML 1.0 cannot carry, and what would steer a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def promises() -> dict[str, tuple[Level, str]]:
    """Every check: id -> its level and what it promises."""
    told = {each.id: (each.level, each.promise) for each in (*CHECKS, *OUTSIDE)}
    return told | {id: (Level.ERROR, promise) for id, promise in MISTAKES.items()}


def table() -> str:
    """Every check as a Markdown table, for ``docs/checks.md``."""
    rows = [f"| `{id}` | {level.value} | {promise} |" for id, (level, promise) in promises().items()]
    return "\n".join(["| check | level | what holds when it finds nothing |", "|---|---|---|", *rows])


def text(title: str, findings: Sequence[Finding], *, colour: bool = False) -> str:
    """Findings by level, ``file:line: level: what is wrong``, and below each what to do."""
    lines = [_paint(_printable(title), _BOLD, colour)]
    for level, noun in _NOUNS.items():
        some = [finding for finding in findings if finding.level is level]
        if some:
            lines += ["", _paint(_count(len(some), noun), _BOLD + _COLOURS[level], colour)]
            width = min(44, max(len(_where(finding)) for finding in some))
            for finding in some:
                lines += _told(finding, width, colour)
    return "\n".join([*lines, "", summary(findings)])


def summary(findings: Sequence[Finding]) -> str:
    """``1 error, 2 warnings, 3 notes``, or that all is well."""
    count = Counter(finding.level for finding in findings)
    if not count[Level.ERROR] and not count[Level.WARNING]:
        return "All is well." + (f" {_count(count[Level.INFO], 'note')}." if count[Level.INFO] else "")
    return ", ".join(_count(count[level], noun) for level, noun in _NOUNS.items()) + "."


def document(issue: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """The same for programs."""
    count = Counter(finding.level for finding in findings)
    return {
        "issue": issue or None,
        "errors": count[Level.ERROR],
        "warnings": count[Level.WARNING],
        "infos": count[Level.INFO],
        "findings": [asdict(finding) for finding in findings],
    }


def junit(name: str, findings: Sequence[Finding]) -> bytes:
    """One test case for each check: errors fail it, what is less stands in its output."""
    known = {each.check: () for each in findings} | dict.fromkeys(promises(), ())
    suite = xml.Element("testsuite", name=f"newsletter check {name}", tests=str(len(known)))
    failed = {finding.check for finding in findings if finding.level is Level.ERROR}
    suite.set("failures", str(len(failed)))
    suite.set("errors", "0")
    suite.set("skipped", "0")
    for id in sorted(known):
        case = xml.SubElement(suite, "testcase", classname=f"newsletter.check.{name}", name=id)
        _case(case, [finding for finding in findings if finding.check == id])
    suites = xml.Element("testsuites")
    suites.append(suite)
    xml.indent(suites)
    return bytes(xml.tostring(suites, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(case: xml.Element, findings: Sequence[Finding]) -> None:
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    rest = [finding for finding in findings if finding.level is not Level.ERROR]
    for finding in [*errors, *rest][:1]:
        if finding.path:
            case.set("file", _printable(finding.path))
            case.set("line", str(finding.line))
    if errors:
        failure = xml.SubElement(case, "failure", message=_plain(errors[0]), type="error")
        failure.text = "\n".join(f"{_plain(finding)}\n  {_printable(finding.fix)}" for finding in errors)
    if rest:
        xml.SubElement(case, "system-out").text = "\n".join(map(_plain, rest))


def _told(finding: Finding, width: int, colour: bool) -> Iterator[str]:
    level = _paint(f"{finding.level.value}:", _COLOURS[finding.level], colour)
    where = _where(finding)
    yield f"  {where:<{width}} {level} {_printable(finding.text)}"
    fix = f"{_printable(finding.fix)}  [{finding.check}]"
    yield f"  {'':<{width}} {_paint(fix, _FAINT, colour)}"


def _plain(finding: Finding) -> str:
    return f"{_where(finding)} {finding.level.value}: {_printable(finding.text)}".strip()


def _where(finding: Finding) -> str:
    if not finding.path:
        return ""
    return _printable(f"{finding.path}:{finding.line}:" if finding.line else f"{finding.path}:")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _paint(text: str, code: str, colour: bool) -> str:
    return f"{code}{text}{_PLAIN}" if colour else text


def _printable(text: str) -> str:
    return _CONTROL.sub(" ", " ".join(text.splitlines()))
