"""The whole line, in order.

    look      content folder -> listings                      learn   what is new of them is noted
    build     listings -> pool -> cards -> issue -> rendered  nothing is written but caches
    publish   what was built -> outbox                        one row for each reader

Whoever reads only one file reads `build`. What is imported from here is loaded then: the plan asks what an
issue would be, and renders none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from newsletter.pipeline.agreeing import approval_hash
    from newsletter.pipeline.building import Built, Nothing, build, by_hand, learn, look
    from newsletter.pipeline.occasion import Occasion
    from newsletter.pipeline.publishing import (
        freeze,
        publish,
        publish_copies,
        publish_test,
        queue,
        release,
    )
    from newsletter.pipeline.reader import of_reader
    from newsletter.pipeline.rebuilding import occasion_of, rebuild

__all__ = [
    "Built",
    "Nothing",
    "Occasion",
    "approval_hash",
    "build",
    "by_hand",
    "freeze",
    "learn",
    "look",
    "occasion_of",
    "of_reader",
    "publish",
    "publish_copies",
    "publish_test",
    "queue",
    "rebuild",
    "release",
]

_HOMES: Final = {
    "agreeing": ("approval_hash",),
    "building": ("Built", "Nothing", "build", "by_hand", "learn", "look"),
    "occasion": ("Occasion",),
    "publishing": ("freeze", "publish", "publish_copies", "publish_test", "queue", "release"),
    "reader": ("of_reader",),
    "rebuilding": ("occasion_of", "rebuild"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
