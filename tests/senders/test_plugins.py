"""Plug-ins are found by name, and every mistake about them says how to mend it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from newsletter import plugins
from newsletter.errors import PluginError
from newsletter.model import Envelope
from newsletter.senders import describe, open_sender

TRIAL = """
from __future__ import annotations
from typing import TYPE_CHECKING, Literal
if TYPE_CHECKING:
    from nowhere import Thing

class Trial:
    def __init__(self, place: str, *, size: int = 1, share: float = 0.5, quick: bool = False,
                 mode: Literal["a", "b"] = "a", limit: int | None = None,
                 names: tuple[str, ...] = ()) -> None:
        self.given = (place, size, share, quick, mode, limit, names)

def loose(**anything: object) -> dict[str, object]:
    return anything

def unresolved(thing: Thing, size: int = 1) -> str:
    return "made"

class Plain:
    def send(self, envelope: object, data: bytes) -> None: ...
    def close(self) -> None: ...
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, with one package of plug-ins in it."""
    (tmp_path / "trial_plugins.py").write_text(TRIAL)
    (tmp_path / "broken_plugins.py").write_text("import a_module_that_is_not_there\n")
    install(
        tmp_path,
        "trial-plugins",
        trial="trial_plugins:Trial",
        loose="trial_plugins:loose",
        unresolved="trial_plugins:unresolved",
        plain="trial_plugins:Plain",
        broken="broken_plugins:Sender",
        absent="trial_plugins:Absent",
        twice="trial_plugins:Trial",
    )
    install(tmp_path, "other-plugins", twice="other:Thing")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site: Path, package: str, **entries: str) -> None:
    info = site / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    (info / "entry_points.txt").write_text(f"[newsletter.senders]\n{lines}")


def test_names_are_sorted_and_an_unknown_group_has_none() -> None:
    assert plugins.installed("senders") == tuple(sorted(plugins.installed("senders")))
    assert {"eml", "maildir", "memory", "smtp"} <= set(plugins.installed("senders"))
    assert plugins.installed("kites") == ()


def test_listing_the_names_imports_no_plug_in() -> None:
    program = (
        "import sys; from newsletter.plugins import installed; installed('senders');"
        "print([m for m in sys.modules if m.startswith('newsletter.') and m not in"
        " ('newsletter.plugins', 'newsletter.errors')], 'ssl' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "[] False\n"


def test_an_unknown_name_lists_the_installed_ones_and_guesses() -> None:
    names = ", ".join(plugins.installed("senders"))
    with pytest.raises(PluginError) as caught:
        plugins.load("senders", "smpt")
    assert str(caught.value) == f'no sender called "smpt"; installed: {names}; did you mean "smtp"?'
    with pytest.raises(PluginError, match=r'^no excerpt method called "x"; installed: '):
        plugins.load("excerpts", "x")


def test_a_package_installed_meanwhile_is_found(site: Path) -> None:
    assert "trial" in plugins.installed("senders")


def test_a_plug_in_that_breaks_on_import_is_named_with_its_package(site: Path) -> None:
    with pytest.raises(PluginError) as caught:
        plugins.load("senders", "broken")
    assert str(caught.value) == (
        'sender "broken" (trial-plugins, broken_plugins:Sender) cannot be loaded: '
        "ModuleNotFoundError: No module named 'a_module_that_is_not_there'"
    )
    with pytest.raises(PluginError, match=r'"absent" \(trial-plugins, .*AttributeError'):
        plugins.load("senders", "absent")


def test_two_packages_with_one_name_are_not_guessed_between(site: Path) -> None:
    with pytest.raises(PluginError, match=r"is installed by other-plugins, other:Thing and trial-plugins, "):
        plugins.load("senders", "twice")


def test_options_are_what_a_factory_takes_by_keyword(site: Path) -> None:
    taken = plugins.options(plugins.load("senders", "trial"))
    assert list(taken) == ["place", "size", "share", "quick", "mode", "limit", "names"]
    assert taken["size"].annotation is int
    assert taken["size"].default == 1


@pytest.mark.parametrize(
    "given",
    [
        {"place": "x"},
        {"place": "x", "size": 2, "share": 1, "quick": True, "mode": "b", "limit": 3},
        {"place": "x", "share": 0.25, "limit": None, "names": ("a",)},
    ],
)
def test_right_options_are_passed_on(site: Path, given: dict[str, object]) -> None:
    made = plugins.make("senders", "trial", given)
    assert set(given.values()) <= set(made.given)


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({}, '[sender]: trial needs "place"'),
    ({"place": 1}, '[sender]: "place" must be text, not a whole number'),
    ({"place": "x", "size": "2"}, '[sender]: "size" must be a whole number, not text'),
    ({"place": "x", "size": True}, '[sender]: "size" must be a whole number, not true or false'),
    ({"place": "x", "size": 2.0}, '[sender]: "size" must be a whole number, not a number'),
    ({"place": "x", "share": "half"}, '[sender]: "share" must be a number, not text'),
    ({"place": "x", "quick": 1}, '[sender]: "quick" must be true or false, not a whole number'),
    ({"place": "x", "mode": "c"}, '[sender]: "mode" must be "a" or "b", not text'),
    ({"place": "x", "limit": "3"}, '[sender]: "limit" must be a whole number, not text'),
    ({"place": "x", "limit": [3]}, '[sender]: "limit" must be a whole number, not a list'),
    (
        {"plaec": "x", "size": "2"},
        '[sender]: trial takes no "plaec" (place, size, share, quick, mode, limit, names);'
        ' did you mean "place"?\n[sender]: trial needs "place"\n'
        '[sender]: "size" must be a whole number, not text',
    ),
)


@pytest.mark.parametrize(("given", "says"), WRONG, ids=[str(given) for given, _ in WRONG])
def test_wrong_options_are_all_told_at_once(site: Path, given: dict[str, object], says: str) -> None:
    with pytest.raises(PluginError) as caught:
        plugins.make("senders", "trial", given)
    assert str(caught.value) == says


def test_a_wrong_value_is_never_repeated_for_it_may_be_a_password() -> None:
    with pytest.raises(PluginError) as caught:
        open_sender("smtp", {"username": "news", "password": ["hunter2"], "security": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_factory_that_takes_anything_gets_anything(site: Path) -> None:
    assert plugins.make("senders", "loose", {"x": 1}) == {"x": 1}


def test_annotations_that_cannot_be_resolved_are_left_to_the_plug_in(site: Path) -> None:
    assert plugins.make("senders", "unresolved", {"thing": 3}) == "made"


def test_a_sender_without_send_and_close_is_none(site: Path) -> None:
    with pytest.raises(PluginError, match=r"needs the methods send\(\) and close\(\)"):
        open_sender("trial", {"place": "x"})


def test_a_sender_that_says_nothing_of_itself_is_called_by_its_class(site: Path) -> None:
    sender = open_sender("plain", {})
    assert describe(sender) == "Plain"
    assert sender.send(Envelope("", "a@b.test"), b"") is None
