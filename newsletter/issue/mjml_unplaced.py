"""MJML that MJML refuses without a place -> the place.

It reads what is in comments for Outlook as tags, and tells of those that are never closed only that its
stream ended; and it takes no end of a CDATA section.
"""

from __future__ import annotations

import re
from typing import Final

from newsletter.issue.html_tags import VOID
from newsletter.issue.mjml_safe import PANICS

_ENDS = re.compile(r"<!--.*?-->|(?P<end>\]\]>)", re.DOTALL)
_FOR_OUTLOOK = re.compile(r"<!--\[if\b[^\]]*\]>(?P<inside>.*?)-->", re.DOTALL)
_QUOTED: Final = r"""[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*"""
_TAG = re.compile(rf"<(?P<close>/?)(?P<tag>[a-zA-Z][\w:.-]*){_QUOTED}(?P<empty>(?<=/))?>")


def unplaced(mjml: str) -> tuple[int, str] | None:
    """(offset, what is wrong), if it is one of these."""
    for found in _ENDS.finditer(mjml):
        if found["end"]:
            return found.start(), "MJML takes no ]]>; write ]]&gt;"
    return _for_outlook(mjml)


def panicked(safe: str, error: BaseException) -> tuple[int, str]:
    """What is told of a panic, and where in what MJML was given: of the kind that is mended but in text."""
    found = PANICS.search(safe)
    if found is None:
        return 0, f"MJML: {error}"
    return found.start(), f"MJML cannot read {found[0]!r} outside of text; two spaces before its > help"


def _for_outlook(mjml: str) -> tuple[int, str] | None:
    """A tag in a comment for Outlook that no later one closes."""
    stack: list[tuple[str, int]] = []
    for comment in _FOR_OUTLOOK.finditer(mjml):
        for tag in _TAG.finditer(mjml, comment.start("inside"), comment.end("inside")):
            if not tag["close"]:
                if tag["empty"] is None and tag["tag"] not in VOID:
                    stack.append((tag["tag"], tag.start()))
            elif stack:
                stack.pop()  # of another one MJML tells the place
    if not stack:
        return None
    return stack[-1][1], f"in the comments for Outlook, <{stack[-1][0]}> is never closed"
