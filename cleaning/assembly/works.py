"""Which regulation a document is, or is about: works, told apart by number, or by title and issuer.

A document's role in a work is `text`, `translation`, `news`, `explanation`, `mention` or `citation`. Only
texts and translations are the work: a citation is no membership, and a shared day or issuer links nothing.
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cleaning.assembly.alignment import align
from cleaning.assembly.title_index import TitleIndex
from cleaning.assembly.work_index import MEMBERS, Index, Role, Work, work_id
from cleaning.law.genre import document_type, draft_of, role_of
from cleaning.law.issuers import issuer_of_code, named
from cleaning.law.titles import Title, cited_titles, title_key
from cleaning.text.numerals import DOCUMENT_NUMBERS, code_of, is_bare, number_key
from cleaning.text.scripts import script_of
from output.base.records import Document

_HEAD_CHARACTERS = 3000  # in which a text names the bodies it binds
_LEAD_LINES = 3  # in which news names what it is about


@dataclasses.dataclass(frozen=True, slots=True)
class Membership:
    """A document's role in a work; `evidence` is the number or title that shows it, as it is written."""

    document: str
    work: str
    role: Role
    evidence: str


def works(documents: Sequence[Document]) -> list[Membership]:
    """Return the memberships of documents that are compared with each other, in their order.

    A work exists where one document is its text, or where one cites it. Its id comes from its strongest name:
    its number, else its Chinese title, else its English one.
    """
    groups = _expressions(documents)
    index = Index()
    for group in groups:
        _add_texts(index, group)
    for document in documents:
        _add_reports(index, document)
    aliases = [alias for group in groups for alias in _aliases(group)]
    for a, b in aliases:
        for title, other in ((a, b), (b, a)):
            if (work := index.find(title)) and index.find(other) is None:
                index.add_title(work, other)
    renderings = _renderings(aliases)
    for document in documents:
        _add_citations(index, document, renderings)
    for group in groups:
        _share_citations(index, group)
    return sorted(
        (
            Membership(document, work_id(work), role, evidence)
            for work in index.works
            for (document, role), evidence in work.members.items()
        ),
        key=lambda m: (m.document, m.work, m.role),
    )


def work_ids(memberships: Iterable[Membership]) -> dict[str, str]:
    """Return the work that each document is a text or a translation of, by the document's id."""
    return {m.document: m.work for m in memberships if m.role in MEMBERS}


def _expressions(documents: Sequence[Document]) -> list[list[Document]]:
    """Group the documents that are one text in several languages; the original comes first."""
    by_id = {document.id: document for document in documents}
    groups: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        original = document.translation_of if document.translation_of in by_id else None
        groups[original or document.id].append(document)
    return [sorted(group, key=lambda d: d.translation_of is not None) for group in groups.values()]


def _add_texts(index: Index, group: Sequence[Document]) -> None:
    """Add a work for a group of documents that are an act's text, or join them to the same work."""
    if not _is_act(group):
        return
    work = _work_of(group)
    if not work.titles:
        return
    same = _same_work(index, work)
    if same is None:
        index.add(work)
        return
    for title in work.titles:
        index.add_title(same, title)
    same.numbers |= work.numbers
    same.issuers |= work.issuers
    for (document_id, role), evidence in work.members.items():
        index.join(same, document_id, role, evidence)


def _is_act(group: Sequence[Document]) -> bool:
    """Tell whether the documents of a group are an act's text, and none of them explains it."""
    divided = any(document.articles for document in group)
    has_articles = any(unit.level == "article" for document in group for unit in document.articles)
    roles = {role_of(document.title, articles=has_articles, divided=divided) for document in group}
    return "text" in roles and "explanation" not in roles


def _work_of(group: Sequence[Document]) -> Work:
    """Return the work that the documents of a group are, with all its names."""
    work = Work()
    for document in group:
        work.titles += _own_titles(document)
        number = document.document_number or ""
        if number and not is_bare(number) and (key := _number(number, document)):
            work.numbers.add(key)
        if document.issuer_id or document.issuer:
            work.issuers.add(document.issuer_id or title_key(document.issuer or ""))
        role = Role.TRANSLATION if document.translation_of or _is_translated(document) else Role.TEXT
        work.members[document.id, role] = document.document_number or document.title
    return work


