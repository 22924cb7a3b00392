"""Where the files that ship with the package stand: templates and the sample publication.

They live at the top of the repository, where people edit them; an installed
package carries copies.
"""

from __future__ import annotations

from pathlib import Path

#: What makes up the sample project, as it stands beside a config.toml.
SAMPLE = ("config.toml", "content", "templates", "subscribers")


def root() -> Path:
    """The folder that holds every name of `SAMPLE`."""
    package = Path(__file__).resolve().parent
    carried = package / "sample"
    return carried if carried.is_dir() else package.parent


def templates() -> Path:
    """The packaged templates."""
    return root() / "templates"
