"""The tables of config.toml, as frozen pydantic models: what may stand where, its default, and what it means.

The descriptions are what `newsletter.config.reference` prints. A key without a default is required, and its
example is what the mistake proposes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    Strict,
    ValidationInfo,
    field_validator,
)

from newsletter.audience.addresses import LONGEST_LOCAL
from newsletter.config import values
from newsletter.delivery.rate import per_second
from newsletter.message.verp import LONGEST_MARK
from newsletter.schedule.slots import parse
from newsletter.store.segments.reading import read as read_segment


def _or_empty(check: Callable[[str], object]) -> AfterValidator:
    def checked(text: str) -> str:
        if text:
            check(text)
        return text

    return AfterValidator(checked)


def _slot(text: str) -> None:
    parse(text)


def _segment(text: str) -> str:
    if text.strip():
        read_segment(text)
    return text.strip()


def _rate(text: str) -> str:
    per_second(text)
    return text


Line = Annotated[str, AfterValidator(values.one_line)]
Filled = Annotated[str, AfterValidator(values.filled)]
Website = Annotated[str, AfterValidator(values.website)]
Zone = Annotated[str, AfterValidator(values.zone)]
ZoneOrSites = Annotated[str, _or_empty(values.zone)]
MailboxOrNone = Annotated[str, _or_empty(values.mailbox)]
AddressOrNone = Annotated[str, _or_empty(values.address)]
Slot = Annotated[str, AfterValidator(values.one_line), _or_empty(_slot)]
From = Annotated[values.Mailbox, BeforeValidator(values.mailbox)]
Span = Annotated[timedelta, BeforeValidator(values.duration)]
Language = Annotated[str, AfterValidator(values.language)]
Colour = Annotated[str, AfterValidator(values.colour)]
ListId = Annotated[str, _or_empty(values.list_id)]
Bind = Annotated[str, AfterValidator(values.bind)]
PublicUrl = Annotated[str, AfterValidator(lambda text: text and values.public_url(text))]
Preset = Literal["", "hugo", "jekyll", "eleventy", "zola", "pelican", "mkdocs", "plain"]
Options = Annotated[Mapping[str, object], AfterValidator(lambda given: MappingProxyType(dict(given)))]
Texts = Annotated[
    Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], str],
    AfterValidator(lambda given: MappingProxyType(dict(given))),
]
Params = Annotated[Mapping[Filled, Line], AfterValidator(lambda given: MappingProxyType(dict(given)))]
Level = Literal["error", "warning", "info", "off"]
Levels = Annotated[Mapping[Filled, Level], AfterValidator(lambda given: MappingProxyType(dict(given)))]
ColourOrDerived = Annotated[str, _or_empty(values.colour)]
Globs = Annotated[tuple[Line, ...], Strict(False)]
FilesOrNone = Annotated[str, AfterValidator(values.one_line), _or_empty(values.pattern)]
Rate = Annotated[str, AfterValidator(values.one_line), AfterValidator(lambda text: _rate(text))]
RateOrNone = Annotated[str, AfterValidator(values.one_line), _or_empty(per_second)]
Domain = Annotated[str, AfterValidator(values.domain)]
Segment = Annotated[str, AfterValidator(lambda text: _segment(text))]
Frequencies = Annotated[tuple[Literal["each", "daily", "weekly"], ...], Strict(False)]
Topics = Annotated[tuple[Annotated[Line, AfterValidator(values.topic)], ...], Strict(False)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(values.site_origin)], ...], Strict(False)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(values.network)], ...], Strict(False)]
Rates = Annotated[Mapping[Domain, Rate], AfterValidator(lambda given: MappingProxyType(dict(given)))]


def _key(default: Any, meaning: str, **bounds: int) -> Any:
    return Field(default, description=meaning, **bounds)  # type: ignore[call-overload]


class Table(BaseModel):
    """One table of config.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Site(Table):
    """The publication that the newsletters belong to."""

    name: Filled = Field(description="The publication's name, as readers know it", examples=["The Slow Post"])
    base_url: Website = Field(
        description="The address of the website; article links begin with it",
        examples=["https://example.org"],
    )
    tagline: Line = _key("", "A few words under the name")
    language: Language = _key("en", "The language of the publication, as a BCP 47 tag")
    timezone: Zone = _key("UTC", "Where schedule times and article dates without a zone are")
    postal_address: str = _key("", "The address in the footer, which the law asks for in many countries")


