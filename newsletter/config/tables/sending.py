"""How it is sent, kept and served."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from newsletter.audience.addresses import LONGEST_LOCAL
from newsletter.config.tables.kinds import (
    AddressOrNone,
    Bind,
    Filled,
    Line,
    Networks,
    Options,
    Origins,
    PublicUrl,
    RateOrNone,
    Rates,
    Table,
    key,
    revealed,
)
from newsletter.message.verp import LONGEST_MARK


class PlugIn(Table):
    """A sender plug-in and its options."""

    name: Filled = key(
        "smtp", "The sender plug-in: `smtp`, `command`, `maildir`, `eml` or one that you installed"
    )
    options: Options = Field(
        default_factory=lambda: MappingProxyType({}), description="The plug-in's own options"
    )

    def revealed(self) -> dict[str, object]:
        """The plug-in's options with secrets in the clear, as its constructor takes them. Never print it."""
        return {key: revealed(value) for key, value in self.options.items()}


class Sender(PlugIn):
    """What hands the messages on. The plug-in's own options stand in the same table."""

    mail_from: AddressOrNone = key("", "Where bounces go; empty is the newsletter's from address")
    verp: bool = key(
        False,
        "Whether each message has a bounce address of its own, `mail_from` with `+` and a mark; "
        "the mail server must deliver such addresses",
    )
    connections: int = key(4, "How many connections are open at once", ge=1, le=64)
    window: int = key(16, "How many messages each connection may have under way", ge=1, le=256)
    rate: RateOrNone = key(
        "", 'How fast all connections together may send, such as "50/s" or "10000/h"; empty is no limit'
    )
    domain_rates: Rates = Field(
        default_factory=lambda: MappingProxyType({}),
        description='How fast mail may go to a recipient\'s domain, such as `{ "example.com" = "20/s" }`',
    )

    @field_validator("verp")
    @classmethod
    def _has_room(cls, verp: bool, info: ValidationInfo) -> bool:
        mail_from = info.data.get("mail_from")
        if verp and mail_from == "":
            raise ValueError('needs mail_from beside it, such as "bounce@bounces.example.org"')
        if verp and mail_from and len(mail_from.rpartition("@")[0]) > LONGEST_LOCAL - LONGEST_MARK:
            raise ValueError(f"leaves {LONGEST_LOCAL - LONGEST_MARK} characters before the @ of mail_from")
        return verp


class OneOfSenders(PlugIn):
    """One of several senders, with its plug-in's own options; they share the connections of `[sender]`,
    and when one cannot be used the others go on."""

    weight: int = key(1, "Its share of the connections, beside the weights of the others", ge=1, le=1000)
    connections: int = key(0, "How many connections it has, whatever its weight; 0 is its share", ge=0, le=64)


class Store(Table):
    """The database."""

    path: Filled = key(".newsletter/newsletter.db", "The database file, made at first use")
    heartbeat: Line = key(
        "", "A file that is touched whenever a `tick`, or a round of `run`, went well; empty is none"
    )


class Log(Table):
    """What `newsletter run` writes about each delivery."""

    addresses: Literal["none", "masked"] = key(
        "none", "Whether a line tells whom a message was for, as in `i••@example.org`"
    )


class Web(Table):
    """The subscriber pages."""

    bind: Bind = key("127.0.0.1:8765", "The address and port that the pages are served on")
    public_url: PublicUrl = key(
        "", "Where readers reach the pages; empty: no one-click unsubscribe in the mails"
    )
    allow_origins: Origins = key(
        (), 'Other sites whose forms may sign readers up, such as "https://example.org"'
    )
    trusted_proxies: Networks = key(
        (), "Proxies whose `X-Forwarded-For` is believed, as addresses or networks such as `10.0.0.0/8`"
    )
    secret_key: SecretStr = key(SecretStr(""), "What links are signed with; empty makes a key file")
    metrics_token: SecretStr = key(
        SecretStr(""),
        "What a program must show to read `/metrics`; empty: only programs on this computer may",
    )

    @property
    def host(self) -> str:
        """The address of `bind`, without brackets."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `bind`; 0 is any that is free."""
        return int(self.bind.rpartition(":")[2])
