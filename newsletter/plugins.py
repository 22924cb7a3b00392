"""Name of a plug-in → the plug-in, made with checked options.

A plug-in is an entry point in the group ``newsletter.senders``, ``newsletter.excerpts``,
``newsletter.readers`` or ``newsletter.webhooks``. Looking for the names imports none of them; every
mistake a person can make here is a :class:`PluginError` that says how to mend it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from newsletter.errors import PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_WORDS = {
    "senders": "sender",
    "excerpts": "excerpt method",
    "readers": "reader",
    "webhooks": "webhook",
}
_KINDS: Mapping[type, str] = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


def installed(group: str) -> tuple[str, ...]:
    """The names that stand under the entry points ``newsletter.<group>``, sorted; nothing is imported."""
    return tuple(sorted(_entries(group)))


def load(group: str, name: str) -> Any:
    """The object that the entry point `name` names.

    PluginError when it is not installed (with the names that are), is installed
    twice with different meanings, or breaks while it is imported.
    """
    word = _WORDS.get(group, group)
    entries = _entries(group)
    if name not in entries:
        raise PluginError(
            f'no {word} called "{name}"; installed: {", ".join(sorted(entries)) or "none"}'
            + _did_you_mean(name, entries)
        )
    found = entries[name]
    if len(found) > 1:
        homes = " and ".join(sorted(_home(entry) for entry in found))
        raise PluginError(f'{word} "{name}" is installed by {homes}: uninstall one of them')
    try:
        return found[0].load()
    except Exception as error:
        raise PluginError(
            f'{word} "{name}" ({_home(found[0])}) cannot be loaded: {type(error).__name__}: {error}'
        ) from error


def options(factory: Callable[..., object]) -> dict[str, inspect.Parameter]:
    """The keyword options that `factory` takes, by name, in its own order.

    Annotations are resolved to types where that is possible, else left as text.
    """
    by_keyword = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name: p for name, p in _signature(factory).parameters.items() if p.kind in by_keyword}


def make(group: str, name: str, given: Mapping[str, object]) -> Any:
    """What the plug-in `name` makes of the options `given`.

    PluginError with one line for each unknown option, missing option and wrong
    type. Types are read from the annotations: str, int, float, bool, Literal and
    unions of them; an option annotated otherwise is the plug-in's own to check.
    Values are never repeated in a message, for one of them may be a password.
    """
    factory = load(group, name)
    section = f"[{_WORDS.get(group, group).split()[0]}]"
    mistakes = (*_unknown(name, factory, given), *_missing(name, factory, given), *_mistyped(factory, given))
    if mistakes:
        raise PluginError("\n".join(f"{section}: {mistake}" for mistake in mistakes))
    return factory(**given)


def _entries(group: str) -> Mapping[str, tuple[EntryPoint, ...]]:
    import sys

    return _scan(group, tuple(sys.path))


@cache
def _scan(group: str, search_path: tuple[str, ...]) -> Mapping[str, tuple[EntryPoint, ...]]:
    # Looks into the metadata of every installed package, so once must do; the
    # search path is what the answer depends on.
    from importlib.metadata import entry_points

    entries: dict[str, tuple[EntryPoint, ...]] = {}
    for entry in entry_points(group=f"newsletter.{group}"):
        entries[entry.name] = (*entries.get(entry.name, ()), entry)
    return entries


def _home(entry: EntryPoint) -> str:
    return f"{entry.dist.name}, {entry.value}" if entry.dist is not None else entry.value


def _signature(factory: Callable[..., object]) -> inspect.Signature:
    try:
        return inspect.signature(factory, eval_str=True)
    except NameError:  # a name that exists for type checkers only
        return inspect.signature(factory)


def _unknown(name: str, factory: Callable[..., object], given: Mapping[str, object]) -> Iterable[str]:
    parameters = _signature(factory).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return
    known = options(factory)
    for option in given:
        if option not in known:
            taken = f"({', '.join(known)})" if known else "(it takes none)"
            yield f'{name} takes no "{option}" {taken}{_did_you_mean(option, known)}'


def _missing(name: str, factory: Callable[..., object], given: Mapping[str, object]) -> Iterable[str]:
    for option, parameter in options(factory).items():
        if parameter.default is parameter.empty and option not in given:
            yield f'{name} needs "{option}"'


def _mistyped(factory: Callable[..., object], given: Mapping[str, object]) -> Iterable[str]:
    for option, parameter in options(factory).items():
        if option in given and not _fits(given[option], parameter.annotation):
            yield f'"{option}" must be {_said(parameter.annotation)}, not {_kind(given[option])}'


def _fits(value: object, annotation: object) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return any(_fits(value, choice) for choice in get_args(annotation))
    if get_origin(annotation) is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(annotation))
    if annotation in (None, NoneType):
        return value is None
    if annotation is float:
        return type(value) in (int, float)
    # Exact types: a bool is an int to Python, but never to a person.
    return type(value) is annotation if annotation in (str, bool, int) else True


def _said(annotation: object) -> str:
    if get_origin(annotation) in (Union, UnionType):
        choices = (a for a in get_args(annotation) if a is not NoneType)
        return " or ".join(_said(choice) for choice in choices)
    if get_origin(annotation) is Literal:
        *most, last = (f'"{c}"' if isinstance(c, str) else str(c) for c in get_args(annotation))
        return f"{', '.join(most)} or {last}" if most else last
    return _KINDS[annotation] if isinstance(annotation, type) and annotation in _KINDS else str(annotation)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, tuple(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
