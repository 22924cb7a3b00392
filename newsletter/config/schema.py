"""All of config.toml as one frozen value, and which table stands where in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr
from pydantic.fields import FieldInfo

from newsletter.config import values
from newsletter.config.positions import Key
from newsletter.config.tables import (
    Bounces,
    Check,
    Content,
    Imap,
    Log,
    Newsletter,
    Notify,
    OneOfSenders,
    Sender,
    SignUp,
    Site,
    Store,
    Subscribers,
    Table,
    Templates,
    Theme,
    Web,
    Webhook,
)

VERSION = 1


def _supported(version: int) -> int:
    if version != VERSION:
        raise ValueError(f"should be {VERSION}, got {version}: put {VERSION}, or use a newer release")
    return version


def _at_least_one(newsletters: Mapping[str, Newsletter]) -> Mapping[str, Newsletter]:
    if not newsletters:
        raise ValueError("missing, add a table such as [newsletters.weekly]")
    return MappingProxyType(dict(newsletters))


class Config(Table):
    """All of config.toml and the environment, checked."""

    config_version: Annotated[int, AfterValidator(_supported)] = Field(
        default=VERSION, description="The form of this file"
    )
    site: Site
    content: Content = Content()
    newsletters: Annotated[
        Mapping[Annotated[str, AfterValidator(values.newsletter_name)], Newsletter],
        AfterValidator(_at_least_one),
    ]
    notify: Notify = Notify()
    theme: Theme = Theme()
    templates: Templates = Field(default_factory=Templates)
    check: Check = Field(default_factory=Check)
    subscribers: Subscribers = Subscribers()
    signup: SignUp = SignUp()
    sender: Sender = Field(default_factory=Sender)
    senders: Annotated[
        Mapping[Annotated[str, AfterValidator(values.sender_name)], OneOfSenders],
        AfterValidator(lambda given: MappingProxyType(dict(given))),
    ] = Field(default_factory=lambda: MappingProxyType({}))
    bounces: Bounces = Bounces()
    webhooks: Annotated[
        Mapping[Annotated[str, AfterValidator(values.webhook_name)], Webhook],
        AfterValidator(lambda given: MappingProxyType(dict(given))),
    ] = Field(default_factory=lambda: MappingProxyType({}))
    store: Store = Store()
    log: Log = Log()
    web: Web = Web()

    _file: Path = PrivateAttr(default=Path("config.toml"))
    _origins: Mapping[Key, str] = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> Path:
        """The file that was read, absolute."""
        return self._file

    @property
    def root(self) -> Path:
        """The folder of config.toml, absolute; every relative path starts here."""
        return self._file.parent

    def resolve(self, path: str) -> Path:
        """`path` from the folder of config.toml; ``~`` is the home folder."""
        return self.root / (Path(path).expanduser() if path.startswith("~/") else path)

    @property
    def content_dir(self) -> Path:
        """The folder of articles."""
        return self.resolve(self.content.dir)

    @property
    def template_dirs(self) -> tuple[Path, ...]:
        """The user's own templates; the packaged ones come after them."""
        return (self.resolve(self.templates.dir),)

    @property
    def subscribers_dir(self) -> Path:
        """The folder of subscriber lists."""
        return self.resolve(self.subscribers.dir)

    @property
    def store_path(self) -> Path:
        """The database file."""
        return self.resolve(self.store.path)

    def mail_from(self, newsletter: str) -> str:
        """The envelope sender of `newsletter`. KeyError when there is none of that name."""
        return self.sender.mail_from or self.newsletters[newsletter].from_.address

    def origin(self, *key: str) -> str:
        """Where a value comes from: ``config.toml:12``, the name of a variable, or ``default``."""
        return self._origins.get(key, "default")

    def masked(self) -> dict[str, Any]:
        """Every value as nested plain dicts for printing, keys as in the file, secrets as ``********``."""
        plain: dict[str, Any] = _plain(self)
        plain["sender"] |= _plain(self.sender.options)
        for name, one in self.senders.items():
            plain["senders"][name] |= _plain(one.options)
        for name, hook in self.webhooks.items():
            plain["webhooks"][name] |= _plain(hook.options)
        plain["bounces"]["imap"] = _plain(self.bounces.imap)
        return plain

    def masked_origins(self) -> dict[str, Any]:
        """As `masked`, with `origin` in the place of each value."""
        return _origins(self, self.masked(), ())


def _plain(value: object) -> Any:
    if isinstance(value, Table):
        return {key: _plain(getattr(value, name)) for key, (name, _) in keys(type(value)).items()}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    if isinstance(value, timedelta):
        return values.duration_text(value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _origins(config: Config, plain: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, Any]:
    return {
        key: _origins(config, value, (*above, key)) if isinstance(value, dict) else config.origin(*above, key)
        for key, value in plain.items()
    }


def keys(table: type[Table]) -> dict[str, tuple[str, FieldInfo]]:
    """Each key of `table` as it stands in the file, with its attribute and its field; a table within it has
    its own keys."""
    fields = table.model_fields.items()
    return {field.alias or name: (name, field) for name, field in fields if name not in _WITHIN}


#: A plug-in's options, and the table ``[bounces.imap]``.
_WITHIN = ("options", "imap")


TABLES: Mapping[str, type[Table]] = MappingProxyType(
    {
        "site": Site,
        "content": Content,
        "newsletters.NAME": Newsletter,
        "notify": Notify,
        "theme": Theme,
        "templates": Templates,
        "check": Check,
        "subscribers": Subscribers,
        "signup": SignUp,
        "sender": Sender,
        "senders.NAME": OneOfSenders,
        "bounces": Bounces,
        "bounces.imap": Imap,
        "webhooks.NAME": Webhook,
        "store": Store,
        "log": Log,
        "web": Web,
    }
)


def table_at(key: Key) -> type[Table] | None:
    """The table that stands at `key`; None where there is none."""
    if not key:
        return Config
    several = key[0] in ("newsletters", "senders", "webhooks") and len(key) == 2
    return TABLES.get(f"{key[0]}.NAME" if several else ".".join(map(str, key)))
