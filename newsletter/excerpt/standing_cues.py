"""Named lists of the words that let a sentence hang in the air.

By primary language subtag, as in :mod:`cues`. They are looked at only for sentences that are
about to be shown, so they may be many; the ranker does not know them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from newsletter.excerpt.cues import END, START, for_language, primary

# ── what hangs in the air ───────────────────────────────────────────────────

# Openers that lean, besides those of :mod:`cues`, which the ranker was fitted with.
_OPENERS: dict[str, str] = {
    "en": r"regardless(?! of| whether)|at the same time|either way|in any (?:case|event)|(?:this|that) way"
    r"|with that|(?:in|by) doing (?:so|this|that)|in both cases|in (?:these|those|such) (?:cases?"
    r"|situations?)"
    r"|once again|(?:aside|apart) from (?:this|that)|on top of (?:this|that)|other than (?:this|that)"
    r"|(?:even|by|back|since|until) then|(?:thanks|prior|due|in addition) to (?:this|that|these|those)"
    r"|because of (?:these|those)|(?:given|separate from) (?:this|that|these)|more (?:specifically"
    r"|generally|broadly)|as a consequence|all the same"
    r"|the (?:first|second|third|next|last|other|former|latter)(?: one| two| three)?"
    r" (?:is|are|was|were|will|has|have)|to that",
    "de": r"unabhängig davon|gleichzeitig|zugleich|so oder so|jedenfalls|ebenso|ebenfalls|hierfür|hierzu"
    r"|demnach|folglich|infolgedessen|im gegensatz dazu|darüber hinaus|des weiteren|daneben",
    "fr": r"en même temps|quoi qu['’]il en soit|de ce fait|pour autant|de même|par ailleurs|dans ce cas"
    r"|c['’]est pourquoi|à cet effet|malgré (?:cela|tout)|pour cela",
    "es": r"al mismo tiempo|en cualquier caso|de todos modos|por otra parte|asimismo|por consiguiente"
    r"|en consecuencia|en ese caso|a pesar de (?:ello|eso|esto)|para ello",
    "it": r"allo stesso tempo|in ogni caso|di conseguenza|inoltre|in questo caso|nonostante ciò|per questo",
    "pt": r"ao mesmo tempo|em todo o caso|de qualquer forma|por conseguinte|consequentemente|nesse caso"
    r"|apesar disso|para isso",
    "nl": r"tegelijkertijd|hoe dan ook|bovendien|desondanks|daarbij|hiervoor|in dat geval|als gevolg daarvan",
}
# What adds to something said before: fine behind another sentence, not as the first.
_ADDS: dict[str, str] = {
    "en": r"also",
    "de": r"auch|ebenfalls|außerdem|ausserdem|zudem|zusätzlich",
    "fr": r"également",
    "es": r"también|además",
    "it": r"inoltre",
    "pt": r"também|além disso",
    "nl": r"ook|bovendien|daarnaast",
    "ru": r"также|тоже|кроме того",
}
# What draws a conclusion, or turns from something said before.
_CONCLUDES: dict[str, str] = {
    "en": r"instead(?! of)|therefore|thus(?! far)|hence|consequently|accordingly|nevertheless|nonetheless"
    r"|however",
    "de": r"daher|deshalb|darum|deswegen|folglich|somit|stattdessen|dennoch|trotzdem|jedoch|allerdings"
    r"|dagegen|hingegen",
    "fr": r"donc|toutefois|cependant|pourtant|néanmoins|en revanche|par conséquent",
    "es": r"por (?:lo )?tanto|sin embargo|no obstante|en cambio|por eso|entonces",
    "it": r"pertanto|quindi|perciò|tuttavia|invece|però",
    "pt": r"portanto|no entanto|porém|contudo|por isso",
    "nl": r"daarom|echter|dus|toch|desondanks|daarentegen",
    "ru": r"поэтому|однако|тем не менее|следовательно",
}
#: A cause or a contrast inside the sentence: then the word belongs to that.
_INSIDE: dict[str, str] = {
    "en": r"and|but|since|because|as|if|when|while|although|though|not only|rather|not|no longer|unless"
    r"|without|than|instead of|\w+n['’]t",
    "de": r"und|aber|weil|da|wenn|obwohl|nicht|statt|kein\w*",
    "fr": r"et|mais|parce que|puisque|si|quand|bien que|pas|au lieu",
    "es": r"y|e|pero|porque|como|si|cuando|aunque|no",
    "it": r"e|ma|perché|poiché|se|quando|non",
    "pt": r"e|mas|porque|como|se|quando|embora|não",
    "nl": r"en|maar|omdat|als|wanneer|hoewel|niet",
    "ru": r"и|но|потому|если|когда|хотя|не",
}
# Pointing words before a noun, and what they may point at without a sentence before.
_POINTS_BACK: dict[str, str] = {
    "en": r"this|these|those(?! (?:who|of|with|that|in|from|whose|to|at|on|we|working|interested|\w+ing))",
    "de": r"dies(?:e[rsmn]?)?",
    "fr": r"ce(?:t|tte|s)",
    "es": r"est[ae]s?|es[ae]s?",
    "it": r"quest[aoie]|quell[aoie](?! che)",
    "pt": r"est[ae]s?|ess[ae]s?",
    "nl": r"deze",
}
#: What does not stand between "this" and the name of the article.
_NO_ADJECTIVE = (
    r"is|was|are|were|will|can|could|may|might|would|should|must|has|had|have|means|meant|makes?|made"
    r"|allow\w*"
    r"|lets?|helps?|helped|led|to|us|the|an?|our|we|you|of|for|in|on|and|by|as|with|\w+ing"
)
_ITSELF: dict[str, str] = {
    "en": r"(?:blogs?|posts?|articles?|guides?|series|releases?|versions?|reports?|updates?|pages?"
    r"|documents?|papers?|surveys?|tutorials?|newsletters?|editions?|roundups?|announcements?|advisory"
    r"|webinars?|events?|workshops?|episodes?|talks?|essays?|interviews?|recaps?|patch|videos?|trainings?"
    r"|sessions?|presentations?|podcasts?|resources?|toolkits?|checklists?|stor(?:y|ies)|training)",
    "de": r"\w*(?:beitrag|artikel|leitfaden|ausgabe|version|veröffentlichung|bericht|seite|umfrage|serie)\w*",
    "fr": r"(?:article|billet|guide|version|édition|rapport|page|série|document|sondage)s?",
    "es": r"(?:artículo|entrada|guía|versión|edición|informe|página|serie|documento|encuesta)s?",
    "it": r"(?:articol[oi]|guid[ae]|version[ei]|edizion[ei]|pagin[ae]|serie|rapporto)",
    "pt": r"(?:artigo|guia|versão|edição|relatório|página|série|documento)s?",
    "nl": r"(?:artikel|bericht|gids|versie|editie|rapport|pagina|reeks)\w*",
}
_NOW: dict[str, str] = {
    "en": r"(?:years?|months?|weeks?|week['’]s|year['’]s|month['’]s|days?|weekend|quarter|time|moment|decade"
    r"|century|spring|summer|fall|autumn|winter|season|morning|afternoon|evening|past|last|coming"
    r"|country|nation|world|administration|holiday|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
    "de": r"(?:jahr\w*|monat\w*|woche\w*|tage\w*|sommer\w*|winter\w*|frühjahr\w*|herbst\w*|mal)",
    "fr": r"(?:année|mois|semaine|jours?|été|hiver|printemps|automne|fois)",
    "es": r"(?:año|mes|semana|días?|verano|invierno|primavera|otoño|vez)",
    "it": r"(?:anno|mese|settimana|giorni|estate|inverno|primavera|autunno|volta)",
    "pt": r"(?:ano|mês|semana|dias?|verão|inverno|primavera|outono|vez)",
    "nl": r"(?:jaar|maand|week|dagen|zomer|winter|keer)",
}
# "It" that stands for nothing.
_IMPERSONAL: dict[str, str] = {
    "en": r"it(?:['’]s| is| was| has)(?: now| finally| also)? (?:been|time|that time|official"
    r"|with (?:great|much|a)"
    r"|no secret|\w+ (?:to|that|for))"
}
_CONDITION: dict[str, str] = {"en": r"(?:if|unless|in case)(?: [\w'’]+){0,4}? (?:it|them|they)"}


def _lead(words: int) -> str:
    return rf"\W*(?:[^\s,;:.]+ ){{1,{words}}}?"


@lru_cache(maxsize=64)
def leans(language: str) -> re.Pattern[str]:
    """Matches an opener that needs the sentence before."""
    return re.compile(rf"\W*(?:{for_language(_OPENERS, language)}){END}", re.I)


@lru_cache(maxsize=64)
def adds(language: str) -> re.Pattern[str]:
    """Matches a sentence whose first words add to something said before."""
    return re.compile(
        _lead(4) + rf"(?:{for_language(_ADDS, language) or '(?!)'}){END}(?! known| called)", re.I
    )


@lru_cache(maxsize=64)
def concludes(language: str) -> re.Pattern[str]:
    """Finds a conclusion out of, or a turn from, something that may stand before."""
    return _anywhere(_CONCLUDES, language)


@lru_cache(maxsize=64)
def inside(language: str) -> re.Pattern[str]:
    """Finds a cause or a contrast that such a word may belong to."""
    return _anywhere(_INSIDE, language)


@lru_cache(maxsize=64)
def points_back(language: str) -> re.Pattern[str]:
    """Finds a pointing word, unless it points at the article itself or at the present."""
    known = "|".join(found for table in (_ITSELF, _NOW) if (found := table.get(primary(language))))
    words = _POINTS_BACK.get(primary(language)) or "(?!)"
    return re.compile(
        rf"{START}(?:{words}){END}(?!(?: [\w'’-]+){{0,3}}? (?:{known or '(?!)'}){END})(?=[\s,.;!?])", re.I
    )


@lru_cache(maxsize=64)
def names_itself(language: str) -> re.Pattern[str]:
    """Matches an opening that speaks of the article, of what it announces, or of nothing at all."""
    between = rf"(?: (?!(?:{_NO_ADJECTIVE}){END})[\w.'’-]+){{0,3}}?"
    words, known = _POINTS_BACK.get(primary(language), "(?!)"), _ITSELF.get(primary(language), "(?!)")
    is_a = r"this is (?:an?|the|our|my)|" if primary(language) == "en" else ""
    impersonal = _IMPERSONAL.get(primary(language), "(?!)")
    return re.compile(rf"(?:(?:{is_a}{words}){between} (?:{known}){END}|(?:{impersonal}){END})", re.I)


@lru_cache(maxsize=64)
def unnamed(language: str) -> re.Pattern[str]:
    """Matches a condition about something that has no name yet."""
    return re.compile(rf"\W*(?:{_CONDITION.get(primary(language), '(?!)')}){END}", re.I)


def _anywhere(lists: dict[str, str], language: str) -> re.Pattern[str]:
    return re.compile(rf"{START}(?:{for_language(lists, language) or '(?!)'}){END}", re.I)
