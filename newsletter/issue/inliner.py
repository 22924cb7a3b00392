"""The seam behind which styles are written into style attributes: HTML in, HTML out.

An inliner takes the rules of every style block that is not marked :data:`IGNORE`, and the block away. What it
is given has a doctype in capitals, and it must leave comments, media rules and slots as they are. As a rule
that is a page of one element of each kind and no text (:mod:`newsletter.issue.kinds`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

#: HTML -> the same page, its styles inlined.
Inliner = Callable[[str], str]

#: On a style block that stays as it is; the inliner takes the mark off again.
IGNORE: Final = 'data-premailer="ignore"'


class UnreadableRules(Exception):
    """The rules that are to be inlined are none that the inliner can read."""


def premailer(html: str) -> str:
    """The default: what premailer makes of it, without its habits of fetching and of adding attributes.

    Raises UnreadableRules for CSS that its parser stumbles over.
    """
    from premailer import Premailer  # slow to import: a third of a second

    for name in ("cssutils", "CSSUTILS"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    inlining = Premailer(
        html,
        keep_style_tags=False,
        include_star_selectors=False,
        align_floating_images=False,
        remove_classes=False,
        strip_important=False,
        exclude_pseudoclasses=True,
        disable_basic_attributes=["width", "height", "bgcolor", "align", "valign"],
        disable_validation=True,
        cssutils_logging_level=logging.CRITICAL,
        allow_network=False,
        allow_loading_external_files=False,
        method="html",
    )
    try:
        page: str = inlining.transform(pretty_print=False)
    except MemoryError:
        raise
    except Exception as error:  # of whatever kind its parser happens to raise
        raise UnreadableRules(str(error)) from error
    return page.replace(f"<style {IGNORE}", "<style")
