"""config.toml + environment -> Config, and every mistake at once as ``file:line: key: what is wrong``.

`syntax` reads the file, `positions` says where each key stands, `environment` lays variables over it,
`plugin_options` asks the sender what it takes, `schema` says what is right, `mistakes` puts what is wrong
into words, and `loading` walks that line. Nothing imports pydantic until `load` or `reference` is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.config.schema import Config

__all__ = ["Config", "load", "reference"]


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration at `path`, with the ``NEWSLETTER_…`` variables of `environ` laid over it.

    Raises ConfigError with one line for each mistake, in the order of the file; the environment's come last.
    """
    from newsletter.config import loading

    return loading.load(path, environ)


def reference() -> str:
    """Every table and key as Markdown: key, type, default, meaning; from the models that `load` uses."""
    from newsletter.config import reference_page

    return reference_page.page()
