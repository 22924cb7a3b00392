"""Named lists of cue words: the only place where the excerpt room knows a language.

Each list is by primary language subtag. A language without a list has no cue: its
sentences are then judged by position, length and shared words alone. Lists in a
script of their own hold whatever the article says its language is.
"""

from __future__ import annotations

import re
from functools import lru_cache

# A sentence that opens with one of these leans on the one before it.
DANGLING: dict[str, str] = {
    "en": r"this|it|its|he|she|they|these|those|that|their|theirs|his|hers?|him|them|such|but|and|so|or|nor|yet"
    r"|however|also|for (?:example|instance)|then|thus|hence|therefore|instead|otherwise|besides|moreover"
    r"|furthermore|additionally|in addition|similarly|likewise|consequently|accordingly|nevertheless|nonetheless"
    r"|meanwhile|afterwards?|as a result|as such|in (?:contrast|turn|other words|fact|that case|this case|this way)"
    r"|on the (?:other hand|contrary)|by (?:contrast|comparison)|for (?:this|that|these|those) reasons?|that said"
    r"|because of (?:this|that)|to (?:this|that) end|at (?:this|that) (?:point|time)|after (?:that|this)|even so"
    r"|the (?:former|latter|same|others?)|both|neither|either|others|another|too|still|again|conversely"
    r"|(?:second|third|fourth)(?:ly)?\b(?=,)|finally|lastly|next\b(?=,)|of course|which|whereas|although this",
    "de": r"dies(?:e[rsmn]?)?|das|es|er|sie|ihn?|ihm|ihre?[rnms]?|seine?[rnms]?|aber|und|oder|doch|jedoch|denn|also"
    r"|daher|darum|deshalb|deswegen|dadurch|damit|dabei|dagegen|dazu|danach|dann|außerdem|ausserdem|zudem|ferner"
    r"|trotzdem|dennoch|allerdings|hingegen|stattdessen|zum beispiel|so|solche[rsmn]?|auch|schließlich|jene[rsmn]?",
    "fr": r"ce(?:t|tte|s|la|ci|lui|lle|ux|lles)?|c['’](?:est|était)|ça|il|elle|ils|elles|leurs?|son|sa|ses|mais|et|ou|or|donc"
    r"|car|ainsi|cependant|toutefois|pourtant|néanmoins|en revanche|par exemple|de plus|en outre|aussi|alors|ensuite"
    r"|puis|enfin|par conséquent|en effet|au contraire",
    "es": r"est[aeo]s?|es[aeo]s?|aquell?[ao]s?|él|ella|ellos|ellas|ello|lo|su|sus|pero|y|e|o|u|sin embargo|no obstante"
    r"|además|también|así|por (?:eso|esto|ello|lo tanto|tanto|ejemplo|otro lado)|entonces|luego|después|en cambio",
    "it": r"quest[aoie]|quell[aoie]|ciò|egli|ella|ess[aoie]|lui|lei|loro|il suo|la sua|ma|e|ed|o|però|tuttavia|inoltre"
    r"|anche|così|quindi|perciò|pertanto|dunque|infatti|per esempio|ad esempio|poi|infine|invece",
    "pt": r"est[ae]s?|ess[ae]s?|ist[o]|iss[o]|aquel[ae]s?|aquilo|ele|ela|eles|elas|seu|sua|seus|suas|mas|e|ou|porém"
    r"|contudo|no entanto|entretanto|além disso|também|assim|por (?:isso|exemplo|outro lado)|portanto|então|depois",
    "nl": r"dit|dat|deze|die|het|hij|zij|ze|hun|haar|zijn|maar|en|of|echter|toch|dus|daarom|daardoor|daarnaast|bovendien"
    r"|ook|zo|bijvoorbeeld|vervolgens|daarna|dan|hierdoor",
    "sv": r"det|den|de|detta|denna|dessa|han|hon|men|och|eller|dock|därför|dessutom|också|så|till exempel|sedan",
    "pl": r"to|ten|ta|te|ci|on|ona|ono|oni|one|jego|jej|ich|ale|i|oraz|lub|jednak|dlatego|więc|ponadto|także|też|na przykład",
    "ru": r"это[тйм]?|эт[аиу]|эт(?:ого|ому|им|их)|он|она|оно|они|его|её|ее|их|но|и|а|или|однако|поэтому|также|кроме того"
    r"|таким образом|например|затем|тем не менее|зато|так|тогда|при этом|в результате",
    "uk": r"це[йя]?|ці|він|вона|воно|вони|його|її|їх|але|і|й|та|або|однак|тому|також|крім того|наприклад|потім|проте",
    "ar": r"و?هذ[اهي]\w*|و?هؤلاء|و?ذلك|و?تلك|و?هو|و?هي|و?هم|و?لكن\w*|و?مع ذلك|و?لذلك|و?بالتالي|و?أيضا|و?كما|و?علاوة|ف?إن[هها]+|ثم",
    "he": r"ו?זה|ו?זאת|ו?זו|ו?אלה|ו?הוא|ו?היא|ו?הם|ו?הן|אבל|אך|אולם|לכן|גם|כך|למשל",
    "hi": r"यह|ये|वह|वे|इस\w*|उस\w*|इन\w*|उन\w*|लेकिन|परंतु|परन्तु|किंतु|मगर|और|या|इसलिए|हालांकि|हालाँकि|फिर|तब|तो|साथ ही|इसके",
}

