"""What may be shown of an article without the sentences around it, and what says nothing there."""

import pytest

from newsletter.excerpt import Limits, summarize, trace
from newsletter.excerpt.cleaning import has_address, tidy
from newsletter.excerpt.lead import lead
from newsletter.excerpt.ranker import ranker
from newsletter.excerpt.sentences import split
from newsletter.excerpt.standing import Standing, names_itself, standing
from newsletter.model import ExcerptFrom

GOOD = "Forty oil lanterns hang along the old quay of the harbour."
BOTH = pytest.mark.parametrize("method", [ranker(), lead()], ids=["ranker", "lead"])

HANGING = {
    "also": "We also paint the ladder of the keeper each spring.",
    "instead": "The harbour office plans a second row of lamps instead.",
    "regardless": "Regardless, keepers fill every lamp before the sun is down.",
    "therefore": "In the coming winter, keepers will therefore light every second lamp.",
    "at the same time": "At the same time, the oil for the lamps comes from herring.",
    "this and a noun": "To work around this shortage, keepers mix the oil with water.",
    "these and a noun": "By cleaning these chimneys, keepers save a barrel of oil a year.",
    "bare this": "To do this, keepers climb the ladder twice a night.",
    "given this": "Given this, keepers wrote to the mayor about the oil.",
    "no name yet": "If you don't have it already, keepers hand out a lamp at the gate.",
    "the second": "The second is the lamp at the end of the long pier.",
}
EMPTY = {
    "here": "The list of every lamp in the harbour is available here.",
    "can be found here": "Notes on the lamps of the harbour can be found here.",
    "see the page": "See the history page for more information on the lamps.",
    "full list": "You can also find a full list of changes in our changelog.",
    "full details": "The full details for each lamp are available in its own ledger.",
    "channel": "If you have questions, open up a topic in the #lamps channel.",
    "join": "For lamp news, come and join us on the harbour forum.",
    "the above": "The keeper will not light the above lamps any more.",
    "thanks": "Many thanks to everyone who carried oil to the quay.",
    "appreciative": "The quay is shared, and we're very appreciative of the work of all keepers.",
    "came together": "Many people came together to light the quay this winter.",
    "install": "If you have a previous version of the lamp installed, you can get the new one with a coupon.",
    "greeting": "Hello again from the keepers of the harbour!",
    "forward": "We look forward to many more winters with the lamps.",
}


@BOTH
@pytest.mark.parametrize("bad", [*HANGING.values(), *EMPTY.values()], ids=[*HANGING, *EMPTY])
def test_a_sentence_that_hangs_or_says_nothing_is_never_shown_alone(make, method, bad):
    assert summarize(make(bad, GOOD), method, Limits(1, 260)).text == GOOD


@BOTH
@pytest.mark.parametrize("bad", EMPTY.values(), ids=EMPTY)
def test_a_sentence_that_says_nothing_is_no_second_sentence_either(make, method, bad):
    assert summarize(make(f"{GOOD} {bad}"), method, Limits()).text == GOOD


@pytest.mark.parametrize("hanging", HANGING.values(), ids=HANGING)
def test_a_sentence_that_hangs_may_follow_its_own_one(make, hanging):
    found = summarize(make(f"{GOOD} {hanging}"), lead(), Limits()).text
    assert found == f"{GOOD} {hanging}"


OTHER_LANGUAGES = [
    ("de", "Die Wärter putzen auch die Leiter.", Standing.AFTER_ANY),
    ("de", "Das Büro bleibt daher am Freitag geschlossen.", Standing.AFTER_ITS_OWN),
    ("de", "Wegen dieses Mangels mischen die Wärter Öl und Wasser.", Standing.AFTER_ITS_OWN),
    ("de", "In diesem Beitrag zeigen wir vierzig Laternen.", Standing.ALONE),
    ("de", "Vielen Dank an alle Wärter am Kai.", Standing.NOWHERE),
    ("de", "Weitere Informationen finden Sie auf der Seite des Hafens.", Standing.NOWHERE),
    ("fr", "Le bureau reste donc fermé le vendredi.", Standing.AFTER_ITS_OWN),
    ("fr", "Avec cette huile, les gardiens allument le quai.", Standing.AFTER_ITS_OWN),
    ("fr", "Dans cet article, nous montrons quarante lanternes.", Standing.ALONE),
    ("fr", "Un grand merci à tous les gardiens du quai.", Standing.NOWHERE),
    ("fr", "Pour en savoir plus, consultez la page du port.", Standing.NOWHERE),
    ("es", "La oficina cierra también los viernes.", Standing.AFTER_ANY),
    ("es", "Muchas gracias a todos los fareros del muelle.", Standing.NOWHERE),
    ("es", "Más información en la página del puerto.", Standing.NOWHERE),
    ("ru", "Спасибо всем смотрителям причала.", Standing.NOWHERE),
    ("ja", "詳しくは港のページをご覧ください。", Standing.NOWHERE),
    ("zh", "更多信息请看港口网页。", Standing.NOWHERE),
]


