"""What one document tells of works: the names of the act that it is, or of the act that it reports on."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Final

from cleaning.assembly.work_index import Role
from cleaning.law.genre import document_type, role_of
from cleaning.law.issuers import issuer_of_code, named
from cleaning.law.titles import Title, cited_titles, title_key
from cleaning.text.numerals import DOCUMENT_NUMBERS, code_of, is_bare, number_key
from cleaning.text.scripts import script_of
from output.base.records import Document

_HEAD_CHARACTERS = 3000  # in which a text names the bodies it binds
_LEAD_LINES = 3  # in which news names what it is about
_MAX_TITLE_CHARACTERS = 120  # of a first line that may be the title in the other script


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """News or an explanation of an act: the title that it names, and the numbers and issuers in its lead."""

    role: Role
    about: Title
    numbers: frozenset[str]
    issuers: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class WorkFacts:
    """The facts of a document that tell its work, without its text.

    `name` is its number or title as written. `number` and `issuer` are "" where it has none.
    """

    document: str
    translation_of: str | None
    title: str
    name: str
    has_articles: bool
    is_divided: bool
    is_translation: bool
    titles: tuple[Title, ...]
    number: str
    issuer: str
    report: Report | None

    @classmethod
    def of(cls, document: Document) -> WorkFacts | None:
        """Return the facts of a document; None where it is no act, no part of one and no report of one."""
        report = _report(document)
        may_be_act = role_of(document.title, articles=True, divided=True) == "text"
        if not may_be_act and not report and not document.translation_of:
            return None
        number = document.document_number or ""
        return cls(
            document=document.id,
            translation_of=document.translation_of,
            title=document.title,
            name=number or document.title,
            has_articles=any(unit.level == "article" for unit in document.articles),
            is_divided=bool(document.articles),
            is_translation=bool(document.translation_of) or _is_translated(document),
            titles=tuple(_own_titles(document)),
            number=_number(number, document) if number and not is_bare(number) else "",
            issuer=document.issuer_id or title_key(document.issuer or ""),
            report=report,
        )


def _is_translated(document: Document) -> bool:
    """Tell whether a text alone on its page is a translation.

    It says so, or a Chinese body issued it in another language.
    """
    if document.language.startswith("zh"):
        return False
    bodies = {document.issuer_id or ""} - {""} or _named_ids(document.text[:_HEAD_CHARACTERS])
    foreign = (document.jurisdiction or "").startswith("CN") or (
        bodies and all(b.startswith("cn-") for b in bodies)
    )
    return bool(document.translation_status or foreign)


def _own_titles(document: Document) -> Iterator[Title]:
    """Yield a document's title, and the title in the other script that stands first in its text."""
    quoted = cited_titles(document.title)
    # A headline ends with the act's title; in 关于…《…》的通知 the quoted act is another.
    headline = bool(quoted) and document.title.rstrip().endswith(("》", "”", '"'))
    yield quoted[0] if headline and document_type(quoted[0].text) else Title.of(document.title)
    first = document.text.split("\n", 1)[0]
    is_other_script = script_of(first) not in ("", script_of(document.title))
    if len(first) < _MAX_TITLE_CHARACTERS and is_other_script and document_type(first):
        yield Title.of(first)


def _number(number: str, document: Document) -> str:
    """Return the number in one spelling; "" where nothing tells whose it is."""
    issuer = (
        document.issuer_id or issuer_of_code(code_of(number)) or title_key(document.issuer or code_of(number))
    )
    issuer = issuer or title_key(re.split("令|公告", number)[0])
    return number_key(number, issuer) if issuer else ""


def _report(document: Document) -> Report | None:
    """Return what a report of an act names; None for any other document."""
    role = role_of(document.title, articles=False)
    if role not in ("news", "explanation"):
        return None
    about = _about(document.title)
    if about is None:
        return None
    lead = "\n".join((document.title, *document.text.split("\n", _LEAD_LINES)[:_LEAD_LINES]))
    kind = Role.NEWS if role == "news" else Role.EXPLANATION
    return Report(kind, about, frozenset(_numbers_in(lead)), _named_ids(lead))


def _about(title: str) -> Title | None:
    """Return the act that a report's title names: in quotes, or behind what was done to it."""
    quoted = [cited for cited in cited_titles(title) if document_type(cited.text)]
    if quoted:
        return quoted[0]
    match = _DONE.search(title) or _EXPLAINED.search(title)
    rest = match["title"].strip(" “”\"'.") if match else ""
    return Title.of(rest) if rest and document_type(rest) else None


_DONE: Final = re.compile(
    r"(?i)\b(?:issued?s?|released?s?|published|publishes|promulgated?s?|announced?s?|adopted|adopts)\s+(?:the\s+)?(?P<title>.+)$"
)
_EXPLAINED: Final = re.compile(
    r"(?i)\b(?:explain(?:ing|ation|s)?|interpretation|interpreting|understanding|questions)\b[^“\"]{0,20}?\b(?:of|on|concerning|about)?\s*(?:the\s+)?(?P<title>[“\"A-Z].+)$"
)


def _named_ids(text: str) -> frozenset[str]:
    return frozenset(body.id for body in named(text))


def _numbers_in(text: str) -> set[str]:
    """Return the numbers that a text names with their issuer, in one spelling."""
    keys = set()
    for pattern in DOCUMENT_NUMBERS:
        for match in pattern.finditer(text):
            bodies = named(match[0])
            issuer = bodies[0].id if bodies else issuer_of_code(code_of(match[0])) or ""
            if issuer and (key := number_key(match[0], issuer)):
                keys.add(key)
    return keys
