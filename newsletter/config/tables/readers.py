"""Who reads: lists, sign-up, and what comes back."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from newsletter.config import values
from newsletter.config.tables.kinds import (
    FilesOrNone,
    Filled,
    Globs,
    Line,
    Options,
    Span,
    Table,
    key,
    revealed,
)


class Subscribers(Table):
    """Subscriber lists as files."""

    dir: Filled = key("subscribers", "The folder that `subscribers import` looks in")
    pending_expires: Span = key(
        timedelta(days=7), "How long somebody who signed up may take to confirm before they are forgotten"
    )
    sync: FilesOrNone = key(
        "",
        'Lists that are read again whenever they change, such as "subscribers/*.csv", from where config.toml '
        "stands; empty is none",
    )
    sync_to: Globs = key(
        (), "The newsletters that these lists are for; to be said where there is more than one"
    )
    sync_removes: bool = key(
        False, "Whether who is no longer in such a list, and had come with it, is unsubscribed"
    )


class SignUp(Table):
    """Signing up on the pages. The limits are of one hour, and hold across restarts; 0 is no limit."""

    per_range: int = key(
        30, "Sign-ups from one range of addresses: an IPv4 /24, an IPv6 /48", ge=0, le=1_000_000
    )
    per_domain: int = key(300, "Sign-ups of mail addresses at one domain", ge=0, le=1_000_000)
    in_all: int = key(3000, "Sign-ups from everywhere", ge=0, le=1_000_000)
    form_min_age: Span = key(
        timedelta(seconds=2), "How long a form must have been looked at: programs are faster than people"
    )
    form_max_age: Span = key(timedelta(days=1), "How long a form may lie open before it is shown anew")
    welcome: bool = key(True, "Whether a welcome letter follows the confirmation")
    goodbye: bool = key(False, "Whether a letter follows when somebody leaves, with a way back")


class Imap(Table):
    """The mailbox that bounces come to, where another computer keeps it: read by `tick` and `run`."""

    host: Line = key("", "The IMAP server; empty is none")
    port: int = key(0, "Its port; 0 is 993 with `tls`, else 143", ge=0, le=65535)
    security: Literal["tls", "starttls", "none"] = key(
        "tls", "How the connection is kept private; `none` only on this computer"
    )
    username: Line = key("", "The account")
    password: SecretStr = key(SecretStr(""), "Its password")
    folder: Filled = key("INBOX", "The folder that bounces come to")
    handled: Line = key(
        "", "The folder that a mail is moved to once it was understood; empty marks it as seen"
    )
    ca_file: Line = key("", "Whom to trust instead of the system's authorities")

    @field_validator("security")
    @classmethod
    def _is_private(cls, security: str, info: ValidationInfo) -> str:
        host = info.data.get("host", "")
        if security == "none" and host and not values.is_loopback(host):
            raise ValueError("should be tls or starttls: the password would be seen on the way")
        return security


class Bounces(Table):
    """What comes back: see docs/bounces.md."""

    soft_bounces: int = key(5, "How many messages that failed let an address rest", ge=1, le=1000)
    within: Span = key(timedelta(days=30), "Within what time so many must have failed")
    for_: Span = Field(default=timedelta(days=30), alias="for", description="How long the address then rests")
    maildir: Line = key("", "A Maildir that bounces come to, read by `tick` and `run`; empty is none")
    every: Span = key(timedelta(minutes=5), "How often `run` looks for bounces")
    imap: Imap = Imap()


class Webhook(Table):
    """What a mail provider calls, at `/hooks/NAME`. NAME is an installed adapter, such as `ses` or
    `postmark`, and its own options stand in this table: see docs/bounces.md."""

    options: Options = Field(
        default_factory=lambda: MappingProxyType({}), description="The adapter's own options"
    )

    def revealed(self) -> dict[str, object]:
        """The options with secrets in the clear. Never print it."""
        return {key: revealed(value) for key, value in self.options.items()}
