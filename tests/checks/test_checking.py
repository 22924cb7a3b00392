"""All checks of an issue together: what they ask of others, and where they say things come from."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newsletter.config import unpack
from newsletter.delivery.compose import sample
from newsletter.errors import ConfigError, ContentError, RenderError
from newsletter.issue.checks import Field, Line, Said, Setting, Spot, Written
from newsletter.model import Finding, Level
from newsletter.outbox.ledger import CARRIED, Books
from newsletter.proof import checking
from newsletter.proof.sources import Sources
from tests.checks.golden_mail import GOLDEN, built, laid_out


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return laid_out(tmp_path, GOLDEN / "good" / "whole_article")


def test_an_article_that_readers_have_had_is_an_error(project: Path) -> None:
    config, made = built(project)
    (id,) = made.chosen.ids
    copy = sample(made.issue, made.rendered, made.slots, unpack.identity(config, "weekly"))

    sent = Books(fates={"weekly-1": {id: CARRIED}}, made=(("weekly-1", "weekly", made.issue.date),))
    found = checking.check(config, replace(made, books=sent), copy, spam=False)

    told = [(f.check, f.path, f.line, f.text) for f in found if f.level is Level.ERROR]
    text = '"The lamp room is open again" is no news: already in an earlier issue'
    assert told == [("already-sent", "content/lamp-room.md", 2, text)]


@pytest.fixture
def gone() -> Iterator[str]:
    """A site on which every page is gone."""

    class Gone(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gone)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("online", "dead"), [(True, [("content/lamp-room.md", 2)]), (False, [])])
def test_links_are_asked_only_when_somebody_says_so(
    online: bool, dead: list[tuple[str, int]], gone: str, tmp_path: Path
) -> None:
    folder = laid_out(tmp_path, GOLDEN / "good" / "one_article")
    text = (folder / "config.toml").read_text()
    (folder / "config.toml").write_text(text.replace("https://harbournotes.example", gone))
    config, made = built(folder)
    copy = sample(made.issue, made.rendered, made.slots, unpack.identity(config, "weekly"))

    found = checking.check(config, made, copy, online=online, spam=False)

    asked = [finding for finding in found if finding.check == "link-dead" and "lamp-room" in finding.text]
    assert [(finding.path, finding.line) for finding in asked] == dead


def test_errors_come_first_and_nothing_comes_twice() -> None:
    levels = (Level.INFO, Level.ERROR, Level.WARNING, Level.ERROR)
    found = [Finding("a", level, "", 0, str(level), "") for level in levels]

    assert [finding.level for finding in checking.ordered(found)] == [Level.ERROR, Level.WARNING, Level.INFO]


@pytest.mark.parametrize(
    ("spot", "place"),
    [
        (Setting(("newsletters", "weekly", "template")), "config.toml:9"),
        (Setting(("newsletters", "weekly", "preheader")), "config.toml:8"),
        (Setting(("web", "public_url")), "config.toml:1"),
        (Field("lamp-room.md", "title"), "content/lamp-room.md:2"),
        (Field("lamp-room.md", "image"), "content/lamp-room.md:6"),
        (Field("lamp-room.md", "url"), "content/lamp-room.md:2"),
        (Line("lamp-room.md", 10), "content/lamp-room.md:10"),
        (Line("lamp-room.md", 13, "finger, and every child"), "content/lamp-room.md:14"),
        (Said("https://museum.example/lamps/1911"), "content/lamp-room.md:31"),
        (Said("it shows every grain of sand that comes up the stairs"), "content/lamp-room.md:11"),
        (Said("Small news from a small quay"), "config.toml:3"),
        (Written("%%UNSUBSCRIBE_URL%%"), "templates/parts/footer.mjml.j2"),
        (Written("", "parts/footer.mjml.j2"), "templates/parts/footer.mjml.j2:1"),
        (Written("said by nobody"), "templates/post.mjml.j2:1"),
    ],
    ids=str,
)
def test_a_spot_is_the_line_that_a_person_would_change(spot: Spot, place: str, project: Path) -> None:
    config, made = built(project)

    path, line = Sources(config, made.issue).place(spot)

    assert f"{path}:{line}".startswith(place)


def test_an_article_that_is_gone_meanwhile_has_still_a_place(project: Path) -> None:
    config, made = built(project)
    (project / "content" / "lamp-room.md").unlink()

    assert Sources(config, made.issue).place(Field("lamp-room.md", "title")) == ("content/lamp-room.md", 1)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConfigError("{}/config.toml:3: site.nam: unknown key"), ("config", "config.toml", 3)),
        (RenderError("{}/templates/own.mjml.j2:7: no such tag"), ("template", "templates/own.mjml.j2", 7)),
        (ContentError("there is no such folder"), ("content-folder", "", 0)),
    ],
    ids=["config", "template", "content"],
)
def test_a_mistake_is_told_from_the_project_on(
    error: Exception, told: tuple[str, str, int], tmp_path: Path
) -> None:
    placed = type(error)(str(error).format(tmp_path))

    found = [(each.check, each.path, each.line) for each in checking.mistakes(placed, tmp_path)]  # type: ignore[arg-type]

    assert found == [told]


@pytest.mark.parametrize("name", ["own:12: x", "a b", "%s %20", "-x", "<b>", "x:3"])
def test_a_mistake_in_a_template_of_an_odd_name_is_told_of_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / f"{name}.mjml.j2").write_text("")
    error = RenderError(f"{tmp_path}/templates/{name}.mjml.j2:7: no such tag:12: b")

    (found,) = checking.mistakes(error, tmp_path)

    assert (found.path, found.line, found.text) == (
        f"templates/{name}.mjml.j2",
        7,
        "no such tag:12: b",
    )


def test_two_mistakes_are_two_findings(tmp_path: Path) -> None:
    error = ConfigError("config.toml:1: site: missing\nconfig.toml:4: newsletters: missing")

    assert [finding.line for finding in checking.mistakes(error, tmp_path)] == [1, 4]


def test_what_the_mail_says_in_another_copy_is_what_is_checked(project: Path) -> None:
    config, made = built(project)
    copy = sample(made.issue, made.rendered, made.slots, unpack.identity(config, "weekly"))
    broken = replace(copy, html=copy.html.replace("</body>", "<script>1</script></body>"))

    found = checking.check(config, made, broken, spam=False)

    assert [finding.check for finding in found if finding.level is Level.ERROR] == ["active-content"]
