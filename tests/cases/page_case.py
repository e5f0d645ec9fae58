"""A saved page beside what cleaning must make of it: NAME.html or NAME.txt, and NAME.expect.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaning.pipeline import Cleaned, Directives, clean
from output.base.records import RawPage, sha256_hex
from tests.cases.expectation import (
    DOCUMENT_KEYS,
    CaseError,
    check_keys,
    check_removed,
    document_differences,
    missing,
    named,
    read,
    report,
    value_difference,
)

SUFFIX = ".expect.toml"
MEDIA = {".html": "text/html", ".txt": "text/plain"}
_PAGE_KEYS = {"why": str, "page_url": str, "clean": dict}
_RESULT_KEYS = {"documents": list, "rejected": str, "removed": dict, "removed_must_not": list}
_KEYS = _PAGE_KEYS | _RESULT_KEYS | DOCUMENT_KEYS
_CLEAN_KEYS = dict.fromkeys(("select", "remove", "keep", "split"), list)


@dataclass(frozen=True)
class PageCase:
    """A page, how its source asks for it to be cleaned, and what must come of it."""

    file: Path
    why: str
    page: RawPage
    directives: Directives
    documents: tuple[Mapping[str, Any], ...]
    rejected: str
    removed: Mapping[str, list[str]]
    removed_must_not: tuple[str, ...]

    def failure(self) -> str:
        """Clean the page and tell what is not as expected; an empty text where all is."""
        cleaned = clean(self.page, self.directives)
        wrong = self._result_differences(cleaned) or self._document_differences(cleaned)
        wrong += self._removal_differences(cleaned)
        return report(self.file, self.why, wrong) if wrong else ""

    def _result_differences(self, cleaned: Cleaned) -> list[str]:
        found = cleaned.rejection.reason if cleaned.rejection else ""
        if found != self.rejected:
            return value_difference("rejected", self.rejected, found)
        titles = [document.title for document in cleaned.documents]
        expected = [document.get("title", "?") for document in self.documents]
        return [] if len(titles) == len(expected) else value_difference("documents", expected, titles)

    def _document_differences(self, cleaned: Cleaned) -> list[str]:
        wrong = []
        for number, document in enumerate(cleaned.documents):
            where = f"documents[{number + 1}]." if len(self.documents) > 1 else ""
            found = document_differences(self.documents[number], document)
            wrong += [f"{where}{difference}" for difference in found]
        return wrong

    def _removal_differences(self, cleaned: Cleaned) -> list[str]:
        wrong = []
        for kind, lines in self.removed.items():
            found = [removal.text for removal in cleaned.removals if removal.kind == kind]
            if lost := missing(lines, "\n".join(found)):
                wrong.append(f"removed.{kind}: expected {lost}, found {found}")
        receipts = [f"{removal.text} ({removal.evidence})" for removal in cleaned.removals]
        if kept := [words for words in self.removed_must_not if not missing([words], "\n".join(receipts))]:
            wrong.append(f"removed_must_not: expected nothing of {kept}, found {receipts}")
        return wrong


def page_cases(folder: Path) -> list[Path]:
    """List the expectations below a folder; a page without one is an error, and so is the reverse."""
    expectations = sorted(folder.glob(f"*/*{SUFFIX}"))
    stems = {file.with_name(file.name.removesuffix(SUFFIX)) for file in expectations}
    for page in sorted(page for suffix in MEDIA for page in folder.glob(f"*/*{suffix}")):
        if page.with_suffix("") not in stems:
            raise CaseError(f"{named(page)}: no expectation; write {page.stem}{SUFFIX} beside it")
    return expectations


def load_page_case(file: Path) -> PageCase:
    """Read an expectation and the page beside it."""
    given = read(file)
    check_keys(file, "", given, _KEYS)
    check_keys(file, "clean.", given.get("clean", {}), _CLEAN_KEYS)
    check_removed(file, given.get("removed", {}))
    single = {key: value for key, value in given.items() if key in DOCUMENT_KEYS}
    documents = given.get("documents", [])
    for number, document in enumerate(documents, start=1):
        check_keys(file, f"documents[{number}].", document, DOCUMENT_KEYS)
    if bool(single) + bool(documents) + ("rejected" in given) != 1:
        raise CaseError(
            f"{named(file)}: give one of the three: what a single document holds, [[documents]], rejected"
        )
    return PageCase(
        file,
        given.get("why", ""),
        _page(file, given.get("page_url", "https://quay.example/page")),
        _directives(given.get("clean", {})),
        tuple(documents or ([single] if single else [])),
        given.get("rejected", ""),
        given.get("removed", {}),
        tuple(given.get("removed_must_not", ())),
    )


def _directives(clean: Mapping[str, list[str]]) -> Directives:
    declared = {key: tuple(clean.get(key, ())) for key in _CLEAN_KEYS}
    return Directives(**declared)  # type: ignore[arg-type]  # those keys are the lists among its fields


def _page(file: Path, url: str) -> RawPage:
    stem = file.name.removesuffix(SUFFIX)
    pages = [path for suffix in MEDIA if (path := file.with_name(stem + suffix)).exists()]
    if len(pages) != 1:
        raise CaseError(f"{named(file)}: expected one page {stem}.html or {stem}.txt, found {len(pages)}")
    body = pages[0].read_bytes()
    headers = (("content-type", MEDIA[pages[0].suffix]),)
    return RawPage(pages[0].name, "cases", url, body, sha256_hex(body), headers=headers)
