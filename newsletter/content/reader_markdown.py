"""Markdown, with whatever site generators add to it -> Draft.

The parser is markdown-it-py in its CommonMark setting with tables, strikethrough and
footnotes. MDX is read as Markdown whose indented lines are no code and whose JSX is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from newsletter.content import gaps
from newsletter.content.inline import Run, in_rows, plain_run, read_run
from newsletter.content.plain import squeeze
from newsletter.content.reader import Draft, Source, reads
from newsletter.content.template_code import OPEN, Masked, mask
from newsletter.model import Block, BlockKind, Problem

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

LARGEST = 400_000  # characters of one body that are parsed; the longest real article seen has 170,000
_PARAGRAPH = 20_000  # characters of one paragraph; the parser takes quadratic time in some of them
_ALERT = re.compile(r"^\[!(?:note|tip|important|warning|caution|info|danger)\][+-]?\s*", re.IGNORECASE)
_SILENT = frozenset({"paragraph_open", "paragraph_close", "heading_open", "heading_close"})
_MARKUP = re.compile(r"[\\`*_\[<&~\ue000]")
_UNDERLINE = re.compile(r"[-=][ \t]*$", re.MULTILINE)  # nothing else can end a heading's second line
_TASK = re.compile(r"^\[[ xX]\]\s+")
_CONTENTS = re.compile(r"^\[?\[?(?:_?toc_?)\]?\]?$", re.IGNORECASE)
_PLAIN_LINK = re.compile(
    r"(?:https?://[a-z0-9.-]+(?::\d+)?(?=[/?#]|$))?(?![/?#]?//)[A-Za-z0-9/?#&=+,;@!$'()*._~-]*"
)
_CLASSES = re.compile(r"\s*\{[.#][\w .#=\"-]{1,100}\}$")


@reads(".md", ".markdown", ".mdown", ".mkd", ".mdx")
def read(source: Source) -> Draft:
    """The blocks of a Markdown body."""
    body, problems = _bounded(source)
    jsx = source.path.lower().endswith(".mdx")
    masked = mask(body, jsx=jsx)
    tokens = _parser(_rules(masked.text, jsx)).parse(masked.text, {})
    walk = _Walk(masked, source.line)
    for index, token in enumerate(tokens):
        walk.step(token, tokens, index)
    return Draft(tuple(walk.blocks), (*problems, *gaps.in_body(masked, source.path, source.line)))


def _bounded(source: Source) -> tuple[str, tuple[Problem, ...]]:
    if len(source.body) <= _PARAGRAPH:
        return source.body, ()
    if len(source.body) <= LARGEST:
        return _parted(source.body), ()
    cut = source.body.rfind("\n", 0, LARGEST)
    body = source.body[: cut if cut > LARGEST // 2 else LARGEST]
    line = source.line + body.count("\n")
    said = f"the text is longer than {LARGEST:,} characters; what follows is left out"
    return _parted(body), (Problem(source.path, line, said),)


def _parted(body: str) -> str:
    """`body` with its overlong lines and paragraphs cut: no author writes them, and they cost quadratic time.

    Lines below a cut count from there.
    """
    if max(map(len, body.split("\n"))) <= _PARAGRAPH >= max(map(len, body.split("\n\n"))):
        return body
    out: list[str] = []
    run = 0
    for line in body.split("\n"):
        while len(line) > _PARAGRAPH:
            cut = line.rfind(" ", _PARAGRAPH // 2, _PARAGRAPH)
            cut = cut if cut > 0 else _PARAGRAPH
            out += (line[:cut], "")
            line = line[cut:].lstrip()
        run = run + len(line) if line else 0
        if run > _PARAGRAPH:
            out.append("")
            run = len(line)
        out.append(line)
    return "\n".join(out)


def _rules(text: str, jsx: bool) -> tuple[str, ...]:
    """What a text can have use for: a rule whose mark stands nowhere costs time for nothing."""
    marks = {
        "jsx": jsx,
        "admonition": "!!! " in text or "??? " in text,
        "definition": "\n: " in text or "\n:   " in text,
        "footnote": "[^" in text,
        "table": "|" in text,
        "strikethrough": "~~" in text,
        "html": "<" in text,
        "entity": "&" in text,
        "reference": "]:" in text,
        "lheading": bool(_UNDERLINE.search(text)),
    }
    return tuple(rule for rule, wanted in marks.items() if wanted)


@cache
def _parser(rules: tuple[str, ...]) -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.admon import admon_plugin
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark")
    plugins: dict[str, Callable[..., None]]
    plugins = {"footnote": footnote_plugin, "admonition": admon_plugin, "definition": deflist_plugin}
    for name, plugin in plugins.items():
        if name in rules:
            parser.use(plugin)
    parser.enable([rule for rule in ("table", "strikethrough") if rule in rules])
    parser.disable([rule for rule in ("entity", "reference", "lheading") if rule not in rules])
    if "html" not in rules:
        parser.disable(["html_block", "html_inline", "autolink"])
    if "jsx" in rules:
        parser.disable("code")
    parser.core.ruler.at("inline", _inline)
    normalise = parser.normalizeLink
    parser.normalizeLink = lambda url: url if _normal(url) else normalise(url)  # type: ignore[method-assign]
    return parser


def _normal(url: str) -> bool:
    """Whether the parser's slow way would leave an address as it is, or must.

    Marks must not be percent-encoded: they are worked out when the link is read.
    """
    return bool(_PLAIN_LINK.fullmatch(url)) or OPEN in url


def _inline(state: StateCore) -> None:
    """Parse what has markup in it; the rest keeps no children, and `read_run` takes it as it is."""
    for token in state.tokens:
        if token.type == "inline" and (_MARKUP.search(token.content) or " \n" in token.content):
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


@dataclass(slots=True)
class _Walk:
    """Goes through the tokens once, from top to bottom."""

    masked: Masked
    first: int  # the line of the file on which the body begins
    blocks: list[Block] = field(default_factory=list)
    lists: int = 0
    inside: list[BlockKind] = field(default_factory=list)  # the containers around us, innermost last
    number: str = ""  # of the item or footnote that has just begun
    note: bool = False  # the quotation around us is a note to the reader
    item_at: int = -1  # where in `blocks` the open list item stands
    table: list[list[str]] | None = None  # the rows of the open table
    line: int = 1

    def step(self, token: Token, tokens: Sequence[Token], index: int) -> None:
        if token.map:
            self.line = self.first + token.map[0]
        kind = token.type
        if kind in _SILENT:
            return
        if kind == "inline":
            self.inline(token, tokens[index - 1])
        elif kind in ("fence", "code_block"):
            self.code(token)
        elif kind == "html_block":
            self.html(token)
        elif kind == "hr":
            self.add(BlockKind.BREAK, "")
        elif kind.startswith(("table", "tr_open")):
            self.whole_table(kind)
        else:
            self.container(kind, token)

    def container(self, kind: str, token: Token) -> None:
        """Go into or out of a list, an item, a quotation or a footnote."""
        nesting = token.nesting
        if kind.startswith(("bullet_list", "ordered_list", "dl_")):
            self.lists += nesting
        elif kind.startswith(("list_item", "dd_", "dt_")):
            self.enter(BlockKind.LIST, nesting)
            self.item_at = -1
            self.number = token.info if nesting > 0 else ""
        elif kind.startswith(("blockquote", "admonition_o", "admonition_c")):
            self.enter(BlockKind.QUOTE, nesting)
            self.note = nesting > 0 and kind.startswith("admonition")
        elif kind in ("footnote_open", "footnote_close"):
            self.enter(BlockKind.FOOTNOTE, nesting)
            self.number = str(token.meta["id"] + 1) if nesting > 0 else ""

    def enter(self, kind: BlockKind, nesting: int) -> None:
        if nesting > 0:
            self.inside.append(kind)
        elif self.inside:
            self.inside.pop()

    def add(self, kind: BlockKind, text: str, html: str = "", level: int = 0, target: str = "") -> None:
        self.blocks.append(Block(kind, text, html, self.line, level, target))

    def inline(self, token: Token, opening: Token) -> None:
        children = token.children
        run = read_run(children, self.masked) if children else plain_run(token.content)
        if self.table is not None:
            self.table[-1].append(run.text)
        elif opening.type == "heading_open":
            text = squeeze(_CLASSES.sub("", run.text))
            self.images(run)
            if text:
                self.add(BlockKind.HEADING, text, run.html if text == run.text else "", int(opening.tag[1:]))
        elif opening.type != "admonition_title_open":
            self.prose(run)

    def prose(self, run: Run) -> None:
        """A paragraph, in whatever it stands; its pictures become blocks of their own."""
        if run.pictures_first:
            self.images(run)
        kind = self.inside[-1] if self.inside else BlockKind.PARAGRAPH
        text, target = run.text, ""
        if kind is BlockKind.QUOTE:
            text = _ALERT.sub("", text)
            self.note |= text != run.text
            target = "note" if self.note else ""
        elif kind is BlockKind.FOOTNOTE:
            target, self.number = self.number, ""
        elif kind is BlockKind.LIST:
            text = _TASK.sub("", text)
        if text and not _CONTENTS.match(text):
            html = run.html if text == run.text else _ALERT.sub("", run.html)
            self.item(text, html) if kind is BlockKind.LIST else self.add(kind, text, html, target=target)
        if not run.pictures_first:
            self.images(run)
        if run.embed and not text:
            self.add(BlockKind.EMBED, "")
        if run.more:
            self.add(BlockKind.MORE, "")

    def item(self, text: str, html: str) -> None:
        """One block an item: its further paragraphs join the first."""
        if 0 <= self.item_at == len(self.blocks) - 1:
            old = self.blocks[-1]
            joined = f"{old.html}<br>{html}" if old.html and html else ""
            self.blocks[-1] = Block(old.kind, f"{old.text} {text}", joined, old.line, old.level, old.target)
            return
        self.item_at = len(self.blocks)
        self.add(BlockKind.LIST, text, html, level=max(1, self.lists), target=self.number)

    def images(self, run: Run) -> None:
        for shown in run.pictures:
            if shown.target:
                self.add(BlockKind.IMAGE, squeeze(shown.alt or ""), target=shown.target)

    def code(self, token: Token) -> None:
        language = self.masked.without(token.info).strip().split(" ")[0].split(",")[0]
        text = self.masked.restore(token.content).rstrip("\n")
        if not text.replace(OPEN, "").strip():
            return
        if token.type == "code_block" and _only_marks(token.content, self.masked):
            return  # an indented shortcode is no code
        self.add(BlockKind.CODE, text, target=language)

    def html(self, token: Token) -> None:
        from newsletter.content.markup import blocks_of

        self.blocks += blocks_of(token.content, self.masked, self.line)

    def whole_table(self, kind: str) -> None:
        if kind == "table_open":
            self.table = []
        elif kind == "tr_open" and self.table is not None:
            self.table.append([])
        elif kind == "table_close" and self.table is not None:
            rows, self.table = self.table, None
            text, html = in_rows(rows, headed=True)
            if text:
                self.add(BlockKind.TABLE, text, html)


def _only_marks(text: str, masked: Masked) -> bool:
    return OPEN in text and not masked.without(text).strip()
