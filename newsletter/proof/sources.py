"""Spot -> the file and line that causes it: an article, the configuration, or a template."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from newsletter import packaged as packages
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import fields as names
from newsletter.content import page, walk
from newsletter.content.page import Page
from newsletter.issue.checks import Beside, Field, Line, Said, Setting, Spot, Written
from newsletter.model import Card, Issue
from newsletter.press import press
from newsletter.proof.templates import Templates

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": names.TITLE,
    "url": names.LINK,
    "image": names.IMAGE,
    "alt": (*names.ALT, *names.IMAGE),
    "summary": names.SUMMARY,
}
_TELLING: Final = 8  #: words of a long text that tell where it stands
_FOLLOWING: Final = 400  #: lines below its first one that a block of an article may have


class Sources:
    """The files behind one issue."""

    def __init__(self, config: Config, issue: Issue) -> None:
        self._config, self._issue = config, issue
        self._page = lru_cache(64)(self._load)
        self._raw = lru_cache(64)(self._read)

    def place(self, spot: Spot) -> tuple[str, int]:
        """Path from the project's folder, with ``/``, and line from 1; ("", 0) where no file is the cause."""
        match spot:
            case Setting(key):
                return self.setting(key)
            case Beside(path, line):
                return path, line
            case Field(path, name):
                return self.article(path), self._field(path, name)
            case Line(path, line, snippet):
                return self.article(path), self._below(path, line, snippet)
            case Written(snippet, part):
                return self._template(snippet, part)
            case Said(snippet, path):
                return self._said(snippet, path)

    def setting(self, key: tuple[str, ...]) -> tuple[str, int]:
        """Where a key of config.toml stands, or else the table that it is missing from."""
        for length in range(len(key), -1, -1):
            file, colon, line = self._config.origin(*key[:length]).rpartition(":")
            if colon and line.isdigit():
                return Path(file).name, int(line)
            if line != "default":
                return line, 0  # a variable of the environment
        return "config.toml", 1

    def article(self, path: str) -> str:
        """An article's path from the project's folder."""
        folder = self._config.content_dir
        return self.shown(folder if folder.is_file() else folder / path)

    def shown(self, path: Path) -> str:
        """A path as people are shown it: from the project's folder, where it is in there."""
        inside = path.is_relative_to(self._config.root)
        return walk.shown((path.relative_to(self._config.root) if inside else path).as_posix())

    def image_is_from_elsewhere(self, card: Card) -> bool:
        """Whether a card's image is named by a path from the site's root, or through its generator."""
        lines = self._raw(card.path).split("\n")
        line = lines[self._field(card.path, "image") - 1] if lines else ""
        return "{{" in line or "{%" in line or self.image_as_written(card).startswith("/")

    def image_as_written(self, card: Card) -> str:
        """The image of a card as its article names it; empty where that cannot be found."""
        if card.image is None:
            return ""
        name = card.image.source.partition("?")[0].rpartition("/")[2]
        at = self._field(card.path, "image")
        rest = "\n".join(self._raw(card.path).split("\n")[at - 1 :])
        found = re.search(rf"[^\s\"'()\[\]<>=]*{re.escape(unquote(name))}", rest)
        return found[0] if found else ""

    # ── articles ────────────────────────────────────────────────────────────

    def _field(self, path: str, name: str) -> int:
        """The line of a field; where the front matter has none, that of what stands in for it."""
        loaded = self._page(path)
        if loaded:
            for field, _ in loaded.fields.given(_FIELDS[name]):
                if line := loaded.fields.line(field):
                    return line
        card = next((card for card in self._issue.cards if card.path == path), None)
        image = card.image if card else None
        stands_in = {
            "image": (image.source.rpartition("/")[2] if image else ""),
            "alt": (image.alt or image.source.rpartition("/")[2] if image else ""),
            "summary": card.excerpt if card else "",
        }.get(name, card.title if card else "")
        found = _line_of(self._raw(path), stands_in)
        return found or (self._field(path, "title") if name != "title" else 1)

    def _below(self, path: str, line: int, snippet: str) -> int:
        lines = self._raw(path).split("\n")
        near = "\n".join(lines[max(0, line - 1) : line + _FOLLOWING])
        found = _line_of(near, snippet) if snippet else 0
        return max(line, 1) + found - 1 if found else max(line, 1)

    def _file(self, path: str) -> Path:
        folder = self._config.content_dir
        return folder if folder.is_file() else walk.named(folder, path)

    def _load(self, path: str) -> Page | None:
        found = page.load(walk.Found(path, str(self._file(path))))
        return found if isinstance(found, Page) else None

    def _read(self, path: str) -> str:
        try:
            return walk.contents(self._file(path)).decode("utf-8", "replace")
        except walk.Refused:
            return ""

    # ── anybody ─────────────────────────────────────────────────────────────

    def _said(self, snippet: str, path: str) -> tuple[str, int]:
        for each in dict.fromkeys((path, *(card.path for card in self._issue.cards))):
            if each and (line := _line_of(self._raw(each), snippet)):
                return self.article(each), line
        if path:
            return self.article(path), self._field(path, "title")
        if line := self._in_config(snippet):
            return self._config_name, line
        return self._template(snippet)

    @property
    def _config_name(self) -> str:
        return self.setting(())[0]

    def _in_config(self, snippet: str) -> int:
        try:
            text = (self._config.root / self._config_name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return 0
        plain = "\n".join("" if line.lstrip().startswith("#") else line for line in text.split("\n"))
        return _line_of(plain, snippet)

    def _template(self, snippet: str, part: str = "") -> tuple[str, int]:
        file, line = self._templates.place(tuple(dict.fromkeys(_forms(snippet))), part)
        packaged = packages.templates()
        if file.is_relative_to(packaged) and not file.is_relative_to(self._config.root):
            # named as the project's own copy of it would be: that is where it can be changed
            return f"{self._config.templates.dir.strip('/')}/{file.relative_to(packaged).as_posix()}", line
        return self.shown(file), line

    @cached_property
    def _templates(self) -> Templates:
        name, searchpath = self._issue.newsletter, unpack.searchpath(self._config)
        template = self._config.newsletters[name].template

        def locate(snippet: str) -> str:
            site, theme = unpack.site(self._config, name), unpack.theme(self._config, None, None)
            found = press(searchpath).locate(
                self._issue, site=site, theme=theme, template=template, snippets=(snippet,)
            )
            return found[0]

        return Templates(searchpath, f"{template}.mjml.j2", locate)


def _line_of(text: str, snippet: str) -> int:
    """The line from 1 on which `snippet` begins, whatever the white space in it; 0 when it is not there."""
    for form in _forms(snippet):
        words = form.split()[:_TELLING]
        if words and (found := re.search(r"\s+".join(map(re.escape, words)), text)):
            return text.count("\n", 0, found.start()) + 1
    return 0


def _forms(snippet: str) -> Iterator[str]:
    """As a file may write what the mail has: as it is, escaped, or without the mail's own escapes."""
    yield snippet
    yield html.escape(snippet)
    yield unquote(snippet)