def _same_work(index: Index, work: Work) -> Work | None:
    """Return the known work with a number of this one, else with a title of it; None where it is new."""
    if same := index.numbered(work.numbers):
        return same
    issuers = frozenset(work.issuers)
    same = next((found for title in work.titles if (found := index.find(title, issuers))), None)
    if same and same.numbers and work.numbers and not _serials(same.numbers) & _serials(work.numbers):
        return None  # the title is the same and the number is not: another act
    return same


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
    if len(first) < 120 and script_of(first) not in ("", script_of(document.title)) and document_type(first):
        yield Title.of(first)


def _number(number: str, document: Document) -> str:
    """Return the number in one spelling; "" where nothing tells whose it is."""
    issuer = (
        document.issuer_id or issuer_of_code(code_of(number)) or title_key(document.issuer or code_of(number))
    )
    issuer = issuer or title_key(re.split("令|公告", number)[0])
    return number_key(number, issuer) if issuer else ""


def _serials(numbers: Iterable[str]) -> set[str]:
    """Return the numbers without their issuers, which pages name in several ways."""
    return {number.partition(":")[2] for number in numbers}


def _add_reports(index: Index, document: Document) -> None:
    """Join news and explanations to the work whose title or number they name; add the work if it is new."""
    if any(role in MEMBERS for _, role in index.roles[document.id]):
        return
    role = role_of(document.title, articles=False)
    if role not in ("news", "explanation"):
        return
    kind = Role.NEWS if role == "news" else Role.EXPLANATION
    about = _about(document)
    if about is None:
        return
    head = "\n".join((document.title, *document.text.split("\n")[:_LEAD_LINES]))
    numbers = _numbers_in(head)
    work = index.numbered(numbers) or index.find(about, _named_ids(head))
    if work is None:
        index.add(work := Work([about], set(numbers), set(_named_ids(head))))
    elif not any(title.key == about.key for title in work.titles):
        index.add_title(work, about)
    index.join(work, document.id, kind, about.text)


def _about(document: Document) -> Title | None:
    """Return the act that a report's title names: in quotes, or behind what was done to it."""
    quoted = [title for title in cited_titles(document.title) if document_type(title.text)]
    if quoted:
        return quoted[0]
    match = _DONE.search(document.title) or _EXPLAINED.search(document.title)
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


def _aliases(group: Sequence[Document]) -> Iterator[tuple[Title, Title]]:
    """Yield the titles of one act in two languages.

    A text and its translation cite as many titles in the same place, in the same order.
    """
    translated = [document for document in group[1:] if document.translation_of == group[0].id]
    for document in translated if cited_titles(group[0].text) else ():
        for pair in align(group[0], document):
            theirs, ours = cited_titles(pair.text_a), cited_titles(pair.text_b)
            if theirs and len(theirs) == len(ours):
                yield from zip(theirs, ours, strict=True)


def _share_citations(index: Index, group: Sequence[Document]) -> None:
    """Give translations the citations of their text, even where the words are no title there."""
    for document in group:
        for work, role in list(index.roles[document.id]):
            if role not in MEMBERS:
                for other in group:
                    if not index.has(work, other.id):
                        index.join(work, other.id, role, work.members[document.id, role])


def _renderings(aliases: Iterable[tuple[Title, Title]]) -> TitleIndex[Title]:
    """Index the titles in one language under those in the other that name the same act."""
    index: TitleIndex[Title] = TitleIndex()
    for a, b in aliases:
        index.add(a, b)
        index.add(b, a)
    return index


def _add_citations(index: Index, document: Document, renderings: TitleIndex[Title]) -> None:
    """Join a document to the works that it cites by title, in quotes, or names without them.

    A title that no document is about becomes a work too: documents that cite the same law have that in
    common.
    """
    for title in cited_titles(document.text):
        work = index.find(title)
        if work is None and title.closed and document_type(title.text) and not draft_of(title.text):
            work = next((found for other in renderings.find(title) if (found := index.find(other))), None)
            if work is None:
                index.add(work := Work([title]))
            else:
                index.add_title(work, title)
        if work and not index.has(work, document.id):
            index.join(work, document.id, Role.CITATION, title.text)
    for work, words in (*index.mentions(document.text), *index.subject_mentions(document.text)):
        if not index.has(work, document.id):
            index.join(work, document.id, Role.MENTION, words)
