"""What HTML parsers make of tags, where MJML takes all as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: Tags that nothing closes, for HTML parsers and for MJML.
VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())
#: What ends a paragraph for every HTML parser, whatever the author meant.
NO_PARAGRAPH: Final = frozenset(
    "p div table ul ol dl h1 h2 h3 h4 h5 h6 blockquote pre hr section article header footer address aside "
    "center details dialog dir fieldset figcaption figure form hgroup li dt dd listing main menu nav search "
    "summary xmp".split()
)
_OF_PAGE: Final = frozenset("html head body frameset frame".split())  #: written by MJML, once
#: What HTML parsers take for text, whatever tags it has.
_OF_TEXT: Final = frozenset("title textarea xmp iframe noembed noframes plaintext".split())
_AS_IT_IS: Final = frozenset({"style", "script"})


def read_otherwise(tag: str, parent: str) -> Iterator[str]:
    """Why HTML parsers would not read the tag as MJML does."""
    name, within = tag.lower(), parent.lower()
    if name in _OF_PAGE or name == "plaintext":
        yield f"no <{tag}> belongs here: MJML writes the page around what is in <mj-body>"
    elif tag != name and name in _AS_IT_IS | VOID:
        yield f"MJML knows no <{tag}>; write <{name}>"
    if within in _OF_TEXT:
        yield f"<{tag}> inside <{parent}> is text for HTML parsers; write &lt; for its <"
