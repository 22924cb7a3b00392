"""One accent in, a palette that can be read out."""

from dataclasses import astuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.errors import RenderError
from newsletter.issue.palette import ContrastFault, Palette, Scheme, contrast, contrast_faults
from newsletter.issue.palette import derive as derive_theme
from newsletter.issue.theme import Theme

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
accents = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(accents)
@example("#000000")
@example("#ffffff")
@example("#ffff00")
@example("#0000ff")
@example("#ff00ff")
def test_any_accent_gives_text_that_can_be_read_on_every_ground(accent: str) -> None:
    for scheme in schemes(accent):
        for text in (scheme.ink, scheme.text, scheme.soft, scheme.accent):
            assert contrast(text, scheme.paper) >= 4.5
            assert contrast(text, scheme.panel) >= 4.5
        assert contrast(scheme.on, scheme.accent) >= 4.5


def derive(accent: str) -> Palette:
    return derive_theme(Theme(accent=accent))


def schemes(accent: str) -> tuple[Scheme, Scheme]:
    palette = derive(accent)
    return palette.light, palette.dark


def test_an_accent_that_reads_is_kept_as_it_is() -> None:
    assert derive("#0B6B5E").light.accent == "#0B6B5E"
    assert derive("#0b6b5e") == derive("#0B6B5E")


def test_three_digits_mean_six() -> None:
    assert derive("#a3c") == derive("#AA33CC")


def test_the_paper_does_not_follow_the_accent() -> None:
    assert {derive(accent).light.paper for accent in ("#000", "#F00", "#FFF")} == {"#FCFAF6"}


def test_black_on_white_is_twenty_one() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21.0


@pytest.mark.parametrize("accent", ["", "red", "0B6B5E", "#0B6B5", "#0B6B5E;}", "#GGGGGG"])
def test_what_is_no_colour_is_refused_by_name(accent: str) -> None:
    with pytest.raises(RenderError, match=r"accent .* is not a colour"):
        derive(accent)


def test_every_colour_is_six_digits() -> None:
    colours = [colour for scheme in astuple(derive("#B23A2E")) for colour in scheme]
    assert all(len(colour) == 7 and colour.startswith("#") for colour in colours)


# ── what is given ───────────────────────────────────────────────────────────


def test_colours_that_can_be_read_are_kept_as_they_are() -> None:
    theme = Theme(
        accent="#B23A2E",
        accent_dark="#FF9A8A",
        paper="#FFFFFF",
        paper_dark="#101418",
        ink="#102030",
        ink_dark="#E8F0F8",
    )
    palette = derive_theme(theme)
    light, dark = palette.light, palette.dark
    assert (light.accent, light.paper, light.ink) == ("#B23A2E", "#FFFFFF", "#102030")
    assert (dark.accent, dark.paper, dark.ink) == ("#FF9A8A", "#101418", "#E8F0F8")
    assert contrast_faults(theme) == ()


@given(colours, colours, colours, colours, colours, colours)
@example("#ffff00", "#000000", "#ffffff", "#777777", "#777777", "#777777")
def test_whatever_is_given_is_readable_or_told(
    accent: str, accent_dark: str, paper: str, paper_dark: str, ink: str, ink_dark: str
) -> None:
    theme = Theme(
        accent=accent,
        accent_dark=accent_dark,
        paper=paper,
        paper_dark=paper_dark,
        ink=ink,
        ink_dark=ink_dark,
    )
    palette = derive_theme(theme)
    told = {fault.key for fault in contrast_faults(theme)}
    for key, scheme in (("paper", palette.light), ("paper_dark", palette.dark)):
        texts = (scheme.ink, scheme.text, scheme.soft, scheme.accent)
        least = min(contrast(text, ground) for text in texts for ground in (scheme.paper, scheme.panel))
        assert (least < 4.5) == (key in told)
        assert contrast(scheme.on, scheme.accent) >= 4.5


def test_a_colour_that_had_to_be_moved_is_told_with_what_the_mail_shows() -> None:
    theme = Theme(accent="#FFD400", ink_dark="#333")
    light, dark = derive_theme(theme).light, derive_theme(theme).dark
    assert contrast_faults(theme) == (
        ContrastFault("accent", "#FFD400", light.paper, 1.37, 4.5, light.accent),
        ContrastFault("ink_dark", "#333333", dark.paper, 1.42, 4.5, dark.ink),
    )
    assert contrast(light.accent, light.paper) >= 4.5 <= contrast(dark.ink, dark.paper)


def test_a_dark_paper_for_light_mode_has_light_ink() -> None:
    light = derive_theme(Theme(paper="#101010")).light
    assert contrast(light.ink, "#101010") > 12


@pytest.mark.parametrize("key", ["accent_dark", "paper", "paper_dark", "ink", "ink_dark"])
def test_every_colour_of_the_theme_is_looked_at(key: str) -> None:
    with pytest.raises(RenderError, match=rf"{key} 'red' is not a colour"):
        derive_theme(Theme(**{key: "red"}))
