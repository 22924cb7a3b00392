"""The tags of MJML: what may stand in which, with which attributes, and what those may say.

The tables are those of MJML 5 less what its Rust implementation does not know: mj-html-attributes, and
mj-include, which is left to Jinja's ``include``.
"""

from __future__ import annotations

from typing import Final

_PADDING: Final = "padding padding-top padding-bottom padding-left padding-right"
_BORDER: Final = "border border-top border-bottom border-left border-right border-radius"
_FONT: Final = "color font-family font-size font-style font-weight letter-spacing line-height"
_BOX: Final = f"{_PADDING} container-background-color align"
_SECTION: Final = (
    f"{_PADDING} {_BORDER} background-color background-url background-repeat background-size "
    "background-position background-position-x background-position-y direction full-width text-align"
)
_ACCORDION: Final = (
    "border font-family icon-align icon-width icon-height icon-wrapped-url icon-wrapped-alt "
    "icon-unwrapped-url icon-unwrapped-alt icon-position"
)
_NAVBAR: Final = (
    "base-url hamburger ico-align ico-open ico-close ico-color ico-font-size ico-font-family ico-line-height "
    "ico-text-transform ico-text-decoration ico-padding ico-padding-top ico-padding-right ico-padding-bottom "
    "ico-padding-left align"
)
_THUMBS: Final = "tb-border tb-border-radius"

ATTRIBUTES: Final = {
    "mjml": "lang dir owa",
    "mj-head": "",
    "mj-attributes": "",
    "mj-title": "",
    "mj-preview": "",
    "mj-breakpoint": "width",
    "mj-font": "name href",
    "mj-style": "inline",
    "mj-raw": "",
    "mj-body": "width background-color",
    "mj-wrapper": f"{_SECTION} gap",
    "mj-section": f"{_SECTION} text-padding",
    "mj-group": "background-color direction vertical-align width",
    "mj-column": f"{_PADDING} {_BORDER} background-color direction vertical-align width "
    "inner-background-color " + " ".join(f"inner-{name}" for name in _BORDER.split()),
    "mj-hero": f"{_PADDING} mode height background-url background-width background-height "
    "background-position background-color border-radius vertical-align inner-background-color "
    + " ".join(f"inner-{name}" for name in _PADDING.split()),
    "mj-text": f"{_BOX} {_FONT} background-color height text-decoration text-transform vertical-align",
    "mj-image": f"{_BOX} {_BORDER} alt href name src srcset sizes title rel fluid-on-mobile target "
    "width height max-height font-size usemap",
    "mj-button": f"{_BOX} {_BORDER} {_FONT} background-color height href name title inner-padding rel "
    "target text-align text-decoration text-transform vertical-align width",
    "mj-divider": f"{_BOX} border-color border-style border-width width",
    "mj-spacer": f"{_PADDING} border border-top border-bottom border-left border-right "
    "container-background-color height",
    "mj-table": f"{_BOX} {_FONT} border cellpadding cellspacing role table-layout vertical-align width",
    "mj-social": f"{_BOX} {_FONT} border border-radius icon-size icon-height icon-padding inner-padding "
    "mode table-layout text-padding text-decoration vertical-align",
    "mj-social-element": f"{_PADDING} {_FONT} align icon-position background-color border border-radius href "
    "icon-size icon-height icon-padding name text-padding rel src srcset sizes alt title target "
    "text-decoration vertical-align",
    "mj-navbar": f"{_PADDING} {_NAVBAR}",
    "mj-navbar-link": f"{_PADDING} {_FONT} href name target rel text-decoration text-transform",
    "mj-accordion": f"{_PADDING} {_ACCORDION} container-background-color",
    "mj-accordion-element": f"{_ACCORDION} background-color",
    "mj-accordion-title": f"{_PADDING} {_FONT} background-color",
    "mj-accordion-text": f"{_PADDING} {_FONT} background-color",
    "mj-carousel": f"{_BOX} {_THUMBS} border-radius icon-width left-icon right-icon thumbnails "
    "tb-hover-border-color tb-selected-border-color tb-width",
    "mj-carousel-image": f"{_THUMBS} alt href rel target title src thumbnails-src border-radius",
}
_EVERYWHERE: Final = frozenset({"css-class", "mj-class"})

