"""All that an issue is made of, each with a way to change it; and what is none of it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from newsletter import packaged
from newsletter.store import tables as t
from tests.schedule.desk import Desk

ID, NEXT = "weekly-2026-11-23", "weekly-2026-11-30"
KEYS = """\
title = "The Weekly"
reply_to = "desk@slowpost.example"
subject = "This week"
preheader = "Five minutes"
intro = "Good morning."
schedule = "mon 09:00"
approval = true
approvers = ["ida@slowpost.example"]
max_items = 9
excerpt_sentences = 2
link_params = {utm_source = "weekly"}
sections = ["Sea"]
holidays = ["12-25"]
segment = 'tags has "pro" or language in ["", "de"]'"""
MORE = """
[content]
dir = "content"
[templates.texts]
sponsor = "With thanks to the harbour"
[theme]
accent = "#0B6B5E"
logo = "logo.png"
"""
BRIEF = "---\nsubject: Tides and moons\n---\nA few words more.\n"


def article(desk: Desk, name: str, more: str = "image: clock.png\nimage_alt: A clock\n") -> Path:
    text = f"The {name} is high at nine. Nobody has seen it so high before. It will be back tomorrow."
    return desk.write(name, "2026-11-21", text=text, more=more)


def own_template(desk: Desk, name: str, change: Callable[[str], str]) -> None:
    """A template of one's own, over the packaged one."""
    target = desk.folder / "templates" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    source = target if target.exists() else packaged.templates() / name
    text = source.read_text()
    changed = change(text)
    assert changed != text
    target.write_text(changed)


def in_article(old: str, new: str, name: str = "sand") -> Callable[[Desk], object]:
    return lambda desk: _replace(desk.folder / "content" / f"{name}.md", old, new)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def in_config(old: str, new: str) -> Callable[[Desk], object]:
    return lambda desk: desk.replace(old, new)


def add(line: str) -> Callable[[Desk], object]:
    return lambda desk: desk.replace('title = "The Weekly"', f'title = "The Weekly"\n{line}')


def in_template(name: str) -> Callable[[Desk], object]:
    def bump(text: str) -> str:
        return re.sub(r"(\d+)px", lambda m: f"{int(m[1]) + 1}px", text.replace("range(40)", "range(41)"))

    return lambda desk: own_template(desk, name, bump)


def repaint(name: str) -> Callable[[Desk], object]:
    def paint(desk: Desk) -> None:
        with Image.open(desk.folder / name) as picture:
            picture.rotate(180).save(desk.folder / name)

    return paint


def brief(text: str) -> Callable[[Desk], object]:
    return lambda desk: (desk.folder / "issues" / f"{ID}.md").write_text(text)


def catalogue(desk: Desk) -> None:
    own_template(desk, "locale/de.po", lambda text: text.replace("Die ganze Geschichte lesen", "Alles lesen"))


