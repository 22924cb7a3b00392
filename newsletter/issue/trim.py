"""An element with its styles inlined -> the same, said in the way that most mail programs understand.

Each pass is about one thing that a mail program shows only partly or not at all, and says the same without
it. None changes what is seen, in any program that shows both. So a pass takes only what it knows whole: the
exact styles that MJML writes, or a declaration that repeats what is inherited. A style that is not plain
(``!important``, a slot) is left alone, and so is whatever a style sheet of the page says more about.

What is said of mail programs is what caniemail has tested. What a template should rather not say stands
in ``docs/templates.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from newsletter.issue.css import Said

#: What elements hand down to those inside them, as far as it is known for certain.
Inherited = dict[str, str]
_HANDED: Final = "font-size font-weight font-style text-align direction word-break".split()
#: Browsers say nothing of their own about the font and the lines of these.
_NEUTRAL: Final = frozenset("html body div p span table tbody thead tfoot tr td a img br ul ol li".split())
_BOLD: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"))
_SIDES: Final = {"ltr": "left", "rtl": "right"}


@dataclass(slots=True)
class Box:
    """An element while the passes work on it."""

    tag: str
    attributes: dict[str, str]  #: but class and style
    classes: list[str]
    styles: dict[str, str]  #: empty where the style is not plain
    said: Said  #: by the style sheets that stay
    inherited: Inherited
    is_section: bool = False  #: a ``div`` of MJML's around one centred table
    room: str = ""  #: the width that a section leaves to its table to keep to


#: It changes the element in place.
Pass = Callable[[Box], None]


def trim(box: Box) -> Inherited:
    """All passes over an element; what it hands down to those inside it."""
    for one in PASSES:
        one(box)
    handed = _handed(box)
    font(box)
    return handed


# ── attributes ──────────────────────────────────────────────────────────────

_FRACTION = re.compile(r"\d+\.\d+")


def attributes(box: Box) -> None:
    """``target="_blank"`` is MJML's, no webmail takes it (they open a tab anyway): gone.

    So are attributes that HTML does not know: ``vertical-align``, ``height="auto"``, the role that MJML
    gives to the cell of a button. Outlook reads no fraction of a pixel: widths are whole.
    """
    given = box.attributes
    if given.get("target") == "_blank":
        del given["target"]
    if box.tag not in ("td", "img"):
        return
    given.pop("vertical-align", None)
    if given.get("height") == "auto":
        del given["height"]
    if box.styles.get("cursor") == "auto" and given.get("role") == "presentation":
        del given["role"]
    if _FRACTION.fullmatch(given.get("width", "")):
        given["width"] = given["width"].partition(".")[0]


# ── styles that say nothing ─────────────────────────────────────────────────

_INITIAL: Final = {
    ("body", "word-spacing"): ("normal",),
    ("td", "cursor"): ("auto",),
    ("a", "margin"): ("0", "0px"),
    ("img", "outline"): ("none",),
    ("img", "text-decoration"): ("none",),
}


def initial(box: Box) -> None:
    """What MJML says although it is so anyway, and Outlook, Gmail or Yahoo do not know: gone.

    ``border-spacing`` is said by ``cellspacing``, the height of a picture by its proportions.
    """
    for (tag, name), values in _INITIAL.items():
        if tag == box.tag and box.styles.get(name) in values:
            _drop(box, name)
    spaced = box.tag == "table" and box.attributes.get("cellspacing") == "0"
    if spaced and box.styles.get("border-spacing") in ("0", "0px"):
        _drop(box, "border-spacing")
    if box.tag == "img" and "height" not in box.attributes and box.styles.get("height") == "auto":
        _drop(box, "height")


def _drop(box: Box, *names: str) -> None:
    for name in names:
        if name not in box.said.names:
            box.styles.pop(name, None)


# ── the frame that MJML builds ──────────────────────────────────────────────

_CAPPED: Final = {"margin", "max-width"}
_WHOLE: Final = ("display", "vertical-align", "width")
_OF_COLUMN: Final = frozenset(("display", "width", "vertical-align", "font-size", "text-align", "direction"))
_PIXELS = re.compile(r"mj-column-px-(\d+)(?:-(\d+))?")
COLUMN: Final = "mj-col"  #: the class of a column that is capped at its width, but for phones


def section(box: Box) -> None:
    """Outlook knows ``max-width`` on tables only, and margins of ``auto`` not at all.

    A section of MJML is a ``div`` with both around a table that is centred by attribute: the cap goes to the
    table, the margin away. Not where a style sheet says anything of the ``div``: it may be seen then.
    """
    if box.tag == "table" and box.room:
        box.styles.setdefault("max-width", box.room)
    box.room = ""
    centred = box.styles.get("margin") in ("0px auto", "0 auto")
    if box.is_section and centred and box.styles.keys() == _CAPPED and not box.said.names:
        box.room = box.styles["max-width"]
        box.styles.clear()


def column(box: Box) -> None:
    """Yahoo and Outlook show ``display`` and ``width`` partly, style sheets are lost in many places.

    A column of the whole width needs neither of them: it is a block. One of so many pixels is
    capped inline and needs no style sheet to stand beside its neighbour, only one to stand alone on a phone.
    """
    shown = (box.styles.get("display"), box.styles.get("width"))
    if box.tag != "div" or shown != ("inline-block", "100%") or box.said.names:
        return
    pixels = next((found for name in box.classes if (found := _PIXELS.fullmatch(name))), None)
    if pixels:
        cap = f"{pixels[1]}.{pixels[2]}px" if pixels[2] else f"{pixels[1]}px"
        box.styles["max-width"] = cap
        box.classes[:] = [COLUMN if name == pixels[0] else name for name in box.classes]
    elif "mj-column-per-100" in box.classes and box.styles.keys() <= _OF_COLUMN:
        _drop(box, *_WHOLE)
        box.classes[:] = [n for n in box.classes if n not in ("mj-column-per-100", "mj-outlook-group-fix")]


# ── what is inherited ───────────────────────────────────────────────────────

_REPEATED: Final = ("text-align", "direction", "font-size", "word-break")


def inherited(box: Box) -> None:
    """Gmail shows ``text-align`` partly, Yahoo ``font-size``, and ``word-break`` hardly anybody.

    On the boxes that MJML builds they say for the most part what is inherited: gone there. A template that
    says ``word-break`` once, of the whole body, has it in no cell. What runs from right to left
    says so in every box all the same: not every mail program hands ``dir`` down.
    """
    if box.tag not in ("div", "td", "table"):
        return
    for name in _REPEATED:
        by_attribute = {"text-align": "align", "direction": "dir"}.get(name, "")
        said = _plain(box.styles.get(name))
        if said == box.inherited.get(name, "") and said != "rtl" and by_attribute not in box.attributes:
            _drop(box, name)


def _plain(value: str | None) -> str | None:
    return "0" if value == "0px" else value


def _handed(box: Box) -> Inherited:
    """What those inside inherit; what is not known for certain is left out."""
    handed = dict(box.inherited) if box.tag in _NEUTRAL or box.tag in _BOLD else {}
    if box.tag in _BOLD:
        handed["font-weight"] = "bold"
        handed.pop("font-size", None)
        if box.tag == "th":
            handed.pop("text-align", None)
    if "dir" in box.attributes:
        handed["direction"] = box.attributes["dir"]
    if "align" in box.attributes and box.tag != "table":
        # It moves the blocks inside, too: like text-align only at the side where they stand anyway.
        begins = box.attributes["align"] == _SIDES.get(handed.get("direction", ""))
        handed["text-align"] = box.attributes["align"] if begins else "by attribute"
    for name in _HANDED:
        if name in box.styles:
            handed[name] = str(_plain(box.styles[name]))
        if name in box.said.names or ("font" in box.said.names and name.startswith("font")):
            handed.pop(name, None)
    if handed.get("font-size", "0") != "0" and not _SIZE.fullmatch(handed["font-size"]):
        del handed["font-size"]  # of something: twice the same is not the same
    if any(_other_font(name) for name in (*box.styles, *box.said.names)):
        handed["font"] = "more than a shorthand says"
    return handed


# ── the shorthand ───────────────────────────────────────────────────────────

_FONT: Final = ("font-style", "font-weight", "font-size", "line-height", "font-family")
_SIZE = re.compile(r"\d+(?:\.\d+)?px")
_LEADING = re.compile(r"\d+(?:\.\d+)?(?:px|%)?")
_EXACT: Final = "mso-line-height-rule"


def font(box: Box) -> None:
    """Outlook and Yahoo show ``font-size`` and ``line-height`` partly (not in ``rem``), ``font`` whole.

    Five declarations in one, where size, leading and face are said, and weight and slant are known; not where
    a style sheet sets any of them with less weight than the shorthand would have.
    """
    styles, known = box.styles, {**box.inherited, **_own_weight(box)}
    said = {name: styles.get(name, known.get(name, "")) for name in _FONT}
    if not _may_be_short(box, said):
        return
    weight = "" if said["font-weight"] in ("400", "normal") else said["font-weight"]
    style = "" if said["font-style"] == "normal" else said["font-style"]
    size, face = f"{said['font-size']}/{said['line-height']}", said["font-family"].replace(", ", ",")
    short = " ".join(part for part in (style, weight, size, face) if part)
    exact = {_EXACT: styles[_EXACT]} if _EXACT in styles else {}
    made: dict[str, str] = {}
    for name, value in styles.items():
        if name == "font-size":
            made |= {**exact, "font": short}  # Word wants its rule before the height that it is about
        elif name not in _FONT and name != _EXACT:
            made[name] = value
    box.styles = made


def _own_weight(box: Box) -> dict[str, str]:
    return {"font-weight": "bold"} if box.tag in _BOLD else {}


def _may_be_short(box: Box, said: dict[str, str]) -> bool:
    if not {"font-size", "line-height", "font-family"} <= box.styles.keys() or "" in said.values():
        return False
    if "font" in box.inherited or any(map(_other_font, (*box.styles, *box.said.names))):
        return False
    if box.tag not in _NEUTRAL and box.tag not in _BOLD:
        return False
    if box.said.weak.intersection((*_FONT, "font")) or {"font-weight", "font-style"} & box.said.names:
        return False
    return bool(
        _SIZE.fullmatch(said["font-size"])
        and _LEADING.fullmatch(said["line-height"])
        and said["font-style"] in ("normal", "italic")
        and re.fullmatch(r"\d00|normal|bold", said["font-weight"])
        and not re.search(r"inherit|initial|var\(", said["font-family"])
    )


def _other_font(name: str) -> bool:
    """Whether a property is one that the shorthand would set back."""
    return name == "font" or (name.startswith("font-") and name not in _FONT)


#: In order: a column is taken as MJML wrote it before its parts are found to be inherited.
PASSES: Final[tuple[Pass, ...]] = (attributes, initial, section, column, inherited)
