"""A file and an environment -> Config: read, placed, laid over, checked, resolved.

Everything is looked at before anything is reported; only a file that is not TOML has one mistake alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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


def load(
    path: Path, environ: Mapping[str, str], find_sender: Callable[[str], Factory] = plugin_options.installed
) -> Config:
    """See :func:`newsletter.config.load`; `find_sender` gives the constructor of a sender by its name."""
    tables, lines = syntax.read(path)
    takes = plugin_options.taken(_sender_name(tables, environ), find_sender)
    settings, misread = environment.settings(environ, _known(tables, takes), free=takes.free)
    places = Places(str(path), lines, {setting.key: setting.variable for setting in settings})
    config, wrong = _checked(_laid_over(tables, settings), takes)
    if config is None or wrong or misread:
        raise ConfigError(report((*wrong, *misread), places))
    config = _resolved(config)
    config._root = path.absolute().parent
    config._origins = MappingProxyType(
        {key: places.origin(key) for key in (*places.lines, *places.variables)}
    )
    return config


def _sender_name(tables: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    key: Key = ("sender", "name")
    named = {name: text for name, text in environ.items() if name.startswith(environment.variable(key))}
    set_here, _ = environment.settings(named, {key: str})
    in_file = tables.get("sender", {})
    name = in_file.get("name") if isinstance(in_file, dict) else None
    name = set_here[0].value if set_here else name
    return name if isinstance(name, str) and name else "smtp"


def _known(tables: Mapping[str, Any], takes: Taken) -> dict[Key, object]:
    newsletters = tables.get("newsletters", {})
    names = tuple(newsletters) if isinstance(newsletters, dict) else ()
    known: dict[Key, object] = {("config_version",): int}
    for title, table in TABLES.items():
        for key, (_, field) in keys(table).items():
            if table is Newsletter:
                known |= {("newsletters", name, key): field.annotation for name in names}
            else:
                known[(title, key)] = field.annotation
    return known | {("sender", name): option.annotation for name, option in takes.options.items()}


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


def _checked(tables: dict[str, Any], takes: Taken) -> tuple[Config | None, tuple[Mistake, ...]]:
    wrong: list[Mistake] = []
    sender = tables.get("sender", {})
    if isinstance(sender, dict):
        shared, given = plugin_options.split(sender)
        wrong += plugin_options.mistakes(given, takes)
        tables = {**tables, "sender": {**shared, "options": plugin_options.concealed(given)}}
    wrong += _unknown_excerpts(tables["newsletters"])
    try:
        return Config.model_validate(tables), tuple(wrong)
    except ValidationError as failure:
        return None, (*from_pydantic(failure), *wrong)


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