class Content(Table):
    """The folder of articles."""

    dir: Filled = _key("content", "The folder, from where config.toml stands")
    preset: Preset = _key("", "The site generator whose habits the folder follows; empty finds out")
    permalink: Line = _key("", "The pattern of article addresses; empty is the preset's")
    include: Globs = _key((), "File patterns to read; empty reads all")
    exclude: Globs = _key((), "File patterns to leave out")


class Newsletter(Table):
    """One newsletter: `[newsletters.NAME]`."""

    title: Line = _key("", "The newsletter's name; empty is the site's")
    from_: From = Field(
        alias="from",
        description="Name and address that it comes from",
        examples=["Ida Vang <ida@example.org>"],
    )
    reply_to: MailboxOrNone = _key("", "Where replies go; empty is the from address")
    subject: Line = _key("", "The subject line; empty is made from the first article")
    preheader: Line = _key("", "What inboxes show behind the subject; empty is made from the articles")
    intro: str = _key("", "A few words above the articles")
    schedule: Slot = _key("", 'When it is sent, such as "mon 09:00"; empty is only by hand')
    timezone: ZoneOrSites = _key("", "The time zone of the schedule; empty is the site's")
    max_items: int = _key(7, "The most articles in one issue", ge=1, le=50)
    min_items: int = _key(1, "The fewest new articles that make an issue", ge=1, le=50)
    overflow: Literal["carry", "drop"] = _key(
        "carry",
        "Whether articles that do not fit wait or are dropped; of a first issue's, the older ones never come",
    )
    images: Literal["auto", "cid", "hosted", "site"] = _key(
        "auto",
        "Where pictures come from: in the mail, served by `newsletter run`, or the site; "
        "auto is `hosted` where there is a `[web] public_url`, else `cid`",
    )
    template: Filled = _key("digest", "The template, by its name in the templates folder")
    excerpt: Filled = _key("ranker", "The plug-in that picks sentences where an article has no summary")
    excerpt_sentences: int = _key(2, "The most sentences of an excerpt", ge=1, le=10)
    excerpt_characters: int = _key(260, "The most characters of an excerpt", ge=40, le=2000)
    in_doubt: Literal["hold", "resend"] = _key(
        "hold", "What becomes of a message of which nobody knows whether it was sent"
    )
    link_params: Params = Field(
        default_factory=lambda: MappingProxyType({}),
        description="What is added to links to your own site, such as `utm_source`; "
        "`{newsletter}`, `{issue}` and `{date}` are filled in",
    )
    stale_after: Span = _key(timedelta(hours=24), "How late an issue may start after the machine was off")
    segment: Segment = _key(
        "",
        'Who of its readers gets it, such as `tags has "pro" and language in ["de", "en"]`; empty is all',
    )
    sign_up: bool = _key(True, "Whether readers may sign up for it themselves")
    description: Line = _key("", "What it is about, for those who think of signing up")
    frequencies: Frequencies = _key(
        (), "How often readers may choose to get it, of `each`, `daily`, `weekly`; empty offers no choice"
    )
    topics: Topics = _key((), "What readers may choose to read about; empty offers no choice")
    list_id: ListId = _key("", "The List-Id; empty is the newsletter's name and the domain of from")
    unsubscribe_mailto: AddressOrNone = _key("", "Where unsubscribe mails go; empty is the from address")

    @field_validator("min_items")
    @classmethod
    def _fits(cls, fewest: int, info: ValidationInfo) -> int:
        if fewest > info.data.get("max_items", fewest):
            raise ValueError(f"should be at most max_items, which is {info.data['max_items']}, got {fewest}")
        return fewest


