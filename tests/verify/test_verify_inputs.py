"""Whichever input changes, `verify` names it, and it alone; no setting that enters an issue is forgotten."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from newsletter import packaged
from newsletter.config.environment import variable
from newsletter.config.schema import TABLES, keys
from newsletter.manifest import Manifest
from newsletter.service.verifying import verify
from tests.journeys.project import Project

from .verify_samples import first, loaded, publication

Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return publication(tmp_path_factory.mktemp("verify") / "project")


@pytest.fixture(scope="module")
def manifests(project: Project) -> dict[str, Manifest]:
    """The next issue of both newsletters, as a manifest tells it."""
    return {name: first(loaded(project), name) for name in ("weekly", "letters")}


@pytest.fixture
def there(project: Project) -> Iterator[Path]:
    """The project's folder, which is as it was afterwards."""
    kept = project.folder.with_name("kept")
    shutil.copytree(project.folder, kept)
    yield project.folder
    shutil.rmtree(project.folder)
    kept.rename(project.folder)


def replaced(path: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        assert old in text, path
        (folder / path).write_text(text.replace(old, new, 1), "utf-8")

    return change


def painted(path: str) -> Change:
    """Another picture of the same size."""

    def change(folder: Path) -> None:
        with Image.open(folder / path) as old:
            Image.new("RGB", old.size, "#204060").save(folder / path)

    return change


def packaged_too(path: str, old: str, new: str) -> Change:
    """A template of one's own that is almost the packaged one."""

    def change(folder: Path) -> None:
        (folder / "templates" / path).parent.mkdir(exist_ok=True)
        shutil.copy(packaged.templates() / path, folder / "templates" / path)
        replaced(f"templates/{path}", old, new)(folder)

    return change


def renamed(path: str, name: str) -> Change:
    return lambda folder: (folder / path).rename(folder / name)


def gone(path: str) -> Change:
    return lambda folder: (folder / path).unlink()


CLOCK = "content/town-clock.md"
#: What is done -> which issue, how, and what must be named for it: this and nothing else.
FILES: dict[str, tuple[str, Change, str]] = {
    "the title of an article": (
        "weekly",
        replaced(CLOCK, "The man who winds", "Whoever winds"),
        "article town-clock.md: has other bytes",
    ),
    "its summary": (
        "weekly",
        replaced(CLOCK, "Twice a week", "Once a week"),
        "article town-clock.md: has other bytes",
    ),
    "its picture's alternative text": (
        "weekly",
        replaced(CLOCK, "image_alt: Behind", "image_alt: Before"),
        "article town-clock.md: has other bytes",
    ),
    "which picture it has": (
        "weekly",
        replaced(CLOCK, "image: images/clock.png", "image: images/pigeon.png"),
        "article town-clock.md: has other bytes",
    ),
    "the text of an article that is sent whole": (
        "letters",
        replaced("content/night-train/index.md", "the", "a"),
        "article night-train/index.md: has other bytes",
    ),
    "an article that is a draft again": (
        "weekly",
        replaced(CLOCK, "slug: town-clock", "slug: town-clock\ndraft: true"),
        "article town-clock.md: has other bytes",
    ),
    "an article that is gone": ("weekly", gone(CLOCK), "article town-clock.md: is gone"),
    "an article that is called otherwise": (
        "weekly",
        renamed("content/preben.md", "content/sourdough.md"),
        "article preben.md: is sourdough.md now",
    ),
    "a picture": (
        "weekly",
        painted("content/images/sourdough.png"),
        "picture images/sourdough.png: has other bytes",
    ),
    "a picture that is gone": (
        "weekly",
        gone("content/images/sourdough.png"),
        "picture images/sourdough.png: is gone",
    ),
    "the logo": (
        "weekly",
        painted("content/images/seal.png"),
        "logo content/images/seal.png: has other bytes",
    ),
    "a template of one's own": (
        "weekly",
        replaced("templates/parts/lead.mjml.j2", "</mj-text>", "Mark</mj-text>"),
        "template parts/lead.mjml.j2: has other bytes",
    ),
    "macros that others import": (
        "weekly",
        replaced("templates/parts/macros.mjml.j2", "{{ card.read }}</a>", "> {{ card.read }}</a>"),
        "template parts/macros.mjml.j2: has other bytes",
    ),
    "a template that hides the packaged one": (
        "weekly",
        packaged_too("parts/row.mjml.j2", "small", "tiny"),
        "template parts/row.mjml.j2: comes from the project now, not from the package",
    ),
    "a template that hides it no longer": (
        "weekly",
        gone("templates/parts/lead.mjml.j2"),
        "template parts/lead.mjml.j2: comes from the package now, not from the project, with the same bytes",
    ),
    "the template of whole articles": (
        "letters",
        packaged_too("parts/article.mjml.j2", "30px", "31px"),
        "template parts/article.mjml.j2: comes from the project now, not from the package",
    ),
    "a catalogue": (
        "weekly",
        replaced("templates/locale/de.po", "Minuten nur", "Minütlein"),
        "catalogue project locale/de.po: has other bytes",
    ),
    "a catalogue that is gone": (
        "weekly",
        gone("templates/locale/de.po"),
        "catalogue project locale/de.po: is gone",
    ),
}


@pytest.mark.parametrize("done", FILES)
def test_a_file_that_changes_is_named_and_nothing_else(
    there: Path, project: Project, manifests: dict[str, Manifest], done: str
) -> None:
    name, change, told = FILES[done]

    change(there)

    found = verify(loaded(project), manifests[name])
    assert [str(each) for each in found.changes] == [told]
    assert found.identical == told.endswith((" now", "the same bytes"))


def test_a_picture_that_was_missing_and_is_there_now_is_named(there: Path, project: Project) -> None:
    picture = there / "content" / "images" / "sourdough.png"
    data = picture.read_bytes()
    picture.unlink()
    before = first(loaded(project), "weekly")
    picture.write_bytes(data)

    found = verify(loaded(project), before)

    assert [str(each) for each in found.changes] == ["picture images/sourdough.png: is used now"]
    assert not found.identical


def test_a_template_that_is_included_where_it_is_there_is_named_once_it_is(
    there: Path, project: Project
) -> None:
    lead = there / "templates" / "parts" / "lead.mjml.j2"
    lead.write_text(lead.read_text() + '{% include "parts/banner.mjml.j2" ignore missing %}\n')
    before = first(loaded(project), "weekly")
    (there / "templates" / "parts" / "banner.mjml.j2").write_text("<!-- banner -->")

    found = verify(loaded(project), before)

    assert [str(each) for each in found.changes] == ["template parts/banner.mjml.j2: is used now"]


def test_a_library_that_changed_is_named_with_both_versions(
    project: Project, manifests: dict[str, Manifest]
) -> None:
    before = json.loads(json.dumps(manifests["weekly"]))
    before["inputs"]["program"]["pillow"] = "1.2.3"

    found = verify(loaded(project), before)

    now = manifests["weekly"]["inputs"]["program"]["pillow"]
    assert [str(each) for each in found.changes] == [f'program pillow: "1.2.3" -> "{now}"']
    assert found.identical


def test_what_reads_otherwise_although_its_file_is_the_same_is_told(
    project: Project, manifests: dict[str, Manifest]
) -> None:
    before = json.loads(json.dumps(manifests["weekly"]))
    before["read"]["cards"]["town-clock.md"]["title"] = "Else"

    found = verify(loaded(project), before)

    assert (found.reread, found.changes) == (("town-clock.md: title",), ())


def test_an_issue_all_of_whose_articles_are_gone_cannot_be_made_again(
    there: Path, project: Project, manifests: dict[str, Manifest]
) -> None:
    (there / "content" / "night-train" / "index.md").unlink()

    found = verify(loaded(project), manifests["letters"])

    assert found.failure == "none of its articles is in the content folder any more"
    assert [str(each) for each in found.changes] == ["article night-train/index.md: is gone"]


def test_a_brief_that_appears_later_is_named(
    there: Path, project: Project, manifests: dict[str, Manifest]
) -> None:
    (there / "issues").mkdir()
    (there / "issues" / "weekly-2026-11-23.md").write_text("---\nsubject: By hand\n---\n")

    found = verify(loaded(project), manifests["weekly"])

    assert [str(each) for each in found.changes] == ["brief weekly-2026-11-23.md: is there now"]


#: Key -> another value, as an environment variable says it.
VALUES = {
    "site.name": "The Fast Post",
    "site.base_url": "https://fastpost.example",
    "site.tagline": "Else",
    "site.language": "ar",
    "site.timezone": "Pacific/Kiritimati",
    "site.postal_address": "Elsewhere",
    "content.dir": "./content",
    "content.preset": "jekyll",
    "content.permalink": "/at/:slug/",
    "content.include": "*.md, *.html, *.txt, night-train/*",
    "content.exclude": "snail.md",
    "content.briefs": "briefs",
    "theme.accent": "#803010",
    "theme.accent_dark": "#f0a080",
    "theme.paper": "#ffffff",
    "theme.paper_dark": "#000000",
    "theme.ink": "#202020",
    "theme.ink_dark": "#f0f0f0",
    "theme.font": "Charter",
    "theme.font_ui": "Verdana",
    "theme.radius": "9",
    "theme.width": "640",
    "theme.logo_dark": "content/images/clock.png",
    "templates.texts": '{sponsor = "Us"}',
    "web.public_url": "https://news.slowpost.example",
    "sender.mail_from": "bounces@slowpost.example",
    "newsletters.weekly.title": "Weekly",
    "newsletters.weekly.from": "Jo <jo@else.example>",
    "newsletters.weekly.reply_to": "jo@else.example",
    "newsletters.weekly.subject": "This week",
    "newsletters.weekly.preheader": "What is new",
    "newsletters.weekly.intro": "Good morning",
    "newsletters.weekly.schedule": "tue 10:00",
    "newsletters.weekly.timezone": "Pacific/Kiritimati",
    "newsletters.weekly.local_time": "true",
    "newsletters.weekly.quiet_hours": "22:00-07:00",
    "newsletters.weekly.holidays": "12-25",
    "newsletters.weekly.max_items": "3",
    "newsletters.weekly.min_items": "2",
    "newsletters.weekly.overflow": "drop",
    "newsletters.weekly.order": "oldest",
    "newsletters.weekly.tags": "Kept",
    "newsletters.weekly.without_tags": "Kept",
    "newsletters.weekly.sections": "Kept",
    "newsletters.weekly.first_issue": "newest",
    "newsletters.weekly.catch_up": "5d",
    "newsletters.weekly.images": "site",
    "newsletters.weekly.template": "post",
    "newsletters.weekly.excerpt": "lead",
    "newsletters.weekly.excerpt_sentences": "1",
    "newsletters.weekly.excerpt_characters": "90",
    "newsletters.weekly.in_doubt": "resend",
    "newsletters.weekly.link_params": '{utm_source = "{issue}"}',
    "newsletters.weekly.late": "skip",
    "newsletters.weekly.late_after": "2h",
    "newsletters.weekly.stale_after": "5h",
    "newsletters.weekly.approval": "true",
    "newsletters.weekly.approvers": "jo@else.example",
    "newsletters.weekly.cut_off": "5h",
    "newsletters.weekly.segment": 'tags has "pro"',
    "newsletters.weekly.sign_up": "false",
    "newsletters.weekly.description": "All",
    "newsletters.weekly.frequencies": "weekly",
    "newsletters.weekly.topics": "Kept",
    "newsletters.weekly.list_id": "weekly.else.example",
    "newsletters.weekly.unsubscribe_mailto": "leave@else.example",
}
#: Those whose other value would be another set of files, which are tried above, or another schedule.
ELSEWHERE = {
    "theme.logo",
    "templates.dir",
    "newsletters.weekly.cadences",
    "newsletters.weekly.default_cadence",
}
TABLES_TRIED = {
    "site": "site",
    "content": "content",
    "theme": "theme",
    "templates": "templates",
    "newsletters.NAME": "newsletters.weekly",
}


def test_every_key_that_could_enter_an_issue_is_tried() -> None:
    there = {f"{name}.{key}" for table, name in TABLES_TRIED.items() for key in keys(TABLES[table])}

    assert there - set(VALUES) == ELSEWHERE


@pytest.mark.parametrize("key", VALUES)
def test_a_setting_that_changes_is_named_and_nothing_else(
    project: Project, manifests: dict[str, Manifest], key: str
) -> None:
    changed = loaded(project, {variable(tuple(key.split("."))): VALUES[key]})

    found = verify(changed, manifests["weekly"])

    named = {re.sub(r"(texts|link_params)\..*", r"\1", str(each.name)) for each in found.changes}
    assert not found.failure
    assert named <= {key}
    assert found.identical or named == {key}


def test_what_has_not_changed_is_the_same(project: Project, manifests: dict[str, Manifest]) -> None:
    for manifest in manifests.values():
        found = verify(loaded(project), manifest)

        assert (found.changes, found.uses, found.reread, found.differing) == ((), (), (), ())
