"""The same rules where words, sentences and lines look otherwise."""

import pytest

from newsletter.excerpt import Limits, reading_minutes, summarize
from newsletter.excerpt.lead import lead
from newsletter.excerpt.ranker import ranker
from newsletter.excerpt.sentences import split
from newsletter.excerpt.words import words
from newsletter.model import Block, BlockKind

ARTICLES = {
    "de": (
        "Laternen am Kai",
        "Aber das ist nur der Anfang.",
        "Am 3. Oktober hängte Dr. Ahlers z. B. vierzig Laternen an den Kai.",
    ),
    "ja": ("岸壁の灯り", "しかし、これは始まりにすぎない。", "港の職員は古い岸壁に四十個の灯りをつるした。"),
    "zh": ("码头的灯笼", "但是，这只是开始。", "港务处在旧码头上挂了四十盏油灯。"),
    "ar": ("فوانيس الرصيف", "لكن هذا ليس سوى البداية.", "علّق مكتب الميناء أربعين فانوسا على الرصيف القديم."),
    "hi": ("घाट की लालटेनें", "लेकिन यह केवल शुरुआत है।", "बंदरगाह ने पुराने घाट पर चालीस लालटेनें टाँगीं।"),
    "ru": (
        "Фонари на причале",
        "Но это только начало.",
        "Портовая служба повесила сорок фонарей на старом причале.",
    ),
    "fr": (
        "Les lanternes du quai",
        "Mais ce n’est qu’un début.",
        "Le port a suspendu quarante lanternes au vieux quai.",
    ),
}


@pytest.mark.parametrize("method", [ranker(), lead()], ids=["ranker", "lead"])
@pytest.mark.parametrize(("language", "given"), ARTICLES.items(), ids=ARTICLES.keys())
def test_a_dangling_opener_is_passed_over_in_every_language(make, method, language, given):
    title, dangling, good = given
    article = make(dangling, good, title=title, language=language)
    assert summarize(article, method, Limits()).text == good


@pytest.mark.parametrize("language", ["en", "", "und", "xx"])
def test_scripts_speak_for_themselves_whatever_language_is_named(make, language):
    title, dangling, good = ARTICLES["ja"]
    assert summarize(make(dangling, good, title=title, language=language), lead(), Limits()).text == good


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("de", "Am 3. Oktober kam Dr. Ahlers. Er blieb.", 2),
        ("ja", "灯りがついた。「きれいだね。」と彼は言った。みんな帰った。", 3),
        ("zh", "灯亮了！你看到了吗？大家都回家了。", 3),
        ("ar", "أضيئت الفوانيس. هل رأيتها؟ عاد الجميع.", 3),
        ("hi", "लालटेनें जलीं। सब घर गए।", 2),
        ("es", "¿Quién las enciende? Un solo hombre. ¡Nadie le paga!", 3),
    ],
)
def test_sentences_are_found_in_many_languages(language, text, count):
    assert len(split(text, "", language)) == count


def test_sentences_of_a_script_without_spaces_are_joined_without_one(make):
    text = "港の職員は古い岸壁に灯りをつるした。夜になると船が帰ってくる。"
    assert summarize(make(text, title="岸壁", language="ja"), lead(), Limits()).text == text


def test_scripts_without_spaces_still_share_words():
    assert set(words("码头的灯笼")) & set(words("旧码头上"))


def _blocks(*given):
    return tuple(Block(BlockKind(kind), text, "", 1) for kind, text in given)


@pytest.mark.parametrize(
    ("blocks", "minutes"),
    [
        ((), 1),
        ((("paragraph", "word " * 20),), 1),
        ((("paragraph", "word " * 230 * 4),), 4),
        ((("code", "word " * 230 * 4),), 2),
        ((("paragraph", "灯" * 400 * 3),), 3),
        ((("paragraph", "ひかり" * 400),), 3),
        ((("paragraph", "फानूस " * 230 * 2),), 2),
        ((("paragraph", "word " * 230), ("paragraph", "灯" * 400), ("list", "word " * 230)), 3),
        ((("image", "word " * 2300), ("embed", "word " * 2300)), 1),
    ],
    ids=["nothing", "short", "words", "code at half", "han", "kana", "hindi", "mixed", "no alt texts"],
)
def test_reading_time_goes_by_script(blocks, minutes):
    assert reading_minutes(_blocks(*blocks)) == minutes
