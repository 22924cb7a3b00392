"""Named lists of the words with which an article takes back what it said.

By primary language subtag, as in :mod:`cues`. They are drawn wide: a claim too many passed
over costs a duller card, a claim too few misleads a reader.
"""

from __future__ import annotations

import re
from functools import lru_cache

from newsletter.excerpt.cues import END, START, anywhere, opening, primary

# Openers that turn round or narrow what was said just before.
CONTRAST: dict[str, str] = {
    "en": r"but|however|yet|still|although|though|even so|that said|nevertheless|nonetheless"
    r"|on the other hand|in reality"
    r"|in fact|actually|unfortunately|despite (?:this|that)|except|unless|only|critics|sceptics|skeptics"
    r"|experts|the catch"
    r"|not (?:all|every|everyone)|conversely|by contrast|in contrast|the (?:truth|problem|caveat|downside)"
    r"|beware|caution",
    "de": r"aber|doch|jedoch|allerdings|dennoch|trotzdem|hingegen|dagegen|leider|kritiker|experten|zwar"
    r"|nicht alle|nur|vorsicht",
    "fr": r"mais|cependant|toutefois|pourtant|néanmoins|en revanche|or|malheureusement|en réalité"
    r"|attention|au contraire",
    "es": r"pero|sin embargo|no obstante|aunque|por desgracia|en realidad|en cambio|no todos|cuidado",
    "it": r"ma|però|tuttavia|purtroppo|in realtà|invece|al contrario|attenzione",
    "pt": r"mas|porém|contudo|no entanto|entretanto|infelizmente|na verdade|embora|cuidado",
    "nl": r"maar|echter|toch|helaas|daarentegen|in werkelijkheid|niet alle|let op",
    "ru": r"но|однако|тем не менее|впрочем|к сожалению|на самом деле|хотя|зато",
    "ar": r"و?لكن\w*|غير أن|إلا أن|و?مع ذلك|للأسف|بيد أن",
    "hi": r"लेकिन|परंतु|परन्तु|किंतु|मगर|हालांकि|हालाँकि|फिर भी|दुर्भाग्य",
}
CONTRAST_UNSPACED = (
    r"しかし|だが|でも|ただし|ところが|とはいえ|一方|ですが|但|不过|不過|然而|可是|遗憾|遺憾|แต่"
)

