"""Which regulation a document is, or is about: works, told apart by number, or by title and issuer.

A document's role in a work is `text`, `translation`, `news`, `explanation`, `mention` or `citation`. Only
texts and translations are the work: a citation is no membership, and a shared day or issuer links nothing.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from cleaning.assembly.alignment import align
from cleaning.assembly.title_index import TitleIndex
from cleaning.assembly.work_facts import WorkFacts
from cleaning.assembly.work_index import MEMBERS, Index, Role, Work, work_id
from cleaning.law.genre import document_type, draft_of, role_of
from cleaning.law.titles import Title, cited_titles
from output.base.records import Document

# Documents that are one text in several languages; the original comes first.
Group = Sequence[WorkFacts]


@dataclasses.dataclass(frozen=True, slots=True)
class Membership:
    """A document's role in a work; `evidence` is the number or title that shows it, as it is written."""

    document: str
    work: str
    role: Role
    evidence: str


def work_ids(documents: Sequence[Document]) -> dict[str, str]:
    """Return the work that each document is a text or a translation of, by the document's id.

    The documents are read one at a time, and none is held.
    """
    index, _ = _collect(documents, *_groups(documents))
    return {m.document: m.work for m in _memberships(index) if m.role in MEMBERS}


def works(documents: Sequence[Document]) -> list[Membership]:
    """Return all memberships of documents that are compared with each other, citations included.

    A work exists where one document is its text, or where one cites it. Its id comes from its strongest name:
    its number, else its Chinese title, else its English one.
    """
    facts, groups = _groups(documents)
    index, aliases = _collect(documents, facts, groups)
    renderings = _renderings(aliases)
    for document in documents:
        _add_citations(index, document, renderings)
    for group in groups:
        _share_citations(index, group)
    return _memberships(index)


def _memberships(index: Index) -> list[Membership]:
    found = (
        Membership(document, work_id(work), role, evidence)
        for work in index.works
        for (document, role), evidence in work.members.items()
    )
    return sorted(found, key=lambda m: (m.document, m.work, m.role))


def _groups(documents: Iterable[Document]) -> tuple[list[WorkFacts], list[Group]]:
    """Return the facts of the documents that tell of works, and the same facts grouped by text."""
    facts = {one.document: one for document in documents if (one := WorkFacts.of(document))}
    groups: dict[str, list[WorkFacts]] = defaultdict(list)
    for one in facts.values():
        original = one.translation_of if one.translation_of in facts else None
        groups[original or one.document].append(one)
    ordered: list[Group] = [
        sorted(group, key=lambda one: one.translation_of is not None) for group in groups.values()
    ]
    return list(facts.values()), ordered


def _collect(
    documents: Sequence[Document], facts: Sequence[WorkFacts], groups: Sequence[Group]
) -> tuple[Index, list[tuple[Title, Title]]]:
    """Return the works that documents are or report on, and the titles of one act in two languages."""
    index = Index()
    for group in groups:
        _add_texts(index, group)
    for one in facts:
        _add_report(index, one)
    aliases = list(_aliases(documents, groups))
    for a, b in aliases:
        for title, other in ((a, b), (b, a)):
            if (work := index.find(title)) and index.find(other) is None:
                index.add_title(work, other)
    return index, aliases


def _add_texts(index: Index, group: Group) -> None:
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


def _is_act(group: Group) -> bool:
    """Tell whether the documents of a group are an act's text, and none of them explains it."""
    divided = any(facts.is_divided for facts in group)
    has_articles = any(facts.has_articles for facts in group)
    roles = {role_of(facts.title, articles=has_articles, divided=divided) for facts in group}
    return "text" in roles and "explanation" not in roles


def _work_of(group: Group) -> Work:
    """Return the work that the documents of a group are, with all its names."""
    work = Work()
    for facts in group:
        work.titles += facts.titles
        work.numbers |= {facts.number} - {""}
        work.issuers |= {facts.issuer} - {""}
        role = Role.TRANSLATION if facts.is_translation else Role.TEXT
        work.members[facts.document, role] = facts.name
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


def _serials(numbers: Iterable[str]) -> set[str]:
    """Return the numbers without their issuers, which pages name in several ways."""
    return {number.partition(":")[2] for number in numbers}


def _add_report(index: Index, facts: WorkFacts) -> None:
    """Join news or an explanation to the work whose title or number it names; add the work if it is new."""
    report = facts.report
    if report is None or any(role in MEMBERS for _, role in index.roles[facts.document]):
        return
    work = index.numbered(report.numbers) or index.find(report.about, report.issuers)
    if work is None:
        index.add(work := Work([report.about], set(report.numbers), set(report.issuers)))
    elif not any(title.key == report.about.key for title in work.titles):
        index.add_title(work, report.about)
    index.join(work, facts.document, report.role, report.about.text)


def _aliases(documents: Sequence[Document], groups: Iterable[Group]) -> Iterator[tuple[Title, Title]]:
    """Yield the titles of one act in two languages.

    A text and its translation cite as many titles in the same place, in the same order.
    """
    original_of = {
        facts.document: group[0].document
        for group in groups
        for facts in group[1:]
        if facts.translation_of == group[0].document
    }
    if not original_of:
        return
    involved = original_of.keys() | set(original_of.values())
    position = {document.id: n for n, document in enumerate(documents) if document.id in involved}
    for translation, original in original_of.items():
        source = documents[position[original]]
        for pair in align(source, documents[position[translation]]) if cited_titles(source.text) else ():
            theirs, ours = cited_titles(pair.text_a), cited_titles(pair.text_b)
            if theirs and len(theirs) == len(ours):
                yield from zip(theirs, ours, strict=True)


def _share_citations(index: Index, group: Group) -> None:
    """Give translations the citations of their text, even where the words are no title there."""
    for facts in group:
        for work, role in list(index.roles[facts.document]):
            if role not in MEMBERS:
                for other in group:
                    if not index.has(work, other.document):
                        index.join(work, other.document, role, work.members[facts.document, role])


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
