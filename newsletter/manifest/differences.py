"""Two manifests of one issue -> which inputs changed, which articles read otherwise, which results differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: The order in which people are told.
_KINDS: Final = ("article", "picture", "brief", "logo", "template", "catalogue", "config", "program")


@dataclass(frozen=True, slots=True)
class Change:
    """One input that is not what it was."""

    kind: str  #: article, picture, brief, logo, template, catalogue, config, program
    name: str  #: path, key of the configuration, or library
    text: str  #: what became of it

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.text}"


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """The inputs of a manifest that are not what they were, in the order in which people are told.

    `now` is what :func:`newsletter.manifest.inputs_now` says of them.
    """
    moved = _moved(before, now)
    return tuple(
        change
        for kind in _KINDS
        for change in _of_kind(kind, _flat(before["inputs"][kind]), _flat(now["inputs"][kind]), moved)
    )


def _of_kind(
    kind: str, then: Mapping[str, Any], now: Mapping[str, Any], moved: Mapping[str, str]
) -> Iterator[Change]:
    moved = moved if kind == "article" else {}
    for name in sorted({*then, *now} - set(moved.values())):
        place = moved.get(name, name)
        if text := _told(kind, then.get(name), now.get(place), place if place != name else ""):
            yield Change(kind, name, text)


def _told(kind: str, then: Any, now: Any, place: str) -> str:
    if kind in ("config", "program"):
        return f"{_shown(then)} -> {_shown(now)}" if then != now else ""
    if kind == "template" and then["from"] != now["from"] and now["sha256"]:
        same = ", with the same bytes" if then["sha256"] == now["sha256"] else ""
        return f"comes from the {now['from']} now, not from the {then['from']}{same}"
    then, now = (value["sha256"] if kind == "template" else value or "" for value in (then, now))
    if place:
        return f"is {place} now" + (", with other bytes" if then != now else "")
    if then == now:
        return ""
    return "has other bytes" if then and now else "is there now" if now else "is gone"


def uses(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Which files are used now that were not, and the other way round: mostly because something changed."""
    moved = _moved(before, after)
    gone, came = set(moved), set(moved.values())
    return tuple(
        Change(kind, name, "is used now" if name in now else "is not used any more")
        for kind in ("article", "picture", "logo", "template", "catalogue")
        for then, now in ((before["inputs"][kind], after["inputs"][kind]),)
        for name in sorted(set(then) ^ set(now))
        if kind != "article" or name not in gone | came
    )


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Path then -> path now of the articles whose file has another name."""
    now = {key: each["path"] for each in after["articles"] for key in each["keys"]}
    there = {each["path"] for each in after["articles"]}
    found = {}
    for each in before["articles"]:
        if each["path"] not in there and (key := next((k for k in each["keys"] if k in now), None)):
            found[each["path"]] = now[key]
    return found


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested tables as one, keys joined by dots; a template stays one value."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping) and "sha256" not in value:
            found |= _flat(value, f"{above}{key}.")
        else:
            found[above + key] = value
    return found


def _shown(value: Any) -> str:
    return "nothing" if value is None or value == "" else json.dumps(value, ensure_ascii=False)


# ── what came of it ─────────────────────────────────────────────────────────


def reread(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What was read of the folder otherwise than then, although the file is the same."""
    then, now = before["read"], after["read"]
    told = [
        f"{name}: {_shown(then[name])} -> {_shown(now[name])}"
        for name in ("preset", "local")
        if then[name] != now[name]
    ]
    files, cards = after["inputs"]["article"], now["cards"]
    for path, card in then["cards"].items():
        if path in cards and files.get(path) == before["inputs"]["article"].get(path):
            keys = sorted(key for key in {*card, *cards[path]} if card.get(key) != cards[path].get(key))
            told += [f"{path}: {', '.join(keys)}"] if keys else []
    return tuple(told)


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The frames, blocks and pictures that came out otherwise; empty when every byte is the same."""
    then, now = before["result"], after["result"]
    told = [*differing_parts(then, now)]
    told += [f"picture {name}" for name in sorted(set(then["media"]) ^ set(now["media"]))]
    told += [key for key in ("subject", "preheader") if then[key] != now[key]]
    return tuple(told) or (("hash",) if then["hash"] != now["hash"] else ())


def differing_parts(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """The same of what :func:`newsletter.manifest.parts` tells."""
    told = tuple(
        f"{word} {name} ({', '.join(_parts(then[key].get(name), now[key].get(name)))})"
        for key, word in (("frames", "frame"), ("blocks", "block"))
        for name in dict.fromkeys((*then[key], *now[key]))
        if then[key].get(name) != now[key].get(name)
    )
    return told or (("the order of the blocks",) if then["order"] != now["order"] else ())


def _parts(then: Mapping[str, str] | None, now: Mapping[str, str] | None) -> tuple[str, ...]:
    if then is None or now is None:
        return ("new" if then is None else "missing",)
    return tuple(name for name in ("html", "text") if then[name] != now[name])
