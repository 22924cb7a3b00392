"""What the bar says on the pages that are about no single mail."""

from __future__ import annotations

from functools import cached_property

from newsletter.config.schema import Config
from newsletter.errors import NewsletterError
from newsletter.web.preview.desk import Desk
from newsletter.web.preview.faults import Fault, faults


class Overall:
    """A page about the whole project."""

    here = ""  #: which of the places in the bar it is

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.state = desk.state
        self.now = desk.outside.clock()
        self.faults: tuple[Fault, ...] = desk.config_faults

    @property
    def config(self) -> Config:
        return self._desk.config

    @property
    def site(self) -> str:
        return self.config.site.name

    @property
    def config_name(self) -> str:
        return self._desk.config_path.name

    @cached_property
    def newsletters(self) -> tuple[str, ...]:
        return tuple(self.config.newsletters)

    def fail(self, error: NewsletterError) -> None:
        """Tell this too: a person must mend something before there is more to see."""
        self.faults = (*self.faults, *faults(error, self.config.root, self._desk.folders))
