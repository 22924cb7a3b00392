"""HTML -> Blocks, whether a whole page's article or a piece of raw HTML in Markdown.

The tree is walked by events and not by recursion: no nesting is too deep for it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from newsletter.content import template_pieces as pieces
from newsletter.content.elements import BLOCKS, CONTEXTS, EMBEDS, INLINE, SILENT, is_chrome
from newsletter.content.inline import in_rows, linked, safe_link, sanitise
from newsletter.content.plain import squeeze
from newsletter.content.template_code import OPEN, Masked
from newsletter.model import Block, BlockKind

if TYPE_CHECKING:
    from lxml.etree import _Element

_SMALL = 50  # pixels: spacers, icons, counters


def blocks_of(markup: str, masked: Masked, line: int) -> list[Block]:
    """The blocks of a piece of HTML that begins on `line`."""
    if "<" not in markup:
        return []
    stripped = markup.strip()
    if stripped.startswith("<!--") and stripped.find("-->") in (-1, len(stripped) - 3):
        return [Block(BlockKind.MORE, "", "", line)] if pieces.is_more(stripped) else []
    root = parse(markup)
    return walk(root, masked, line - 1, chrome=False) if root is not None else []


def parse(markup: str) -> _Element | None:
    """A tree for any text at all; None when there is nothing in it."""
    from lxml import etree

    # `huge_tree` lifts limits that would cut text off; the size of the text has been bounded before.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_pis=True)
    try:
        return etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def walk(root: _Element, masked: Masked, offset: int, *, chrome: bool) -> list[Block]:
    """The blocks under `root`; with `chrome` what stands around an article on a page is left out."""
    from lxml import etree

    state = _Walk(masked, offset, chrome)
    events: Any = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, element in events:
        if event == "comment":
            state.comment(element)
        elif not isinstance(element.tag, str):
            continue
        elif event == "start":
            if state.start(element, element is root):
                events.skip_subtree()
        else:
            state.end(element, element is root)
    state.flush()
    return state.blocks


@dataclass(slots=True)
class _Walk:
    """Gathers inline markup until a block begins or ends."""

    masked: Masked
    offset: int
    chrome: bool
    blocks: list[Block] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    silent: set[int] = field(default_factory=set)  # elements whose subtree is skipped
    lists: int = 0
    counts: list[int] = field(default_factory=list)  # the next number of each open list; 0 where it has none
    number: str = ""  # of the item that has just begun
    line: int = 0
    caption: int = -1  # where in `blocks` the figure began
    waiting: list[Block] = field(default_factory=list)  # pictures and embeds inside the running paragraph

    def start(self, element: Any, top: bool) -> bool:
        """Go into an element; True when its subtree is not to be entered."""
        tag = element.tag.lower()
        line = (element.sourceline or 1) + self.offset
        if not top and (tag in SILENT or (self.chrome and is_chrome(element, tag))):
            self.silent.add(id(element))
            return True
        if tag in EMBEDS:
            self.waiting.append(
                Block(BlockKind.EMBED, "", "", line, target=safe_link(element.get("src") or ""))
            )
            self.silent.add(id(element))
            return True
        if tag in ("pre", "table"):
            self.flush()
            self.line = line
            self.whole(element, tag)
            self.silent.add(id(element))
            return True
        if tag in BLOCKS:
            self.flush()
            self.enter(tag)
            self.line = line
        elif tag == "img":
            self.picture(element, line)
        elif tag == "br":
            self.said(" ", "<br>")
        elif tag in INLINE:
            self.markup.append(self.opening(element, tag))
        self.said(element.text)
        return False

    def end(self, element: Any, top: bool) -> None:
        tag = element.tag.lower()
        if id(element) in self.silent:
            self.silent.discard(id(element))
        elif tag in BLOCKS:
            self.flush()
            self.leave(tag)
        elif tag in INLINE:
            self.markup.append(f"</{tag}>")
        if not top:
            self.said(element.tail)

    def enter(self, tag: str) -> None:
        if tag in CONTEXTS or tag == "figcaption":
            self.contexts.append(tag)
        if tag in ("ul", "ol", "dl"):
            self.lists += 1
            self.counts.append(1 if tag == "ol" else 0)
        elif tag == "li":
            self.number = str(self.counts[-1]) if self.counts and self.counts[-1] else ""
            if self.number:
                self.counts[-1] += 1
        elif tag == "figure":
            self.caption = len(self.blocks)
        elif tag == "hr":
            self.blocks.append(Block(BlockKind.BREAK, "", "", self.line))

    def leave(self, tag: str) -> None:
        if self.contexts and self.contexts[-1] == tag:
            self.contexts.pop()
        if tag in ("ul", "ol", "dl"):
            self.lists -= 1
            del self.counts[-1:]
        elif tag == "figure":
            self.caption = -1

    def opening(self, element: Any, tag: str) -> str:
        if tag != "a":
            return f"<{tag}>"
        target = linked(pieces.address(element.get("href") or "", self.masked), self.masked)
        return f'<a href="{html.escape(target)}">' if target else "<a>"

    def said(self, text: str | None, markup: str | None = None) -> None:
        if not text:
            return
        if OPEN in text:
            self.template(text)
            text = self.masked.drop(text)
        self.text.append(text)
        self.markup.append(html.escape(text, quote=False) if markup is None else markup)

    def template(self, text: str) -> None:
        for piece in self.masked.found_in(text):
            shown = pieces.picture(piece)
            if shown and shown.target:
                alt = squeeze(shown.alt or "")
                self.waiting.append(Block(BlockKind.IMAGE, alt, "", self.line, target=shown.target))
            elif pieces.is_embed(piece):
                self.waiting.append(Block(BlockKind.EMBED, "", "", self.line))

    def comment(self, element: Any) -> None:
        if pieces.is_more(f"<!--{element.text or ''}-->"):
            self.flush()
            self.blocks.append(Block(BlockKind.MORE, "", "", (element.sourceline or 1) + self.offset))
        self.said(element.tail)

    def picture(self, element: Any, line: int) -> None:
        target = pieces.address(element.get("src") or element.get("data-src") or "", self.masked).strip()
        sizes = [element.get(side) or "" for side in ("width", "height")]
        if not target or any(size.isascii() and size.isdigit() and int(size[:6]) < _SMALL for size in sizes):
            return
        alt = squeeze(self.masked.without(element.get("alt") or ""))
        self.waiting.append(Block(BlockKind.IMAGE, alt, "", line, target=target))

    def whole(self, element: Any, tag: str) -> None:
        """Code or a table: one block."""
        if tag == "pre":
            text = self.masked.restore("".join(element.itertext())).strip("\n")
            if text.strip():
                self.blocks.append(Block(BlockKind.CODE, text, "", self.line, target=_language(element)))
            return
        if not any(True for _ in element.iter("th")) and _is_layout(element):
            self.blocks += _layout(element, self)
            return
        rows = [[self.cell(cell) for cell in row.iter("td", "th")] for row in element.iter("tr")]
        first = next(element.iter("td", "th"), None)
        text, html = in_rows(rows, headed=first is not None and first.tag == "th")
        if text:
            self.blocks.append(Block(BlockKind.TABLE, text, html, self.line))

    def cell(self, cell: Any) -> str:
        return squeeze(self.masked.drop("".join(cell.itertext())))

    def flush(self) -> None:
        """Close the running paragraph."""
        text = squeeze("".join(self.text))
        markup = "".join(self.markup).strip()
        waiting, self.waiting = self.waiting, []
        self.text, self.markup = [], []
        if text and "figcaption" in self.contexts and self.give_caption(text, sanitise(markup)):
            text = ""
        if text:
            within = self.contexts[-1] if self.contexts else ""
            kind = CONTEXTS.get(within, BlockKind.PARAGRAPH)
            level = int(within[1]) if kind is BlockKind.HEADING else 0
            level = max(1, self.lists) if kind is BlockKind.LIST else level
            clean = sanitise(markup) if "<" in markup else markup
            target, self.number = (self.number, "") if kind is BlockKind.LIST else ("", self.number)
            self.blocks.append(Block(kind, text, clean, self.line or self.offset + 1, level, target))
        self.blocks += waiting

    def give_caption(self, text: str, caption: str) -> bool:
        """A caption speaks for its picture where no alternative text does; it is no paragraph."""
        for at in range(len(self.blocks) - 1, max(0, self.caption) - 1, -1):
            block = self.blocks[at]
            if block.kind is BlockKind.IMAGE:
                spoken = Block(block.kind, block.text or text, caption if block.text else "", block.line)
                self.blocks[at] = replace(spoken, target=block.target)
                return True
        return self.caption >= 0


def _language(element: Any) -> str:
    named = " ".join(
        (element.get("class") or "", *(child.get("class") or "" for child in element.iter("code")))
    )
    found = re.search(r"(?:language|lang|highlight)-([\w+#-]+)", named[:300])
    return found[1] if found else ""


def _is_layout(element: Any) -> bool:
    """A table of one cell, or with tables or many paragraphs inside, lays out a page."""
    cells = sum(1 for _ in element.iter("td"))
    return cells == 1 or any(inner is not element for inner in element.iter("table"))


def _layout(element: Any, outer: _Walk) -> list[Block]:
    """The blocks of a layout table, read as if it were none; tables inside it are cut to their text."""
    blocks: list[Block] = []
    for cell in element.iter("td"):
        if next(cell.iterdescendants("table"), None) is None:
            blocks += walk(cell, outer.masked, outer.offset, chrome=outer.chrome)
    return blocks
