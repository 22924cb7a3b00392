"""The sample publication's pictures -> content/: `python docs/drawings/draw.py [NAME ...]`.

Needs Pillow and nothing else. Each picture is one file, with the tools of press.py;
every random number has a seed, so a picture comes out the same each time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import allotments
import bridge
import clock
import glacier
import organ
import pigeon
import sleep
import sourdough
import train
import wall
from press import Sheet

CONTENT = Path(__file__).resolve().parents[2] / "content"

#: where it goes, who draws it, how many colours it keeps
PICTURES: dict[str, tuple[str, Callable[[], Sheet], int]] = {
    "night-train": ("night-train/standing-at-hallebro.png", train.night_train, 64),
    "clock": ("images/clock.png", clock.clock, 64),
    "wall": ("images/wall.png", wall.wall, 64),
    "sleep": ("images/sleep.png", sleep.sleep, 48),
    "sourdough": ("images/sourdough.png", sourdough.sourdough, 48),
    "bridge": ("images/bridge.png", bridge.bridge, 48),
    "glacier": ("images/glacier.png", glacier.glacier, 48),
    "organ": ("images/organ.png", organ.organ, 48),
    "pigeon": ("images/pigeon.png", pigeon.pigeon, 48),
    "allotments": ("images/allotments.png", allotments.allotments, 64),
}


def main(names: list[str]) -> None:
    """Draw the pictures named, or all."""
    for name in names or PICTURES:
        place, draw, colours = PICTURES[name]
        size = draw().save(CONTENT / place, colours)
        sys.stdout.write(f"{place}  {size:,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
