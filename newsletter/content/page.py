"""One file -> a Page: decoded, its front matter apart, its body read. The folder has no say yet.

What a page becomes may depend on the whole folder (the order of day and month, lines
that repeat, copies), so this stage settles nothing of that kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from newsletter.content import decode, front_matter, walk
from newsletter.content.fields import Fields
from newsletter.content.reader import Draft, Reader, Repeated, Source
from newsletter.model import Problem, Skipped


@dataclass(frozen=True, slots=True)
class Page:
    """A content file that could be decoded."""

    path: str
    dialect: str  #: of its front matter
    fields: Fields  #: of its front matter
    source: Source
    problems: tuple[Problem, ...]
    draft: Draft = field(default_factory=lambda: Draft(()))
    said: Fields = field(
        default_factory=lambda: Fields({}, {})
    )  #: what the page says about itself in its body


def load(found: walk.Found) -> Page | Skipped:
    """Open, decode and split one file."""
    if found.refusal:
        return Skipped(found.path, found.refusal)
    try:
        raw = walk.contents(found.real)
        if not raw.strip(b" \t\r\n\0\xef\xbb\xbf"):
            return Skipped(found.path, "empty")
        decoded = decode.decode(raw)
    except walk.Refused as why:
        return Skipped(found.path, str(why))
    except decode.Binary as why:
        return Skipped(found.path, str(why))
    split = front_matter.split(decoded.text)
    problems = [Problem(found.path, line, text) for line, text in (*decoded.warnings, *split.warnings)]
    if odd := _odd_name(found):
        problems.append(Problem(found.path, 0, f"the file name {odd}; rename the file"))
    merge = split.body.find("\n<<<<<<< ")
    if merge >= 0 and "\n>>>>>>> " in split.body:
        line = split.body_line + split.body.count("\n", 0, merge) + 1
        problems.append(Problem(found.path, line, "an unsettled merge conflict: <<<<<<< … >>>>>>>"))
    source = Source(found.path, split.body, split.body_line, has_fields=split.dialect != "none")
    fields = Fields.of(split.values, split.lines)
    return Page(found.path, split.dialect, fields, source, tuple(problems))


def _odd_name(found: walk.Found) -> str:
    """What is wrong with the name of a file, or of a folder that it is in; empty when nothing is."""
    name = "/".join(PurePath(found.real).parts[-len(found.path.split("/")) :])
    if name.isprintable():
        return ""
    in_bytes = any("\udc80" <= character <= "\udcff" for character in name)
    return "is not UTF-8" if in_bytes else "has a character that cannot be seen"


def read(page: Page, readers: Mapping[str, Reader], repeated: Repeated) -> Page | Skipped:
    """Have the body read by the reader of its ending."""
    reader = readers.get(walk.ending(page.path))
    if reader is None:
        return Skipped(page.path, f"no reader for {walk.ending(page.path) or 'such files'} is installed")
    source = page.source
    if repeated is not source.repeated:
        source = replace(source, repeated=repeated)
    try:
        draft = reader(source)
    except Exception as wrong:  # a plug-in's mistake must not cost the other nine thousand files
        return Skipped(page.path, f"its reader failed ({type(wrong).__name__}: {str(wrong)[:200]})")
    said = Fields.of(draft.fields, {})
    # The text has been read: holding it any longer would double what a folder takes.
    source = Source(source.path, "", source.line, source.has_fields)
    return Page(page.path, page.dialect, page.fields, source, page.problems, draft, said)
