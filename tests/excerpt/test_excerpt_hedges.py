"""A claim that its article takes back never stands on a card by itself."""

import pytest

from newsletter.excerpt import Limits, summarize
from newsletter.excerpt.lead import lead
from newsletter.excerpt.ranker import ranker

SAFE = "The island grows kelp in long rows off its northern shore."

TAKEN_BACK = {
    "denied next": ("Kelp tea cures the common cold.", "There is no evidence for this."),
    "small study": (
        "Kelp capsules cut blood pressure by 30 percent.",
        "The study was small and was paid for by the maker.",
    ),
    "however": ("Kelp funds returned 12 percent last year.", "However, the year before they lost half."),
    "but not shown": ("Kelp baths slow ageing.", "But that has not been shown in people."),
    "ask a doctor": ("Kelp powder replaces thyroid tablets.", "Ask your doctor before you stop any of them."),
    "past performance": ("Kelp bonds pay 9 percent.", "Past performance is no promise of what comes."),
    "myth": ("Kelp keeps sharks away.", "That is a myth."),
    "critics": ("Kelp farms clean the sea of nitrogen.", "Critics say that the figures are made up."),
    "animals only": ("Kelp extract shrinks tumours.", "So far it did so in mice."),
    "law": ("Tenants can keep the deposit for kelp.", "This is not legal advice, and courts disagree."),
    "only some": (
        "Kelp growers are exempt from tax.",
        "Only farms under one hectare are, unless they export.",
    ),
}
BOTH = pytest.mark.parametrize("method", [ranker(), lead()], ids=["ranker", "lead"])


@BOTH
@pytest.mark.parametrize(("claim", "hedge"), TAKEN_BACK.values(), ids=TAKEN_BACK.keys())
def test_the_hedge_comes_along_or_another_sentence_is_picked(make, method, claim, hedge):
    found = summarize(make(f"{claim} {hedge}", SAFE, title="Kelp"), method, Limits()).text
    assert claim not in found or hedge in found
    assert found


@BOTH
@pytest.mark.parametrize(("claim", "hedge"), TAKEN_BACK.values(), ids=TAKEN_BACK.keys())
def test_with_room_for_one_sentence_the_claim_is_passed_over(make, method, claim, hedge):
    found = summarize(make(f"{claim} {hedge}", SAFE, title="Kelp"), method, Limits(1, 260)).text
    assert claim not in found


@BOTH
def test_a_hedge_in_the_next_paragraph_counts(make, method):
    article = make(
        "Kelp tea cures the common cold.", "However, no trial has ever confirmed it.", SAFE, title="Kelp"
    )
    found = summarize(article, method, Limits(1, 260)).text
    assert "cures" not in found


@BOTH
def test_a_denial_two_sentences_on_counts_when_it_speaks_of_the_claim(make, method):
    article = make(
        "Kelp tea cures the common cold. Thousands drink it. Doctors found no evidence that kelp tea works.",
        SAFE,
        title="Kelp",
    )
    found = summarize(article, method, Limits()).text
    assert "cures" not in found or "no evidence" in found


@BOTH
def test_a_claim_that_is_announced_as_false_is_not_shown_as_true(make, method):
    article = make("One kelp story is false. Kelp tea cures the common cold.", SAFE, title="Kelp")
    found = summarize(article, method, Limits()).text
    assert "cures" not in found or "false" in found


@BOTH
def test_what_stands_under_a_heading_that_denies_it_is_not_shown(make, method):
    article = make(
        ("heading", "Myth 1"), "Kelp tea cures the common cold.", ("heading", "Farming"), SAFE, title="Kelp"
    )
    assert summarize(article, method, Limits()).text == SAFE


@BOTH
def test_a_plain_fact_needs_no_company(make, method):
    article = make("Keeper Ole rows to the kelp each morning. He sings. The rows are long.", title="Kelp")
    assert "Keeper Ole rows to the kelp each morning." in summarize(article, method, Limits()).text


@pytest.mark.parametrize(
    ("language", "claim", "hedge", "safe"),
    [
        (
            "de",
            "Algentee heilt jede Erkältung.",
            "Dafür gibt es keine Belege.",
            "Die Insel baut Algen in langen Reihen an.",
        ),
        (
            "fr",
            "La tisane guérit le rhume.",
            "Aucune preuve ne le confirme.",
            "Les algues poussent au nord de l’île.",
        ),
        (
            "es",
            "El té cura el resfriado.",
            "No hay pruebas de que funcione.",
            "La isla cultiva algas en la costa norte.",
        ),
        (
            "ja",
            "昆布茶は風邪を治します。",
            "しかし、その効果は証明されていません。",
            "島の北側では昆布が育てられています。",
        ),
        ("zh", "海带茶可以治好感冒。", "但是目前没有证据支持这一点。", "岛的北岸种着一排排海带。"),
        (
            "ar",
            "شاي الأعشاب يعالج الزكام.",
            "لا يوجد دليل على ذلك.",
            "تزرع الجزيرة الأعشاب على شاطئها الشمالي.",
        ),
        (
            "hi",
            "समुद्री चाय सर्दी ठीक करती है।",
            "लेकिन इसका कोई प्रमाण नहीं है।",
            "द्वीप के उत्तर में शैवाल की खेती होती है।",
        ),
    ],
)
def test_hedges_are_known_in_other_languages(make, language, claim, hedge, safe):
    article = make(f"{claim} {hedge}", safe, title="Kelp", language=language)
    found = summarize(article, ranker(), Limits(1, 260)).text
    assert claim not in found
    assert found
