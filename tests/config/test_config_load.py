"""A right config.toml is read whole: defaults filled in, paths resolved, secrets kept."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from newsletter.config import load, reference
from newsletter.config.loading import load as load_with
from newsletter.config.schema import TABLES, Config, keys
from newsletter.config.values import Mailbox, duration, duration_text, mailbox
from newsletter.errors import ConfigError, PluginError

REPOSITORY = Path(__file__).resolve().parents[2]
SMALL = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example/"

[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
"""


def loaded(folder: Path, text: str, **environ: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load(path, environ)


def test_the_example_at_the_top_is_right() -> None:
    config = load(REPOSITORY / "config.toml", {})
    weekly = config.newsletters["weekly"]
    assert (config.site.name, config.site.timezone) == ("The Slow Post", "Europe/Copenhagen")
    assert (str(weekly.from_), weekly.schedule) == ("Ida Vang <ida@slowpost.example>", "mon 09:00")
    assert config.content_dir == REPOSITORY / "content"
    assert config.sender.revealed() == {"host": "localhost", "port": 1025, "security": "starttls"}


def test_what_the_example_offers_behind_a_hash_is_right_too(tmp_path: Path) -> None:
    lines = (REPOSITORY / "config.toml").read_text("utf-8").splitlines()
    offered = [line.removeprefix("# ") if line.startswith("# ") and " = " in line else line for line in lines]
    assert sum(a != b for a, b in zip(lines, offered, strict=True)) >= 5
    config = loaded(tmp_path, "\n".join(offered), NEWSLETTER_SENDER__PASSWORD="x")
    assert config.web.public_url.startswith("https://")


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    config = loaded(tmp_path, SMALL)
    weekly = config.newsletters["weekly"]
    assert (weekly.title, weekly.timezone) == ("The Slow Post", "UTC")
    assert weekly.list_id == "weekly.slowpost.example"
    assert weekly.unsubscribe_mailto == "ida@slowpost.example"
    assert config.mail_from("weekly") == "ida@slowpost.example"
    assert (weekly.max_items, weekly.min_items, weekly.overflow, weekly.images) == (7, 1, "carry", "auto")
    assert weekly.stale_after == timedelta(hours=24)
    assert (config.sender.name, config.sender.connections, config.sender.window) == ("smtp", 4, 16)
    assert (config.web.host, config.web.port) == ("127.0.0.1", 8765)


def test_what_is_said_wins_over_what_would_be_filled_in(tmp_path: Path) -> None:
    said = (
        'title = "Sunday"\ntimezone = "Asia/Tokyo"\nlist_id = "a.b"\nunsubscribe_mailto = "out@x.example"\n'
    )
    config = loaded(tmp_path, SMALL + said + '[sender]\nmail_from = "bounces@x.example"\n')
    weekly = config.newsletters["weekly"]
    assert (weekly.title, weekly.timezone, weekly.list_id) == ("Sunday", "Asia/Tokyo", "a.b")
    assert (weekly.unsubscribe_mailto, config.mail_from("weekly")) == ("out@x.example", "bounces@x.example")


def test_paths_begin_at_the_folder_of_the_file(tmp_path: Path) -> None:
    config = loaded(tmp_path, SMALL + '[content]\ndir = "../posts"\n[store]\npath = "/var/lib/n.db"\n')
    assert config.root == tmp_path
    assert config.content_dir == tmp_path / "../posts"
    assert config.template_dirs == (tmp_path / "templates",)
    assert config.subscribers_dir == tmp_path / "subscribers"
    assert config.store_path == Path("/var/lib/n.db")


def test_addresses_of_sites_lose_their_last_slash(tmp_path: Path) -> None:
    config = loaded(tmp_path, SMALL + '[web]\npublic_url = "http://localhost:8765/"\n')
    assert (config.site.base_url, config.web.public_url) == (
        "https://slowpost.example",
        "http://localhost:8765",
    )


def test_a_short_colour_is_written_out(tmp_path: Path) -> None:
    assert loaded(tmp_path, SMALL + '[theme]\naccent = "#0b6"\n').theme.accent == "#00bb66"


def test_a_file_saved_by_other_editors_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode() + b"schedul = 3\r\n")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value) == f'{path}:8: newsletters.weekly.schedul: unknown key, did you mean "schedule"?'


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="newsletter init"):
        load(tmp_path / "config.toml", {})


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


