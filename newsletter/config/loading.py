"""A file and an environment -> Config: read, placed, laid over, checked, resolved.

Everything is looked at before anything is reported; only a file that is not TOML has one mistake alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from newsletter import plugins
from newsletter.config import environment, plugin_options, syntax
from newsletter.config.environment import Setting
from newsletter.config.mistakes import Mistake, Places, from_pydantic, report
from newsletter.config.plugin_options import Factory, Taken
from newsletter.config.positions import Key
from newsletter.config.schema import TABLES, Config, keys
from newsletter.config.tables import Newsletter
from newsletter.config.values import did_you_mean
from newsletter.errors import ConfigError

_REQUIRED = ("site", "newsletters")
SENDER: Key = ("sender",)


def load(
    path: Path, environ: Mapping[str, str], find_sender: Callable[[str], Factory] = plugin_options.installed
) -> Config:
    """See :func:`newsletter.config.load`; `find_sender` gives the constructor of a sender by its name."""
    tables, lines = syntax.read(path)
    takes = {at: plugin_options.taken(_plug_in(tables, environ, at), find_sender) for at in _senders(tables)}
    takes |= _webhooks(tables)
    settings, misread = environment.settings(environ, _known(tables, takes), free=takes[SENDER].free)
    places = Places(str(path), lines, {setting.key: setting.variable for setting in settings})
    config, wrong = _checked(_laid_over(tables, settings), takes)
    if config is None or wrong or misread:
        raise ConfigError(report((*wrong, *misread), places))
    config = _resolved(config)
    config._file = path.absolute()
    config._origins = MappingProxyType(
        {key: places.origin(key) for key in (*places.lines, *places.variables)}
    )
    return config


def _senders(tables: Mapping[str, Any]) -> tuple[Key, ...]:
    """Where senders are described: ``[sender]``, then each ``[senders.NAME]``."""
    return (SENDER, *(("senders", name) for name in _names(tables, "senders")))


def _webhooks(tables: Mapping[str, Any]) -> dict[Key, Taken]:
    """What each ``[webhooks.NAME]`` takes, by its name."""
    find = partial(plugins.load, "webhooks")
    return {
        ("webhooks", name): plugin_options.taken(name, find, "webhook")
        for name in _names(tables, "webhooks")
        if isinstance(tables["webhooks"][name], dict)
    }


def _names(tables: Mapping[str, Any], several: str) -> tuple[str, ...]:
    """What stands under ``[newsletters]``, ``[senders]`` or ``[webhooks]``."""
    found = tables.get(several, {})
    return tuple(found) if isinstance(found, dict) else ()


def _table(tables: Mapping[str, Any], at: Key) -> Any:
    found: Any = tables
    for part in at:
        found = found.get(part, {}) if isinstance(found, dict) else None
    return found


def _plug_in(tables: Mapping[str, Any], environ: Mapping[str, str], at: Key) -> str:
    key: Key = (*at, "name")
    named = {name: text for name, text in environ.items() if name.startswith(environment.variable(key))}
    set_here, _ = environment.settings(named, {key: str})
    name = set_here[0].value if set_here else _table(tables, key)
    return name if isinstance(name, str) and name else "smtp"


def _known(tables: Mapping[str, Any], takes: Mapping[Key, Taken]) -> dict[Key, object]:
    known: dict[Key, object] = {("config_version",): int}
    for title, table in TABLES.items():
        above, _, each = title.partition(".")
        several: list[Key] = [(above, name) for name in _names(tables, above)]
        homes: list[Key] = several if each == "NAME" else [tuple(title.split("."))]
        for key, (_, field) in keys(table).items():
            known |= {(*home, key): field.annotation for home in homes}
    for at, taken in takes.items():
        known |= {(*at, name): option.annotation for name, option in taken.options.items()}
    return known


def _laid_over(tables: dict[str, Any], settings: Iterable[Setting]) -> dict[str, Any]:
    for name in _REQUIRED:
        tables.setdefault(name, {})
    for setting in settings:
        *above, last = setting.key
        table: Any = tables
        for part in above:
            table = table.setdefault(part, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table[last] = setting.value
    return tables


def _checked(tables: dict[str, Any], takes: Mapping[Key, Taken]) -> tuple[Config | None, tuple[Mistake, ...]]:
    wrong: list[Mistake] = []
    placed = dict(tables)
    for at, taken in takes.items():
        sender = _table(tables, at)
        if not isinstance(sender, dict):
            continue
        shared, given = plugin_options.split(at, sender)
        if at == SENDER and _names(tables, "senders"):
            wrong += _left_behind(sender, given)
        else:
            wrong += plugin_options.mistakes(at, given, taken)
        with_options = {**shared, "options": plugin_options.concealed(given)}
        placed |= {"sender": with_options} if at == SENDER else {}
        if at != SENDER:
            placed[str(at[0])] = {**placed[str(at[0])], at[1]: with_options}
    tables = placed
    wrong += _unknown_excerpts(tables["newsletters"])
    try:
        return Config.model_validate(tables), tuple(wrong)
    except ValidationError as failure:
        return None, (*from_pydantic(failure), *wrong)


def _left_behind(sender: Mapping[str, object], given: Mapping[str, object]) -> Iterable[Mistake]:
    """With several senders ``[sender]`` says only what they have in common."""
    for name in (*(key for key in sender if key == "name"), *given):
        yield Mistake((*SENDER, name), "belongs in one of the tables [senders.NAME] where there are such")


def _unknown_excerpts(newsletters: Any) -> Iterable[Mistake]:
    installed = plugins.installed("excerpts")
    for name, table in newsletters.items() if isinstance(newsletters, dict) else ():
        method = table.get("excerpt") if isinstance(table, dict) else None
        if isinstance(method, str) and method.strip() and method not in installed:
            hint = did_you_mean(method, installed).replace(",", ";", 1)
            text = f'no excerpt method called "{method}"; installed: {", ".join(installed) or "none"}{hint}'
            yield Mistake(("newsletters", name, "excerpt"), text)


def _resolved(config: Config) -> Config:
    """The same, with what a newsletter leaves open filled in."""
    filled = {name: _filled(name, each, config) for name, each in config.newsletters.items()}
    return config.model_copy(update={"newsletters": MappingProxyType(filled)})


def _filled(name: str, newsletter: Newsletter, config: Config) -> Newsletter:
    return newsletter.model_copy(
        update={
            "title": newsletter.title or config.site.name,
            "timezone": newsletter.timezone or config.site.timezone,
            "list_id": newsletter.list_id or f"{name}.{newsletter.from_.domain}",
            "unsubscribe_mailto": newsletter.unsubscribe_mailto or newsletter.from_.address,
        }
    )
