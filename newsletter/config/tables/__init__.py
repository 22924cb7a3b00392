"""The tables of config.toml, as frozen pydantic models: what may stand where, its default, and what it means.

The descriptions are what `newsletter.config.reference` prints. A key without a default is required, and its
example is what the mistake proposes.
"""

from newsletter.config.tables.kinds import Table
from newsletter.config.tables.newsletters import Newsletter, Notify
from newsletter.config.tables.publication import Check, Content, Site, Templates, Theme
from newsletter.config.tables.readers import Bounces, Imap, SignUp, Subscribers, Webhook
from newsletter.config.tables.sending import Log, OneOfSenders, PlugIn, Sender, Store, Web

__all__ = [
    "Bounces",
    "Check",
    "Content",
    "Imap",
    "Log",
    "Newsletter",
    "Notify",
    "OneOfSenders",
    "PlugIn",
    "Sender",
    "SignUp",
    "Site",
    "Store",
    "Subscribers",
    "Table",
    "Templates",
    "Theme",
    "Web",
    "Webhook",
]
