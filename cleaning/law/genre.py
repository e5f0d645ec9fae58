"""The kind of a text by its title and shape: kind of act, legal status, or only a text about an act."""

from __future__ import annotations

import re
from typing import Final, Literal

from cleaning.text.lines import fold_line

# A document may be the text of an act, news of it, an explanation of it; or none of these.
Role = Literal["text", "news", "explanation", ""]

# The last word of an act's title names its kind; the longer name goes first.
_TYPES_ZH: Final = (
    ("司法解释", "interpretation"), ("实施细则", "implementing_rules"), ("实施办法", "implementing_measures"),
    ("暂行规定", "provisions"), ("暂行办法", "measures"), ("管理办法", "measures"), ("条例", "regulations"),
    ("规定", "provisions"), ("办法", "measures"), ("规则", "rules"), ("细则", "implementing_rules"),
    ("意见", "opinions"), ("通知", "notice"), ("通告", "announcement"), ("公告", "announcement"),
    ("决定", "decision"), ("决议", "resolution"), ("解释", "interpretation"), ("批复", "reply"),
    ("函", "letter"),
    ("纲要", "outline"), ("规划", "plan"), ("计划", "plan"), ("方案", "plan"), ("战略", "strategy"),
    ("指南", "guidelines"), ("指引", "guidelines"), ("标准", "standard"), ("规范", "standard"),
    ("公约", "convention"),
    ("章程", "charter"), ("宪法", "constitution"), ("法典", "code"), ("法", "law"),
)  # fmt: skip
# The same words in traditional characters; but 條例 is an act in Taiwan and an ordinance in Hong Kong.
_TO_SIMPLIFIED: Final = str.maketrans(
    "辦規則決實細範綱議復總計劃畫標準憲戰釋見", "办规则决实细范纲议复总计划划标准宪战释见"
)
_TYPES_EN: Final = (
    ("Implementing Rules", "implementing_rules"), ("Implementing Measures", "implementing_measures"),
    ("Implementation Outline", "outline"), ("Regulations", "regulations"), ("Regulation", "regulations"),
    ("Provisions", "provisions"), ("Measures", "measures"), ("Rules", "rules"), ("Opinions", "opinions"),
    ("Notice", "notice"), ("Circular", "notice"), ("Announcement", "announcement"), ("Decision", "decision"),
    ("Resolution", "resolution"), ("Interpretation", "interpretation"), ("Outline",
    "outline"), ("Strategy", "strategy"),
    ("Guidelines", "guidelines"), ("Plan", "plan"), ("Convention", "convention"), ("Directive", "directive"),
    ("Constitution", "constitution"), ("Code", "code"), ("Law", "law"), ("Act", "law"),
    ("Method", "measures"), ("Stipulation", "provisions"), ("Order", "order"), ("Decree", "order"),
)  # fmt: skip
_TAIL: Final = re.compile(
    r"\s*[\[(【〔][^\[\](){}【】〔〕]{1,40}[\])】〕]\s*$"  # "(2021 revision)", "[Excerpts]", "(征求意见稿)"
)
_YEAR: Final = re.compile(r",? (?:of )?(?:1[5-9]|20)\d\d$")  # Acts are called by it: River Works Act 2019
_DRAFT: Final = re.compile(
    r"(?i)opinion-seeking(?: version)?(?: of (?:the )?\w+ draft)?|(?:revision |revised"
    r" )?draft(?: for (?:public )?comments?)?"
    r"|solicitation of (?:public )?comments|征求意见稿|公开征求意见|修订草案|修正草案|草案|送审稿"
)
_STATUS: Final = re.compile(
    r"\s*[\[【(]\s*(effective|in force|not yet effective|amended|revised|repealed|invalidated|expired"
    r"|partially (?:invalidated|repealed)|现行有效|有效|尚未生效|已被修改|已被修订|已修改|已修订"
    r"|失效|已失效|已废止|废止|部分失效)"
    r"\s*[\])】]\s*$",
    re.IGNORECASE,
)
_EXPLANATION: Final = re.compile(
    r"(?i)^(?:an? )?(?:explain(?:ing|ed)|explanation|explainer|interpreting|understanding"
    r"|reading|questions? (?:and|&) answers?"
    r"|q ?& ?a|faq|press (?:conference|questions)|policy reading)\b|\b(?:explained|answers?"
    r" (?:reporters|journalists|questions))\b"
    r"|解读|答记者问|问答|图解|一图读懂|的说明$|就.{0,40}答"
)
_INTERPRETATION: Final = re.compile(r"(?i)^(?:an? )?(?:interpretation|analysis) of (?:the )?")
_REPORT_VERB: Final = re.compile(
    r"(?i)\b(?:issue[sd]?|release[sd]?|publish(?:e[sd])?|promulgate[sd]?|announce[sd]?|adopt(?:s|ed)?|unveil(?:s|ed)?"
    r"|enact(?:s|ed)?)\b|公布|发布|印发|出台|颁布|施行|通过|公开征求"
)


def status_of(title: str) -> tuple[str, str]:
    """Split a title from the legal status that a database puts behind it; the status is as written, or ""."""
    match = _STATUS.search(title)
    return (title[: match.start()].rstrip(), match[1]) if match else (title, "")


def draft_of(title: str) -> str:
    """Return the words of a title that call its text a draft, or ""."""
    match = _DRAFT.search(title)
    return match[0] if match else ""


def document_type(title: str) -> str | None:
    """Return the kind of act that a title names, as one English word; None for a title that names none."""
    plain = fold_line(title)
    while (shorter := _TAIL.sub("", plain)) != plain:
        plain = shorter
    plain = _YEAR.sub("", plain.strip(" 》”\"'.:,"))
    simple = plain.translate(_TO_SIMPLIFIED)
    for word, kind in _TYPES_ZH:
        if simple.endswith(word):
            return kind
    # English names the kind first ("Measures on …") or last ("… Management Measures").
    first = re.sub(r"^(?:The |Provisional |Interim |Administrative |Trial )+", "", plain)
    for word, kind in _TYPES_EN:
        if word in plain and (re.match(rf"{word}\b", first) or re.search(rf"\b{word}$", plain)):
            return kind
    found = [
        (match.start(), kind)
        for word, kind in _TYPES_EN
        if word in plain
        and (match := re.search(rf"\b{word} (?:on|concerning|for|of|regarding|about)\b", plain))
    ]
    return min(found)[1] if found else None


def role_of(title: str, *, articles: bool = False, divided: bool = False) -> Role:
    """Return whether a document is the act in its title, news of it or an explanation; "" for others.

    `articles` says that its text has articles, `divided` that it has articles or numbered sections.
    """
    plain = fold_line(title)
    if _EXPLANATION.search(plain) or (not articles and _INTERPRETATION.match(plain)):
        return "explanation"
    kind = document_type(title)
    if divided and kind:
        return "text"
    if _REPORT_VERB.search(plain) and (_names_act(plain) or (kind and _verb_first(plain))):
        return "news"
    return "text" if kind else ""


def _names_act(title: str) -> bool:
    """Tell whether a title quotes the title of an act."""
    quoted = re.findall(r"《([^《》]+)》|[“\"]([^“”\"]+)[”\"]", title)
    return any(document_type(a or b) for a, b in quoted)


def _verb_first(title: str) -> bool:
    """Tell whether a title is a sentence: somebody did something with what comes after."""
    match = _REPORT_VERB.search(title)
    return bool(
        match and match.start() > 0 and not title[: match.start()].rstrip().endswith(("of", "on", "关于"))
    )