# What denies or limits a claim by itself, wherever in a sentence it stands.
HEDGE: dict[str, str] = {
    "en": r"no (?:\w+ )?(?:evidence|proof|data|guarantees?|cure|basis|reason to believe|effect|benefit"
    r"|difference|link|such|trials?|stud(?:y|ies)|research)"
    r"|(?:little|limited|weak|scant|insufficient|inconclusive|mixed|poor|not enough|lack(?:s|ed"
    r"|ing)?(?: of)?|without|anecdotal)"
    r" (?:\w+ ){0,2}(?:evidence|proof|data|support|research|results?)"
    r"|(?:not|never|n['’]t) (?:\w+ ){0,3}(?:proven|proved?|shown?|established|confirm(?:ed)?|tested"
    r"|guaranteed?|recommended?|approved?|true|safe"
    r"|advice|mean|replace|substitute|replicated?|demonstrated?|verif(?:y|ied)|insured|covered|cure|prevent)"
    r"|unproven|unconfirmed|untested|inconclusive|debunked|disproved|disproven|retracted|refuted|discredited"
    r"|misleading|false|falsely|untrue|incorrect|inaccurate|exaggerated|overstated|myths?|hoax|den(?:ied"
    r"|ies)|disputed?|disputes|rejected"
    r"|contradict\w*|controversial|questionable|caveats?|side effects?|adverse|fatal|placebo"
    r"|more (?:research|studies|study|evidence|data|trials?) (?:is|are|will be|would be"
    r"|may be)? ?(?:needed|required|necessary)"
    r"|further (?:research|studies|study|trials?)|too (?:early|soon|small)|preliminary|small (?:study"
    r"|trial|sample)"
    r"|(?:study|trial|sample) (?:was|is) (?:very |too )?(?:small|tiny)|in (?:mice|rats|animals)|correlation"
    r"|results (?:may|can|will)? ?(?:vary|differ)|past performance|lose (?:money|value|some|all)"
    r"|(?:consult|ask|talk to|speak (?:to|with)|see|check with) (?:a|an|your|with)\b(?: \w+)? (?:doctor"
    r"|physician|pharmacist|lawyer"
    r"|attorney|advis[eo]r|gp|midwife|nurse|professional|accountant)|(?:financial|legal|medical) advice"
    r"|withdrawn|withdrew|recalled|critics|sceptics|skeptics|experts (?:warn|caution|doubt|disagree"
    r"|say there)",
    "de": r"kein\w* (?:\w+ )?(?:beweise?|belege?|nachweise?|garantie|wirkung)"
    r"|nicht (?:\w+ ){0,2}(?:bewiesen|belegt|erwiesen"
    r"|nachgewiesen|bestätigt|geklärt|sicher|empfohlen|garantiert|zugelassen|wirksam)|unbewiesen"
    r"|umstritten|unklar|falsch|irreführend"
    r"|mythos|widerlegt|nebenwirkung\w*|weitere (?:studien|forschung|untersuchungen)|kleine (?:studie"
    r"|stichprobe)|arzt|ärztin|verlust\w*",
    "fr": r"aucune? (?:preuve|garantie|étude|effet)|pas (?:\w+ ){0,2}(?:prouvée?|démontrée?|confirmée?"
    r"|établie?|recommandée?|garantie?|sûre?)"
    r"|faux|fausse|mythe|trompeu\w+|incertain\w*|contesté\w*|dangereu\w+|effets secondaires|médecin"
    r"|pertes?|petite étude",
    "es": r"no (?:hay|existe\w*) (?:\w+ )?(?:pruebas?|evidencias?|garantías?)"
    r"|no (?:se )?(?:ha\w* )?(?:\w+ )?(?:demostrad\w|probad\w|confirmad\w)"
    r"|sin (?:pruebas|evidencia|garantía)|falso|falsa|mito|engaños\w|incierto|peligros\w"
    r"|efectos secundarios|médico|pérdidas?"
    r"|más (?:estudios|investigación)",
    "it": r"nessun[ao]? (?:prova|garanzia|evidenza|studio)|non (?:\w+ ){0,2}(?:dimostrat\w|provat\w"
    r"|confermat\w|sicur\w)|fals[oa]|mito"
    r"|pericolos\w|effetti collaterali|medico|perdite|altri studi",
    "pt": r"não (?:há|existe\w*) (?:\w+ )?(?:provas?|evidências?|garantias?)|não (?:foi|foram"
    r"|está) (?:\w+ )?(?:provad\w|comprovad\w|confirmad\w)"
    r"|fals[oa]|mito|enganos\w|perigos\w|efeitos colaterais|médico|perdas?|mais estudos",
    "nl": r"geen (?:\w+ )?(?:bewijs|garantie|effect)|niet (?:\w+ ){0,2}(?:bewezen|aangetoond|bevestigd"
    r"|veilig|aanbevolen)|onbewezen|omstreden"
    r"|onwaar|misleidend|mythe|bijwerking\w*|gevaarlijk|huisarts|meer onderzoek",
    "ru": r"нет (?:\w+ )?(?:доказательств|подтвержден\w+|гаранти\w+)|не (?:\w+ ){0,2}(?:доказан\w*"
    r"|подтвержден\w*|подтверждён\w*|установлен\w*|гарантиру\w+"
    r"|рекоменду\w+)|ложь|ложн\w+|миф|опасн\w+|побочн\w+|врач\w*|неясно|сомнительн\w+|спорн\w+",
    "ar": r"لا (?:يوجد|توجد|تثبت|يثبت|يعني|يضمن)\w*|لم (?:يثبت|تثبت|يتأكد|تؤكد|يؤكد)\w*|ليس\w*|غير (?:مؤكد"
    r"|مثبت|صحيح|واضح|آمن)\w*|خرافة|مضلل\w*|مخاطر|الطبيب|دليل قاطع",
    "hi": r"प्रमाण|सबूत|झूठ[ऀ-ॣ]*|मिथक|भ्रामक|जोखिम|खतर[ऀ-ॣ]*|दुष्प्रभाव|डॉक्टर|चिकित्सक|अनिश्चित|सावधान[ऀ-ॣ]*",
}

