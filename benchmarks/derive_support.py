"""caniemail's data -> newsletter/issue/checks/support.json: one letter for each feature and mail program.

    python3 benchmarks/derive_support.py PACKAGE [OUT]

PACKAGE is the unpacked npm package `caniemail` (MIT), or its data/caniemail.json. Of all versions of a
program that were tested only the newest counts: the last in the order of the data, which is not that of
its keys as text. The same data give the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "newsletter/issue/checks/support.json"
UNKNOWN = "u"
CREDIT = {
    "source": "caniemail.com, by Rémi Parmentier (HTeuMeuLeu) and contributors",
    "licence": "MIT, Copyright (c) 2019 HTeuMeuLeu; its text stands in support.LICENSE.txt beside this file",
    "made by": "benchmarks/derive_support.py",
    "letters": "y shown, a partly, n not, u nobody knows; one for each client, in the order of clients",
}


def table(found: Mapping[str, Any]) -> dict[str, Any]:
    """The compact table of caniemail's `found`."""
    features = sorted(found["data"], key=lambda feature: str(feature["slug"]))
    clients = sorted({client for feature in features for client in _clients(feature)})
    return {
        **CREDIT,
        "as of": found["last_update_date"][:10],
        "clients": clients,
        "features": {f["slug"]: [f["title"].strip(), _letters(f, clients)] for f in features},
    }


def _clients(feature: Mapping[str, Any]) -> Iterator[str]:
    for family, platforms in feature["stats"].items():
        yield from (f"{family}.{platform}" for platform in platforms)


def _letters(feature: Mapping[str, Any], clients: list[str]) -> str:
    return "".join(_newest(feature["stats"], *client.split(".")) for client in clients)


def _newest(stats: Mapping[str, Any], family: str, platform: str) -> str:
    tested = stats.get(family, {}).get(platform) or {"": UNKNOWN}
    letter = str(list(tested.values())[-1]).split()[0]  # "a #1" has a note
    return letter if letter in "yan" else UNKNOWN


def written(made: Mapping[str, Any]) -> str:
    """The table as JSON, one feature a line, so that a change of it can be read."""
    features = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in made["features"].items())
    head = {key: value for key, value in made.items() if key != "features"}
    lines = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in head.items()]
    return "{\n" + "".join(lines) + ' "features": {\n' + features + "\n }\n}\n"


def main(package: str, out: str = str(OUT)) -> None:
    """Write the table."""
    place = Path(package)
    data = place if place.is_file() else place / "data" / "caniemail.json"
    made = table(json.loads(data.read_text("utf-8")))
    Path(out).write_text(written(made), "utf-8")
    print(f"{len(made['features'])} features, {len(made['clients'])} clients, as of {made['as of']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
