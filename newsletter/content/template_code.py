"""Template code in a body -> marks that a Markdown parser carries through unharmed.

Hugo shortcodes, Liquid, Nunjucks and JSX must go where a site generator runs them and
stay where they are text: inside code. Only the Markdown parser knows which is which, so
each piece is replaced by a mark without spaces before parsing; afterwards the mark is
put back inside code (`restore`) and read elsewhere (`Masked.pieces`).

A mark is U+E000, digits, U+E001 and as many line feeds as the piece held: lines keep
their numbers. `decode` has removed those characters from what authors wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile("\ue000(\\d+)\ue001")
_MARK_AND_LINES = re.compile("\ue000(\\d+)\ue001(\n*)")

# Every inner part is bounded and stops at the next opening: time stays linear in the text.
# Most begin with a brace, which the search finds at once; the others are looked for only where they may be.
_BRACED = re.compile(
    r"""
    \{(?:
      \{<(?:[^>{]|>(?!\}\})|\{(?!\{)){0,4000}>\}\}      # Hugo, standard notation
    | \{%(?:[^%{]|%(?!\}\})|\{(?!\{)){0,4000}%\}\}      # Hugo, Markdown notation
    | \{(?:[^{}]|\}(?!\})|\{(?![{%])){0,2000}\}\}       # an expression
    | %(?:[^%{]|%(?!\})|\{(?![{%])){0,4000}%\}          # a Liquid or Nunjucks tag
    | \#[^\n{}]{1,300}?\#\}                             # a Nunjucks comment
    | :[^{}\n]{0,300}\}                                 # Kramdown attributes
    )""",
    re.VERBOSE,
)
_PIECE = re.compile(
    _BRACED.pattern
    + r"""
    | [ \t]\{\#[\w-]{1,80}(?:[ ]\.[\w-]{1,40})*\}(?=[ \t]*$)  # a heading's id
    | ^:::.{0,200}$                                       # a container's fence
    """,
    re.VERBOSE | re.MULTILINE,
)
_NAME = re.compile(r"\{[{%][<%]?-?\s*(/?)\s*([\w./-]+)")
_JSX_TAG = re.compile(r"</?(?:[A-Z][\w.]*|(?=>))")
_CODE_FENCE = re.compile(r"^[ \t]*(?:[-*+>][ \t]+)*(`{3,}|~{3,})", re.MULTILINE)
_REST_BLANK = re.compile(r"[ \t]*$", re.MULTILINE)
_ESM = re.compile(
    r"import\s*(?:[\w*{][^\n]{0,300}\sfrom\s*)?[\"'][^\"'\n]{1,300}[\"'];?[ \t]*$|import\s*\{[ \t]*$"
    r"|export\s+(?:default|const|let|var|function|async|\{|\*)",
    re.MULTILINE,
)
_JSX_LIMIT = 4000
#: Regions whose content is no text of the article.
_SILENT = frozenset(
    {"comment", "for", "capture", "schema", "javascript", "css", "style", "tablerow", "mermaid"}
)
_VERBATIM = frozenset({"raw", "verbatim"})
_REGIONS = _SILENT | _VERBATIM | {"highlight"}


@dataclass(frozen=True, slots=True)
class Masked:
    """A body with its template code replaced by marks, and the pieces they stand for."""

    text: str
    pieces: tuple[str, ...]
    dropped: list[int] = field(default_factory=list)  #: which of them `drop` took out of a text
    unlinked: list[str] = field(default_factory=list)  #: targets of links that lost them

    def restore(self, text: str) -> str:
        """`text` as it was written: for code."""
        if OPEN not in text:
            return text
        return _MARK_AND_LINES.sub(self._original, text)

    def _original(self, found: re.Match[str]) -> str:
        piece = self.pieces[int(found[1])]
        return piece + found[2][piece.count("\n") :]

    def without(self, text: str) -> str:
        """`text` with its template code gone."""
        return MARK.sub("", text) if OPEN in text else text

    def drop(self, text: str) -> str:
        """The same for what people read, and a note of what is missing from it now."""
        if OPEN not in text:
            return text
        self.dropped.extend(map(int, MARK.findall(text)))
        return MARK.sub("", text)

    def found_in(self, text: str) -> list[str]:
        """The pieces that stand in `text`, in order."""
        return [self.pieces[int(number)] for number in MARK.findall(text)] if OPEN in text else []


def mask(body: str, *, jsx: bool) -> Masked:
    """Replace the template code of `body`; with `jsx` also what MDX runs."""
    if "{" not in body and ":::" not in body and not jsx:
        return Masked(body, ())
    masks = _Masks()
    if jsx:
        body = _jsx(body, masks)
    if "{" in body or ":::" in body:
        braced = ":::" not in body and " {#" not in body and "\t{#" not in body
        body = _regions((_BRACED if braced else _PIECE).sub(masks.take, body), masks)
    return Masked(body, tuple(masks.pieces))


@dataclass(slots=True)
class _Masks:
    pieces: list[str]

    def __init__(self) -> None:
        self.pieces = []

    def take(self, found: re.Match[str]) -> str:
        return self.hide(found[0])

    def hide(self, piece: str) -> str:
        # A piece may hold marks of an earlier pass: it is stored as it was written.
        if OPEN in piece:
            piece = Masked("", tuple(self.pieces)).restore(piece)
        self.pieces.append(piece)
        return f"{OPEN}{len(self.pieces) - 1}{CLOSE}" + "\n" * piece.count("\n")


def tag_name(piece: str) -> str:
    """The name of a tag or shortcode, with ``/`` when it closes one: ``img``, ``/note``, ``endraw``."""
    found = _NAME.match(piece)
    return f"{found[1]}{found[2]}".lower() if found else ""


def _regions(body: str, masks: _Masks) -> str:
    """Take out comments and loops; give back what stands verbatim; make fences of highlights."""
    if OPEN not in body:
        return body
    marks = _outside(list(MARK.finditer(body)), _fence_spans(body))
    names = [tag_name(masks.pieces[int(found[1])]) for found in marks]
    out: list[str] = []
    at = 0
    for index, close in _pairs(names):
        start, end = marks[index], marks[close]
        if start.start() < at:
            continue  # inside a region that is gone already
        piece = masks.pieces[int(start[1])]
        out += (
            body[at : start.start()],
            _region(names[index], piece, body[start.end() : end.start()], masks),
        )
        at = end.end()
    out.append(body[at:])
    return "".join(out)


def _outside(marks: list[re.Match[str]], spans: list[tuple[int, int]]) -> list[re.Match[str]]:
    """The marks that stand in no fenced code."""
    kept: list[re.Match[str]] = []
    here = 0
    for found in marks:
        while here < len(spans) and spans[here][1] <= found.start():
            here += 1
        if here == len(spans) or found.start() < spans[here][0]:
            kept.append(found)
    return kept


def _pairs(names: list[str]) -> list[tuple[int, int]]:
    """Which mark opens a region and which closes it; loops nest, comments and verbatim text do not."""
    last = {name: index for index, name in enumerate(names)}
    found: list[tuple[int, int]] = []
    loops: dict[str, list[int]] = {"for": [], "capture": []}
    opened, opened_at = "", -1
    for index, name in enumerate(names):
        if opened:
            if name in (f"end{opened}", f"/{opened}"):
                found.append((opened_at, index))
                opened = ""
        elif name in loops:
            loops[name].append(index)
        elif loops.get(name.removeprefix("end")):
            found.append((loops[name[3:]].pop(), index))
        elif name in _REGIONS and max(last.get(f"end{name}", -1), last.get(f"/{name}", -1)) > index:
            opened, opened_at = name, index
    return sorted(found)


def _region(name: str, piece: str, inner: str, masks: _Masks) -> str:
    if name in _VERBATIM:
        return Masked("", tuple(masks.pieces)).restore(inner)
    if name != "highlight":
        # With its tag in front it is no picture and no name any more, whatever stands in it.
        return masks.hide(" ".join(piece.split()) + Masked("", tuple(masks.pieces)).restore(inner))
    language = re.search(r"highlight\s+[\"']?([\w+#-]+)", piece)
    opening = f"```{language[1] if language else ''}"
    if not inner.startswith("\n"):
        return f"`{inner.strip()}`" if "\n" not in inner else f"{opening}\n{inner}\n```"
    return (
        f"{opening}{inner.rstrip(' ')}```" if inner.rstrip(" ").endswith("\n") else f"{opening}{inner}\n```"
    )


def _fence_spans(body: str) -> list[tuple[int, int]]:
    """Where fenced code stands, from its opening line to its closing one."""
    spans: list[tuple[int, int]] = []
    opened: tuple[str, int] | None = None
    for found in _CODE_FENCE.finditer(body):
        if opened is None:
            opened = (found[1], found.start())
        elif found[1].startswith(opened[0]) and _REST_BLANK.match(body, found.end()):
            spans.append((opened[1], found.end()))
            opened = None
    if opened:
        spans.append((opened[1], len(body)))
    return spans


# ── MDX ─────────────────────────────────────────────────────────────────────


def _jsx(body: str, masks: _Masks) -> str:
    """Hide imports, exports, JSX tags and expressions, but nothing inside fenced code."""
    out: list[str] = []
    at = 0
    for start, end in (*_fence_spans(body), (len(body), len(body))):
        out.append(_jsx_text(body[at:start], masks))
        out.append(body[start:end])
        at = end
    return "".join(out)


def _jsx_text(text: str, masks: _Masks) -> str:
    out: list[str] = []
    at = 0
    interesting = re.compile(r"[<{`]|^(?:import|export)\s", re.MULTILINE)
    while found := interesting.search(text, at):
        here = found.start()
        end = _jsx_end(text, here)
        out.append(text[at:here])
        if end:
            out.append(text[here:end] if text[here] == "`" else masks.hide(text[here:end]))
        else:
            end = found.end()
            out.append(text[here:end])
        at = end
    out.append(text[at:])
    return "".join(out)


def _jsx_end(text: str, at: int) -> int:
    """Where the piece that begins at `at` ends; 0 when it is no piece of JSX."""
    if text[at] == "`":
        ticks = re.compile("`+").match(text, at)
        close = text.find(ticks[0], ticks.end(), ticks.end() + 1000) if ticks else -1
        return close + len(ticks[0]) if ticks and close > 0 else 0
    if text[at] == "{":
        return _balanced(text, at)
    if text[at] == "<":
        tag = _JSX_TAG.match(text, at)
        return _tag_end(text, tag.end()) if tag else 0
    if not _ESM.match(text, at):
        return 0
    blank = text.find("\n\n", at)
    return blank if blank >= 0 else len(text)


def _balanced(text: str, at: int) -> int:
    depth = 0
    for found in re.compile(r"[{}]").finditer(text, at, at + _JSX_LIMIT):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
        if depth > 8:
            return 0
    return 0


def _tag_end(text: str, at: int) -> int:
    """The end of a tag whose name ends at `at`: quotes and braces may hold a ``>``."""
    depth, here, limit = 0, at, min(len(text), at + _JSX_LIMIT)
    while here < limit:
        c = text[here]
        if c in "\"'" and depth == 0:
            close = text.find(c, here + 1, limit)
            if close < 0:
                return 0
            here = close
        elif c == "{":
            depth += 1
            if depth > 8:
                return 0
        elif c == "}":
            depth -= 1
        elif c == "<" and depth == 0:
            return 0
        elif c == ">" and depth <= 0 and text[here - 1] != "=":
            return here + 1
        here += 1
    return 0
