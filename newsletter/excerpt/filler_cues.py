"""Named lists of the words by which a sentence says nothing on a card.

By primary language subtag, as in :mod:`cues`: pointers to other places, thanks, ways to
install, calls to the reader. Looked at only for sentences that are about to be shown.
"""

from __future__ import annotations

import re
from functools import lru_cache

from newsletter.excerpt.cues import END, START, for_language, primary

_MORE = r"(?:more|further|full|complete|detailed|additional|all(?: the)?|extensive)"
_PLACE = (
    r"(?:information|details|change ?logs?|changes|release notes|history|documentation|docs|pages?|website"
    r"|site"
    r"|repository|repo|milestone|tracking issue|blog post|github|wiki|faqs?|slides|recording|video"
    r"|(?:full|complete) \w+|list of)"
)
#: At the start of a sentence.
POINTERS: dict[str, str] = {
    "en": r"(?:please |feel free to |(?:be|make) sure to |don['’]t forget to |you (?:can|may|should"
    r"|might) (?:also )?"
    rf"|(?:for|to (?:see|view|read|get|find)) {_MORE} [^,]{{0,80}}, (?:please )?(?:you can )?)?"
    r"(?:see|check out|refer to|consult|visit|(?:take|have) a look at|look at|head (?:over )?to|go to|read"
    r"|view"
    rf"|find|browse) (?:(?!how|why|what)\S+ ){{0,6}}?{_PLACE}"
    r"|as (?:always|usual|ever), (?:please )?(?:check|see|happy|you can|feel|thank)"
    r"|(?:please )?let us know|stay tuned|keep an eye|reach out|get in touch|drop us|(?:e-?mail|tweet"
    r"|ping) us"
    r"|if you['’]?(?:re|ve|d| have| find| want| would| are| encounter| run into| notice| spot)\b.{0,120}"
    r"(?:let us know|open (?:up )?an? |file an? |report (?:it|them)|reach (?:out|us)|get in touch|e-?mail us"
    r"|please (?:join|contact|ask|file|open|report|see|check|visit|comment)|contact us|join (?:us|the|our)"
    r"|ask us)"
    r"|we(?:['’]re| are)? look(?:ing)? forward to|(?:note|tip)(?=:)|there (?:are|were|is"
    r"|have been) (?:also )?(?:\w+ )?other (?:\w+ )?(?:changes|improvements"
    r"|fixes|additions|updates)|release notes (?:can|are)|(?:hello|hi|hey|greetings"
    r"|dear)\b,?[^,.:;!?]{0,50}[!,.]?$",
    "de": r"(?:mehr|weitere|nähere|alle|ausführliche) (?:informationen|infos|details|einzelheiten)\b.{0,60}"
    r"(?:hier|unter|auf|im|in|bei|gibt|finden|findest)"
    r"|hier (?:geht|finden|findest|klicken|gibt es)|siehe\b|lesen sie\b|lies\b|(?:die|das|den|eine) .{0,60}"
    r"(?:finden sie|findest du|findet ihr|gibt es|finden sich) (?:hier|unter|auf|im|in)",
    "fr": r"(?:pour )?(?:en savoir plus|plus d['’]informations?|plus de détails|davantage d['’]informations?)"
    r"|(?:consultez|voir|voyez|retrouvez|cliquez|rendez-vous|lisez)\b",
    "es": r"(?:para )?(?:obtener )?más (?:información|detalles)|(?:consulte|consulta|vea|véase|visite|visita"
    r"|haga clic|haz clic|lea|lee)\b",
    "it": r"(?:per )?(?:maggiori|ulteriori) (?:informazioni|dettagli)|(?:consulta|vedi|visita|leggi"
    r"|clicca)\b",
    "pt": r"(?:para )?(?:obter )?mais (?:informações|detalhes)|(?:consulte|veja|visite|leia|clique)\b",
    "nl": r"(?:voor )?meer (?:informatie|details)|(?:zie|bekijk|bezoek|lees|klik)\b",
    "ru": r"подробнее|(?:больше|дополнительн\w+) информаци\w+|смотрите|читайте",
}
#: Wherever they stand.
LINKS: dict[str, str] = {
    "en": r"(?:available|found|listed|described|documented|seen|read|viewed|accessed|posted|downloaded"
    r"|linked)"
    r"(?: \w+){0,3} (?:here|below|above)(?=\W*$)"
    rf"|{_MORE} (?:\w+ ){{0,3}}(?:details|information|instructions|notes|changelog|list|documentation"
    rf"|changes)\b"
    r".{0,90}\b(?:is|are|can be) (?:also )?(?:available|found|listed)"
    r"|(?:join|find|reach|ask|ping|contact|message|follow|chat with|talk to"
    r"|open up a topic)\b(?: [\w'’]+){0,4}"
    r" (?:in|on|at|via|through) (?:\w+ ){0,3}(?:#[a-z]|slack|discord|zulip|irc\b|gitter|matrix|mailing list"
    r"|twitter|forum)"
    r"|the (?:above|aforementioned)(?! all)|(?:shown|mentioned|described|listed|discussed|pictured|as|see)"
    r" (?:above|below)|the (?:\w+ )?(?:code|example|list|table|figure|chart|screenshot|snippet|video"
    r"|section|post) (?:above|below)",
    "de": r"(?:finden sie|findest du|verfügbar|abrufbar|nachzulesen) hier(?=\W*$)|hier (?:verfügbar|abrufbar"
    r"|zu finden|nachzulesen)",
    "fr": r"(?:disponibles?|consultables?|accessibles?) (?:ici|ci-dessous|ci-dessus)",
    "es": r"(?:disponibles?|encontrar|consultar) (?:aquí|a continuación)",
    "it": r"(?:disponibil[ei]|consultabil[ei]) qui",
    "pt": r"(?:disponíve(?:l|is)|encontrad\w+) aqui",
    "nl": r"hier (?:beschikbaar|te vinden)",
}
#: At the start, or after a pronoun at the start.
THANKS: dict[str, str] = {
    "en": r"(?:(?:many|special|big|huge|a (?:big|huge|special|hearty)|and|as always|once again),? )*"
    r"(?:thanks|thank[- ]you|kudos|shout-?out|props)(?! to\b[^.!]*, (?:we|you|they|it|our|the|a|\w+ (?:is"
    r"|are|was|can|has|have|will|now))\b)"
    r"|(?:\w+['’]?\w* ){0,3}would(?: also)? like to (?:thank|acknowledge)|we['’]d(?: also)? like to thank"
    r"|we thank"
    r"|.{0,60}\b(?:we|i)(?: are|['’]re| am|['’]m) (?:\w+ ){0,2}(?:thankful|grateful|appreciative)"
    r"|(?:many|lots of|hundreds of|so many) (?:people|folks|contributors|volunteers) (?:came together|helped"
    r"|contributed)|(?:we|this release|none of this)\b.{0,40}(?:couldn['’]t|could not|wouldn['’]t"
    r"|would not)\b"
    r".{0,60}\bwithout\b",
    "de": r"(?:vielen|herzlichen|besten|ein (?:großes|herzliches)|großer) dank|dank(?:e|eschön)"
    r"|wir (?:danken|bedanken)",
    "fr": r"(?:un (?:grand|immense) )?merci|nous (?:remercions|tenons à remercier)",
    "es": r"(?:muchas |muchísimas )?gracias|(?:les |os )?agradecemos|queremos (?:dar las gracias|agradecer)",
    "it": r"(?:molte |mille )?grazie|ringraziamo",
    "pt": r"(?:muito )?obrigad[oa]s?|agradecemos",
    "nl": r"(?:veel |hartelijk )?(?:dank|bedankt)|(?:wij|we) (?:danken|bedanken)",
    "ru": r"(?:большое )?спасибо|благодарим|мы благодарны",
}
#: How to get what the article is about: the same in each article of its kind.
INSTALLS: dict[str, str] = {
    "en": r"if you (?:[\w'’]+ ){0,3}(?:have|had|use|using|['’]ve)\b.{0,60}\b(?:installed|versions?)\b.{0,60}"
    r"\b(?:can|get|run|upgrad\w+|updat\w+|install\w*)"
    r"|if you (?:don['’]t|do not) (?:already |yet )?have .{1,40}(?:already|yet|installed)?,? you can"
    r" (?:get|install|download)"
    r"|to (?:install|upgrade|update|download)\b.{0,60}\b(?:run|use|type|execute|follow|simply|just)"
    r"|(?:you can |simply |just )(?:install|download|upgrade|update)\b.{0,60}\b(?:from|with|via|using"
    r"|by running|through)"
    r"|(?:run|type) (?:the (?:following|command)|gem |npm |pip |cargo |apt )",
    "de": r"(?:zum|zur) (?:installieren|aktualisieren|installation|aktualisierung)\b",
    "fr": r"pour (?:installer|mettre à jour|télécharger)\b",
    "es": r"para (?:instalar|actualizar|descargar)\b",
}
_NOTHING_UNSPACED = (
    r"詳しくは|詳細は|ありがとうございま|ご覧ください"
    r"|详情请|更多信息|请参阅|感谢|谢谢|詳情請|更多資訊|感謝|謝謝"
)