@pytest.mark.parametrize(("language", "text", "found"), OTHER_LANGUAGES)
def test_the_lists_of_other_languages_are_looked_at(language, text, found):
    assert standing(text, language, frozenset()) is found


@pytest.mark.parametrize(
    "text",
    [
        "Not only the keepers but also the fishers carry oil.",
        "Rather than buy oil, the keepers burn wood instead.",
        "The oil is dear, and keepers therefore light every second lamp.",
        "In this post, we show how keepers light the quay.",
        "This year, forty lamps hang along the quay.",
        "Those who carry oil get a lamp of their own.",
        "The keeper climbs up to the lamp so that this lamp burns first.",
        "If you have a disability, you can get help at the gate.",
        "Thanks to the new oil, the lamps burn until noon.",
        "Ask your doctor before you breathe lamp smoke.",
        "Greetings, keepers, the forty lamps are lit!",
    ],
)
def test_ordinary_sentences_stand_alone(text):
    assert standing(text, "en", frozenset()) is Standing.ALONE


def test_what_the_title_names_needs_no_sentence_before():
    text = "Through this lantern, keepers see the whole harbour."
    assert standing(text, "en", frozenset({"lantern"})) is Standing.ALONE
    assert standing(text, "en", frozenset({"quay"})) is Standing.AFTER_ITS_OWN


SELF_NAMED = {
    "release": "This patch release of the lamp mends a leak in the lower tank.",
    "is a": "This is a minor release for the lamps of the harbour.",
    "it has been": "It's been six weeks since the lamps were lit for the first time.",
}


@BOTH
@pytest.mark.parametrize("first", SELF_NAMED.values(), ids=SELF_NAMED)
def test_an_opening_that_leans_on_the_article_itself_is_better_than_nothing(make, method, first):
    found = summarize(make(first, "Happy lighting!"), method, Limits())
    assert (found.text, found.origin) != ("", ExcerptFrom.NONE)
    assert found.text == first


@pytest.mark.parametrize("text", ["This means light.", "It burns oil.", "This allowed us to update lamps."])
def test_other_openings_that_lean_still_need_the_sentence_before(make, text):
    assert not names_itself(text, "en")
    assert summarize(make(text), ranker(), Limits()).text == ""


@pytest.mark.parametrize(
    "opening",
    ["P.S. The lamps of the harbour get a second row.", "PS: The lamps of the harbour get a second row."],
)
def test_a_postscript_is_not_what_the_article_is_about(make, opening):
    article = make(f"{opening} The council pays for the lamps.", "The row hangs over the pier.")
    assert summarize(article, ranker(), Limits()).text == ""


def test_a_short_cheer_gives_way_to_a_sentence_that_says_something(make):
    assert summarize(make("Lamps are lit!", GOOD), lead(), Limits(1, 260)).text == GOOD


def test_the_trace_says_what_was_wrong_with_a_better_one(make):
    lines = trace(make(EMPTY["thanks"], HANGING["regardless"]), ranker(), Limits())
    assert lines[-1] == "nothing may stand as an excerpt: title alone"


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("en", "We moved to login.gov. Internally, little changed.", 2),
        ("en", "The lamps come on July 19. Notes follow soon.", 2),
        ("en", "The lamps come on July 19. [Notes] follow soon.", 2),
        ("en", "It took a long while. v1.0.0 is here!", 2),
        ("en", "In building beta.USA.gov we lit forty lamps.", 1),
        ("en", "The Go.USA.gov service is old. It ends.", 2),
        ("en", "Ask the U.S. Department of Lamps.", 1),
        ("de", "Am 3. Oktober kam er. Er blieb.", 2),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(language, text, parts):
    found = split(text, "", language)
    assert "".join(p.text for p in found).replace(" ", "") == text.replace(" ", "")
    assert [p.count for p in found] == [1] * parts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Keepers shape the guild (harbour/lamps#33) and meet.", "Keepers shape the guild and meet."),
        ("The leak is mended (#12, #13).", "The leak is mended."),
        ("Keepers write C# (and F#).", "Keepers write C# (and F#)."),
    ],
)
def test_what_is_left_of_links_to_tickets_goes(text, shown):
    assert tidy(text) == shown


def test_a_version_is_no_address():
    assert not has_address("lamp@5.0.1 is out.")
    assert has_address("Write to lamp@harbour.example now.")


def test_what_stands_twice_in_an_article_is_a_placeholder(make):
    article = make(GOOD, "No news from the lamps today.", "No news from the lamps today.")
    assert summarize(article, ranker(), Limits()).text == GOOD


def test_a_lead_in_to_an_example_takes_nothing_back(make):
    article = make("Keeper Ole fixes the leak in forty lamps. For example, this would fail before:")
    assert summarize(article, lead(), Limits()).text == "Keeper Ole fixes the leak in forty lamps."
