"""Plain text -> Draft: a text as it is, or the article within a copied web page.

A text with front matter, or without anything that looks like a page around it, is split
at its blank lines. Else `page_dump` finds the article by position and repetition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from newsletter.content.languages import by_script
from newsletter.content.plain import squeeze
from newsletter.content.reader import Draft, Source, Value, reads
from newsletter.model import Block, BlockKind, Problem

LARGEST = 400_000  # characters of one text that are read
_ITEM = re.compile(r"^\s{0,8}(?:[-*•‣·–]\s+|\(?\d{1,3}[.)]\s+)(?=\S)")
_FIGURES = re.compile(r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?!\d)")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_RULE = re.compile(r"^\s*([-=*_~])(?:\s*\1){2,}\s*$")


@reads(".txt", ".text")
def read(source: Source) -> Draft:
    """The blocks of a plain text."""
    body = source.body
    problems: tuple[Problem, ...] = ()
    if len(body) > LARGEST:
        line = source.line + body.count("\n", 0, LARGEST)
        said = f"the text is longer than {LARGEST:,} characters; what follows is left out"
        body, problems = body[:LARGEST], (Problem(source.path, line, said),)
    if source.has_fields:
        lines = [(n, text) for n, text in enumerate(body.split("\n"), source.line)]
        return Draft(tuple(blocks(lines, frozenset())), problems)
    from newsletter.content import page_dump  # most folders have none

    found = page_dump.clean(body, source.line, source.repeated, PurePosixPath(source.path).stem)
    made = blocks([(t.line, t.text) for t in found.kept], found.headings)
    said_all = tuple(Problem(source.path, line, text) for line, text in found.warnings)
    fields = {**found.fields, **_day_first(found.fields, made)}
    return Draft(tuple(made), (*problems, *said_all), fields, found.trace)


def _day_first(fields: Mapping[str, Value], made: list[Block]) -> dict[str, Value]:
    """Dates in figures of a page that is clearly not in English: only there may the month stand first.

    With full stops they are read so, whatever the folder or the configured language says.
    """
    text = " ".join(block.text for block in made[:6])
    if by_script(text, "en") == "en":
        return {}
    days = {key: fields[key] for key in ("date", "updated", "dateline") if key in fields}
    return {key: _FIGURES.sub(r"\1.\2.\3", day) for key, day in days.items() if isinstance(day, str)}


def blocks(lines: list[tuple[int, str]], headings: frozenset[int]) -> list[Block]:
    """Paragraphs, items and headings of numbered lines; a blank line parts them."""
    made: list[Block] = []
    run: list[tuple[int, str]] = []

    def close() -> None:
        if run:
            made.extend(_paragraph(run))
            run.clear()

    for number, text in lines:
        heading = _HEADING.match(text)
        if number in headings or heading:
            close()
            level = len(heading[1]) if heading else 2
            made.append(Block(BlockKind.HEADING, squeeze(heading[2] if heading else text), "", number, level))
        elif not text.strip() or _RULE.match(text):
            close()
        else:
            if _ITEM.match(text) or (run and _long_line(run[-1][1])):
                close()
            run.append((number, text))
    close()
    return made


def _long_line(text: str) -> bool:
    """A line longer than any wrapping is a paragraph of its own."""
    return len(text) > 140


def _paragraph(run: list[tuple[int, str]]) -> list[Block]:
    number, first = run[0]
    item = _ITEM.match(first)
    text = squeeze(" ".join(line for _, line in run))
    if item:
        return [Block(BlockKind.LIST, squeeze(_ITEM.sub("", text)), "", number, level=1)]
    if first.lstrip().startswith(">") and all(line.lstrip().startswith(">") for _, line in run):
        return [Block(BlockKind.QUOTE, squeeze(re.sub(r"(?:^|\s)>+\s?", " ", text)), "", number)]
    if len(run) > 2 and all(len(line) < 60 and line.strip()[-1:] not in ".!?:,;" for _, line in run):
        return [Block(BlockKind.LIST, squeeze(line), "", n, level=1) for n, line in run]
    return [Block(BlockKind.PARAGRAPH, text, "", number)] if text else []
