"""What a person must mend, as exceptions.

    NewsletterError            the only base that the command line catches
    ├── ConfigError            config.toml or the environment: every mistake at once
    ├── ContentError           the content folder as a whole cannot be read
    ├── RenderError            a template: file and line
    ├── SubscribersError       a subscriber list as a whole cannot be read
    ├── StoreError             the database cannot be opened, or is not ours
    │   └── CopiedDatabase     it is a copy of the one that sends; a person must adopt it first
    ├── PluginError            a sender, reader or excerpt method that is not installed or not usable
    └── SenderUnreachable      the next hop cannot be used at all (nothing was lost)

A mistake in *one* content file or *one* row of a list is no exception: it is a
:class:`newsletter.model.Problem` and the rest goes on. A refusal by a server is
an :class:`newsletter.model.Outcome`. Anything else is a bug and is let crash.
"""


class NewsletterError(Exception):
    """A person must change something; the message says what and where."""

    exit_code = 3


class ConfigError(NewsletterError):
    """One line for each mistake: ``file:line: key: what is wrong``."""


class ContentError(NewsletterError):
    """The content folder is missing or cannot be read."""


class RenderError(NewsletterError):
    """A template is wrong: ``file:line: what is wrong``."""


class SubscribersError(NewsletterError):
    """A subscriber list as a whole cannot be used."""


class StoreError(NewsletterError):
    """The database cannot be opened, is damaged, or belongs to something else."""


class CopiedDatabase(StoreError):
    """A copy that might send again what the other has sent: the message says why it is taken for one."""

    exit_code = 5


class PluginError(NewsletterError):
    """A plug-in is not installed, or was given an option that it does not take."""


class SenderUnreachable(NewsletterError):
    """The sender cannot be reached or refuses us; what waits, waits."""

    exit_code = 7
