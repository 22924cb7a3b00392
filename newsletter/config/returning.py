"""``[bounces]`` and ``[webhooks]`` -> mailboxes, rule and adapters, as the rooms below take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from newsletter import plugins
from newsletter.audience.suppression import Soft
from newsletter.config.schema import Config
from newsletter.errors import ConfigError, PluginError

if TYPE_CHECKING:
    from newsletter.audience.bounces_box import Returned
    from newsletter.audience.hooks import Hook


def soft(config: Config) -> Soft:
    """When failures that may pass are too many."""
    return Soft(config.bounces.soft_bounces, config.bounces.within, config.bounces.for_)


def mailboxes(config: Config) -> tuple[Iterator[Returned], ...]:
    """What came back to each configured mailbox; nothing is opened before the first mail is asked for."""
    from newsletter.audience.bounces_box import returned

    maildir = config.bounces.maildir
    boxes = (returned(config.resolve(maildir)),) if maildir else ()
    return (*boxes, imap(config)) if config.bounces.imap.host else boxes


def hooks(config: Config) -> Mapping[str, Hook]:
    """The webhook adapters by their names. :class:`ConfigError` for one that cannot be made."""
    made: dict[str, Hook] = {}
    for name, table in config.webhooks.items():
        try:
            made[name] = plugins.load("webhooks", name)(**table.revealed())
        except PluginError as error:
            where = config.origin("webhooks", name)
            raise ConfigError(f"{where}: webhooks.{name}: {str(error).removeprefix(f'{name}: ')}") from None
    return MappingProxyType(made)


def imap(config: Config) -> Iterator[Returned]:
    """What came back to ``[bounces.imap]``. :class:`ConfigError` when there is none."""
    from newsletter.audience.bounces_imap import ImapBox, unread

    box = config.bounces.imap
    if not box.host:
        raise ConfigError(f"{config.origin('bounces')}: bounces.imap.host: missing, there is no IMAP server")
    return unread(
        ImapBox(
            host=box.host,
            port=box.port,
            security=box.security,
            username=box.username,
            password=box.password.get_secret_value(),
            folder=box.folder,
            handled=box.handled,
            ca_file=str(config.resolve(box.ca_file)) if box.ca_file else "",
        )
    )