# The same for scripts without spaces: these need no word boundary after them.
DANGLING_UNSPACED = (
    r"これ|それ|あれ|この|その|あの|ここ|そこ|彼ら|彼女|彼は|しかし|しかも|でも|だが|だから|ですが|また|そして|それ|したがって|従って|ただし"
    r"|そのため|つまり|例えば|たとえば|一方|さらに|なお|ところが|なぜなら|すると|同様に"
    r"|这|那|此|它|他们|她们|他|她|其|但|而且|而|因此|所以|于是|然而|不过|此外|另外|同时|例如|比如|然后|以及|并且|或者|也就是|總之|总之"
    r"|這|牠|他們|她們|於是|然後|並且|不過|同時|นี่|นั่น|แต่|และ|มัน|ดังนั้น"
)

# Openers that turn round or narrow what was said just before.
CONTRAST: dict[str, str] = {
    "en": r"but|however|yet|still|although|though|even so|that said|nevertheless|nonetheless|on the other hand|in reality"
    r"|in fact|actually|unfortunately|despite (?:this|that)|except|unless|only|critics|sceptics|skeptics|experts|the catch"
    r"|not (?:all|every|everyone)|conversely|by contrast|in contrast|the (?:truth|problem|caveat|downside)|beware|caution",
    "de": r"aber|doch|jedoch|allerdings|dennoch|trotzdem|hingegen|dagegen|leider|kritiker|experten|zwar|nicht alle|nur|vorsicht",
    "fr": r"mais|cependant|toutefois|pourtant|néanmoins|en revanche|or|malheureusement|en réalité|attention|au contraire",
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
    "en": r"no (?:\w+ )?(?:evidence|proof|data|guarantees?|cure|basis|reason to believe|effect|benefit|difference|link|such)"
    r"|(?:little|limited|weak|scant|insufficient|inconclusive|mixed|poor|not enough|lack(?:s|ed|ing)?(?: of)?|without|anecdotal)"
    r" (?:\w+ ){0,2}(?:evidence|proof|data|support|research|results?)"
    r"|(?:not|never|n['’]t) (?:\w+ ){0,3}(?:proven|proved?|shown?|established|confirm(?:ed)?|tested|guaranteed?|recommended?|approved?|true|safe"
    r"|advice|mean|replace|substitute|replicated?|demonstrated?|verif(?:y|ied)|insured|covered|cure|prevent)"
    r"|unproven|unconfirmed|untested|inconclusive|debunked|disproved|disproven|retracted|refuted|discredited"
    r"|misleading|false|falsely|untrue|incorrect|inaccurate|exaggerated|overstated|myths?|hoax|den(?:ied|ies)|disputed?|disputes|rejected"
    r"|contradict\w*|controversial|questionable|caveats?|side effects?|adverse|fatal|placebo"
    r"|more (?:research|studies|study|evidence|data|trials?) (?:is|are|will be|would be|may be)? ?(?:needed|required|necessary)"
    r"|further (?:research|studies|study|trials?)|too (?:early|soon|small)|preliminary|small (?:study|trial|sample)"
    r"|(?:study|trial|sample) (?:was|is) (?:very |too )?(?:small|tiny)|in (?:mice|rats|animals)|correlation"
    r"|results (?:may|can|will)? ?(?:vary|differ)|past performance|lose (?:money|value|some|all)"
    r"|(?:consult|ask|talk to|speak (?:to|with)|see|check with) (?:a|an|your|with)\b(?: \w+)? (?:doctor|physician|pharmacist|lawyer"
    r"|attorney|advis[eo]r|gp|midwife|nurse|professional|accountant)|(?:financial|legal|medical) advice"
    r"|withdrawn|withdrew|recalled|critics|sceptics|skeptics|experts (?:warn|caution|doubt|disagree|say there)",
    "de": r"kein\w* (?:\w+ )?(?:beweise?|belege?|nachweise?|garantie|wirkung)|nicht (?:\w+ ){0,2}(?:bewiesen|belegt|erwiesen"
    r"|nachgewiesen|bestätigt|geklärt|sicher|empfohlen|garantiert|zugelassen|wirksam)|unbewiesen|umstritten|unklar|falsch|irreführend"
    r"|mythos|widerlegt|nebenwirkung\w*|weitere (?:studien|forschung|untersuchungen)|kleine (?:studie|stichprobe)|arzt|ärztin|verlust\w*",
    "fr": r"aucune? (?:preuve|garantie|étude|effet)|pas (?:\w+ ){0,2}(?:prouvée?|démontrée?|confirmée?|établie?|recommandée?|garantie?|sûre?)"
    r"|faux|fausse|mythe|trompeu\w+|incertain\w*|contesté\w*|dangereu\w+|effets secondaires|médecin|pertes?|petite étude",
    "es": r"no (?:hay|existe\w*) (?:\w+ )?(?:pruebas?|evidencias?|garantías?)|no (?:se )?(?:ha\w* )?(?:\w+ )?(?:demostrad\w|probad\w|confirmad\w)"
    r"|sin (?:pruebas|evidencia|garantía)|falso|falsa|mito|engaños\w|incierto|peligros\w|efectos secundarios|médico|pérdidas?"
    r"|más (?:estudios|investigación)",
    "it": r"nessun[ao]? (?:prova|garanzia|evidenza|studio)|non (?:\w+ ){0,2}(?:dimostrat\w|provat\w|confermat\w|sicur\w)|fals[oa]|mito"
    r"|pericolos\w|effetti collaterali|medico|perdite|altri studi",
    "pt": r"não (?:há|existe\w*) (?:\w+ )?(?:provas?|evidências?|garantias?)|não (?:foi|foram|está) (?:\w+ )?(?:provad\w|comprovad\w|confirmad\w)"
    r"|fals[oa]|mito|enganos\w|perigos\w|efeitos colaterais|médico|perdas?|mais estudos",
    "nl": r"geen (?:\w+ )?(?:bewijs|garantie|effect)|niet (?:\w+ ){0,2}(?:bewezen|aangetoond|bevestigd|veilig|aanbevolen)|onbewezen|omstreden"
    r"|onwaar|misleidend|mythe|bijwerking\w*|gevaarlijk|huisarts|meer onderzoek",
    "ru": r"нет (?:\w+ )?(?:доказательств|подтвержден\w+|гаранти\w+)|не (?:\w+ ){0,2}(?:доказан\w*|подтвержден\w*|подтверждён\w*|установлен\w*|гарантиру\w+"
    r"|рекоменду\w+)|ложь|ложн\w+|миф|опасн\w+|побочн\w+|врач\w*|неясно|сомнительн\w+|спорн\w+",
    "ar": r"لا (?:يوجد|توجد|تثبت|يثبت|يعني|يضمن)\w*|لم (?:يثبت|تثبت|يتأكد|تؤكد|يؤكد)\w*|ليس\w*|غير (?:مؤكد|مثبت|صحيح|واضح|آمن)\w*|خرافة|مضلل\w*|مخاطر|الطبيب|دليل قاطع",
    "hi": r"प्रमाण|सबूत|झूठ\w*|मिथक|भ्रामक|जोखिम|खतर\w*|दुष्प्रभाव|डॉक्टर|चिकित्सक|अनिश्चित|सावधान\w*",
}

