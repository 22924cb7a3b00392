"""Config -> what all reader pages know: whose they are, how they look, who signs their links."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.responses import HTMLResponse

from newsletter.audience.addresses import masked
from newsletter.audience.consent import Form
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.errors import RenderError
from newsletter.issue.words import Words, direction, tags, words_for
from newsletter.press.folders import Folders
from newsletter.store.database import Database
from newsletter.web.callers import callers
from newsletter.web.reader.look import look
from newsletter.web.reader.offers import languages

log = logging.getLogger(__name__)


class House:
    """Made once for a running site; pages and requests come and go."""

    def __init__(
        self,
        config: Config,
        database: Database,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        """`wake` is called when somebody signed up or confirmed."""
        self.config = config
        self.database = database
        self.now = now
        self.wake = wake
        self.tokens = unpack.tokens(config)
        self.languages = languages(config)
        self.caller = callers(config.web.trusted_proxies)
        self._theme = unpack.theme(config, None, None)
        self._words: dict[str, Words] = {}
        self.forms: dict[str, Form] = {}  # what stands on the sign-up form, by language

    def language(self, *wanted: str) -> str:
        """The first of those languages that there are words for, else the site's."""
        for one in wanted:
            for tag in tags(one) if one else ():
                if tag in self.languages:
                    return tag
        return self.config.site.language

    def words(self, language: str) -> Words:
        """What is said in a :meth:`language`. A catalogue of the project that cannot be used is told in the
        log, and the packaged one speaks: nobody is kept from leaving by it."""
        if language not in self._words:
            try:
                self._words[language] = words_for(language, Folders(unpack.searchpath(self.config)))
            except RenderError as error:
                log.error("%s", error)
                self._words[language] = words_for(language)
        return self._words[language]

    def title(self, newsletter: str) -> str:
        """What readers call a newsletter; of ``*``, and of what is no more, the publication."""
        known = newsletter in self.config.newsletters
        return unpack.title(self.config, newsletter) if known else self.config.site.name

    def page(
        self, name: str, language: str, status: int = 200, /, *, reads: str = "", **given: Any
    ) -> HTMLResponse:
        """The page ``name.html`` in a :meth:`language`. `reads` is the page's own address without its query,
        where it can be read in other languages."""
        text = self.rendered(name, language, reads=reads, **given)
        return HTMLResponse(text, status, headers=dict(look(self._theme, language).headers))

    def rendered(self, name: str, language: str, /, *, reads: str = "", **given: Any) -> str:
        """The same as text."""
        words = self.words(language)
        return self._pages.get_template(f"{name}.html").render(
            _=words.say,
            words=words,
            direction=direction(language),
            style=Markup(look(self._theme, language).sheet),
            site=self.config.site,
            languages={tag: name for tag, name in self.languages.items() if tag != language},
            reads=reads,
            **given,
        )

    @cached_property
    def _pages(self) -> jinja2.Environment:
        folder = str(files(__package__).joinpath("pages"))
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["who"] = _who
        return environment


def _who(address: str) -> Markup:
    """An address as a page shows it: a mail may have been forwarded, and its links with it."""
    return Markup('<b class="who" dir="ltr">{}</b>').format(masked(address))
