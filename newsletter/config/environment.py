"""``NEWSLETTER_SENDER__PASSWORD`` and the like -> settings that are laid over the file.

A name is the key in capitals with two underscores between its parts, hyphens as underscores; with ``_FILE``
behind it, the value is what that file holds (less one line break at its end).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, get_origin

from newsletter.config.mistakes import Mistake
from newsletter.config.positions import Key
from newsletter.config.values import nearest, shown

PREFIX = "NEWSLETTER_"
_OPTIONS = "NEWSLETTER_SENDER__"
_FILE = "_FILE"
_NOT_SETTINGS = frozenset({"NEWSLETTER_CONFIG"})  #: read by the command line


@dataclass(frozen=True, slots=True)
class Setting:
    """One value from the environment."""

    key: Key
    value: object
    variable: str


def variable(key: Key) -> str:
    """The variable that sets `key`."""
    return PREFIX + "__".join(str(part).upper().replace("-", "_") for part in key)


def settings(
    environ: Mapping[str, str], known: Mapping[Key, object], *, free: bool = False
) -> tuple[tuple[Setting, ...], tuple[Mistake, ...]]:
    """What `environ` sets of the `known` keys (with the type that each wants), and what is wrong with it.

    With `free`, the sender takes options of any name.
    """
    names = {variable(key): key for key in known}
    if free:
        names |= {name: _sender_option(name) for name in environ if name.startswith(_OPTIONS)} | names
    found = [_read(name, environ, names, known) for name in sorted(environ) if _is_setting(name)]
    return (
        tuple(each for each in found if isinstance(each, Setting)),
        tuple(each for each in found if isinstance(each, Mistake)),
    )


def parsed(text: str, wanted: object) -> object:
    """`text` as the type `wanted`, or unchanged when it is not one: the models then say what is wrong."""
    kinds = get_args(wanted) or (wanted,)
    if get_origin(wanted) is tuple:
        return _listed(text)
    if get_origin(wanted) is Mapping:
        return _toml(text)
    if str in kinds:
        return text
    if bool in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if int in kinds and re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", text):
        return int(text)
    if float in kinds and re.fullmatch(r"\s*[+-]?[0-9]{1,18}(\.[0-9]+)?\s*", text):
        return float(text)
    return text


def _is_setting(name: str) -> bool:
    return name.startswith(PREFIX) and name not in _NOT_SETTINGS


def _sender_option(name: str) -> Key:
    option = name.removeprefix(_OPTIONS).removesuffix(_FILE)
    return ("sender", option.lower())


def _read(
    name: str, environ: Mapping[str, str], names: Mapping[str, Key], known: Mapping[Key, object]
) -> Setting | Mistake:
    stem = name.removesuffix(_FILE)
    if name in names and (name == stem or names[name] in known):
        return Setting(names[name], parsed(environ[name], known.get(names[name], str)), name)
    key = names.get(stem) or names.get(name)
    if key is None:
        return Mistake((), "unknown variable" + _hint(name, names), name)
    if stem in environ:
        return Mistake(key, f"is set twice, here and in {stem}; keep one of them", name)
    try:
        text = Path(environ[name]).read_bytes().decode("utf-8")
    except (OSError, ValueError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        return Mistake(key, f"cannot read the file {shown(environ[name])}: {reason}", name)
    return Setting(key, parsed(re.sub(r"\r?\n\Z", "", text), known.get(key, str)), name)


def _hint(name: str, names: Iterable[str]) -> str:
    known = [each + _FILE for each in names] if name.endswith(_FILE) else list(names)
    # All begin alike, so the beginning says nothing about which was meant.
    near = nearest(name.removeprefix(PREFIX), (each.removeprefix(PREFIX) for each in known))
    return f', did you mean "{PREFIX}{near}"?' if near else ""


def _listed(text: str) -> object:
    if not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return _toml(text)


def _toml(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
