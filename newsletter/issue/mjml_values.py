"""A value and the words for what it may be -> whether it is that.

Colours and lengths have a form; every other kind is a list of words: ``left, center or right``.
"""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"(?:\d+(?:\.\d+)?|\.\d+)"
_SIZE: Final = rf"(?:0|{_NUMBER}(?:px|%))"
_FORMS: Final = {
    "pixels, such as 16px": rf"0|{_NUMBER}px",
    "pixels or auto": rf"0|{_NUMBER}px|auto",
    "pixels or a percentage, such as 16px or 50%": _SIZE,
    "pixels, a percentage or auto": rf"{_SIZE}|auto",
    "one to four lengths, such as 0 32px 10px": rf"{_SIZE}(?:\s+{_SIZE}){{0,3}}",
    "pixels or em, such as -0.5px": rf"0|normal|-?{_NUMBER}(?:px|em)",
    "a number, pixels or a percentage, such as 28px": rf"{_NUMBER}(?:px|%)?",
    "a whole number": r"\d+",
}
_COLOUR: Final = re.compile(
    rf"#[0-9a-f]{{3}}|#[0-9a-f]{{6}}|rgba?\(\s*{_NUMBER}%?(?:\s*,\s*{_NUMBER}%?){{2,3}}\s*\)", re.IGNORECASE
)
#: CSS Color 4, 6.1
_COLOURS: Final = frozenset(
    """
    transparent none inherit aliceblue antiquewhite aqua aquamarine azure beige bisque black
    blanchedalmond blue blueviolet brown burlywood cadetblue chartreuse chocolate coral cornflowerblue
    cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki
    darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue
    darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue
    firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow
    grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon
    lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink
    lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime
    limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen
    mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose
    moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen
    paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red
    rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue
    slategray slategrey snow springgreen steelblue tan teal thistle tomato turquoise violet wheat white
    whitesmoke yellow yellowgreen
    """.split()
)
_WORDS = re.compile(r", | or ")


def fits(value: str, kind: str) -> bool:
    """Whether a value is of a kind. Whatever has a slot in it is: only a reader's copy says what it is."""
    value = value.strip()
    if "%%" in value:
        return True
    if kind.startswith("a colour"):
        return value.lower() in _COLOURS or _COLOUR.fullmatch(value) is not None
    form = _FORMS.get(kind)
    if form is not None:
        return re.fullmatch(form, value) is not None
    return value in _WORDS.split(kind)