PARTS = (
    "brand", "contents", "contents-head", "footer", "head", "intro", "lead", "macros", "masthead",
    "pair-left", "pair-right", "preheader", "row", "section", "type", "wide",
)  # fmt: skip
#: What is changed -> how, and what the approvers are told has changed.
INPUTS: dict[str, tuple[Callable[[Desk], object], str]] = {
    "article text": (in_article("seen it so high", "seen it so low", "tide"), "article/tide.md"),
    "article title": (in_article("title: Sand", "title: Sands"), "article/sand.md"),
    "article summary": (in_article("It runs.", "It ran."), "article/sand.md"),
    "article date": (in_article("2026-11-19", "2026-11-18"), "article/sand.md"),
    "article tags": (in_article("[Sea]", "[Shore]"), "audience/articles/sand.md"),
    "article pinned": (in_article("tags:", "pinned: true\ntags:"), "article/sand.md"),
    "article drafted": (in_article("tags:", "draft: true\ntags:"), "article/sand.md"),
    "article dated ahead": (in_article("2026-11-19", "2026-12-19"), "article/sand.md"),
    "article deleted": (lambda desk: (desk.folder / "content/sand.md").unlink(), "article/sand.md: gone"),
    "picture bytes": (repaint("content/clock.png"), "picture/clock.png"),
    "picture alt": (in_article("A clock", "A watch", "tide"), "article/tide.md"),
    "picture gone": (lambda desk: (desk.folder / "content/clock.png").unlink(), "picture/clock.png"),
    "template digest": (
        lambda desk: own_template(desk, "digest.mjml.j2", lambda text: text.replace("}}px", "}}.5px", 1)),
        "template/digest.mjml.j2",
    ),
    **{
        f"template part {name}": (in_template(f"parts/{name}.mjml.j2"), f"template/parts/{name}.mjml.j2")
        for name in PARTS
    },
    "catalogue": (catalogue, "catalogue/"),
    "texts": (in_config("With thanks to the harbour", "With thanks"), "config/templates/texts/sponsor"),
    "theme colour": (in_config("#0B6B5E", "#6B0B5E"), "config/theme/accent"),
    "theme font": (in_config('accent = "#', 'font = "Georgia, serif"\naccent = "#'), "config/theme/font"),
    "theme width": (in_config('accent = "#', 'width = 640\naccent = "#'), "config/theme/width"),
    "theme logo": (in_config('logo = "logo.png"', ""), "config/theme/logo"),
    "logo file": (repaint("logo.png"), "logo/logo.png"),
    "site name": (in_config('name = "The Slow Post"', 'name = "The Fast Post"'), "config/site/name"),
    "site base_url": (
        in_config("https://slowpost.example", "https://www.slowpost.example"),
        "config/site/base_url",
    ),
    "site tagline": (
        in_config("postal_address", 'tagline = "Slowly"\npostal_address'),
        "config/site/tagline",
    ),
    "site postal_address": (in_config("Quay 4", "Quay 5"), "config/site/postal_address"),
    "site language": (in_config('language = "de"\nt', 'language = "en"\nt'), "config/site/language"),
    "site timezone": (in_config("Europe/Oslo", "Europe/London"), "config/site/timezone"),
    "newsletter title": (
        in_config('title = "The Weekly"', 'title = "The Daily"'),
        "newsletters/weekly/title",
    ),
    "from name": (in_config("Ida Vang", "Ole Vang"), "from/from_name"),
    "from address": (in_config("<ida@", "<ole@"), "from/from_address"),
    "reply_to": (in_config("desk@slowpost", "office@slowpost"), "from/reply_to"),
    "list_id": (add('list_id = "post.slowpost.example"'), "from/list_id"),
    "unsubscribe_mailto": (add('unsubscribe_mailto = "out@slowpost.example"'), "from/unsubscribe_mailto"),
    "public_url": (
        in_config("[theme]", '[web]\npublic_url = "https://n.slowpost.example"\n[theme]'),
        "from/public_url",
    ),
    "subject": (in_config("This week", "Next week"), "newsletters/weekly/subject"),
    "preheader": (in_config("Five minutes", "Six minutes"), "newsletters/weekly/preheader"),
    "intro": (in_config("Good morning.", "Good night."), "newsletters/weekly/intro"),
    "template": (add('template = "post"'), "newsletters/weekly/template"),
    "excerpt_sentences": (
        in_config("excerpt_sentences = 2", "excerpt_sentences = 1"),
        "weekly/excerpt_sentences",
    ),
    "excerpt_characters": (add("excerpt_characters = 40"), "weekly/excerpt_characters"),
    "images": (add('images = "site"'), "newsletters/weekly/images"),
    "link_params": (in_config('"weekly"}', '"mail"}'), "weekly/link_params"),
    "max_items": (in_config("max_items = 9", "max_items = 8"), "audience/max_items"),
    "min_items": (add("min_items = 2"), "audience/min_items"),
    "overflow": (add('overflow = "drop"'), "audience/overflow"),
    "order": (add('order = "oldest"'), "audience/order"),
    "tags": (add('tags = ["Sea"]'), "audience/tags"),
    "without_tags": (add('without_tags = ["Sea"]'), "audience/without_tags"),
    "sections": (in_config('sections = ["Sea"]', "sections = []"), "audience/sections"),
    "first_issue": (add('first_issue = "after"'), "audience/first_issue"),
    "catch_up": (add('catch_up = "30d"'), "audience/catch_up"),
    "segment": (in_config('tags has "pro" or ', ""), "audience/segment"),
    "schedule": (in_config("mon 09:00", "mon 09:30"), "when/schedule"),
    "timezone": (add('timezone = "Europe/Oslo"'), "newsletters/weekly/timezone"),
    "another timezone": (add('timezone = "Europe/London"'), "when/timezone"),
    "local_time": (add("local_time = true"), "when/local_time"),
    "quiet_hours": (add('quiet_hours = "22:00-07:00"'), "when/quiet_hours"),
    "holidays": (in_config('"12-25"', '"12-25", "12-26"'), "when/holidays"),
    "brief added": (brief(BRIEF), "brief/"),
}


def rewrite(desk: Desk) -> None:
    for path in [*desk.folder.glob("content/*"), *desk.folder.glob("templates/**/*.j2"), desk.file]:
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)


def touch(desk: Desk) -> None:
    for path in desk.folder.glob("content/*"):
        os.utime(path, (1, 1))


def leave(desk: Desk) -> None:
    desk.database.write(lambda c: c.execute(t.subscription.update().values(status="unsubscribed")))
    desk.reader()


NO_INPUTS: dict[str, Callable[[Desk], object]] = {
    "nothing": lambda desk: None,
    "somebody joins": lambda desk: desk.reader(),
    "somebody joins from another time zone": lambda desk: desk.reader("Asia/Kolkata"),
    "somebody leaves": leave,
    "an article after the cut-off": lambda desk: desk.write("late", "2026-11-22T12:00:00Z"),
    "files were touched": touch,
    "files were written again, the same": rewrite,
    "an article that is a draft": lambda desk: desk.write("draft", "2026-11-21", more="draft: true"),
    "a picture that nothing shows": lambda desk: desk.picture("other.png"),
    "a template that nothing uses": in_template("parts/article.mjml.j2"),
    "a brief of another issue": lambda desk: (desk.folder / "issues" / f"{NEXT}.md").write_text(BRIEF),
    "what becomes of doubt": add('in_doubt = "resend"'),
    "what becomes of what is late": add('late_after = "2h"'),
    "sender rate": in_config('host = "', 'rate = "5/s"\nhost = "'),
    "sender host": in_config("127.0.0.1", "127.0.0.2"),
    "sender username": in_config('host = "', 'username = "ida"\npassword = "open"\nhost = "'),
    "sender mail_from": in_config('host = "', 'mail_from = "back@slowpost.example"\nhost = "'),
    "a comment": in_config("[theme]", "# no change\n[theme]"),
}
