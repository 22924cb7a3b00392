"""Front matter of any dialect -> the fields of an article, by precedence.

A key is compared without case, ``-``, ``_`` and spaces: ``publishDate``, ``publish_date``
and ``Publish-Date`` are one. A key with a dot names a value in a table: ``taxonomies.tags``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from newsletter.content.plain import squeeze, strip_markup
from newsletter.content.reader import Value


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TITLE = _names("title headline titel titre titulo")
DATE = _names(
    "date publishdate pubdate publishedat published datepublished posted publicationdate publishedon "
    "created createdat releasedate date.created datum fecha"
)
PUBLISH = _names("publishdate publishat publishon scheduled embargo embargodate")
UPDATED = _names(
    "updated lastmod lastmodified modified lastmodifiedat lastupdated datemodified updatedat "
    "date.updated modifieddate lastreviewed"
)
EXPIRES = _names("expirydate expires expiresat unpublishdate expirationdate expireson")
AUTHORS = _names("author authors by byline creator writer taxonomies.authors extra.author")
TAGS = _names(
    "tags tag topics topic categories category keywords taxonomies.tags taxonomies.categories extra.tags"
)
LANGUAGE = _names("lang language locale inlanguage")
LINK = _names("canonical canonicalurl canonicallink sourceurl externalurl link url permalink path")
EXTERNAL = _names("sourceurl externalurl externallink link linkurl")
SUMMARY = _names(
    "excerpt deck dek summary standfirst teaser abstract description lead lede subtitle tagline blurb "
    "extra.summary extra.description"
)
REDIRECT = _names("redirect redirectto redirecturl redirectlink refresh")
IMAGE = _names(
    "image featuredimage primaryimage previewimg cover coverimage thumbnail featureimage heroimage hero "
    "ogimage socialimage banner teaserimage articleimg header.image header.teaser header.ogimage images "
    "extra.image extra.thumbnail photo img picture bannerimage headerimage shareimage thumb"
)
ALT = _names(
    "imagealt alt featuredimagealt coveralt imagedescription primaryimagealt thumbnailalt imgalt "
    "heroalt bannerimagealt ogimagealt coverimagealt heroimagealt"
)
PINNED = _names("pinned sticky featured")
CORRECTION = _names("correction erratum corrigendum")
CAPTION = _names("imagecaption caption imagefigcaption covercaption featuredimagecaption")
_TRUE = frozenset({"true", "yes", "on", "1", "y"})
_FALSE = frozenset({"false", "no", "off", "0", "n"})


@lru_cache(4096)
def fold(key: str) -> str:
    """A key as it is compared."""
    return re.sub(r"[-_\s]", "", key).lower()


@dataclass(frozen=True, slots=True)
class Fields:
    """Values under folded keys, with the line of the file on which each stands."""

    values: Mapping[str, Value]
    lines: Mapping[str, int]

    @classmethod
    def of(cls, values: Mapping[str, Value], lines: Mapping[str, int]) -> Fields:
        """Fold the keys; of keys that fold alike the first that is not empty stands."""
        folded: dict[str, Value] = {}
        at: dict[str, int] = {}
        for key, value in values.items():
            name = fold(key)
            if not folded.get(name):
                folded[name] = value
                at[name] = lines.get(key, 0)
        inner = ((key.partition("."), line) for key, line in lines.items() if "." in key)
        at |= {f"{fold(head)}.{fold(rest)}": line for (head, _, rest), line in inner}
        return cls(folded, at)

    def get(self, name: str) -> Value:
        """The value under a folded key, which may name a value in a table; empty when there is none."""
        head, _, rest = name.partition(".")
        value = self.values.get(head, "")
        if not rest:
            return value
        if not isinstance(value, Mapping):
            return ""
        return next((inner for key, inner in value.items() if fold(key) == rest), "")

    def given(self, names: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
        """The names that have a value, in their order."""
        values = self.values
        for name in names:
            if name not in values and "." not in name:
                continue
            value = self.get(name)
            if value and (not isinstance(value, str) or value.strip()):
                yield name, value

    def text(self, names: tuple[str, ...]) -> tuple[str, int]:
        """The first value that is text, plain, and its line; empty and 0 when there is none."""
        for name, value in self.given(names):
            if isinstance(value, str):
                said = strip_markup(value)
                if said:
                    return said, self.line(name)
        return "", 0

    def raw(self, names: tuple[str, ...]) -> tuple[str, int]:
        """The first value that is text, as it was written but on one line."""
        for name, value in self.given(names):
            if isinstance(value, str) and squeeze(value):
                return squeeze(value), self.line(name)
        return "", 0

    def line(self, name: str) -> int:
        """The line of a field, or of the table in which it stands; 0 when not known."""
        while name and not self.lines.get(name):
            name = name.rpartition(".")[0]
        return self.lines.get(name, 0)

    def truth(self, name: str) -> bool | None:
        """A yes-or-no field; None when it says neither."""
        value = self.get(name)
        word = value.strip().lower() if isinstance(value, str) else ""
        return True if word in _TRUE else False if word in _FALSE else None

    def number(self, name: str) -> int:
        """A whole number; 0 when it is none."""
        value = self.get(name)
        return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip()) else 0


def names_in(value: Value, *, spaces: bool = False) -> tuple[str, ...]:
    """The names in a value: a list, a table with a name, or text parted by commas."""
    found: list[str] = []
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, Mapping):
            item = next((v for k, v in item.items() if fold(k) in ("name", "title", "displayname", "id")), "")
        if isinstance(item, tuple):
            found += [part for part in item if isinstance(part, str)]
        elif isinstance(value, tuple):
            found.append(item if isinstance(item, str) else "")
        elif isinstance(item, str):
            found += _parted(item, spaces)
    plain = (strip_markup(name).strip(" ,;#") for name in found[:100])
    return tuple(dict.fromkeys(name[:200] for name in plain if name))


def _parted(text: str, spaces: bool) -> list[str]:
    text = text.strip().removeprefix("[").removesuffix("]")
    for mark in (";", ",", "、", "،"):
        if mark in text:
            return text.split(mark)
    return text.split() if spaces else [text]


def people_in(value: Value) -> tuple[str, ...]:
    """The authors in a value: ``A, B and C`` are three, ``Smith & Sons`` (a part of one word) is one."""
    found: list[str] = []
    for name in names_in(value):
        name = re.sub(r"^by:?\s+", "", name, flags=re.IGNORECASE)
        name = re.sub(r"\s*[<(][^<>()]*@[^<>()]*[>)]", "", name)  # an address is nobody's business
        parts = [part.strip() for part in re.split(r"\s+(?:and|&|und|et|y|e)\s+", name)]
        found += (
            parts if len(parts) > 1 and all(" " in part for part in parts) else [re.sub(r"^and\s+", "", name)]
        )
    return tuple(dict.fromkeys(name for name in found if name))
