"""One accent in, a palette that can be read out."""

from dataclasses import astuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.errors import RenderError
from newsletter.issue.palette import Scheme, contrast, derive

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