# Plain negation and risk: a hedge only of the claim that it speaks of.
DOUBT: dict[str, str] = {
    "en": r"(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|may|might|should|need|must) (?:not|never)|cannot|\w+n['’]t"
    r"|risks?|risky|dangerous|harm(?:s|ful|ed)?|illegal|unlawful|warn(?:s|ed|ing)?|caution\w*|unclear|uncertain|limitations?|limited"
    r"|drawbacks?|fail(?:s|ed|ure)?|volatile|loss(?:es)?|unless|except|only (?:if|when|for|in|applies|some|a few)|depends on|nobody|no one|none"
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
    r"|没有(?:\w{0,6})(?:证据|證據|证明|保证|科学)|沒有(?:\w{0,6})(?:證據|保證|證明)|尚未|未经|未經|并不|並不|并非|並非|不能|不代表|不一定|不保证|不保證|谣言|謠言|误导|誤導"
    r"|虚假|错误|錯誤|风险|風險|副作用|医生|醫生|争议|爭議|有限|仅在|亏损|虧損"
)

# What says that something works, pays or causes: a reader may act on it.
CLAIM: dict[str, str] = {
    "en": r"cur(?:e[sd]?|ing)|heals?|treat(?:s|ed|ment)?|prevent(?:s|ed|ing)?|reduc(?:e[sd]?|ing)|lower(?:s|ed|ing)?|cut(?:s|ting)?"
    r"|increas(?:e[sd]?|ing)|boost(?:s|ed|ing)?|improv(?:e[sd]?|ing)|protect(?:s|ed|ing)?|reliev(?:e[sd]?|ing)|caus(?:e[sd]?|ing)"
    r"|eliminat\w+|halv(?:e[sd]?|ing)|doubl(?:e[sd]?|ing)|tripl\w+|revers(?:e[sd]?|ing)|stops?|kills?|fights?|burns?|melts?|slow(?:s|ed)?"
    r"|save[sd]?|saving|earn(?:s|ed|ing)?|returns?|yields?|profits?|gain(?:s|ed)?|pays?|beats?|outperform\w*|grow(?:s|th)?|guarante\w+"
    r"|safe(?:ly)?|effective(?:ly)?|proven|works?|best|fastest|better|faster|cheaper|risk-free|always|never|every(?:one)?|legal(?:ly)?"
    r"|allow(?:s|ed)?|entitle[sd]?|exempt|tax|deduct\w*|help(?:s|ed)?|ease[sd]?|extend(?:s|ed)?|shown?|shows|found|finds|study|studies|trial"
    r"|research\w*|scientists|doctors|percent|linked|strengthen\w*|restore[sd]?|lose|loses|lost|can|will|must|free|solve[sd]?|fix(?:es|ed)?",
}

