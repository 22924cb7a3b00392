"""Theme -> the style sheet of the reader pages, in the colours and faces of the mail."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from newsletter.issue.faces import MONO, usual
from newsletter.issue.palette import Scheme, derive
from newsletter.issue.theme import Theme

_LIGHT_ONLY = "--err: #9f1c15; --err-bg: #fdebe9; --ok: #145c34; --ok-bg: #e3f3e8;"
_DARK_ONLY = "--err: #ffa59c; --err-bg: #391a18; --ok: #8bd8a6; --ok-bg: #142d1f;"

#: The address of a page is the reader's capability: it must not travel or stay.
GUARDED = (
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("x-robots-tag", "noindex, nofollow"),
    ("x-content-type-options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """A style sheet and what a browser is told about it."""

    sheet: str
    headers: tuple[tuple[str, str], ...]


@lru_cache(maxsize=64)
def look(theme: Theme, language: str) -> Look:
    """How the pages look in one language. RenderError when a colour of the theme is none."""
    sheet = _variables(theme, language) + files(__package__).joinpath("pages/reader.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return Look(
        sheet,
        (
            # The sheet stands in the page: no address of ours to get wrong behind a proxy's prefix.
            (
                "content-security-policy",
                f"default-src 'none'; style-src 'sha256-{digest}'; "
                "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            ),
            *GUARDED,
        ),
    )


def _variables(theme: Theme, language: str) -> str:
    palette = derive(theme)
    serif, sans = usual(language)
    faces = (
        f"--serif: {_faces(theme.font, serif)}; --sans: {_faces(theme.font_ui, sans)}; --mono: {MONO}; "
        f"--round: {theme.radius}px;"
    )
    light, dark = _colours(palette.light), _colours(palette.dark)
    return (
        f":root {{ color-scheme: light dark; {faces} {light} {_LIGHT_ONLY} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} {_DARK_ONLY} }} }}\n"
    )


def _colours(scheme: Scheme) -> str:
    named = {
        "ground": scheme.panel,
        "sheet": scheme.paper,
        "line": scheme.rule,
        "edge": scheme.soft,
        "ink": scheme.ink,
        "text": scheme.text,
        "ink2": scheme.soft,
        "mark": scheme.accent,
        "on-mark": scheme.on,
    }
    return " ".join(f"--{name}: {colour.lower()};" for name, colour in named.items())


def _faces(own: str, usual: str) -> str:
    return f"{own},{usual}" if own else usual