# Plain negation and risk: a hedge only of the claim that it speaks of.
DOUBT: dict[str, str] = {
    "en": r"(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|may|might|should|need"
    r"|must) (?:not|never)|cannot|\w+n['’]t"
    r"|risks?|risky|dangerous|harm(?:s|ful|ed)?|illegal|unlawful|warn(?:s|ed|ing)?|caution\w*|unclear"
    r"|uncertain|limitations?|limited"
    r"|drawbacks?|fail(?:s|ed|ure)?|volatile|loss(?:es)?|unless|except|only (?:if|when|for|in|applies|some"
    r"|a few)|depends on|nobody|no one|none"
    r"|neither|observational|in the lab|laboratory|doubt\w*|controvers\w+|unlikely",
    "de": r"nicht|kein\w*|warn\w+|vorsicht|risik\w+|gefährlich|nur (?:bei|wenn|für|in)|ärztlich\w*",
    "fr": r"pas|aucune?|jamais|risques?|attention|seulement|d['’]autres études",
    "es": r"no|nunca|riesgos?|solo|sólo|cuidado",
    "it": r"non|mai|rischi\w*|solo|attenzione",
    "pt": r"não|nunca|riscos?|só|apenas|cuidado",
    "nl": r"niet|geen|nooit|risico\w*|alleen",
    "ru": r"не|нет|никогда|риск\w*|только",
    "ar": r"لا|لم|لن|ليست?|خطر\w*|فقط",
    "hi": r"नहीं|न|केवल|सिर्फ",
}
HEDGE_UNSPACED = (
    r"証拠は(?:ない|ありません|なく)|証明されて(?:い)?(?:ない|いません|おらず)|確認されて(?:い)?(?:ない|いません|おらず)|保証(?:は|する|され).{0,6}(?:ない|ません)"
    r"|とは限ら|わけではな|ではありません|ではない|誤り|誤解|副作用|危険|リスク|医師|不明|限定的|根拠は(?:ない|ありません)|損失|注意"
    r"|没有(?:\w{0,6})(?:证据|證據|证明|保证|科学)|沒有(?:\w{0,6})(?:證據|保證|證明)|尚未|未经|未經|并不|並不|并非|並非|不能|不代表|不一定|不保证|不保證"
    r"|谣言|謠言|误导|誤導"
    r"|虚假|错误|錯誤|风险|風險|副作用|医生|醫生|争议|爭議|有限|仅在|亏损|虧損"
)

# What says that something works, pays or causes: a reader may act on it.
CLAIM: dict[str, str] = {
    "en": r"cur(?:e[sd]?|ing)|heals?|treat(?:s|ed|ment)?|prevent(?:s|ed|ing)?|reduc(?:e[sd]?|ing)"
    r"|lower(?:s|ed|ing)?|cut(?:s|ting)?"
    r"|increas(?:e[sd]?|ing)|boost(?:s|ed|ing)?|improv(?:e[sd]?|ing)|protect(?:s|ed|ing)?|reliev(?:e[sd]?"
    r"|ing)|caus(?:e[sd]?|ing)"
    r"|eliminat\w+|halv(?:e[sd]?|ing)|doubl(?:e[sd]?|ing)|tripl\w+|revers(?:e[sd]?|ing)|stops?|kills?"
    r"|fights?|burns?|melts?|slow(?:s|ed)?"
    r"|save[sd]?|saving|earn(?:s|ed|ing)?|returns?|yields?|profits?|gain(?:s|ed)?|pays?|beats?"
    r"|outperform\w*|grow(?:s|th)?|guarante\w+"
    r"|safe(?:ly)?|effective(?:ly)?|proven|works?|best|fastest|better|faster|cheaper|risk-free|always"
    r"|never|every(?:one)?|legal(?:ly)?"
    r"|allow(?:s|ed)?|entitle[sd]?|exempt|tax|deduct\w*|help(?:s|ed)?|ease[sd]?|extend(?:s|ed)?|shown?"
    r"|shows|found|finds|study|studies|trial"
    r"|research\w*|scientists|doctors|percent|linked|strengthen\w*|restore[sd]?|lose|loses|lost|can|will"
    r"|must|free|solve[sd]?|fix(?:es|ed)?",
}


@lru_cache(maxsize=64)
def contrast(language: str) -> re.Pattern[str]:
    """Matches the start of a sentence that turns round what was said just before."""
    return opening(CONTRAST, CONTRAST_UNSPACED, language)


@lru_cache(maxsize=64)
def hedge(language: str) -> re.Pattern[str]:
    """Finds what denies or limits by itself, anywhere in a sentence."""
    return anywhere(HEDGE, HEDGE_UNSPACED, language)


@lru_cache(maxsize=64)
def doubt(language: str) -> re.Pattern[str]:
    """Finds plain negation and risk: the weaker sign, for a sentence that speaks of the claim."""
    return anywhere(DOUBT, "", language)


@lru_cache(maxsize=64)
def claim(language: str) -> re.Pattern[str]:
    """Finds the words of a claim; without a list for the language everything is taken for one."""
    own = CLAIM.get(primary(language))
    return re.compile(rf"{START}(?:{own}){END}|\d|%" if own else "", re.I)