# For the ranker, in English: signs that a sentence says what the article brings.
ANNOUNCING = frozenset(
    """
    announce announced announces announcing announcement launch launched launches launching release released
    releases releasing introduce introduced introduces introducing present presented presenting presents share
    shared shares sharing unveil unveiled learn learned explore explored explores exploring discuss discussed
    discusses discussing explain explained explains explaining guide guides
    """.split()
)
ANNOUNCE = re.compile(
    r"(?:here (?:is|are)|here['’]s|in this|(?:to)?day,? we|we (?:talk|look|spoke|sat|asked|built|made))\b",
    re.I,
)
#: That it points at something which the card does not show.
POINTING = frozenset(
    "below above following follows figure table image photo chart click scroll pictured".split()
)
#: That it says what a thing is.
DEFINES = re.compile(r"[\"“]?[A-Z][\w.’'-]*(?: [\w’'()-]+){0,7} (?:is|are) (?:an?|the) ")
SIGNAL_WORDS = ("how", "help", "new", "is", "are", "can", "will", "we", "you", "i")

# Notes about the page, not of it; and captions. Judged at the start of a sentence.
NOTICE = re.compile(
    r"(?:\(?(?:originally|first|also|cross-?)[ -]?(?:published|posted|appeared)|editor['’]?s?['’]? notes?\b|author['’]?s notes?\b|update[ds]?\s*(?::|\(|\d|on\b)"
    r"|disclaimer\b|(?:photo|image|picture|illustration|video|graphic|screenshot|caption|source|credits?|figure|fig\.?|table|chart)s?\s*(?:\d+\s*)?(?:[:.–—|(]|by\b|courtesy|credit)"
    r"|click\b|read more|continue reading|subscribe|sign up|follow us|like us|share this|tweet|back to|contact us|for more information|to learn more|learn more|see also"
    r"|related|tags?:|posted (?:by|on|in)|published (?:by|on|in)|written by|by [A-Z]\w+ [A-Z]\w+\W*$|©|copyright|all rights reserved|cookies?\b"
    r"|this (?:post|article|story|piece|entry|blog post|guest post|page) (?:is|was|has been|originally|first|also) (?:\w+ )?(?:written|posted|published|originally|first|cross-?posted|updated|part|a guest|by|archived)"
    r"|bild\s*:|foto\s*:|abbildung|quelle\s*:|legende\s*:|crédit|imagen\s*:|fuente\s*:|写真|図\d|图\d|圖\d|來源|来源|صورة|चित्र)",
    re.I,
)

