"""A built issue -> what it was made of, and the hash that somebody agrees to who approves it.

Whatever makes another issue of it, or sends it to others or at another time, makes another hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from newsletter.config import unpack, values
from newsletter.config.schema import Config
from newsletter.issue.render import hash_of
from newsletter.manifest import Manifest, manifest
from newsletter.outbox import approving
from newsletter.pipeline.building import Built


def manifest_of(config: Config, built: Built) -> Manifest:
    """All that the issue was made of, so that it can be made again and compared; with the hash that somebody
    agrees to who approves it."""
    found = manifest(
        config,
        built.pool,
        built.blocks,
        listings=built.chosen.listings,
        cut_off=built.occasion.cut_off,
        pictures=built.pictures,
        sources=built.sources,
        preset=built.picked.preset,
        approval=_agreed(config, built),
    )
    return {**found, "approval": {"hash": _hash(found), **found["approval"]}}


def approval_hash(config: Config, built: Built) -> str:
    """What somebody agrees to who approves the issue: its mail and all that it is made of, who it is from,
    who gets it, when, and its brief."""
    return str(manifest_of(config, built)["approval"]["hash"])


def _hash(found: Manifest) -> str:
    agreed, inputs = found["approval"], {name: found["inputs"][name] for name in _MADE_OF}
    inputs["template"] = {name: each["sha256"] for name, each in inputs["template"].items()}
    inputs["config"] = {name: each for name, each in found["inputs"]["config"].items() if name != "sender"}
    made = hash_of(part.encode() for part in (found["result"]["hash"], _canonical(inputs)))
    readers = _canonical({"from": agreed["from"], "audience": agreed["audience"]})
    return approving.approval_hash(made, readers, _canonical(agreed["when"]), agreed["brief"])


#: Of a manifest's inputs: files. A newer release that makes the same of them changes nothing.
_MADE_OF: Final = ("article", "picture", "logo", "template", "catalogue")
#: Of a table of a newsletter: who gets which articles, and when. The rest shows in the mail, or does not.
_AUDIENCE: Final = (
    "segment",
    "default_cadence",
    "min_items",
    "max_items",
    "overflow",
    "order",
    "tags",
    "without_tags",
    "sections",
    "first_issue",
)
_WHEN: Final = ("schedule", "local_time", "quiet_hours", "holidays")


def _agreed(config: Config, built: Built) -> dict[str, Any]:
    """The same, but for the mail, as it can be read. How it is handed on, by which server and how fast, is
    nothing that anybody agrees to."""
    name = built.issue.newsletter
    newsletter, identity = config.newsletters[name], asdict(unpack.identity(config, name))
    del identity["mail_from"]
    return {
        "from": identity,
        "audience": {
            **{key: getattr(newsletter, key) for key in _AUDIENCE},
            "cadences": dict(newsletter.cadences),
            "catch_up": values.duration_text(newsletter.catch_up),
            "articles": {
                one.identity if one.corrects else one.path: sorted(one.tags) for one in built.chosen.listings
            },
        },
        "when": {
            **{key: getattr(newsletter, key) for key in _WHEN},
            "cadence": built.occasion.cadence,
            "timezone": unpack.timezone(config, name),
            "at": built.occasion.at.isoformat(),
        },
        "brief": built.brief,
    }


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
