"""One line of a page dump -> the date, update and author that it holds."""

from __future__ import annotations

import re

from newsletter.content import dates, phrases

SEPARATOR = re.compile(r"\s+[|·•–—/]\s+|\s*[|•]\s*")
LABELLED = re.compile(
    rf"^(?:(?P<published>{phrases.PUBLISHED})|(?P<updated>{phrases.UPDATED}))\s*[:：]?\s*(?P<rest>.+)$",
    re.IGNORECASE,
)


def meta(text: str) -> dict[str, str]:
    """Date, update and author that a line holds, where it holds nothing else."""
    found: dict[str, str] = {}
    if len(text) > 160:
        return {}
    for whole in (text, *SEPARATOR.split(text)):
        said = _segment(whole.strip(" ,"))
        if said and whole is text:
            return said
        found |= said
    parts = [part.strip(" ,") for part in SEPARATOR.split(text) if part.strip(" ,")]
    idle = [part for part in parts if not _segment(part) and not phrases.NAVIGATION.search(part)]
    return found if len(idle) <= (1 if "date" in found and len(parts) > 1 else 0) else {}


def _segment(text: str) -> dict[str, str]:
    if not text or len(text) > 120:
        return {}
    labelled = LABELLED.match(text)
    if labelled:
        key = "date" if labelled["published"] else "updated"
        rest = re.split(r"\s+(?:by|von|por|par)\s+", labelled["rest"], maxsplit=1, flags=re.IGNORECASE)
        if dates.read(rest[0].strip(" ,|·-–")):
            found = {key: rest[0].strip(" ,|·-–")}
            return found | ({"author": rest[1].strip(" ,.")} if len(rest) > 1 else {})
    if dates.read(text.strip("()[] ")):
        return {"date": text.strip("()[] ")}
    byline = phrases.BYLINE.match(text)
    if byline:
        parts = re.split(r",\s+|\s+[|·•–—-]\s+|\s+on\s+", byline["name"], maxsplit=1)
        return {"author": parts[0].strip()} if len(parts[0].split()) <= 6 else {}
    mixed = re.match(
        r"^(?:by|von|por|par|di)\s+(?P<name>[^\d]{2,60}?)[\s,|·•–—-]+(?:on\s+)?(?P<date>\S.*\d.*)$",
        text,
        re.I,
    )
    if mixed:
        inner = _segment(mixed["date"].strip())
        return inner | {"author": mixed["name"].strip(" ,")} if inner else {}
    return {}
