"""The whole line, in order.

    look      content folder -> listings                      learn   what is new of them is noted
    build     listings -> pool -> cards -> issue -> rendered  nothing is written but caches
    publish   what was built -> outbox                        one row for each reader

Whoever reads only one file reads `build`.
"""

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