# ── what an author's few words do not state ─────────────────────────────────

_CALLS: dict[str, str] = {
    "en": r"(?:please )?(?:learn|find out|read|see|discover|join|register|sign up|check|get|watch|explore"
    r"|help|meet|hear"
    r"|come|visit|follow|subscribe|apply|click|tell us|take|listen|share|download|try|view|browse)",
    "de": r"(?:jetzt )?(?:lesen|erfahren|entdecken|entdecke|lies|mach|machen|melden|melde|besuchen|besuche"
    r"|hören|sehen) "
    r"(?:sie|mit|mehr|hier|dich|dir|euch|an)",
    "fr": r"(?:découvrez|lisez|apprenez|rejoignez|inscrivez|participez|cliquez|visitez|écoutez|regardez)",
    "es": r"(?:descubr[ea]|lea|lee|aprend[ea]|únete|únase|inscríb\w+|participa|participe|visit[ea]"
    r"|escuch[ea]|conozca|conoce)",
    "it": r"(?:scopri|scoprite|leggi|leggete|partecipa|partecipate|iscriviti|visita|ascolta|guarda)",
    "pt": r"(?:descubra|leia|saiba|participe|inscreva|visite|ouça|veja|conheça)",
    "nl": r"(?:ontdek|lees|leer|meld|bezoek|luister|bekijk|doe mee)",
}
_VERBS: dict[str, str] = {
    "en": r"^\w+ing|is|are|was|were|be|has|have|had|do|does|did|will|can|could|may|must|should|would"
    r"|keeps?|makes?"
    r"|helps?"
    r"|gets?|gives?|takes?|brings?|wins?|turns?|shows?|comes?|goes|needs?|works?|means?|\w+n['’]t"
    r"|\w+['’](?:s|re|ve|ll)"
    r"|announce[sd]?|launche[sd]|release[sd]?|introduce[sd]?|presents?|shares?|unveil(?:s|ed)|explain(?:s"
    r"|ed)",
}


@lru_cache(maxsize=64)
def says_nothing(language: str) -> re.Pattern[str]:
    """Matches, from its start on, a sentence that points elsewhere, gives thanks or says how to install."""
    opening = "|".join(
        found for table in (POINTERS, THANKS, INSTALLS) if (found := for_language(table, language))
    )
    links = for_language(LINKS, language)
    later = rf"|.*?{START}(?:{links})" if links else ""
    return re.compile(rf"\W*(?:(?:{opening or '(?!)'}){END}|(?:{_NOTHING_UNSPACED}){later})", re.I)


@lru_cache(maxsize=64)
def calls(language: str) -> re.Pattern[str]:
    """Matches the start of a call to the reader."""
    return re.compile(rf"\W*(?:{_CALLS.get(primary(language), '(?!)')}){END}", re.I)


@lru_cache(maxsize=64)
def verbs(language: str) -> re.Pattern[str]:
    """Finds a verb that makes a sentence out of a few words."""
    return re.compile(rf"{START}(?:{for_language(_VERBS, language) or '(?!)'}){END}", re.I)