class Theme(Table):
    """The look of the packaged templates. What is left empty is derived, so that it can be read."""

    accent: Colour = _key("#0B6B5E", "The colour of links and buttons")
    accent_dark: ColourOrDerived = _key("", "The same in dark mode; empty is derived")
    paper: ColourOrDerived = _key("", "The ground of the mail; empty is a warm white")
    paper_dark: ColourOrDerived = _key("", "The same in dark mode; empty is a warm black")
    ink: ColourOrDerived = _key("", "The colour of headlines; empty is derived")
    ink_dark: ColourOrDerived = _key("", "The same in dark mode; empty is derived")
    font: Line = _key("", "The faces of what authors wrote, by name and comma; empty is a book face")
    font_ui: Line = _key("", "The faces of what stands around it; empty is the system's")
    radius: int = _key(3, "How round the corners of buttons are, in pixels", ge=0, le=30)
    width: int = _key(600, "How wide the mail is at most, in pixels", ge=480, le=720)
    logo: Line = _key("", "A picture file for the head of the mail")
    logo_dark: Line = _key("", "The same for dark mode; empty is the logo")


class Templates(Table):
    """Your own templates."""

    dir: Filled = _key("templates", "The folder; a template in it wins over the packaged one")
    texts: Texts = Field(
        default_factory=lambda: MappingProxyType({}),
        description="Texts of your own by name, for your templates: `sponsor` is `{{ texts.sponsor }}`",
    )


class Check(Table):
    """What `newsletter check` asks for."""

    levels: Levels = Field(
        default_factory=lambda: MappingProxyType({}),
        description="The level of a check by its id: `error`, `warning`, `info` or `off`",
    )
    clients: Globs = _key((), "Mail programs that must show everything, such as `outlook.windows`")


class Subscribers(Table):
    """Subscriber lists as files."""

    dir: Filled = _key("subscribers", "The folder that `subscribers import` looks in")
    pending_expires: Span = _key(
        timedelta(days=7), "How long somebody who signed up may take to confirm before they are forgotten"
    )
    sync: FilesOrNone = _key(
        "",
        'Lists that are read again whenever they change, such as "subscribers/*.csv", from where config.toml '
        "stands; empty is none",
    )
    sync_to: Globs = _key(
        (), "The newsletters that these lists are for; to be said where there is more than one"
    )
    sync_removes: bool = _key(
        False, "Whether who is no longer in such a list, and had come with it, is unsubscribed"
    )


class SignUp(Table):
    """Signing up on the pages. The limits are of one hour, and hold across restarts; 0 is no limit."""

    per_range: int = _key(
        30, "Sign-ups from one range of addresses: an IPv4 /24, an IPv6 /48", ge=0, le=1_000_000
    )
    per_domain: int = _key(300, "Sign-ups of mail addresses at one domain", ge=0, le=1_000_000)
    in_all: int = _key(3000, "Sign-ups from everywhere", ge=0, le=1_000_000)
    form_min_age: Span = _key(
        timedelta(seconds=2), "How long a form must have been looked at: programs are faster than people"
    )
    form_max_age: Span = _key(timedelta(days=1), "How long a form may lie open before it is shown anew")
    welcome: bool = _key(True, "Whether a welcome letter follows the confirmation")
    goodbye: bool = _key(False, "Whether a letter follows when somebody leaves, with a way back")


class Imap(Table):
    """The mailbox that bounces come to, where another computer keeps it: read by `tick` and `run`."""

    host: Line = _key("", "The IMAP server; empty is none")
    port: int = _key(0, "Its port; 0 is 993 with `tls`, else 143", ge=0, le=65535)
    security: Literal["tls", "starttls", "none"] = _key(
        "tls", "How the connection is kept private; `none` only on this computer"
    )
    username: Line = _key("", "The account")
    password: SecretStr = _key(SecretStr(""), "Its password")
    folder: Filled = _key("INBOX", "The folder that bounces come to")
    handled: Line = _key(
        "", "The folder that a mail is moved to once it was understood; empty marks it as seen"
    )
    ca_file: Line = _key("", "Whom to trust instead of the system's authorities")

    @field_validator("security")
    @classmethod
    def _is_private(cls, security: str, info: ValidationInfo) -> str:
        host = info.data.get("host", "")
        if security == "none" and host and not values.is_loopback(host):
            raise ValueError("should be tls or starttls: the password would be seen on the way")
        return security


