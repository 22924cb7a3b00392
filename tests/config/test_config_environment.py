"""What the environment says wins over the file, and is checked like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.config import load
from newsletter.config.schema import Config
from newsletter.errors import ConfigError

TEXT = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
max_items = 5
[newsletters.far-away]
from = "Ida Vang <ida@slowpost.example>"
[sender]
port = 25
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT, "utf-8")
    return path


def said(file: Path, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(file, environ)
    return str(caught.value)


def value(config: Config, *key: str) -> object:
    found: object = config.masked()
    for part in key:
        assert isinstance(found, dict)
        found = found[part]
    return found


WEEKLY = "NEWSLETTER_NEWSLETTERS__WEEKLY__"
FAR_AWAY = "NEWSLETTER_NEWSLETTERS__FAR_AWAY__"

SET = {
    "text": ("NEWSLETTER_SITE__NAME", "42", ("site", "name"), "42"),
    "a whole number": (f"{WEEKLY}MAX_ITEMS", " 9 ", ("newsletters", "weekly", "max_items"), 9),
    "a hyphen": (f"{FAR_AWAY}MIN_ITEMS", "3", ("newsletters", "far-away", "min_items"), 3),
    "from": (f"{WEEKLY}FROM", "a@b.example", ("newsletters", "weekly", "from"), "a@b.example"),
    "a list with commas": ("NEWSLETTER_CONTENT__EXCLUDE", "a/**, b", ("content", "exclude"), ["a/**", "b"]),
    "a list as TOML": ("NEWSLETTER_CONTENT__EXCLUDE", '["a,b"]', ("content", "exclude"), ["a,b"]),
    "a time span": (f"{WEEKLY}STALE_AFTER", "2d", ("newsletters", "weekly", "stale_after"), "48h"),
    "an option of the sender": ("NEWSLETTER_SENDER__PORT", "587", ("sender", "port"), 587),
    "a number with a fraction": ("NEWSLETTER_SENDER__TIMEOUT", "2.5", ("sender", "timeout"), 2.5),
    "the version": ("NEWSLETTER_CONFIG_VERSION", "1", ("config_version",), 1),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "key", "expected"), SET.values(), ids=SET)
def test_a_variable_wins_over_the_file(
    file: Path, name: str, text: str, key: tuple[str, ...], expected: object
) -> None:
    config = load(file, {name: text, "HOME": "/", "NEWSLETTER_CONFIG": str(file)})
    assert value(config, *key) == expected
    assert config.origin(*key) == name


def test_the_file_wins_over_the_default(file: Path) -> None:
    assert load(file, {}).newsletters["weekly"].max_items == 5


def test_a_secret_may_come_from_a_file_less_one_line_break(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_bytes(b" hunter2\n\n")
    config = load(file, {"NEWSLETTER_SENDER__PASSWORD_FILE": str(secret)})
    assert config.sender.revealed() == {"port": 25, "password": " hunter2\n"}
    assert config.origin("sender", "password") == "NEWSLETTER_SENDER__PASSWORD_FILE"


def test_an_option_that_ends_in_file_is_itself(file: Path) -> None:
    config = load(file, {"NEWSLETTER_SENDER__CA_FILE": "/etc/ca.pem"})
    assert config.sender.revealed()["ca_file"] == "/etc/ca.pem"


def test_the_sender_itself_may_come_from_the_environment(file: Path, tmp_path: Path) -> None:
    file.write_text(TEXT.replace("port = 25", ""), "utf-8")
    given = {"NEWSLETTER_SENDER__NAME": "maildir", "NEWSLETTER_SENDER__PATH": "inbox"}
    config = load(file, given)
    assert (config.sender.name, config.sender.revealed()) == ("maildir", {"path": "inbox"})


WRONG = {
    "a wrong type": (
        {"NEWSLETTER_SENDER__PORT": "abc"},
        'NEWSLETTER_SENDER__PORT: sender.port: should be a whole number, got "abc"',
    ),
    "out of range": (
        {f"{WEEKLY}MAX_ITEMS": "99"},
        f"{WEEKLY}MAX_ITEMS: newsletters.weekly.max_items: should be at most 50, got 99",
    ),
    "a misspelt key": (
        {"NEWSLETTER_SENDER__PASWORD": "hunter2"},
        'NEWSLETTER_SENDER__PASWORD: unknown variable, did you mean "NEWSLETTER_SENDER__PASSWORD"?',
    ),
    "a misspelt key of a file": (
        {"NEWSLETTER_SENDER__PASWORD_FILE": "hunter2"},
        'NEWSLETTER_SENDER__PASWORD_FILE: unknown variable, did you mean "NEWSLETTER_SENDER__PASSWORD_FILE"?',
    ),
    "one underscore too few": (
        {"NEWSLETTER_SENDER_PASSWORD": "hunter2"},
        'NEWSLETTER_SENDER_PASSWORD: unknown variable, did you mean "NEWSLETTER_SENDER__PASSWORD"?',
    ),
    "a newsletter that is not there": (
        {"NEWSLETTER_NEWSLETTERS__WEKLY__MAX_ITEMS": "3"},
        "NEWSLETTER_NEWSLETTERS__WEKLY__MAX_ITEMS: unknown variable, "
        'did you mean "NEWSLETTER_NEWSLETTERS__WEEKLY__MAX_ITEMS"?',
    ),
    "nothing known": ({"NEWSLETTER_X": "3"}, "NEWSLETTER_X: unknown variable"),
    "a file that is not there": (
        {"NEWSLETTER_SENDER__PASSWORD_FILE": "/nowhere/x"},
        "NEWSLETTER_SENDER__PASSWORD_FILE: sender.password: "
        'cannot read the file "/nowhere/x": No such file or directory',
    ),
    "set twice": (
        {"NEWSLETTER_SENDER__PASSWORD": "a", "NEWSLETTER_SENDER__PASSWORD_FILE": "/nowhere/x"},
        "NEWSLETTER_SENDER__PASSWORD_FILE: sender.password: "
        "is set twice, here and in NEWSLETTER_SENDER__PASSWORD; keep one of them",
    ),
    "a broken list": (
        {"NEWSLETTER_CONTENT__INCLUDE": "[a"},
        'NEWSLETTER_CONTENT__INCLUDE: content.include: should be a list such as ["one", "two"], got "[a"',
    ),
    "an element of a list": (
        {"NEWSLETTER_CONTENT__INCLUDE": '["a", 1]'},
        "NEWSLETTER_CONTENT__INCLUDE: content.include[1]: should be text in quotes, got 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("environ", "expected"), WRONG.values(), ids=WRONG)
def test_a_mistake_names_its_variable(file: Path, environ: dict[str, str], expected: str) -> None:
    assert said(file, **environ) == expected


def test_mistakes_of_file_and_environment_are_told_together(file: Path) -> None:
    file.write_text(TEXT.replace("port = 25", "prot = 25"), "utf-8")
    told = said(file, NEWSLETTER_WEB__BIND="8765", NEWSLETTER_SITE__LANGUAGE="x")
    assert [line.split(": ")[0] for line in told.splitlines()] == [
        f"{file}:11", "NEWSLETTER_SITE__LANGUAGE", "NEWSLETTER_WEB__BIND",
    ]  # fmt: skip


def test_a_required_value_may_come_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[site]\nname = "x"\n[newsletters.weekly]\n', "utf-8")
    given = {
        "NEWSLETTER_SITE__BASE_URL": "https://x.example",
        "NEWSLETTER_NEWSLETTERS__WEEKLY__FROM": "a@x.example",
    }
    assert load(path, given).newsletters["weekly"].from_.address == "a@x.example"


def test_secrets_of_the_environment_are_never_repeated(file: Path) -> None:
    told = said(file, NEWSLETTER_SENDER__PASSWORD="hunter2", NEWSLETTER_SENDER__PORT="x")
    assert "hunter2" not in told
