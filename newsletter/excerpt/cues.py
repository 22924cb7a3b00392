"""Named lists of cue words: the only place where the excerpt room knows a language.

Each list is by primary language subtag. A language without a list has no cue: its
sentences are then judged by position, length and shared words alone. Lists in a
script of their own hold whatever the article says its language is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from newsletter.excerpt.words import MARKS

#: Where a word of a list may begin and end; ``\\b`` does not know vowel signs.
START, END = rf"(?<![\w{MARKS}])", rf"(?![\w{MARKS}])"

# A sentence that opens with one of these leans on the one before it.
DANGLING: dict[str, str] = {
    "en": r"this|it|its|he|she|they|these|those|that|their|theirs|his|hers?|him|them|such|but|and|so|or"
    r"|nor|yet"
    r"|however|also|for (?:example|instance)|then|thus|hence|therefore|instead|otherwise|besides|moreover"
    r"|furthermore|additionally|in addition|similarly|likewise|consequently|accordingly|nevertheless"
    r"|nonetheless"
    r"|meanwhile|afterwards?|as a result|as such|in (?:contrast|turn|other words|fact|that case|this case"
    r"|this way)"
    r"|on the (?:other hand|contrary)|by (?:contrast|comparison)|for (?:this|that|these|those) reasons?"
    r"|that said"
    r"|because of (?:this|that)|to (?:this|that) end|at (?:this|that) (?:point|time)|after (?:that|this)"
    r"|even so"
    r"|the (?:former|latter|same|others?)|both|neither|either|others|another|too|still|again|conversely"
    r"|(?:second|third|fourth)(?:ly)?\b(?=,)|finally|lastly|next\b(?=,)|of course|to do (?:so|this|that)"
    r"|in particular|most (?:commonly|importantly)|more importantly|importantly|specifically|indeed|rather"
    r"|since then|until then|from there|in response|with (?:this|that|these|those)|through (?:this|these)"
    r"|(?:one|some|each|most|many|all|none|both) (?:of )?(?:these|those|them|this|that)|as (?:mentioned"
    r"|noted|described|discussed)|(?:first|there|here|yes|no|well|sure|now|last)\b(?=,)|so far|in short"
    r"|which|whereas"
    r"|although this",
    "de": r"dies(?:e[rsmn]?)?|das|es|er|sie|ihn?|ihm|ihre?[rnms]?|seine?[rnms]?|aber|und|oder|doch|jedoch"
    r"|denn|also"
    r"|daher|darum|deshalb|deswegen|dadurch|damit|dabei|dagegen|dazu|danach|dann|außerdem|ausserdem|zudem"
    r"|ferner"
    r"|trotzdem|dennoch|allerdings|hingegen|stattdessen|zum beispiel|so|solche[rsmn]?|auch|schließlich"
    r"|jene[rsmn]?",
    "fr": r"ce(?:t|tte|s|la|ci|lui|lle|ux|lles)?|c['’](?:est|était)|ça|il|elle|ils|elles|leurs?|son|sa|ses"
    r"|mais|et|ou|or|donc"
    r"|car|ainsi|cependant|toutefois|pourtant|néanmoins|en revanche|par exemple|de plus|en outre|aussi"
    r"|alors|ensuite"
    r"|puis|enfin|par conséquent|en effet|au contraire",
    "es": r"est[aeo]s?|es[aeo]s?|aquell?[ao]s?|él|ella|ellos|ellas|ello|lo|su|sus|pero|y|e|o|u|sin embargo"
    r"|no obstante"
    r"|además|también|así|por (?:eso|esto|ello|lo tanto|tanto|ejemplo|otro lado)|entonces|luego|después"
    r"|en cambio",
    "it": r"quest[aoie]|quell[aoie]|ciò|egli|ella|ess[aoie]|lui|lei|loro|il suo|la sua|ma|e|ed|o|però"
    r"|tuttavia|inoltre"
    r"|anche|così|quindi|perciò|pertanto|dunque|infatti|per esempio|ad esempio|poi|infine|invece",
    "pt": r"est[ae]s?|ess[ae]s?|ist[o]|iss[o]|aquel[ae]s?|aquilo|ele|ela|eles|elas|seu|sua|seus|suas|mas|e"
    r"|ou|porém"
    r"|contudo|no entanto|entretanto|além disso|também|assim|por (?:isso|exemplo|outro lado)|portanto"
    r"|então|depois",
    "nl": r"dit|dat|deze|die|het|hij|zij|ze|hun|haar|zijn|maar|en|of|echter|toch|dus|daarom|daardoor"
    r"|daarnaast|bovendien"
    r"|ook|zo|bijvoorbeeld|vervolgens|daarna|dan|hierdoor",
    "sv": r"det|den|de|detta|denna|dessa|han|hon|men|och|eller|dock|därför|dessutom|också|så|till exempel"
    r"|sedan",
    "pl": r"to|ten|ta|te|ci|on|ona|ono|oni|one|jego|jej|ich|ale|i|oraz|lub|jednak|dlatego|więc|ponadto"
    r"|także|też|na przykład",
    "ru": r"это[тйм]?|эт[аиу]|эт(?:ого|ому|им|их)|он|она|оно|они|его|её|ее|их|но|и|а|или|однако|поэтому"
    r"|также|кроме того"
    r"|таким образом|например|затем|тем не менее|зато|так|тогда|при этом|в результате",
    "uk": r"це[йя]?|ці|він|вона|воно|вони|його|її|їх|але|і|й|та|або|однак|тому|також|крім того|наприклад"
    r"|потім|проте",
    "ar": r"و?هذ[اهي]\w*|و?هؤلاء|و?ذلك|و?تلك|و?هو|و?هي|و?هم|و?لكن\w*|و?مع ذلك|و?لذلك|و?بالتالي|و?أيضا"
    r"|و?كما|و?علاوة|ف?إن[هها]+|ثم",
    "he": r"ו?זה|ו?זאת|ו?זו|ו?אלה|ו?הוא|ו?היא|ו?הם|ו?הן|אבל|אך|אולם|לכן|גם|כך|למשל",
    "hi": r"यह|ये|वह|वे|इस[ऀ-ॣ]*|उस[ऀ-ॣ]*|इन[ऀ-ॣ]*|उन[ऀ-ॣ]*|लेकिन|परंतु|परन्तु|किंतु|मगर|और|या|इसलिए"
    r"|हालांकि|हालाँकि"
    r"|फिर|तब|तो|साथ ही|इसके",
}

# The same for scripts without spaces: these need no word boundary after them.
DANGLING_UNSPACED = (
    r"これ|それ|あれ|この|その|あの|ここ|そこ|彼ら|彼女|彼は|しかし|しかも|でも|だが|だから|ですが|また|そして|それ|したがって|従って|ただし"
    r"|そのため|つまり|例えば|たとえば|一方|さらに|なお|ところが|なぜなら|すると|同様に"
    r"|这|那|此|它|他们|她们|他|她|其|但|而且|而|因此|所以|于是|然而|不过|此外|另外|同时|例如|比如|然后|以及|并且|或者|也就是|總之|总之"
    r"|這|牠|他們|她們|於是|然後|並且|不過|同時|นี่|นั่น|แต่|และ|มัน|ดังนั้น"
)

# For the ranker, in English: signs that a sentence says what the article brings.
_ANNOUNCING_WORDS = """
announce announced announces announcing announcement launch launched launches launching release
released releases releasing introduce introduced introduces introducing present presented presenting
presents share shared shares sharing unveil unveiled learn learned explore explored explores
exploring discuss discussed discusses discussing explain explained explains explaining guide guides
"""
ANNOUNCING = frozenset(_ANNOUNCING_WORDS.split())
_ANNOUNCING_PAIRS = (
    "here is/here are/here s/in this/today we/we talk/we look/we spoke/we sat/we asked/we built/we made"
)
ANNOUNCING_PAIRS = frozenset(
    (first, second) for first, second in map(str.split, _ANNOUNCING_PAIRS.split("/"))
)
#: That it points at something which the card does not show.
_POINTING_WORDS = """
below above following follows figure table image photo chart click scroll pictured
"""
POINTING = frozenset(_POINTING_WORDS.split())
#: That it says what a thing is.
DEFINES = re.compile(r"[\"“]?[A-Z][\w.’'-]*(?: [\w’'()-]+){0,7} (?:is|are) (?:an?|the) ")
_SIGNAL = """
how help new is are can will we you i our your who what why if was were has have been would should
more one also there they my he she said by through for with from learn find work team not when while
as that and than
"""
SIGNAL_WORDS = tuple(_SIGNAL.split())

# Notes about the page, not of it; and captions. Judged at the start of a sentence.
NOTICE = re.compile(
    r"(?:\(?(?:originally|first|also|cross-?)[ -]?(?:published|posted|appeared)"
    r"|editor['’]?s?['’]? notes?\b|author['’]?s notes?\b|update[ds]?\s*(?::|\(|\d|on\b)"
    r"|disclaimer\s*[:.]|(?:photo|image|picture|illustration|video|graphic|screenshot|caption|source|credits?"
    r"|figure|fig\.?|table|chart)s?\s*(?:\d+\s*)?(?:[:.–—|(]|by\b|courtesy|credit)"
    r"|click\b|read more|continue reading|subscribe\b|sign up\b|follow us|like us|share this|tweet (?:this"
    r"|us)\b|back to"
    r"|contact us|for more information|to learn more|learn more|see also"
    r"|related (?:articles?|posts?|stories|reading|links|content)\b|tags?:|posted (?:by|on|in)"
    r"|published (?:by|on|in)|written by|by [A-Z]\w+ [A-Z]\w+\W*$|©"
    r"|copyright (?:©|\(c\)|\d)|all rights reserved|(?:we|this (?:web)?site) uses? cookies"
    r"|this (?:post|article|story|piece|entry|blog post|guest post|page) (?:is|was|has been|originally"
    r"|first|also) (?:\w+ )?(?:written|posted|published|originally|first|cross-?posted|updated|part"
    r"|a guest|by|archived)"
    r"|bild\s*:|foto\s*:|abbildung \d|quelle\s*:|legende\s*:|crédits?(?: photo)?\s*:|imagen\s*:|fuente\s*:"
    r"|写真|図\d|图\d|圖\d|來源"
    r"|来源|صورة|चित्र)",
    re.I,
)


@lru_cache(maxsize=64)
def dangling(language: str) -> re.Pattern[str]:
    """Matches the start of a sentence that leans on the one before it."""
    return opening(DANGLING, DANGLING_UNSPACED, language)


def opening(lists: dict[str, str], unspaced: str, language: str) -> re.Pattern[str]:
    """A pattern for the start of a sentence, out of the lists that hold for a language."""
    return re.compile(rf"[\W_]*(?:(?:{for_language(lists, language)}){END}|{unspaced})", re.I)


def anywhere(lists: dict[str, str], unspaced: str, language: str) -> re.Pattern[str]:
    """A pattern for any place in a sentence, out of the lists that hold for a language."""
    more = f"|{unspaced}" if unspaced else ""
    return re.compile(rf"{START}(?:{for_language(lists, language)}){END}{more}", re.I)


def primary(language: str) -> str:
    """The primary subtag, or English where an article does not say."""
    subtag = re.split(r"[-_]", language.lower(), maxsplit=1)[0]
    return subtag if subtag not in ("", "und") else "en"


def for_language(lists: dict[str, str], language: str) -> str:
    """The language's own list, and those in scripts that no other language can run into."""
    names = dict.fromkeys([primary(language), "ru", "ar", "he", "hi"])
    return "|".join(lists[name] for name in names if name in lists)
