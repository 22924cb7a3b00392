"""Paths -> the language of a file and the article of which it is a variant.

A language is said by a field, by the ending before the ending (``post.fr.md``), or by a
folder (``fr/post.md``). A folder counts only where it stands beside another language
or names the configured one: a folder called ``it`` may be about computers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

_CODES = frozenset(
    """
    aa ab af am ar as az ba be bg bn bo br bs ca co cs cy da de dv dz el en eo es et eu fa fi fo fr fy
    ga gd gl gn gu ha he hi hr ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lo lt lv mg mi mk
    ml mn mr ms mt my nb ne nl nn no oc or pa pl ps pt qu ro ru rw sa sc sd si sk sl so sq sr sv sw ta
    te tg th ti tk tl tr tt ug uk ur uz vi wo xh yi yo zh zu
    """.split()
)
_TAG = re.compile(r"([a-z]{2,3})(?:[-_](hans|hant|latn|cyrl))?(?:[-_]([a-z]{2}|\d{3}))?$", re.IGNORECASE)
_SUFFIX = re.compile(r"^(.+)\.([a-zA-Z]{2,3}(?:[-_][a-zA-Z]{2,4}){0,2})$")


@dataclass(frozen=True, slots=True)
class Variant:
    """The language that a path names (empty: none), and the path without it."""

    language: str
    neutral: str


def tag(text: str) -> str:
    """`text` as a BCP 47 tag in its usual case; empty when it is none that we know."""
    found = _TAG.match(text.strip())
    if not found or found[1].lower() not in _CODES:
        return ""
    script = f"-{found[2].title()}" if found[2] else ""
    return found[1].lower() + script + (f"-{found[3].upper()}" if found[3] else "")


def variants(paths: Iterable[str], default: str) -> dict[str, Variant]:
    """What each path says about language."""
    paths = list(paths)
    folders = _language_folders(paths, default)
    return {path: _variant(path, folders) for path in paths}


def _language_folders(paths: list[str], default: str) -> set[str]:
    """Folders that stand for a language: two languages side by side, or the configured one."""
    siblings: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        parts = path.split("/")[:-1]
        for depth, part in enumerate(parts[:3]):
            if tag(part):
                siblings["/".join(parts[:depth])].add(part)
    known = set(paths)
    found = set()
    for parent, names in siblings.items():
        for name in names:
            folder = f"{parent}/{name}".lstrip("/")
            main = tag(name).split("-")[0] == default.split("-")[0]
            if main or len({tag(n) for n in names}) > 1 or _has_twin(folder, parent, known):
                found.add(folder)
    return found


def _has_twin(folder: str, parent: str, known: set[str]) -> bool:
    """Whether a file of the folder stands one level higher too: the default language has no folder."""
    prefix = f"{parent}/" if parent else ""
    return any(p.startswith(folder + "/") and prefix + p[len(folder) + 1 :] in known for p in known)


def _variant(path: str, folders: set[str]) -> Variant:
    pure = PurePosixPath(path)
    suffix = _SUFFIX.match(pure.stem)
    if suffix and tag(suffix[2]):
        return Variant(tag(suffix[2]), str(pure.with_name(suffix[1] + pure.suffix)))
    parts = path.split("/")
    for depth in range(len(parts) - 1):
        if "/".join(parts[: depth + 1]) in folders:
            return Variant(tag(parts[depth]), "/".join((*parts[:depth], *parts[depth + 1 :])))
    return Variant("", path)


# The scripts of which one language is by far the most likely author, and those that share them.
_SCRIPTS = (
    ("\u3040", "\u30ff", "ja", "ja"),
    ("\uac00", "\ud7af", "ko", "ko"),
    ("\u4e00", "\u9fff", "zh", "zh ja ko"),
    ("\u0600", "\u06ff", "ar", "ar fa ur ps sd ug ku"),
    ("\u0590", "\u05ff", "he", "he yi"),
    ("\u0400", "\u04ff", "ru", "ru uk be bg sr mk kk ky mn tg tt ba cv"),
    ("\u0370", "\u03ff", "el", "el"),
    ("\u0900", "\u097f", "hi", "hi mr ne sa"),
    ("\u0e00", "\u0e7f", "th", "th"),
)


# Small words that a language cannot do without, and that few others have.
_SMALL = {
    "en": "the of and to in is that for it was with as on be at by this are from which have not they but",
    "de": "in er es wir ich an aus der die das und ist nicht ein eine zu mit den dem auf für sich des "
    "im von auch als wie wird sind war",
    "fr": "la de à un en l d qu n c a ont le les des et est une du dans que qui pour pas sur au avec "
    "ce il elle sont par plus ne se son aux",
    "es": "la de un a que el los las y es una del que en por con para no se su al lo como más pero "
    "fue ha este son",
    "it": "la di un l d il gli di e è una della che per con non si nel del dei alla come più ma sono "
    "anche ha le lo",
    "pt": "de a um o os as e é uma do da que em por com para não se no na dos ao mais mas foi são "
    "como das pelo",
    "nl": "de het een en van is dat niet op te voor met zijn er aan die ook als door bij naar maar wordt om",
    "sv": "och att det som en är på av för med den inte till ett de om har var men vi kan från när hade",
    "da": "og at det som en er på af for med den ikke til et de om har var men vi kan fra når blev "
    "hvor mellem efter kunne over",
    "nb": "og at det som en er på av for med den ikke til et de om har var men vi kan fra når ble "
    "hvor mellom etter kunne over",
    "fi": "ja on ei se että oli hän mutta kun ovat myös tai kuin niin joka mukaan sen voi jo vain ole",
    "pl": "i w na z się nie do jest to że o jak po za od ale przez są dla który było oraz co ich tego",
    "cs": "a se na je v že to s z do o i ale jako za by pro tak po jsou které byl který podle jen už",
    "ro": "a și în de la cu pe nu este o un că din care mai pentru sunt a fost dar sau prin lui se",
    "tr": "ve bir bu için ile de da çok olarak daha gibi olan kadar ama ne sonra var en değil her o",
    "hu": "a az és hogy nem is egy van meg de volt ez csak már mint azt el vagy ki még ha lesz",
    "id": "yang dan di dengan untuk dari ini itu tidak pada adalah akan dalam juga ke oleh bisa sudah",
    "ca": "la de un l d a el els les i és una del que en per amb no es al més però va són com la dels "
    "aquest ha",
}
_SMALL_WORDS = {language: frozenset(text.split()) for language, text in _SMALL.items()}
_KIN = ({"da", "nb", "sv"}, {"es", "ca", "pt"}, {"cs", "pl"})
_WORD = re.compile(r"[^\W\d_]+")
_OTHER_SCRIPT = re.compile("[\u0371-\u1fff\u2e80-\U0010ffff]")  # a letter beyond Latin
_SAMPLE = 1000  # characters that are looked at


def by_script(text: str, default: str) -> str:
    """The language of a text that is clearly not in `default`, by its script or small words; else `default`.

    A language is clear when a fifth of the words are its small ones, and those of any other
    language, kin apart, are a quarter fewer.
    """
    sample = text[:_SAMPLE]
    if not sample.isascii() and _OTHER_SCRIPT.search(sample):
        letters = [c for c in sample if c.isalpha()]
        if sum(c > "\u0370" for c in letters) * 2 >= max(1, len(letters)):
            return _by_script(letters, default)
    return _by_words(sample, default)


def _by_script(letters: list[str], default: str) -> str:
    for first, last, language, sharing in _SCRIPTS:
        share = sum(first <= c <= last for c in letters) / len(letters)
        if share > (0.1 if language == "ja" else 0.5):
            return default if default.split("-")[0] in sharing.split() else language
    return default


def _by_words(sample: str, default: str) -> str:
    own = _SMALL_WORDS.get(default.split("-")[0].replace("no", "nb"))
    spoken = _WORD.findall(sample.lower())
    if own is None or len(spoken) < 40:
        return default
    mine = sum(word in own for word in spoken)
    if mine * 6 >= len(spoken):
        return default
    share = {lang: sum(word in small for word in spoken) for lang, small in _SMALL_WORDS.items()}
    best = max(share, key=lambda lang: share[lang])
    if share[best] * 5 < len(spoken) or share[best] < 2.5 * mine:
        return default
    rivals = [lang for lang in share if lang != best]
    near = [lang for lang in rivals if any({best, lang} <= kin for kin in _KIN)]
    if any(share[best] - share[lang] < (2 if lang in near else share[best] / 4) for lang in rivals):
        return default
    return best
