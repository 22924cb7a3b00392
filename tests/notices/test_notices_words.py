"""What a notice says: in every language, whatever the words of others in it are."""

from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.letters import NOTICE, render_letter
from newsletter.issue.lint import lint
from newsletter.issue.notices import SAMPLE, Notice, What, told
from newsletter.issue.slots import fill, fill_html, names
from newsletter.issue.theme import Site, Theme
from newsletter.issue.words import words_for
from newsletter.model import Rendered

LOADER = jinja2.FileSystemLoader(Path(__file__).parents[2] / "templates")
SITE = Site("The Slow Post", "https://slowpost.example", "", "Quay 4", "Europe/Oslo")
AT = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Oslo"))
ID = "weekly-2026-11-23"
EACH = {
    "skipped": Notice(What.SKIPPED, ID, "weekly", AT, reason="nothing new", older=2),
    "approval": SAMPLE,
    "paused": Notice(What.PAUSED, ID, "weekly", AT, ID, "Snail", "550 no", sent=1, waiting=2, until=AT),
    "one in doubt": Notice(What.IN_DOUBT, ID, "weekly", AT, ID, "Snail", sent=1200, in_doubt=1),
    "in doubt": Notice(What.IN_DOUBT, ID, "weekly", AT, ID, "Snail", in_doubt=16),
    "late": Notice(What.LATE, ID, "weekly", AT, ID, "S", late=timedelta(hours=26)),
    "late, asks": Notice(What.LATE, ID, "weekly", AT, ID, "S", late=timedelta(3), asks=True, hash="a" * 64)
}  # fmt: skip
EVERY = tuple(product(EACH, ("en", "de", "ar", "ja", "fr")))


def rendered(notice: Notice, language: str = "en") -> Rendered:
    return render_letter(
        NOTICE,
        language=language,
        title="The Slow Post",
        site=SITE,
        theme=Theme(),
        loader=LOADER,
        notice=notice,
    )


def test_the_list_of_samples_has_every_kind() -> None:
    assert {notice.what for notice in EACH.values()} == set(What)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_commands_are_the_same_in_every_language_and_on_one_line(kind: str, language: str) -> None:
    made = rendered(EACH[kind], language)
    lines = [command.line for command in told(EACH[kind], "T", words_for("en")).commands]
    assert [line[4:] for line in made.frame_text.splitlines() if line.startswith("    ")] == lines


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_nothing_is_left_open_and_nothing_is_to_lint(kind: str, language: str) -> None:
    made = rendered(EACH[kind], language)
    assert names(made.frame_html) | names(made.frame_text) == set()
    assert list(lint(made.mjml)) == []
    assert (made.frame_html.count("<h1"), made.blocks) == (1, ())


@pytest.mark.parametrize("kind", EACH)
def test_a_translated_notice_has_no_english_sentence(kind: str) -> None:
    english, german = (told(EACH[kind], "T", words_for(language)) for language in ("en", "de"))
    for one, other in ((english.headline, german.headline), (english.opening, german.opening)):
        assert one != other
    assert {c.purpose for c in english.commands} & {c.purpose for c in german.commands} == set()


def test_a_subject_of_english_words_is_ascii() -> None:
    assert [kind for kind, notice in EACH.items() if not rendered(notice).subject.isascii()] == []


SUBJECTS = {
    "skipped": "Skipped: The Slow Post, Monday 23 November 2026",
    "approval": "Awaiting approval: The last ferry of the year",
    "paused": "Paused: weekly-2026-11-23",
    "one in doubt": "1 message in doubt: weekly-2026-11-23",
    "in doubt": "16 messages in doubt: weekly-2026-11-23",
    "late": "Late: The Slow Post, Monday 23 November 2026",
    "late, asks": "Late: The Slow Post, Monday 23 November 2026",
}


@pytest.mark.parametrize("kind", EACH)
def test_the_subject_says_what_it_is_about(kind: str) -> None:
    assert rendered(EACH[kind]).subject == SUBJECTS[kind]


LENGTHS = {61: "1 hour 1 minute", 60: "1 hour", 26 * 60: "26 hours", 59: "59 minutes"}


@pytest.mark.parametrize("minutes", LENGTHS)
def test_how_late_is_said_in_hours_and_minutes(minutes: int) -> None:
    notice = Notice(What.LATE, ID, "weekly", AT, ID, "Snail", late=timedelta(minutes=minutes, seconds=59))
    facts = {fact.name: fact.value for fact in told(notice, "T", words_for("en")).facts}
    assert facts["Late by"] == LENGTHS[minutes]


@given(st.text(max_size=40), st.text(max_size=80))
def test_the_words_of_others_are_only_ever_text(subject: str, reason: str) -> None:
    notice = Notice(What.PAUSED, ID, "weekly", AT, ID, f"{subject}<i>%%NAME%%", f"{{{{ 1 }}}} {reason}{{x}}")
    made = rendered(notice)
    assert names(made.frame_html) | names(made.frame_text) <= {"PERCENT"}
    assert "<i>" not in made.frame_html
    assert "%%NAME%%" in fill(made.frame_text, {})
    assert "&lt;i&gt;%%NAME%%" in fill_html(made.frame_html, {})
