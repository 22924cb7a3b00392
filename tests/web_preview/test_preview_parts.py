"""The small parts: the copy in the frame, addresses of views, mistakes and their lines; and how it ends."""

import urllib.request
from pathlib import Path

import pytest

from newsletter.errors import ConfigError, RenderError
from newsletter.web.preview.faults import faults
from newsletter.web.preview.frame import framed
from newsletter.web.preview.views import View
from tests.web_preview.conftest import previewed

OURS = "<style data-preview>html{overflow-anchor:none}</style>"


def view(**asked: str) -> View:
    return View.of_request("/n/weekly", "", asked)


def shown(mail: str, /, **asked: str) -> str:
    return framed(mail, view(**asked), "http://here/part/", {"a.png"}, "https://news.example/media").replace(
        OURS, ""
    )


@pytest.mark.parametrize(
    ("mail", "scheme", "wanted"),
    [
        (
            "<style>@media (prefers-color-scheme: dark){a{}}</style>",
            "dark",
            "<style>@media (min-width:0){a{}}</style>",
        ),
        (
            "<style>@media (prefers-color-scheme:dark){a{}}</style>",
            "light",
            "<style>@media (max-width:0){a{}}</style>",
        ),
        ("<style>:root{color-scheme:light dark}</style>", "dark", "<style>:root{color-scheme: dark}</style>"),
        ('<source media="(prefers-color-scheme: dark)">', "dark", '<source media="(min-width:0)">'),
        ("<p>(prefers-color-scheme: dark)</p>", "dark", "<p>(prefers-color-scheme: dark)</p>"),
        (
            '<meta name="color-scheme" content="light dark">',
            "dark",
            '<meta name="color-scheme" content="dark">',
        ),
    ],
    ids=["rule on", "rule off", "root", "source", "text stays", "meta"],
)
def test_the_scheme_is_decided_in_rules_and_not_in_words(mail: str, scheme: str, wanted: str) -> None:
    assert shown(mail, mail=scheme) == wanted


@pytest.mark.parametrize(
    ("mail", "wanted"),
    [
        ('<img src="cid:a.png@x.example">', '<img src="http://here/part/a.png">'),
        ('<img src="cid:b.png@x.example">', '<img src="cid:b.png@x.example">'),
        ('<img src="https://news.example/media/a.png">', '<img src="http://here/part/a.png">'),
        ('<img src="https://elsewhere.example/a.png">', '<img src="https://elsewhere.example/a.png">'),
        ("<head><title>T", '<head><base target="_blank"><title>T'),
    ],
    ids=["travels", "unknown", "hosted", "elsewhere", "links open a tab"],
)
def test_pictures_come_from_us(mail: str, wanted: str) -> None:
    assert shown(mail) == wanted


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ({}, "/n/weekly"),
        ({"w": "375", "mail": "dark"}, "/n/weekly?w=375&mail=dark"),
        ({"w": "0"}, "/n/weekly?w=200"),
        ({"w": "x", "mail": "<b>", "images": "maybe", "as": "1; drop", "of": "../"}, "/n/weekly"),
        ({"find": "a&b=c"}, "/n/weekly?find=a%26b%3Dc"),
    ],
)
def test_an_address_says_what_is_not_ordinary(asked: dict[str, str], address: str) -> None:
    assert View.of_request("/n/weekly", "", asked).address() == address


def test_lines_are_quoted_from_the_project_only_and_without_secrets(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "templates").mkdir(parents=True)
    (tmp_path / "outside.txt").write_text("one\ntwo\n")
    (root / "templates" / "way-out.txt").symlink_to(tmp_path / "outside.txt")
    (root / "config.toml").write_text('[sender]\npassword = "hunter2"\nport = "x"\n')
    (inside,) = faults(ConfigError(f"{root / 'config.toml'}:3: sender.port: should be a number"), root, ())
    assert (inside.kind, inside.place) == ("Configuration", "config.toml:3")
    assert [line.text for line in inside.lines] == ["[sender]", "password = …", "port = …"]
    assert [line.number for line in inside.lines if line.hit] == [3]
    for path in ("../outside.txt", str(tmp_path / "outside.txt"), "way-out.txt", "nobody.txt"):
        (outside,) = faults(RenderError(f"{path}:1: wrong"), root, (root / "templates",))
        assert outside.lines == ()


def test_a_file_with_a_colon_and_a_number_in_its_name_is_known_by_being_there(tmp_path: Path) -> None:
    (tmp_path / "own:12: x.mjml.j2").write_text("one\ntwo\n")

    (found,) = faults(RenderError("own:12: x.mjml.j2:2: no such tag: b"), tmp_path, ())

    assert (found.place, found.text) == ("own:12: x.mjml.j2:2", "no such tag: b")
    assert [line.text for line in found.lines if line.hit] == ["two"]


def test_it_ends_while_pages_listen(tmp_path: Path) -> None:
    with previewed(tmp_path) as house:
        listening = urllib.request.urlopen(f"{house.url}/events", timeout=30)
        assert listening.readline() == b"retry: 300\n"
    assert listening.read().endswith(b"\n")
