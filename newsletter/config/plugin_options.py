"""A plug-in's table -> the keys that every such plug-in has, and the options that the named plug-in takes.

What a plug-in takes is read from the signature of its constructor; its options then fail like any other key.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import PydanticSchemaGenerationError, PydanticUserError, SecretStr, TypeAdapter, ValidationError

from newsletter import plugins
from newsletter.config.mistakes import Mistake, unknown, wrong_type
from newsletter.config.positions import Key
from newsletter.config.schema import keys, table_at
from newsletter.config.values import is_secret
from newsletter.errors import PluginError

Factory = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one plug-in takes."""

    name: str
    options: Mapping[str, inspect.Parameter]
    free: bool  #: options of any name
    fault: str = ""  #: why the plug-in could not be asked
    word: str = "sender"  #: what it is called


def installed(name: str) -> Factory:
    """The constructor of the installed sender `name`. PluginError when there is none."""
    factory: Factory = plugins.load("senders", name)
    return factory


def taken(name: str, find: Callable[[str], Factory], word: str = "sender") -> Taken:
    """What the plug-in `name` takes; everything, with a fault, when `find` raises PluginError."""
    try:
        factory = find(name)
    except PluginError as failure:
        return Taken(name, {}, free=True, fault=" ".join(str(failure).split()), word=word)
    every = inspect.signature(factory).parameters.values()
    return Taken(name, plugins.options(factory), any(p.kind is p.VAR_KEYWORD for p in every), word=word)


def split(at: Key, table: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """The keys of the table at `at` that are not the plug-in's, and the others."""
    shared = own_keys(at)
    return (
        {key: value for key, value in table.items() if key in shared},
        {key: value for key, value in table.items() if key not in shared},
    )


def own_keys(at: Key) -> tuple[str, ...]:
    """The keys of ``[sender]``, ``[senders.NAME]`` or ``[webhooks.NAME]`` that are not the plug-in's."""
    table = table_at(at)
    return tuple(keys(table)) if table else ()


def mistakes(at: Key, given: Mapping[str, object], takes: Taken) -> Iterable[Mistake]:
    """Unknown options, options that are missing, values of a wrong type, and a plug-in that is not there."""
    if takes.fault:
        yield Mistake((*at, "name") if takes.word == "sender" else at, takes.fault)
    for name, value in given.items():
        if name in takes.options:
            yield from _misfit((*at, name), value, takes.options[name].annotation)
        elif not takes.free:
            yield unknown((*at, name), (*own_keys(at), *takes.options))
    for name, parameter in takes.options.items():
        if parameter.default is parameter.empty and name not in given:
            yield Mistake((*at, name), f'missing, the {takes.word} "{takes.name}" needs it', absent=True)


def concealed(given: Mapping[str, object]) -> Mapping[str, object]:
    """The options, with those that are secret by their name wrapped so that printing them shows nothing."""
    return MappingProxyType({name: _wrapped(value, is_secret(name)) for name, value in given.items()})


def _wrapped(value: object, secret: bool) -> object:
    if isinstance(value, list):
        return tuple(_wrapped(each, secret) for each in value)
    if isinstance(value, dict):
        return MappingProxyType(
            {key: _wrapped(each, secret or is_secret(key)) for key, each in value.items()}
        )
    return SecretStr(value) if secret and isinstance(value, str) else value


def _misfit(key: Key, value: object, annotation: Any) -> Iterable[Mistake]:
    if annotation is inspect.Parameter.empty or isinstance(annotation, str):
        return
    try:
        # Lists arrive as tuples, in the check as in the plug-in.
        TypeAdapter[Any](annotation).validate_python(_wrapped(value, False), strict=True)
    except (PydanticSchemaGenerationError, PydanticUserError):
        return  # a type of the plug-in's own: it checks the value itself
    except ValidationError as failure:
        yield wrong_type(key, failure.errors(include_url=False))