@pytest.mark.parametrize("text", ["a = " + "[" * 9999, "a = " + "9" * 5000, "a" + ".a" * 2000, "[[["])
def test_a_hostile_file_is_a_mistake_like_any_other(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml:1: "):
        loaded(tmp_path, text)


def test_nothing_can_be_changed_afterwards(tmp_path: Path) -> None:
    config = loaded(tmp_path, SMALL)
    with pytest.raises(ValidationError):
        config.site.name = "Other"
    with pytest.raises(TypeError):
        config.newsletters["other"] = config.newsletters["weekly"]  # type: ignore[index]
    with pytest.raises(TypeError):
        config.sender.options["host"] = "x"  # type: ignore[index]


# ── secrets ─────────────────────────────────────────────────────────────────

SECRETS = SMALL + (
    '[sender]\nusername = "ida"\npassword = "hunter2"\n[web]\nsecret_key = "correct-horse"\n'
    "[newsletters.secret-santa]\nfrom = 'ida@slowpost.example'\n"
)


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    config = loaded(tmp_path, SECRETS)
    shown = (
        repr(config),
        str(config),
        repr(config.sender),
        str(config.masked()),
        repr(config.sender.options),
    )
    assert [text for text in shown if "hunter2" in text or "correct-horse" in text] == []


def test_secrets_reach_the_sender(tmp_path: Path) -> None:
    config = loaded(tmp_path, SECRETS)
    assert config.sender.revealed() == {"username": "ida", "password": "hunter2"}
    assert config.web.secret_key.get_secret_value() == "correct-horse"


def test_the_masked_form_shows_all_else(tmp_path: Path) -> None:
    masked = loaded(tmp_path, SECRETS).masked()
    assert masked["sender"] == {
        "name": "smtp", "mail_from": "", "verp": False, "connections": 4, "window": 16,
            "rate": "", "domain_rates": {},
        "username": "ida", "password": "********",
    }  # fmt: skip
    assert masked["web"]["secret_key"] == "********"
    assert masked["newsletters"]["weekly"]["from"] == "Ida Vang <ida@slowpost.example>"
    assert masked["newsletters"]["weekly"]["stale_after"] == "24h"
    assert masked["newsletters"]["secret-santa"]["max_items"] == 7


def test_each_value_knows_where_it_comes_from(tmp_path: Path) -> None:
    config = loaded(tmp_path, SECRETS, NEWSLETTER_SENDER__USERNAME="eva")
    origins = config.masked_origins()
    assert origins["site"]["name"] == f"{tmp_path}/config.toml:3"
    assert origins["sender"]["username"] == "NEWSLETTER_SENDER__USERNAME"
    assert origins["sender"]["window"] == config.origin("sender", "window") == "default"


# ── senders ─────────────────────────────────────────────────────────────────


class Pigeon:
    """A sender as someone else might write it."""

    def __init__(
        self, loft: str, *, speed: float = 60.0, rings: int | None = None,
        mood: Literal["calm", "wild"] = "calm", api_key: str = "", tags: tuple[str, ...] = (),
        log: Pigeon | None = None,
    ) -> None: ...  # fmt: skip


class Anything:
    """A sender that takes options of any name."""

    def __init__(self, **options: object) -> None: ...


def with_sender(folder: Path, table: str, sender: type = Pigeon, **environ: str) -> Config:
    path = folder / "config.toml"
    path.write_text(f'{SMALL}[sender]\nname = "it"\n{table}', "utf-8")
    return load_with(path, environ, lambda name: sender)


def test_a_sender_gets_the_options_that_it_takes(tmp_path: Path) -> None:
    config = with_sender(tmp_path, 'loft = "x"\nspeed = 7\nrings = 2\nmood = "wild"\napi_key = "k"\n')
    assert config.sender.revealed() == {"loft": "x", "speed": 7, "rings": 2, "mood": "wild", "api_key": "k"}
    assert "'k'" not in repr(config)


BAD_OPTIONS: dict[str, tuple[str, str]] = {
    "missing": ("speed = 1", '8: sender.loft: missing, the sender "it" needs it'),
    "misspelt": ('lfot = "x"', '10: sender.lfot: unknown key, did you mean "loft"?'),
    "near a shared key": (
        'loft = ""\nwindows = 3', '11: sender.windows: unknown key, did you mean "window"?'
    ),
    "a number": ('loft = ""\nspeed = "fast"', '11: sender.speed: should be a number, got "fast"'),
    "perhaps a number": ('loft = ""\nrings = "x"', '11: sender.rings: should be a whole number, got "x"'),
    "a word": (
        'loft = ""\nmood = "wld"',
        '11: sender.mood: should be "calm" or "wild", got "wld", did you mean "wild"?',
    ),
    "a list": ('loft = ""\ntags = [1]', '11: sender.tags: should be text in quotes, got 1'),
}  # fmt: skip


@pytest.mark.parametrize(("table", "expected"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_an_option_that_does_not_fit_is_named(tmp_path: Path, table: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_sender(tmp_path, table)
    assert str(caught.value) == f"{tmp_path}/config.toml:{expected}"


def test_a_sender_checks_types_of_its_own_itself(tmp_path: Path) -> None:
    config = with_sender(tmp_path, 'loft = "x"\ntags = ["a", "b"]\nlog = "home"\n')
    assert config.sender.revealed() == {"loft": "x", "tags": ("a", "b"), "log": "home"}


def test_a_sender_may_take_anything(tmp_path: Path) -> None:
    config = with_sender(tmp_path, 'x = 1\ntokens = ["a"]\n', Anything, NEWSLETTER_SENDER__Y_TOKEN="z")
    assert config.sender.revealed() == {"x": 1, "tokens": ("a",), "y_token": "z"}
    assert "'a'" not in repr(config) and "'z'" not in repr(config)


def test_a_sender_that_is_not_there_is_one_mistake(tmp_path: Path) -> None:
    def nowhere(name: str) -> type:
        raise PluginError(f"no sender called {name}")

    path = tmp_path / "config.toml"
    path.write_text(f'{SMALL}[sender]\nname = "ghost"\nx = 1\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_with(path, {"NEWSLETTER_SENDER__Z": "1"}, nowhere)
    assert str(caught.value) == f"{path}:9: sender.name: no sender called ghost"


# ── one value ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ida@x.example", Mailbox("", "ida@x.example")),
        ("<ida@x.example>", Mailbox("", "ida@x.example")),
        (" Ida Vang  <ida@x.example> ", Mailbox("Ida Vang", "ida@x.example")),
        ('"Vang, Ida" <ida+n@x.example>', Mailbox("Vang, Ida", "ida+n@x.example")),
        ("Idå Vång <ida@xn--blbr-roah.example>", Mailbox("Idå Vång", "ida@xn--blbr-roah.example")),
    ],
)
def test_a_mailbox_is_read_and_written_back(text: str, expected: Mailbox) -> None:
    assert mailbox(text) == expected
    assert mailbox(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ida",
        "a@b@c",
        "Ida <a@b> <c@d>",
        "<>",
        "a b@c.d",
        ".a@b.c",
        "a@-b.c",
        f"{'a' * 65}@b.c",
        "a@b\n.c",
    ],
)
def test_what_is_no_mailbox_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="should be"):
        mailbox(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("15m", timedelta(minutes=15)),
        ("36h", timedelta(hours=36)),
        ("3d", timedelta(days=3)),
        ("90s", timedelta(seconds=90)),
    ],
)
def test_a_time_span_is_read_and_written_back(text: str, span: timedelta) -> None:
    assert duration(text) == span
    assert duration(duration_text(span)) == span


def test_the_reference_names_every_key() -> None:
    page = reference()
    named = {(title, key) for title, table in TABLES.items() for key in keys(table)}
    told: set[Any] = set()
    title = ""
    for line in page.splitlines():
        title = line[5:-2] if line.startswith("## `[") else title
        if line.startswith("| `") and title:
            told.add((title, line.split("`")[1]))
            assert len(line.split(" | ")) == 4 and not line.endswith("|  |")
    assert told == named


def test_pydantic_is_imported_only_to_load() -> None:
    code = "import sys, newsletter.config; print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert done.stdout == "False\n"


def test_a_schedule_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml:8: newsletters\.weekly\.schedule: "):
        loaded(tmp_path, SMALL + 'schedule = "now and then"\n')
