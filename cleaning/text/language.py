"""Language detection: a BCP 47 tag without region, from a text's script and the page's declaration.

Some scripts belong to one language and decide alone. For Latin script the declaration counts, unless the
commonest words contradict it.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from typing import Final

UNDETERMINED = "und"

_SAMPLE_CHARACTERS = 20_000  # the commonest words show in far fewer
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")
_WORD = re.compile(r"[a-zà-öø-ÿœß]+")
_SCRIPTS: Final = (
    ("han", re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")),
    ("kana", re.compile(r"[\u3041-\u30fa]+")),
    ("hangul", re.compile(r"[\uac00-\ud7a3]+")),
    ("cyrillic", re.compile(r"[\u0400-\u04ff]+")),
    ("arabic", re.compile(r"[\u0620-\u06ff]+")),
    ("hebrew", re.compile(r"[\u05d0-\u05ea]+")),
    ("greek", re.compile(r"[\u0370-\u03ff]+")),
    ("thai", re.compile(r"[\u0e01-\u0e5b]+")),
    ("devanagari", re.compile(r"[\u0900-\u097f]+")),
    ("latin", re.compile(r"[À-ÖØ-öø-ɏ]+")),  # those of ASCII are counted apart, and faster
)
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_ASCII_LETTERS: Final = string.ascii_letters.encode()
_LETTER_WEIGHTS: Final = {"han": 4, "kana": 4, "hangul": 3}
# The main language of a script on the web, and the languages that a page may declare instead.
_SCRIPT_LANGUAGES: Final = {
    "hangul": ("ko", ("ko",)),
    "cyrillic": ("ru", ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg")),
    "arabic": ("ar", ("ar", "fa", "ur", "ug", "ps", "ckb")),
    "hebrew": ("he", ("he", "yi")),
    "greek": ("el", ("el",)),
    "thai": ("th", ("th",)),
    "devanagari": ("hi", ("hi", "mr", "ne")),
}
# Everyday characters that Simplified and Traditional write differently.
_SIMPLIFIED = frozenset(
    "这们国为个时来会对发学过动长经现进说没还开关应该实产业务总变机义规书两军东车见马门问间题话请让认证"
)
_TRADITIONAL = frozenset(
    "這們國為個時來會對發學過動長經現進說沒還開關應該實產業務總變機義規書兩軍東車見馬門問間題話請讓認證"
)
_ONLY_HANS = re.compile(f"[{''.join(sorted(_SIMPLIFIED - _TRADITIONAL))}]")
_ONLY_HANT = re.compile(f"[{''.join(sorted(_TRADITIONAL - _SIMPLIFIED))}]")
# The commonest words of a language that are not common in the others listed.
_COMMON_WORDS: Final = {
    "en": "the of and to is that for with are this be shall",
    "de": "der die und das ist nicht mit den von für auf werden",
    "fr": "le les des et est une pour dans que sur par aux",
    "es": "el los las del que una por para con es como su",
    "it": "il della di che per una sono con nel alla gli non",
    "pt": "os das do da que uma para com não em são ao",
    "nl": "het een van en de dat niet voor zijn met op wordt",
}
_OTHER_SCRIPTS: Final = frozenset(["zh", "ja", "ko", "ru", "uk", "bg", "ar", "fa", "he", "el", "th", "hi"])
# The least share of a text's words among the language's commonest; real texts have 15% and more.
_MIN_COMMON_SHARE = 0.06


def detect(text: str, declared: str = "") -> str:
    """Return the tag of the text's language: `en`, `zh-Hans`, `zh-Hant`, the declared one, or `und`."""
    declared = declared.strip().replace("_", "-")
    declared = declared if _TAG.match(declared) else ""
    sample = text[:_SAMPLE_CHARACTERS]
    counts = _letters(sample)
    script, greatest = counts.most_common(1)[0]
    if not greatest:
        return UNDETERMINED
    if script == "kana" or (script == "han" and counts["kana"] > 0.1 * greatest):
        return "ja"
    if script == "han":
        return _chinese(sample, declared)
    if script == "latin":
        return _latin(sample, declared)
    owner, others = _SCRIPT_LANGUAGES[script]
    primary = declared.split("-")[0].lower()
    return primary if primary in others else owner


def _letters(text: str) -> Counter[str]:
    """Return how many letters a text has in each script. A hanzi counts as about four letters."""
    ascii_only = text.encode("ascii", "ignore")
    others = "".join(_NOT_ASCII.findall(text)) if len(ascii_only) < len(text) else ""
    counts = Counter[str]()
    for name, letters in _SCRIPTS:
        rest = letters.sub("", others)
        counts[name] = _LETTER_WEIGHTS.get(name, 1) * (len(others) - len(rest))
        others = rest
    counts["latin"] += len(ascii_only) - len(ascii_only.translate(None, _ASCII_LETTERS))
    return counts


def traditional_share(text: str) -> tuple[int, int]:
    """Return how many characters of a text are Simplified only, and how many Traditional only."""
    if text.isascii():
        return 0, 0
    return len(_ONLY_HANS.findall(text)), len(_ONLY_HANT.findall(text))


def _chinese(text: str, declared: str) -> str:
    simplified, traditional = traditional_share(text)
    if simplified == traditional:
        region = declared.lower()
        if region.startswith("zh"):
            return "zh-Hant" if re.search(r"hant|tw|hk|mo", region) else "zh-Hans"
        return "zh"
    return "zh-Hans" if simplified > traditional else "zh-Hant"


def _latin(text: str, declared: str) -> str:
    words = Counter(_WORD.findall(text.lower()))
    total = sum(words.values())
    shares = (
        {tag: sum(words[word] for word in common.split()) / total for tag, common in _COMMON_WORDS.items()}
        if total
        else {}
    )
    best = max(shares, key=lambda tag: shares[tag], default="")
    primary = declared.split("-")[0].lower()
    is_known = best and total >= 5 and shares[best] >= _MIN_COMMON_SHARE
    if is_known and (primary in _COMMON_WORDS or primary in _OTHER_SCRIPTS or not primary):
        return best
    return primary if primary and primary not in _OTHER_SCRIPTS else UNDETERMINED
