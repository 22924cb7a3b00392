"""One line of a page dump -> the date, update and author that it holds.

A line counts only where it holds nothing else but a place, a section or the like: a
sentence with a date in it says when something happened, not when it was written.
"""

from __future__ import annotations

import re

from newsletter.content import dates, phrases

SEPARATOR = re.compile(r"\s+[|·•–—/]\s+|\s*[|•]\s*")
_LABEL = rf"(?:(?P<published>{phrases.PUBLISHED})|(?P<updated>{phrases.UPDATED}))"
LABELLED = re.compile(rf"^{_LABEL}\s*[:：]?\s*(?P<rest>.+)$", re.IGNORECASE)
_PARTS = re.compile(
    rf"{SEPARATOR.pattern}|\s+-\s+|\s+(?=[\u3040-\u9fff]{{2,5}}[:：])|(?<=\d)\s+(?={phrases.UPDATED})"
    rf"|\s*[,;(（]\s*(?=(?:{phrases.PUBLISHED}|{phrases.UPDATED})\s*[:：]?\s*\S)",
    re.IGNORECASE,
)
_OTHER_LABEL = re.compile(r"^[^\W\d_][^\d:：.!?,]{1,30}\s*[:：]\s*(?P<rest>\S.*)$")
_CLOCK = re.compile(
    r"(?:(?:at|um|à|a las|alle|às|om|kl\.?|klo|в)\s+)?\d{1,2}[:.h]\d{2}\s*(?:[ap]\.?m\.?|uhr|hrs?|h)?", re.I
)
_BY = re.compile(r"\s+(?:by|von|por|par|di|door|av|af)\s+", re.IGNORECASE)
_MIXED = re.compile(
    r"^(?:by|von|por|par|di|door|av|af)\s+(?P<name>[^\d]{2,60}?)[\s,|·•–—-]+(?:on\s+)?(?P<date>\S.*\d.*)$",
    re.IGNORECASE,
)
_ROLE = re.compile(r"\s*[(（]\s*([^()（）]{1,30}?)\s*[)）]")
_AND = re.compile(r"\s*[,;、，]\s*|\s+(?:and|und|y|e|et|en|og|och|&)\s+")
_PARTICLES = frozenset(
    "de da do dos del della der den di du el la le les van von zu bin ibn al und y e et".split()
)


def meta(text: str) -> dict[str, str]:
    """Date, update and author that a line holds, where it holds nothing else."""
    if len(text) > 160:
        return {}
    whole = _segment(text.strip(" ,"))
    if whole:
        return whole
    found: dict[str, str] = {}
    idle = 0
    parts = _parts(text)
    for part in parts:
        said = _segment(part)
        found = said | found
        idle += not said and not phrases.NAVIGATION.search(part)
    spare = 1 if found.keys() & {"date", "updated"} and len(parts) > 1 else 0  # a place, a section, a count
    return found if idle <= spare else {}


def _parts(text: str) -> list[str]:
    """The parts of a line; a time of day belongs to the date before it."""
    made: list[str] = []
    for part in _PARTS.split(text):
        part = (part or "").strip(" ,()（）")
        if part and made and _CLOCK.fullmatch(part):
            made[-1] += f" {part}"
        elif part:
            made.append(part)
    return made


def _segment(text: str) -> dict[str, str]:
    if not text or len(text) > 120:
        return {}
    bare = text.strip("()[] ")
    if dates.read(bare):
        return {"date": bare}
    return _labelled(text) or _byline(text) or _mixed(text)


def _labelled(text: str) -> dict[str, str]:
    found = LABELLED.match(text)
    if found:
        rest = _BY.split(found["rest"], maxsplit=1)
        when = re.sub(r"(?<=\d)\s+in\s+\D{2,40}$", "", rest[0].strip(" ,.|·-–"))
        if dates.read(when):
            key = "date" if found["published"] else "updated"
            return {key: when} | ({"author": people(rest[1].strip(" ,."))} if len(rest) > 1 else {})
    other = _OTHER_LABEL.match(text)
    if other and dates.read(other["rest"]) and not phrases.OTHER_DATE.search(text):
        return {"dateline": other["rest"]}  # a word that is in no list: a date where nothing better is
    return {}


def _byline(text: str) -> dict[str, str]:
    found = phrases.BYLINE.match(text)
    if not found:
        return _by_roles(text)
    parts = re.split(r",\s+(?!\S+\s+\S+\s*[(（])|\s+[|·•–—-]\s+|\s+on\s+", found["name"], maxsplit=1)
    name = people(parts[0].strip())
    if found["weak"] and not is_name(_AND.split(_ROLE.sub("", name))[0]):
        return {}
    return {"author": name} if name and len(name.split()) <= 8 else {}


def _by_roles(text: str) -> dict[str, str]:
    """``Name (words), Name (photographs)`` says who wrote without a word for it."""
    reporter = phrases.REPORTER.match(text)
    if reporter:
        return {"author": reporter["name"]}
    roles = _ROLE.findall(text)
    if roles and len(text) <= 100 and any(phrases.WROTE.fullmatch(role) for role in roles):
        return {"author": people(text)}
    return {}


def people(text: str) -> str:
    """The names in a byline without the photographers and without what stands in brackets."""
    roles = _ROLE.findall(text)
    if not roles:
        return text
    kept = [
        one for one in _AND.split(text) if not any(phrases.PICTURED.fullmatch(r) for r in _ROLE.findall(one))
    ]
    return ", ".join(_ROLE.sub("", one).strip() for one in kept)


def is_name(text: str) -> bool:
    """Whether this may be a person's name: two to five words with capitals."""
    spoken = text.split()
    if not 2 <= len(spoken) <= 6 or len(text) > 60 or any(c.isdigit() or c in ':!?/@"“”' for c in text):
        return False
    own = [word for word in spoken if word.casefold() not in _PARTICLES]
    return len(own) >= 2 and all(not word[0].islower() and word[0].isalpha() for word in own)


def _mixed(text: str) -> dict[str, str]:
    mixed = _MIXED.match(text)
    inner = _segment(mixed["date"].strip()) if mixed else {}
    return inner | {"author": people(mixed["name"].strip(" ,"))} if mixed and inner else {}
