"""Colours: every text can be read, on light pages and on dark ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from newsletter.issue import palette
from newsletter.issue.checks.mail import Fault, Mail, Said, Setting
from newsletter.issue.checks.shades import Shade, inked

LEAST: Final = 4.5  #: WCAG 2.2 AA, 1.4.3
LEAST_LARGE: Final = 3.0


def theme(mail: Mail) -> Iterator[Fault]:
    """Every colour of [theme] can be read as it was given."""
    for fault in palette.contrast_faults(mail.theme):
        told = f"{fault.one} on {fault.other} is {fault.ratio:.1f} to 1, and text needs {fault.least:g}"
        shown = f"the mail shows {fault.used} instead; " if fault.used != fault.one else ""
        otherwise = "our own is taken" if fault.key == "accent" else "it is derived"
        fix = f"{shown}make it differ more from what it stands on, or leave it out and {otherwise}"
        yield Fault(Setting(("theme", fault.key)), told, fix)


def contrast(mail: Mail) -> Iterator[Fault]:
    """Every text stands out from its ground by 4.5 to 1, large text by 3 to 1, light and dark."""
    # what the theme cannot help is told by its own check
    told = {(fault.other, fault.used) for fault in palette.contrast_faults(mail.theme)}
    for piece in inked(mail.html):
        for mode, shade in (("", piece.light), (" in dark mode", piece.dark)):
            pair = (shade.ink, shade.ground)
            ratio = _too_low(shade)
            if ratio and pair not in told:
                told.add(pair)
                text = f'"{piece.text[:40]}" stands {shade.ink} on {shade.ground}{mode}: {ratio:.1f} to 1'
                need = LEAST_LARGE if shade.large else LEAST
                yield Fault(Said(piece.text), text, f"at least {need:g} to 1 can be read by most people")


def unchanging(mail: Mail) -> Iterator[Fault]:
    """No pure black or white that dark mode cannot change."""
    told: set[str] = set()
    for piece in inked(mail.html):
        if piece.pure and piece.pure not in told:
            told.add(piece.pure)
            text = f'"{piece.text[:40]}" has a fixed {piece.pure}: dark mode does not change it'
            yield Fault(Said(piece.text), text, "give it a rule in @media (prefers-color-scheme: dark)")


def _too_low(shade: Shade) -> float:
    """The contrast where it is too low; 0 where it is good, or not known."""
    if not shade.ink or not shade.ground:
        return 0
    found = palette.contrast(shade.ink, shade.ground)
    return 0 if found >= (LEAST_LARGE if shade.large else LEAST) else found
