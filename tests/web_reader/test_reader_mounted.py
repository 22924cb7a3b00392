"""The pages inside another application, under a prefix, and the form that stands on another site."""

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from newsletter.config import load, unpack
from newsletter.store.database import open_database
from newsletter.web.reader import application
from newsletter.web.reader.copied import form_for
from tests.journeys.project import Project, sample_project
from tests.web_reader.conftest import CONFIG, NOW, Clock, Site, served


def test_the_pages_work_under_a_prefix_of_another_application(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    config = load(file, {})

    async def theirs(_: Request) -> HTMLResponse:
        return HTMLResponse("theirs")

    app = Starlette(routes=[Route("/", theirs), Mount("/news", app=application(file))])
    with open_database(config.store_path) as database, served(app) as port:
        site = Site(port, config, database, 1, Clock())
        form = site.ask("GET", "/news/subscribe")
        (target,) = re.findall(r'<form action="([^"]+)"', form.body)
        assert (site.ask("GET", "/").body, form.status, target) == ("theirs", 200, "subscribe")
        fields = (("email", "bo@example.org"), ("newsletter", "weekly"))
        assert "Nearly there" in site.post(f"/news/{target}", *fields).body
        assert re.findall(r'href="(/[^"]*|https?://news[^"]*)"', form.body) == []


def test_the_form_for_another_site_is_taken_from_there(site: Site) -> None:
    form = form_for(site.config, "weekly")
    assert '<form action="https://news.slowpost.example/subscribe" method="post" lang="en">' in form
    assert "Slow &lt;Post&gt; Weekly by email" in form and "<script" not in form
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', form)
    assert hidden == [("newsletter", "weekly"), ("language", "en")]
    answer = site.post(
        "/subscribe", *hidden, ("website", ""), ("email", "bo@example.org"), origin="https://slowpost.example"
    )
    assert "Now look in your inbox" in answer.body


def test_the_command_prints_the_form_and_says_what_is_missing(tmp_path: Path) -> None:
    project: Project = sample_project(tmp_path, 25)
    told = project.run("subscribers", "form", "weekly", expect=3).stderr
    assert "web.public_url: empty, so a form would lead nowhere" in told
    project.set(public_url='"https://news.slowpost.example"')
    assert (
        'action="https://news.slowpost.example/subscribe"'
        in project.run("subscribers", "form", "weekly").stdout
    )


def test_links_of_an_old_key_work_for_years(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG.replace("[web]", f'[web]\nsecret_key = "{"n" * 40} {"o" * 40}"'))
    config = load(file, {})
    old = load(_with_key(tmp_path, "o" * 40), {})
    tokens, olds = unpack.tokens(config), unpack.tokens(old)
    assert tokens.read_preferences(olds.preferences(7)) == 7
    assert tokens.read_unsubscribe(olds.unsubscribe(7, "weekly")) == (7, "weekly")
    assert tokens.read_undo(olds.undo(7, "weekly", NOW)) == (7, "weekly", NOW)


def _with_key(folder: Path, key: str) -> Path:
    file = folder / "old.toml"
    file.write_text(CONFIG.replace("[web]", f'[web]\nsecret_key = "{key}"'))
    return file
