"""Text -> text without reference marks; and what still looks like markup.

A block's text arrives plain. These are the last marks that must not reach a card.
"""

from __future__ import annotations

import re

_NUMBERS = r"\d{1,3}(?:\s?[,;–—-]\s?\d{1,3})*"
#: ``[1]``, ``[2, 3]``, ``[4–6]``, ``[note 2]``, ``[citation needed]``: after a word or a full stop, and
#: not where code would have them: ``a[0]``, ``a[1].b``, ``a[1](2)``, ``[1]:``. ``[sic]`` is the author's word.
_CITATION = re.compile(
    r"(?<=[^\W_])(?<![a-z_][A-Z])(?:\[(?!0)" + _NUMBERS + r"\])+(?![\w(\[=]|\.\w|:\s?\S*//)"
    r"|(?<=[.,;:!?…)\]”\"’»。！？،؟।%])\s?(?:\[" + _NUMBERS + r"\]\s?)*\[" + _NUMBERS + r"\](?![\w(=]|\.\w)"
    r"|\s(?:\[(?!0)" + _NUMBERS + r"\]\s?)*\[(?!0)" + _NUMBERS + r"\](?=[\s.,;:!?]|$)(?!\s*=)"
    r"|\s?\[\^[^\]\s]{1,40}\]"
    r"|\s?\[(?:citation needed|clarification needed|according to whom\??|who\?|when\?|note \d{1,3}|n \d{1,3}|nb \d{1,3})\]",
    re.I,
)

LEFTOVER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{[:#./*]|\[\^|\]\[|\]\(|!\[|\[[^\]]*\]:\s"  # shortcodes, Liquid, footnotes, links
    r"|</?[A-Za-z][^>]{0,300}>?|<!--|-->|&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,6});"  # tags, MDX, entities
    r"|(?<![\w:]):[a-z][a-z0-9_+-]{1,30}:(?![\w:])"  # :emoji_name:
    r"|`|\*\*|~~|(?<![\w*])\*\w|(?<!\w)_{1,2}\w[^_]*\w_{1,2}(?!\w)|^\s*(?:#{1,6}|[-*+>|])\s|:::|\\[*_`\[\]{}]|\$\$"
    r"|\|\s*\|?\s*-{2,}|\ufffd|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)

#: A bare address is a cut link to a reader, and a mail address does not belong on a card.
ADDRESS = re.compile(r"https?://|www\.\w|\b[\w.+-]+@[\w-]+\.\w")

_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\s+(?=[.,;!?](?:\s|$))")
_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff\u00ad]")


def without_citations(text: str) -> str:
    """The text with reference marks taken out, before sentences are split; ``[sic]`` and array code stay."""
    if "[" not in text:
        return text
    return _GAP.sub("", _CITATION.sub("", text)).strip()


def tidy(text: str) -> str:
    """White space normalised, invisible characters and reference marks gone."""
    return without_citations(_SPACE.sub(" ", _INVISIBLE.sub("", text)).strip())
