"""Titles of acts as texts write them, and whether two of them are one act's.

A Chinese title stands in 《》 and is cited word for word. An English one differs between translators:
"Telecommunications … Personal User Data", "Telecommunication … User Personal Data". So the stems of its words
count, and not their order.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Final

from cleaning.law.issuers import named
from cleaning.text.lines import HAN, word_key

_QUOTED: Final = re.compile(r"《([^《》]{3,80})》|“([^“”]{8,220})[”\"]?|\"([^\"]{8,220})\"")
_TAIL: Final = re.compile(
    r"\s*[\[(【〔（](?:excerpts?|extracts?|abridged|[^\[\](){}【】〔〕（）]*(?:version|draft|revis|amend|effective|节选|摘要|征求意见|草案|修订|试行|现行有效)[^\[\](){}【】〔〕（）]*)[\])】〕）]?\s*$",
    re.IGNORECASE,
)
_ISSUED: Final = re.compile(rf"^[{HAN}]{{2,30}}(?=关于)")
_OF_CHINA: Final = re.compile(
    r"(?i)\s*\bof the (?:people[’']s republic of china|p\.?r\.?c?\.?(?: of china)?\.?)\s*$|^中华人民共和国"
)
_WORD: Final = re.compile(r"[a-z]+")
_STOP: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "by",
        "concerning",
        "for",
        "in",
        "of",
        "on",
        "regarding",
        "the",
        "to",
        "with",
        "some",
        "further",
        "questions",
        "relating",
        "take",
        "be",
        "its",
    ]
)
# Words by which translators render one Chinese word: 规定, 办法, 管理, 授权, 个人信息, 账号.
_SYNONYMS: Final = (
    ("regulation", "provision", "rule", "measure"), ("manage", "administration", "administrat", "governance"),
    ("empower", "authoriz", "authoris"), ("data", "information"), ("notice", "notification", "circular"),
    ("network", "online", "internet", "cyber", "cyberspace"), ("real", "true"),
    ("register", "registrat"), ("responsib", "responsible", "responsibility"),
    ("work", ""), ("main", "dominant", "primary", "principal"), ("publication", "public"),
)  # fmt: skip
_STEM_OF: Final = {word: group[0] for group in _SYNONYMS for word in group if word}
_ENDINGS: Final = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ions",
    "ion",
    "ies",
    "es",
    "s",
    "ed",
    "e",
)
MIN_SHARED_WORDS = 0.8  # of the words of two English titles, that they have in common
MIN_TITLE_WORDS = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Title:
    """A title as written, its folded key, its script; `closed` where the quotation marks around it are
    both there.
    """

    text: str
    key: str
    script: str
    closed: bool = True

    @classmethod
    def of(cls, text: str, *, closed: bool = True) -> Title:
        """Return the title in a line, without quotation marks, version and state."""
        plain = _TAIL.sub("", text.strip().strip("《》“”\"' "))
        script = "zh" if re.search(f"[{HAN}]", plain) else "en"
        return cls(plain, title_key(plain), script, closed)

    def mention(self) -> str:
        """Return the words by which a text names the title without quotation marks, or "".

        A title of few words has none: they may stand there by chance.
        """
        bare = _OF_CHINA.sub("", self.text) if self.script == "zh" else self.text
        return bare if len(bare) >= MENTIONED[0 if self.script == "zh" else 1] else ""


# Hanzi or letters from which on a title without quotation marks is no chance.
MENTIONED: Final = (8, 30)


def title_key(title: str) -> str:
    """Return the letters and digits of a title, without the state whose law it is."""
    return word_key(_OF_CHINA.sub("", title))


def cited_titles(text: str) -> list[Title]:
    """Return the titles in 《》 or quotation marks in a text, in order, each once.

    A lone word is no title.
    """
    found = []
    for match in _QUOTED.finditer(text):
        title = Title.of(next(filter(None, match.groups())), closed=match[0][-1] in '》”"')
        if title.key and (title.script == "zh" or len(title.text.split()) >= MIN_TITLE_WORDS):
            found.append(title)
    return list({title.key: title for title in found}.values())


def same_title(a: Title, b: Title) -> bool:
    """Tell whether two titles are one act's: the same key, or the same words in two English translations."""
    if a.script != b.script:
        return False
    if a.key == b.key:
        return True
    if a.script == "zh":
        # One of two Chinese titles may have its issuer before it: 国务院关于… and 关于….
        issued = bool(_ISSUED.match(a.text)), bool(_ISSUED.match(b.text))
        return issued[0] != issued[1] and without_issuer(a.text) == without_issuer(b.text)
    (issuer, first), (other, second) = concepts(a.text), concepts(b.text)
    if (issuer and other and issuer != other) or min(len(first), len(second)) < MIN_TITLE_WORDS:
        return False
    if not (a.closed and b.closed):
        # A quotation without an end: its beginning must be the same, and name a body.
        return first[:OPENING_WORDS] == second[:OPENING_WORDS] and any(
            "-" in word for word in first[:OPENING_WORDS]
        )
    one, two = set(first), set(second)
    return len(one & two) >= MIN_SHARED_WORDS * len(one | two)


def without_issuer(title: str) -> str:
    """Return the text of a Chinese title without the body that issued it: 关于… for 国务院关于…."""
    return _ISSUED.sub("", title)


@functools.lru_cache(maxsize=4096)
def concepts(title: str) -> tuple[str, tuple[str, ...]]:
    """Return the body that opens an English title, and the stems of its words, with ids for bodies."""
    plain = _OF_CHINA.sub("", title)
    words: list[str] = []
    at = 0
    for body in named(plain):
        words += stems(plain[at : body.start])
        words.append(body.id)
        at = body.start + len(body.text)
    words += stems(plain[at:])
    issuer = words.pop(0) if words and "-" in words[0] else ""
    return issuer, tuple(dict.fromkeys(words))


def words_of(title: Title) -> frozenset[str]:
    """Return the stems of an English title's words, without the body that opens it."""
    return frozenset(concepts(title.text)[1])


def stems(text: str) -> list[str]:
    """Return the stems of an English text's words on which translators agree, without stop words."""
    plain = re.sub(r"[’']s\b", "", text.lower())
    return [stem for word in _WORD.findall(plain) if word not in _STOP and (stem := _stem(word))]


@functools.lru_cache(maxsize=8192)  # texts speak in the same words
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_MIN_LETTERS:
            word = word[: -len(ending)]
            break
    return next(
        (first for known, first in _STEM_OF.items() if word.startswith(known[: max(4, len(known) - 2)])), word
    )


_STEM_MIN_LETTERS = 4
OPENING_WORDS = 4  # by which a quotation without an end is compared
