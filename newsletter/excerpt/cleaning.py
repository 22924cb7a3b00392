"""Text -> text without reference marks; and what still looks like markup.

A block's text arrives plain. These are the last marks that must not reach a card.
"""

from __future__ import annotations

import re
from html import unescape

_NUMBERS = r"\d{1,3}(?:\s?[,;–—-]\s?\d{1,3})*"
#: ``[1]``, ``[2, 3]``, ``[4–6]``, ``[note 2]``, ``[citation needed]``: after a word or a full stop, and
#: not where code has them: ``a[0]``, ``a[1].b``, ``a[1](2)``, ``[1]:``. ``[sic]`` is the author's word.
_CITATION = re.compile(
    r"(?<=[^\W_])(?:\[(?!0)" + _NUMBERS + r"\])+(?![\w(\[]|\s?[=+*/]|\.\w|:\s?\S*//)"
    r"|(?<=[.,;:!?…)\]”\"’»。！？،؟।%])\s?(?:\[" + _NUMBERS + r"\]\s?)*\[" + _NUMBERS + r"\](?![\w(=]|\.\w)"
    r"|\s(?:\[(?!0)" + _NUMBERS + r"\]\s?)*\[(?!0)" + _NUMBERS + r"\](?=[\s.,;:!?]|$)(?!\s*=)"
    r"|\s?\[\^[^\]\s]{1,40}\]"
    r"|\s?\[(?:citation needed|clarification needed|according to whom\??|who\?|when\?|note \d{1,3}"
    r"|n \d{1,3}|nb \d{1,3})\]"
    # ``(org/project#33)``, ``(#33, #34)``: what is left of links into an issue tracker
    r"|\s?[(\[](?:[\w.-]{0,60}(?:/[\w.-]{1,60})?#\d{1,7}(?:[,;]?\s|(?=[)\]])))+[)\]]",
    re.I,
)

_LEFTOVER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{[:#./*]|\[\^|\]\[|\]\(|!\[|\[[^\]]*\]:\s"  # shortcodes, Liquid, footnotes, links
    r"|</?[A-Za-z][^>]{0,300}>?|<!--|-->|&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,6});"  # tags, MDX, entities
    r"|(?<![\w:]):[a-z][a-z0-9_+-]{1,30}:(?![\w:])"  # :emoji_name:
    r"|`|\*\*|~~|(?<![\w*])\*\w|(?<!\w)_{1,2}\w[^_]*\w_{1,2}(?!\w)|^\s*(?:#{1,6}|[-*+>|])\s|:::"
    r"|\\[*_`\[\]{}]|\$\$"
    r"|\|\s*\|?\s*-{2,}|\ufffd|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)

#: Only a text with one of these can hold markup: looking for one sign is five times as fast.
_SIGNS = re.compile(r"[{}\[\]<&`*~_\\$|:\ufffd\x00-\x1f\x7f]|^\s*[#>+-]")

#: A bare address is a cut link to a reader, and a mail address does not belong on a card.
#: ``tool@5.0.0`` names a version, not a mail box.
_ADDRESS = re.compile(r"https?://|www\.\w|\b[\w.+-]+@(?:[\w-]+\.)+(?!\d)\w")

_CODE = re.compile(r"<code\b[^>]*>(.*?)</code>", re.I | re.S)
_TAG = re.compile(r"<[^>]*>")
_GAP = re.compile(r"\s+(?=[.,;!?](?:\s|$))")
_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff\u00ad]")


def has_markup(text: str) -> bool:
    """Whether something in a text looks like markup that was not understood."""
    return _SIGNS.search(text) is not None and _LEFTOVER.search(text) is not None


def has_address(text: str) -> bool:
    """Whether a web or mail address stands in the text."""
    return ("@" in text or "://" in text or "www." in text) and _ADDRESS.search(text) is not None


def without_citations(text: str, html: str = "") -> str:
    """The text with reference marks taken out, before sentences are split; ``[sic]`` and array code stay.

    ``html`` is the same text with its inline tags: what it marks as code is never touched.
    """
    if "[" not in text and "#" not in text:
        return text
    code = [unescape(_TAG.sub("", found)) for found in _CODE.findall(html)] if "<code" in html else []
    kept = [(text.find(c), text.find(c) + len(c)) for c in code if "[" in c or "#" in c]

    def mark(found: re.Match[str]) -> str:
        return found.group() if any(a <= found.end() and found.start() <= b for a, b in kept) else ""

    return _GAP.sub("", _CITATION.sub(mark, text)).strip()


def tidy(text: str, html: str = "") -> str:
    """White space normalised, invisible characters and reference marks gone."""
    seen = text if text.isascii() else _INVISIBLE.sub("", text)
    return without_citations(" ".join(seen.split()), html)
