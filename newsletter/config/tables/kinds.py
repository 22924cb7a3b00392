"""The kinds of values that may stand in config.toml, and what all of its tables share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, Strict

from newsletter.config import values
from newsletter.delivery.rate import per_second
from newsletter.schedule.quiet import parse_holiday, parse_quiet
from newsletter.schedule.slots import parse, parse_each
from newsletter.store.segments.reading import read as read_segment


def or_empty(check: Callable[[str], object]) -> AfterValidator:
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


def _cadences(given: Mapping[str, object]) -> dict[str, object]:
    """Each rhythm as text: of `each` the time that a post rests."""
    made: dict[str, object] = {}
    for name, rhythm in given.items():
        if name == "each":
            if rhythm is not False:
                made[name] = values.duration_text(parse_each(rhythm))
        elif isinstance(rhythm, bool):
            raise ValueError(
                f'{name} needs a time, such as {name} = "{EXAMPLES.get(name, EXAMPLES["weekly"])}"'
            )
        else:
            made[name] = rhythm
            if isinstance(rhythm, str):
                parse(rhythm)
    return made


EXAMPLES = {"daily": "weekdays 07:30", "weekly": "mon 09:00"}


def _rate(text: str) -> str:
    per_second(text)
    return text


Line = Annotated[str, AfterValidator(values.one_line)]
Filled = Annotated[str, AfterValidator(values.filled)]
Website = Annotated[str, AfterValidator(values.website)]
Zone = Annotated[str, AfterValidator(values.zone)]
ZoneOrSites = Annotated[str, or_empty(values.zone)]
MailboxOrNone = Annotated[str, or_empty(values.mailbox)]
AddressOrNone = Annotated[str, or_empty(values.address)]
Slot = Annotated[str, AfterValidator(values.one_line), or_empty(_slot)]
From = Annotated[values.Mailbox, BeforeValidator(values.mailbox)]
Span = Annotated[timedelta, BeforeValidator(values.duration)]
Language = Annotated[str, AfterValidator(values.language)]
Colour = Annotated[str, AfterValidator(values.colour)]
ListId = Annotated[str, or_empty(values.list_id)]
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
ColourOrDerived = Annotated[str, or_empty(values.colour)]
Globs = Annotated[tuple[Line, ...], Strict(False)]
FilesOrNone = Annotated[str, AfterValidator(values.one_line), or_empty(values.pattern)]
Rate = Annotated[str, AfterValidator(values.one_line), AfterValidator(lambda text: _rate(text))]
RateOrNone = Annotated[str, AfterValidator(values.one_line), or_empty(per_second)]
Domain = Annotated[str, AfterValidator(values.domain)]
Segment = Annotated[str, AfterValidator(lambda text: _segment(text))]
Frequencies = Annotated[tuple[Literal["each", "daily", "weekly"], ...], Strict(False)]
Words = Annotated[tuple[Line, ...], Strict(False)]
Cadences = Annotated[
    Mapping[Literal["each", "daily", "weekly"], Line],
    BeforeValidator(lambda given: _cadences(given) if isinstance(given, Mapping) else given),
    AfterValidator(lambda given: MappingProxyType(dict(given))),
]
QuietHours = Annotated[str, AfterValidator(values.one_line), or_empty(parse_quiet)]
Holidays = Annotated[tuple[Annotated[str, BeforeValidator(parse_holiday)], ...], Strict(False)]
Notices = Annotated[tuple[Literal["skipped", "approval", "paused", "in_doubt", "late"], ...], Strict(False)]
People = Annotated[tuple[Annotated[str, AfterValidator(values.address)], ...], Strict(False)]
Topics = Annotated[tuple[Annotated[Line, AfterValidator(values.topic)], ...], Strict(False)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(values.site_origin)], ...], Strict(False)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(values.network)], ...], Strict(False)]
Rates = Annotated[Mapping[Domain, Rate], AfterValidator(lambda given: MappingProxyType(dict(given)))]


def key(default: Any, meaning: str, **bounds: int) -> Any:
    return Field(default, description=meaning, **bounds)  # type: ignore[call-overload]


class Table(BaseModel):
    """One table of config.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def revealed(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return tuple(map(revealed, value))
    return {key: revealed(each) for key, each in value.items()} if isinstance(value, Mapping) else value