_SPACED_END = r"(?!\w)"


@lru_cache(maxsize=64)
def dangling(language: str) -> re.Pattern[str]:
    """Matches the start of a sentence that leans on the one before it."""
    return _starts(DANGLING, DANGLING_UNSPACED, language)


@lru_cache(maxsize=64)
def contrast(language: str) -> re.Pattern[str]:
    """Matches the start of a sentence that turns round what was said just before."""
    return _starts(CONTRAST, CONTRAST_UNSPACED, language)


@lru_cache(maxsize=64)
def hedge(language: str) -> re.Pattern[str]:
    """Finds what denies, limits or warns anywhere in a sentence."""
    own = "|".join(_lists(HEDGE, language))
    return re.compile(rf"(?<!\w)(?:{own}){_SPACED_END}|{HEDGE_UNSPACED}", re.I)


@lru_cache(maxsize=64)
def doubt(language: str) -> re.Pattern[str]:
    """Finds plain negation and risk: the weaker sign, for a sentence that speaks of the claim."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(_lists(DOUBT, language))}){_SPACED_END}", re.I)


@lru_cache(maxsize=64)
def claim(language: str) -> re.Pattern[str]:
    """Finds the words of a claim; without a list for the language everything is taken for one."""
    own = CLAIM.get(_primary(language))
    return re.compile(rf"(?<!\w)(?:{own}){_SPACED_END}|\d|%" if own else r"", re.I)


def _primary(language: str) -> str:
    """The primary subtag, or English where an article does not say."""
    return re.split(r"[-_]", language.lower(), maxsplit=1)[0] or "en"


def _lists(cues: dict[str, str], language: str) -> list[str]:
    """The language's own list, and those that no other language can run into."""
    primary = _primary(language)
    names = dict.fromkeys(["en" if primary == "und" else primary, "ru", "ar", "he", "hi"])
    return [cues[name] for name in names if name in cues]


def _starts(cues: dict[str, str], unspaced: str, language: str) -> re.Pattern[str]:
    own = "|".join(_lists(cues, language))
    return re.compile(rf"[\W_]*(?:(?:{own}){_SPACED_END}|{unspaced})", re.I)
