"""Single checks, on mails that are as small as the question."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.checks import CHECKS, Fault, Mail, headers, links, pictures, shades
from newsletter.issue.theme import Site, Theme
from newsletter.model import Card, ExcerptFrom, Issue, Placement, Role

CARD = Card(
    identity="id:1",
    path="one.md",
    title="A chair for the weighbridge",
    url="https://quay.example/chair/",
    date=None,
    language="en",
    authors=(),
    tags=(),
    image=None,
    reading_minutes=2,
    excerpt="",
    excerpt_from=ExcerptFrom.NONE,
)
HEAD = (
    b"From: Nuno <nuno@quay.example>\r\nTo: reader@example.org\r\nSubject: A chair\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@quay.example>\r\n"
    b"List-Id: <weekly.quay.example>\r\n"
    b"List-Unsubscribe: <mailto:nuno@quay.example?subject=unsubscribe>\r\nMIME-Version: 1.0\r\n"
)


@lru_cache(1)
def plain() -> Mail:
    """A mail of one card, without a body."""
    issue = Issue(
        id="weekly-2026-11-20",
        newsletter="weekly",
        title="Quay",
        date=datetime(2026, 11, 20, 9, tzinfo=UTC),
        language="en",
        subject="A chair for the weighbridge",
        preheader="The keeper has asked for one since the spring, and now it is there.",
        sections=(),
        written=frozenset({"subject", "preheader"}),
        intro="",
        placements=(Placement("card:0:lead", Role.LEAD, CARD, "", None, ()),),
        most=1,
        media=(),
        left_out=(),
    )
    return Mail(
        issue=issue,
        articles=(),
        html="<p>nothing</p>",
        text="A chair for the weighbridge",
        head=HEAD,
        site=Site("Quay", "https://quay.example", "", "1 Quay Steps", "UTC"),
        theme=Theme(),
        given=frozenset(),
        unsubscribe=("mailto:nuno@quay.example?",),
        one_click=False,
        mail_from="nuno@quay.example",
        clients=(),
    )


def faults(check: str, mail: Mail) -> list[Fault]:
    """What one check finds."""
    return list(next(each for each in CHECKS if each.id == check).look(mail))


def linked(href: str, text: str = "the timetable") -> Mail:
    return replace(plain(), html=f'<html><body><p>See <a href="{href}">{text}</a>.</p></body></html>')


@pytest.mark.parametrize(
    ("href", "check"),
    [
        ("https://quay.example/a", ""),
        ("https://quay.example:8443/a?b=c#d", ""),
        ("https://xn--4gbrim.example/", ""),
        ("https://منارة.example/", ""),
        ("mailto:nuno@quay.example?subject=A%20chair", ""),
        ("tel:+351123456", ""),
        ("/a", "link-relative"),
        ("a.html", "link-relative"),
        ("www.quay.example", "link-relative"),
        ("//quay.example/a", "link-relative"),
        ("", "link-placeholder"),
        ("#", "link-placeholder"),
        ("#elsewhere", "link-placeholder"),
        ("https://", "link-malformed"),
        ("https:/quay.example", "link-malformed"),
        ("https://http://quay.example", "link-malformed"),
        ("https://quay", "link-malformed"),
        ("https://quay..example/", "link-malformed"),
        ("https://quay example/", "link-malformed"),
        ("https://quay.example:port/", "link-malformed"),
        ("https://[::1/", "link-malformed"),
        ("https://me:secret@quay.example/", "link-malformed"),
        ("htps://quay.example/", "link-malformed"),
        ("mailto:nuno", "link-malformed"),
        ("http://quay.example/", "link-http"),
        ("http://localhost:8000/", "link-private"),
        ("https://192.168.1.4/", "link-private"),
        ("https://[fe80::1]/", "link-private"),
        ("https://nas.local/", "link-private"),
        ("https://[2001:db8::1]/", ""),
        ("https://[3fff::1]/", ""),
        ("https://192.0.2.7/", ""),
        ("https://bit.ly/3x", "link-shortener"),
        ("javascript:alert(1)", "active-content"),
    ],
)
def test_one_thing_wrong_with_a_link_is_told_by_one_check(href: str, check: str) -> None:
    ids = [each.id for each in CHECKS if each.id.startswith("link-") or each.id == "active-content"]

    assert [id for id in ids if faults(id, linked(href))] == [check] * bool(check)


def test_an_anchor_that_is_there_is_no_placeholder() -> None:
    mail = replace(plain(), html='<p><a href="#down">down</a></p><h2 id="down">Down here</h2>')

    assert faults("link-placeholder", mail) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Click here"),
        ("en", "read more »"),
        ("de", "Hier klicken"),
        ("de-AT", "mehr lesen …"),
        ("ar", "اضغط هنا"),
        ("ja", "こちら"),
        ("ja", "続きを読む"),
        ("pt", "here"),
    ],
)
def test_a_generic_link_text_is_told_in_each_language(language: str, text: str) -> None:
    mail = linked("https://quay.example/a", text)

    found = faults("link-text-generic", replace(mail, issue=replace(mail.issue, language=language)))

    assert len(found) == 1


@pytest.mark.parametrize("text", ["Read in 6 min: A chair", "Here and there", "Timetable", "港の時刻表"])
def test_a_link_text_that_names_something_is_not_generic(text: str) -> None:
    assert faults("link-text-generic", linked("https://quay.example/a", text)) == []


@pytest.mark.parametrize(
    "alt",
    ["image1", "IMG_1234", "IMG_1234.JPG", "DSC00042", "screenshot.png", "Screenshot 2026-11-02 at 10.41.22",
     "photo", "Untitled", "cover-final.webp", "image", "PXL_20261102"],
)  # fmt: skip
def test_an_alternative_text_by_a_camera_is_known(alt: str) -> None:
    assert pictures.is_generated(alt)


@pytest.mark.parametrize(
    "alt",
    ["A lamp", "The keeper, 1911", "Photo of a lamp", "Image of the quay at low tide", "灯台", "4 boats"],
)
def test_an_alternative_text_by_a_person_is_let_be(alt: str) -> None:
    assert not pictures.is_generated(alt)


# ── colours ─────────────────────────────────────────────────────────────────

DARK = (
    "<style>@media (prefers-color-scheme: dark) { .bg { background-color: #111111 !important } %s }</style>"
)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (".t { color: #EEEEEE !important }", 0),
        (".t, .s { color: #EEEEEE !important } .t a { color: #333333 !important }", 0),
        (".t { color: #333333 !important }", 1),
        ("", 1),
    ],
)
def test_a_text_that_dark_mode_leaves_dark_is_told(rule: str, told: int) -> None:
    body = '<body class="bg" style="background-color:#FFFFFF"><p class="t" style="color:#222">Tide</p></body>'
    mail = replace(plain(), html=f"<html><head>{DARK % rule}</head>{body}</html>")

    assert len(faults("contrast", mail)) == told


@pytest.mark.parametrize(
    ("html", "light"),
    [
        ('<p style="color:#777;background:#FFF">x</p>', ("#777777", "#FFFFFF")),
        ('<table bgcolor="#000080"><tr><td style="color:white">x</td></tr></table>', ("#FFFFFF", "#000080")),
        ('<p style="color:rgb(1, 2, 3);background-color:transparent">x</p>', ("#010203", "")),
        ('<p style="background:url(a.png) #fff;color:red">x</p>', ("#FF0000", "")),
        ('<div style="color:#111"><a href="b">x</a></div>', ("", "")),
    ],
)
def test_a_colour_is_known_only_where_it_is_written(html: str, light: tuple[str, str]) -> None:
    (piece,) = shades.inked(f"<html><body>{html}</body></html>")

    assert (piece.light.ink, piece.light.ground) == light


@pytest.mark.parametrize("said", ["font-size:{}px", "font:italic {}px/30px Georgia,serif"])
def test_large_text_may_stand_out_less(said: str) -> None:
    html = f'<p style="color:#8A8A8A;background-color:#FFFFFF;{said}">Tide</p>'

    assert [len(faults("contrast", replace(plain(), html=html.format(size)))) for size in (16, 24)] == [1, 0]


@given(st.text(max_size=40))
def test_whatever_stands_in_a_style_is_read(text: str) -> None:
    assert shades.colour(text) in ("", shades.colour(text).upper())


# ── headers ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        (b"MIME-Version: 1.0\r\n", b"", "headers"),
        (b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\r\nSubject: Again\r\n", "headers"),
        (b"<1@quay.example>", b"1", "headers"),
        (b"Fri, 20 Nov 2026 09:00:00 +0000", b"yesterday", "headers"),
        (b"Subject: A chair", b"Subject: " + b"A chair " * 130, "header-length"),
        (b"List-Unsubscribe: <mailto:nuno@quay.example?subject=unsubscribe>\r\n", b"", "list-unsubscribe"),
        (b"<mailto:nuno@quay.example?subject=unsubscribe>", b"see below", "list-unsubscribe"),
        (b"nuno@quay.example>\r\nTo", b"nuno@otherquay.example>\r\nTo", "from-aligned"),
        (b"nuno@quay.example>\r\nTo", b"nuno@yahoo.co.jp>\r\nTo", "from-aligned"),
        (b"nuno@quay.example>\r\nTo", b"no-reply@quay.example>\r\nTo", "no-reply"),
    ],
)
def test_one_thing_wrong_with_the_headers_is_told_by_one_check(old: bytes, new: bytes, check: str) -> None:
    mail = replace(plain(), head=HEAD.replace(old, new))
    ids = ("headers", "header-length", "list-unsubscribe", "from-aligned", "no-reply")

    assert mail.head != HEAD
    assert [id for id in ids if faults(id, mail)] == [check]


def test_where_pages_take_one_click_its_header_must_be_there() -> None:
    found = faults("list-unsubscribe", replace(plain(), one_click=True))

    assert [fault.text.partition(":")[0] for fault in found] == [
        "the message has no List-Unsubscribe-Post header"
    ]


@pytest.mark.parametrize(
    ("domain", "same"),
    [("mail.quay.example", True), ("quay.example", True), ("quay.co.uk", False), ("example", False)],
)
def test_a_subdomain_belongs_to_the_same_people(domain: str, same: bool) -> None:
    assert (headers.organisation(domain) == headers.organisation("news.quay.example")) is same


def test_two_owners_below_a_shared_ending_are_two() -> None:
    assert headers.organisation("a.co.uk") != headers.organisation("b.co.uk")


# ── the way out ─────────────────────────────────────────────────────────────

WAY_OUT = "mailto:nuno@quay.example?subject=unsubscribe"


@pytest.mark.parametrize(
    ("html", "text", "check"),
    [
        (f'<a href="{WAY_OUT}">Leave</a> 1 Quay Steps', f"Leave:\n{WAY_OUT}", ""),
        (f'<a href="{WAY_OUT}">Leave</a> 1 Quay Steps', "Leave us a note", "unsubscribe-text"),
        ("Leave us a note. 1 Quay Steps", f"Leave:\n{WAY_OUT}", "unsubscribe-html"),
        (f'<a href="{WAY_OUT}">Leave</a>', f"Leave:\n{WAY_OUT}", "postal-address"),
        (f'<a href="{WAY_OUT}">Leave</a> 1&nbsp;<b>Quay</b> Steps', f"Leave:\n{WAY_OUT}", ""),
    ],
)
def test_a_missing_way_out_is_told_by_one_check(html: str, text: str, check: str) -> None:
    mail = replace(plain(), html=f"<p>{html}</p>", text=text)
    ids = ("unsubscribe-html", "unsubscribe-text", "postal-address")

    assert [id for id in ids if faults(id, mail)] == [check] * bool(check)


@pytest.mark.parametrize(
    ("check", "mail", "told"),
    [
        ("one-click", plain(), 1),
        ("one-click", replace(plain(), one_click=True), 0),
        ("preheader-missing", plain(), 0),
        ("preheader-missing", replace(plain(), issue=replace(plain().issue, preheader=" ")), 1),
        ("text-more-links", linked("https://elsewhere.example/"), 1),
        ("text-more-links", replace(linked("https://a.example/"), text="https://a.example/"), 0),
        ("client-scores", plain(), 1),
        ("client-support", plain(), 0),
        (
            "client-support",
            replace(plain(), html="<p style='border-radius:9px'>", clients=("outlook.windows",)),
            1,
        ),
    ],
)
def test_a_check_tells_what_it_is_for_and_nothing_else(check: str, mail: Mail, told: int) -> None:
    assert len(faults(check, mail)) == told


# ── text part, words ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("text-empty", " \n"),
        ("text-differs", "Something else entirely, from another list"),
        ("text-markup", "A chair for the weighbridge\n[more](https://quay.example/a)"),
        ("text-markup", "A chair for the weighbridge &amp; a bench"),
        ("text-markup", "A chair for the weighbridge<br>"),
    ],
)
def test_a_text_part_that_is_none_is_told_by_one_check(check: str, text: str) -> None:
    ids = ("text-empty", "text-differs", "text-markup", "text-links")

    assert [id for id in ids if faults(id, replace(plain(), text=text))] == [check]


def test_a_link_of_an_article_must_stand_in_the_text() -> None:
    found = faults("text-links", linked("https://quay.example/chair/"))

    assert [fault.text for fault in found] == ["the text does not have the link https://quay.example/chair/"]


@pytest.mark.parametrize(
    ("subject", "check"),
    [
        ("A chair for the weighbridge", ""),
        ("News", "subject-length"),
        ("港だより第十二号", ""),
        ("x" * 79, "subject-length"),
        ("灯" * 40, "subject-length"),
        ("NATO and the EU meet on the quay", ""),
        ("BIG NEWS FROM THE QUAY", "subject-shouting"),
        ("A chair!! For the weighbridge", "subject-shouting"),
        ("  ", "subject-missing"),
    ],
)
def test_one_thing_wrong_with_a_subject_is_told_by_one_check(subject: str, check: str) -> None:
    mail = replace(plain(), issue=replace(plain().issue, subject=subject))
    ids = ("subject-missing", "subject-length", "subject-shouting")

    assert [id for id in ids if faults(id, mail)] == [check] * bool(check)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dear {{ name }}", True),
        ("{% if sun %}", True),
        ("Dear %%FIRST%%", True),
        ("Dear *|FNAME|*", True),
        ("Dear <%= name %>", True),
        ("Dear {name}", False),  # only the lines of the configuration are meant to be filled in
        ("50%% and 100%%", False),
        ("a {curly} chair", False),
        ("f(x) = {x, y}", False),
        ("Dear *|fname|*", True),
        ("*|LIST:ADDRESSLINE|*", True),
        ("Dear |FNAME|, |IF:NAME| |END:IF|", True),
        ("|a| and |NAME| and |if:x|", False),
        ("*|DATE:d/m/y|*", True),
        ("Dear %recipient.first_name%", True),
        ("Dear %recipient%", True),
        ("Leave: %unsubscribe_url%", True),
        ("Dear %FIRSTNAME%", True),
        ("Dear %%FIRSTNAME%%", True),
        ("Dear %%=v(@name)=%%", True),
        ("Dear ${name}", True),
        ("Dear ${first_name}", True),
        ("Dear [[first_name]]", True),
        ('Dear [[FIRSTNAME OR "Friend"]]', True),
        ("Dear [firstname,fallback=friend]", True),
        ("Dear {first_name}", True),
        ("Dear {firstName}", True),
        ("Dear {$name}", True),
        ("Dear {!firstname}", True),
        ("Dear ~Contact.FirstName~", True),
        ("Dear [% member.name %]", True),
        ("in ${HOME} and $PATH and ${BASH_SOURCE[0]}", False),
        ("in %APPDATA% and %PATH%, 100% sure, 5% name 5%", False),
        ("see [[Main page]] and [name] and [1]", False),
        ("|a| * |b|", False),
        ("~contact us~", False),
        ("a set {name} of {first, last}", False),
        ("route /users/{id}", False),
        ("2001:db8:: and 2001:db8::/32 stand for others", False),
    ],
)
def test_what_was_never_filled_in_is_told(text: str, told: bool) -> None:
    mail = replace(plain(), html=f"<p>{text.replace('<', '&lt;')}</p>")

    assert bool(faults("leftover", mail)) is told


@pytest.mark.parametrize(
    "address", ["https://quay.example/?n=*%7CFNAME%7C*", "https://quay.example/%25recipient%25"]
)
def test_a_merge_field_in_an_address_is_told_as_it_was_written(address: str) -> None:
    told = [fault.text.split()[0] for fault in faults("leftover", linked(address))]

    assert told in (["*|FNAME|*"], ["%recipient%"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("TODO ask the owner", True),
        ("TODO: a photo", True),
        ("Bring a photo (TODO)", True),
        ("FIXME", True),
        ("There are TK steps", True),
        ("The date is TBD", True),
        ("XXX people came", True),
        ("We were XXX people", True),
        ("I wrote a TODO app", False),
        ("TODO apps in ten languages", False),
        ("Keep your TODO list short", False),
        ("How we count FIXME comments", False),
        ("TodoMVC and the TODO MVC", False),
        ("Super Bowl XXX", False),
        ("Todo: nothing, toDo", False),
        ("2001:db8:: and 2001:db8::/32 stand for others", False),
    ],
)
def test_a_note_to_oneself_is_told_and_a_thing_of_that_name_is_not(text: str, told: bool) -> None:
    assert bool(faults("draft-words", replace(plain(), html=f"<p>{text}</p>"))) is told


def test_code_may_say_what_it_likes() -> None:
    mail = replace(plain(), html="<p>Write <code>{{ name }}</code>:</p><pre>{% TODO %}</pre>")

    assert [faults(id, mail) for id in ("leftover", "draft-words")] == [[], []]


PIECES = st.sampled_from(
    """<p style='color:# #fff <a href=' '> </p> {{ }} %% <style> @media { } prefers-color-scheme:dark
    <img src='data: https://[ :// mailto: \ud7ff é <!-- a:b; <code> <svg> onclick=' ©2019 [x](y)""".split()
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_no_html_is_too_odd_for_a_check(html: str) -> None:
    mail = replace(plain(), html=html, text=html, clients=("outlook.windows",))

    for check in CHECKS:
        assert all(fault.text and fault.fix for fault in check.look(mail))


@given(st.text(max_size=60))
def test_no_subject_is_too_odd_for_a_check(text: str) -> None:
    issue = replace(plain().issue, subject=text, preheader=text, intro=text)
    mail = replace(plain(), issue=issue, given=frozenset({"subject", "preheader", "intro"}))

    for check in CHECKS:
        assert all(fault.text and fault.fix for fault in check.look(mail))


def test_every_check_has_an_id_of_its_own_and_a_promise_of_one_line() -> None:
    ids = [check.id for check in CHECKS]

    assert len(set(ids)) == len(ids)
    assert [
        check.id for check in CHECKS if not check.promise.endswith((".", "(asked with --online only)."))
    ] == []


def test_private_hosts_are_known() -> None:
    told = [
        links.is_private(name)
        for name in ("127.0.0.1", "10.0.0.1", "224.0.0.1", "::1", "8.8.8.8", "a.example")
    ]

    assert told == [True, True, True, True, False, False]