#: In ``mj-attributes`` any component stands for its defaults, and these two besides.
DEFAULTS: Final = frozenset({"mj-all", "mj-class"})

_CONTENT: Final = (
    "mj-accordion mj-button mj-carousel mj-divider mj-image mj-navbar mj-raw mj-social mj-spacer mj-table "
    "mj-text"
)
_CHILDREN: Final = {
    "": "mjml",
    "mjml": "mj-head mj-body",
    "mj-head": "mj-attributes mj-breakpoint mj-font mj-preview mj-raw mj-style mj-title",
    "mj-body": "mj-wrapper mj-section mj-hero mj-raw",
    "mj-wrapper": "mj-section mj-hero mj-raw",
    "mj-section": "mj-column mj-group mj-raw",
    "mj-group": "mj-column mj-raw",
    "mj-column": _CONTENT,
    "mj-hero": _CONTENT,
    "mj-social": "mj-social-element mj-raw",
    "mj-navbar": "mj-navbar-link mj-raw",
    "mj-accordion": "mj-accordion-element mj-raw",
    "mj-accordion-element": "mj-accordion-title mj-accordion-text mj-raw",
    "mj-carousel": "mj-carousel-image",
    **dict.fromkeys("mj-image mj-divider mj-spacer mj-carousel-image mj-all mj-class".split(), ""),
}
#: tag -> the tags that may stand in it, and nothing else may; what is not named takes text and HTML.
CHILDREN: Final = {tag: frozenset(inside.split()) for tag, inside in _CHILDREN.items()}


def attributes_of(tag: str) -> frozenset[str]:
    """The attributes that a tag knows, by name."""
    if tag in DEFAULTS:
        return _ALL
    return _EVERYWHERE.union(ATTRIBUTES[tag].split())


_ALL: Final = _EVERYWHERE.union({"name"}, *(names.split() for names in ATTRIBUTES.values()))

# ── what an attribute may say ───────────────────────────────────────────────

_COLOUR: Final = "a colour, such as #0B6B5E"
_PIXELS: Final = "pixels, such as 16px"
_LENGTH: Final = "pixels or a percentage, such as 16px or 50%"
_SIDES: Final = "one to four lengths, such as 0 32px 10px"

_KINDS: Final = {
    _COLOUR: "color background-color container-background-color inner-background-color border-color "
    "ico-color tb-hover-border-color tb-selected-border-color",
    _PIXELS: "font-size border-width gap",
    _LENGTH: "width height max-height padding-top padding-right padding-bottom padding-left "
    "inner-padding-top inner-padding-right inner-padding-bottom inner-padding-left ico-padding-top "
    "ico-padding-right ico-padding-bottom ico-padding-left icon-size icon-width icon-height ico-font-size "
    "background-width background-height tb-width",
    _SIDES: "padding inner-padding icon-padding text-padding ico-padding",
    "pixels or em, such as -0.5px": "letter-spacing",
    "a number, pixels or a percentage, such as 28px": "line-height ico-line-height",
    "a whole number": "cellpadding cellspacing",
    "true or false": "fluid-on-mobile",
    "ltr or rtl": "direction",
    "ltr, rtl or auto": "dir",
    "left, center or right": "align ico-align text-align",
    "top, middle or bottom": "vertical-align icon-align",
    "left or right": "icon-position",
    "repeat or no-repeat": "background-repeat",
    "full-width": "full-width",
    "auto or fixed": "table-layout",
    "none or presentation": "role",
    "inline": "inline",
    "visible, hidden or supported": "thumbnails",
}
_BY_NAME: Final = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_BY_TAG: Final = {
    ("mj-body", "width"): _PIXELS,
    ("mj-breakpoint", "width"): _PIXELS,
    ("mj-image", "width"): _PIXELS,
    ("mj-image", "height"): "pixels or auto",
    ("mj-table", "width"): "pixels, a percentage or auto",
    ("mj-text", "align"): "left, center, right or justify",
    ("mj-social", "mode"): "horizontal or vertical",
    ("mj-hero", "mode"): "fixed-height or fluid-height",
}


def kind_of(tag: str, attribute: str) -> str:
    """What an attribute takes, in words: see :mod:`newsletter.issue.mjml_values`. Empty: any text."""
    return _BY_TAG.get((tag, attribute)) or _BY_NAME.get(attribute, "")
