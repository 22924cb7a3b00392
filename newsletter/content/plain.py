"""Text with markup in it -> plain text; and the forms in which texts are compared."""

from __future__ import annotations

import html
import re
import unicodedata

# Zero-width space, word joiner, soft hyphen and the bidi embeddings and overrides that could turn a
# subject line round. ZWJ and ZWNJ stay: emoji, Persian and Indic words need them.
_UNSEEN = re.compile("[\u200b\u2060\u00ad\u202a-\u202e\ufeff]")
_SPACES = re.compile(r"\s+")
# Only tags that HTML knows: `Vec<T>` and `<name>` are what an author wrote.
_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|blockquote|br|cite|code|del|dfn|div|em|figcaption|font|h[1-6]|hr|i|img|ins|kbd"
    r"|li|mark|nobr|ol|p|q|s|samp|script|small|span|strike|strong|sub|sup|tt|u|ul|var|wbr)\b(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"<(?:br|/?p|/?div|/?li|hr|/h[1-6])\b[^<>]{0,500}>", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b[^>]{0,500}>.{0,5000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.{0,5000}?-->", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}")
_EMOJI = re.compile(r"(?<![\w:/]):(?=[a-z0-9_+-]*[a-z])[a-z0-9_+-]{2,40}:(?![\w:/])")
_WORD = re.compile(r"[^\W_]+")
#: A run of ASCII up to a space, or whatever follows it up to the next space.
_MIXED = re.compile(r"[\x00-\x7f]+(?=\s|$)|\S+|\s+")
_ASCII_WORD = {n: " " for n in range(128) if not chr(n).isalnum()}
# In most English texts nothing else is outside ASCII.
_TYPOGRAPHY = re.compile("[\u00a0\u2010-\u2015\u2018-\u201f\u2022\u2026]+")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()\s]{0,500}(?:\s+\"[^\"]{0,200}\")?\)|\[[^\[\]]{0,100}\])")
_CODE = re.compile(r"(`{1,3})([^`]{1,500})\1")
_STRONG = re.compile(r"(?<![\w*_\\])(\*{1,3}|_{1,3}|~~)(?=[^\s*_])([^*_]{1,500}?)(?<=[^\s*_])\1(?![\w*_])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def squeeze(text: str) -> str:
    """`text` on one line: each run of white space one space, unseen characters gone, NFC."""
    if text.isascii():
        return " ".join(text.split())
    return unicodedata.normalize("NFC", " ".join(_UNSEEN.sub("", text).split()))


def strip_markup(text: str) -> str:
    """A title or summary as plain text: HTML and inline Markdown gone, entities unescaped once."""
    if any(mark in text for mark in "<{"):
        text = _TEMPLATE.sub("", _COMMENT.sub("", _SCRIPT.sub("", text)))
        text = _TAG.sub("", _BREAKS.sub(" ", text))
    if any(mark in text for mark in "*_`[~\\"):
        text = _markdown(text)
    if "&" in text:
        text = html.unescape(text)
    return squeeze(without_emoji_names(text))


def without_emoji_names(text: str) -> str:
    """`text` without ``:tada:`` and the like, which only some sites turn into pictures."""
    return _EMOJI.sub("", text) if text.count(":") > 1 else text


def _markdown(text: str) -> str:
    """Inline Markdown off; code keeps what stands in it."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[2])
        return f"\ue000{len(kept) - 1}\ue001"

    text = _LINK.sub(r"\1", _CODE.sub(keep, text))
    for _ in range(2):  # bold around italics
        text = _STRONG.sub(r"\2", text)
    text = _ESCAPE.sub(r"\1", text)
    return re.sub("\ue000(\\d+)\ue001", lambda found: kept[int(found[1])], text)


def tags_off(markup: str) -> str:
    """Clean, well-formed HTML as plain text: every tag gone, entities unescaped."""
    markup = _BREAKS.sub(" ", markup)
    return html.unescape(re.sub(r"<[^<>]*>", "", markup))


def words(text: str) -> list[str]:
    """The words of `text` as they are compared: folded case, no punctuation."""
    if not text.isascii():
        text = _TYPOGRAPHY.sub(" ", text)
    if text.isascii():  # the same, several times as fast
        return text.lower().translate(_ASCII_WORD).split()
    # Words end at spaces, so a few of them in other letters need not slow down the rest.
    return [
        word
        for part in _MIXED.findall(text)
        for word in (
            part.lower().translate(_ASCII_WORD).split()
            if part.isascii()
            else _WORD.findall(unicodedata.normalize("NFKC", part).casefold())
        )
    ]


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in case, spaces and punctuation at most."""
    return one == other or words(one) == words(other) != []
