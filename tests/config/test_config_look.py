"""What the configuration says about the look and the links arrives where mails are made, or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.config import load, unpack
from newsletter.config.schema import Config
from newsletter.errors import ConfigError
from newsletter.issue.theme import Theme
from newsletter.model import Picture

SMALL = """[site]
name = "The Slow Post"
base_url = "https://slowpost.example/"

[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
"""


def loaded(folder: Path, more: str) -> Config:
    path = folder / "config.toml"
    path.write_text(SMALL + more, "utf-8")
    return load(path, {})


def test_every_key_of_the_theme_arrives(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        """
[theme]
accent = "#111111"
accent_dark = "#222222"
paper = "#333333"
paper_dark = "#444444"
ink = "#555555"
ink_dark = "#666666"
font = "Charter, serif"
font_ui = "Inter"
radius = 9
width = 640
""",
    )
    logo, dark = Picture("cid:a", "", 1, 1), Picture("cid:b", "", 1, 1)
    colours = ("#111111", "#222222", "#333333", "#444444", "#555555", "#666666")
    assert unpack.theme(config, logo, dark) == Theme(*colours, "Charter, serif", "Inter", 9, 640, logo, dark)


def test_what_is_not_said_is_the_default_look(tmp_path: Path) -> None:
    assert unpack.theme(loaded(tmp_path, ""), None, None) == Theme()


@pytest.mark.parametrize("key", ["font", "font_ui"])
@pytest.mark.parametrize("face", ["Open 'Sans'", "Source Sans 3", "x;y", 'a\\"b'])
def test_a_font_that_needs_quotes_is_refused_with_its_line(tmp_path: Path, key: str, face: str) -> None:
    config = loaded(tmp_path, f'\n[theme]\n{key} = "{face}"\n')
    with pytest.raises(ConfigError, match=rf"config\.toml:9: theme\.{key}: .* letters, digits and hyphens"):
        unpack.theme(config, None, None)


def test_link_parameters_arrive_in_order(tmp_path: Path) -> None:
    config = loaded(tmp_path, 'link_params = { utm_source = "{newsletter}", a = "b" }\n')
    assert unpack.site(config, "weekly").link_params == (("utm_source", "{newsletter}"), ("a", "b"))


@pytest.mark.parametrize(
    ("table", "line"),
    [
        pytest.param('link_params = { utm_source = "{newsletter}", b = "{isue}" }\n', 7, id="inline"),
        pytest.param('[newsletters.weekly.link_params]\na = "x"\nb = "{isue}"\n', 9, id="a table of its own"),
    ],
)
def test_an_unknown_placeholder_is_refused_with_its_line(tmp_path: Path, table: str, line: int) -> None:
    config = loaded(tmp_path, table)
    with pytest.raises(
        ConfigError, match=rf"config\.toml:{line}: newsletters\.weekly\.link_params\.b: {{isue}}"
    ):
        unpack.site(config, "weekly")