class Bounces(Table):
    """What comes back: see docs/bounces.md."""

    soft_bounces: int = _key(5, "How many messages that failed let an address rest", ge=1, le=1000)
    within: Span = _key(timedelta(days=30), "Within what time so many must have failed")
    for_: Span = Field(default=timedelta(days=30), alias="for", description="How long the address then rests")
    maildir: Line = _key("", "A Maildir that bounces come to, read by `tick` and `run`; empty is none")
    every: Span = _key(timedelta(minutes=5), "How often `run` looks for bounces")
    imap: Imap = Imap()


class Webhook(Table):
    """What a mail provider calls, at `/hooks/NAME`. NAME is an installed adapter, such as `ses` or
    `postmark`, and its own options stand in this table: see docs/bounces.md."""

    options: Options = Field(
        default_factory=lambda: MappingProxyType({}), description="The adapter's own options"
    )

    def revealed(self) -> dict[str, object]:
        """The options with secrets in the clear. Never print it."""
        return {key: _revealed(value) for key, value in self.options.items()}


class PlugIn(Table):
    """A sender plug-in and its options."""

    name: Filled = _key(
        "smtp", "The sender plug-in: `smtp`, `command`, `maildir`, `eml` or one that you installed"
    )
    options: Options = Field(
        default_factory=lambda: MappingProxyType({}), description="The plug-in's own options"
    )

    def revealed(self) -> dict[str, object]:
        """The plug-in's options with secrets in the clear, as its constructor takes them. Never print it."""
        return {key: _revealed(value) for key, value in self.options.items()}


class Sender(PlugIn):
    """What hands the messages on. The plug-in's own options stand in the same table."""

    mail_from: AddressOrNone = _key("", "Where bounces go; empty is the newsletter's from address")
    verp: bool = _key(
        False,
        "Whether each message has a bounce address of its own, `mail_from` with `+` and a mark; "
        "the mail server must deliver such addresses",
    )
    connections: int = _key(4, "How many connections are open at once", ge=1, le=64)
    window: int = _key(16, "How many messages each connection may have under way", ge=1, le=256)
    rate: RateOrNone = _key(
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

    weight: int = _key(1, "Its share of the connections, beside the weights of the others", ge=1, le=1000)
    connections: int = _key(
        0, "How many connections it has, whatever its weight; 0 is its share", ge=0, le=64
    )


class Store(Table):
    """The database."""

    path: Filled = _key(".newsletter/newsletter.db", "The database file, made at first use")
    heartbeat: Line = _key(
        "", "A file that is touched whenever a `tick`, or a round of `run`, went well; empty is none"
    )


class Log(Table):
    """What `newsletter run` writes about each delivery."""

    addresses: Literal["none", "masked"] = _key(
        "none", "Whether a line tells whom a message was for, as in `i••@example.org`"
    )


class Web(Table):
    """The subscriber pages."""

    bind: Bind = _key("127.0.0.1:8765", "The address and port that the pages are served on")
    public_url: PublicUrl = _key(
        "", "Where readers reach the pages; empty: no one-click unsubscribe in the mails"
    )
    allow_origins: Origins = _key(
        (), 'Other sites whose forms may sign readers up, such as "https://example.org"'
    )
    trusted_proxies: Networks = _key(
        (), "Proxies whose `X-Forwarded-For` is believed, as addresses or networks such as `10.0.0.0/8`"
    )
    secret_key: SecretStr = _key(SecretStr(""), "What links are signed with; empty makes a key file")
    metrics_token: SecretStr = _key(
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


def _revealed(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return tuple(map(_revealed, value))
    return {key: _revealed(each) for key, each in value.items()} if isinstance(value, Mapping) else value
