"""`tamis extract`: documents from saved pages, with a receipt for each removed block."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from cleaning.metadata.identity import document_id
from cleaning.model.profile import Profile
from cleaning.pipeline import Cleaned, clean
from flows.extract.atomic_output import refuse_overwriting, whole
from flows.extract.guarded import assembled, cleaned_in_time, cleaned_or_rejected
from flows.extract.inputs import InputUnreadable, Skipped, jsonl_files, read_pages
from flows.extract.profiles import SiteProfiles, site_profiles
from flows.workspace.crashes import CLEANING_ERROR, CLEANING_TIMEOUT
from flows.workspace.progress import Step
from output.base.records import RawPage, Rejection, Removal, RemovalKind
from output.base.wording import counted
from output.formats.jsonl import write_jsonl

# Pages that are assembled together: enough for a site's list and its articles, few enough for memory.
BATCH_PAGES = 1_000
BATCH_CHARACTERS = 20_000_000
# Objects created between two garbage collections. A page creates some ten thousand, few of them in cycles: at
# Python's default of 700, collecting took a twentieth of the time.
_GC_THRESHOLD = 50_000
_MAX_NAMED_KINDS = 8
# A page with one of these is not read as it is.
_UNREADABLE_REASONS = (CLEANING_ERROR, CLEANING_TIMEOUT, "pdf_broken", "pdf_encrypted", "pdf_no_extraction")
# Inputs that the summary names; a file of a few KB can hold millions of lines that cannot be read.
MAX_NAMED_INPUTS = 10_000
_MAX_NAME_CHARACTERS = 500


@dataclass(slots=True)
class Tally:
    """The counts of an extraction.

    `rejected` counts pages without a document by reason, `skipped` the files of folders that are no pages by
    their ending, and `skipped_records` the WARC records without a page of their own. `unreadable` names the
    first inputs that could not be read or cleaned, and `unnamed` counts the others.
    """

    pages: int = 0
    documents: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    unreadable: list[InputUnreadable] = field(default_factory=list)
    unnamed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    skipped_records: Counter[str] = field(default_factory=Counter)

    def add_unreadable(self, problem: InputUnreadable) -> None:
        """Name an input that could not be read, or count it where too many are named already."""
        if len(self.unreadable) < MAX_NAMED_INPUTS:
            self.unreadable.append(problem)
        else:
            self.unnamed += 1

    def add_rejection(self, why: Rejection) -> None:
        """Count a page without a document; name one that is broken, or that cleaning failed for."""
        self.rejected[why.reason] += 1
        if why.reason in _UNREADABLE_REASONS:
            self.add_unreadable(InputUnreadable(why.input_id, f"{why.reason}: {why.evidence}"))

    def lines(self, output: Path) -> Iterator[str]:
        """Yield the summary for people, with a line for each input that could not be read."""
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(self.rejected.items()))
        made = f"{counted(self.pages, 'page')}, {counted(self.documents, 'document')} in {output}"
        yield f"{made}; pages without a document: {reasons}" if reasons else made
        if self.skipped:
            named = self.skipped.most_common(_MAX_NAMED_KINDS)
            kinds = [f"{n} {kind}" for kind, n in named]
            if others := self.skipped.total() - sum(n for _, n in named):
                kinds.append(f"{others} others")
            yield f"skipped in folders, by ending: {', '.join(kinds)}"
        if self.skipped_records:
            kinds = [f"{n} {kind}" for kind, n in self.skipped_records.most_common()]
            yield f"skipped in WARCs, records without a page of their own: {', '.join(kinds)}"
        for problem in self.unreadable:
            yield f"tamis: unreadable: {_short(problem.where)}: {_short(problem.why)}"
        if self.unnamed:
            yield f"tamis: unreadable: {self.unnamed} more"


def _short(text: str) -> str:
    return text if len(text) <= _MAX_NAME_CHARACTERS else f"{text[:_MAX_NAME_CHARACTERS]}…"


def extract(paths: Sequence[Path], output: Path, removals: Path | None, progress: Step) -> Tally:
    """Write the documents of the pages in `paths` to `output`, and the removed blocks to `removals`.

    Pages that share a `site` are cleaned with its profile; neighbouring pages are assembled. Both files
    appear whole, by one rename each, or not at all. Raises UsageError for paths that cannot be used,
    StorageError where the files cannot be written.
    """
    refuse_overwriting([*paths, *jsonl_files(paths)], [output, *([removals] if removals else [])])
    tally = Tally()
    with ExitStack() as stack:
        stack.enter_context(_rare_garbage_collection())
        documents_file = stack.enter_context(whole(output))
        removals_file = stack.enter_context(whole(removals)) if removals else None
        profiles = stack.enter_context(site_profiles(paths))
        for cleaned in _finish(_clean_all(read_pages(paths), profiles, tally)):
            if cleaned.rejection:
                tally.add_rejection(cleaned.rejection)
            tally.documents += len(cleaned.documents)
            write_jsonl(cleaned.documents, documents_file)
            if removals_file:
                write_jsonl((*_reason(cleaned), *cleaned.removals), removals_file)
            progress(tally.pages, None, counted(tally.documents, "document"))
    return tally


def extract_page(page: RawPage, profile: Profile | None = None) -> Cleaned:
    """Return one page, cleaned by itself, with the profile of its site where there is one."""
    return next(_finish([cleaned_or_rejected(page, lambda: clean(page, profile=profile))]))


def _reason(cleaned: Cleaned) -> Iterator[Removal]:
    """Yield the receipt of a page without a document: its reason and the evidence for it."""
    if why := cleaned.rejection:
        rule = f"rejected:{why.reason}"
        yield Removal(
            why.source_id, why.input_id, why.run_id, RemovalKind.REJECTED, rule, why.evidence, 0, ""
        )


def _clean_all(
    pages: Iterable[RawPage | InputUnreadable | Skipped], profiles: SiteProfiles, tally: Tally
) -> Iterator[Cleaned]:
    for page in pages:
        if isinstance(page, InputUnreadable):
            tally.add_unreadable(page)
            continue
        if isinstance(page, Skipped):
            (tally.skipped_records if page.record else tally.skipped)[page.kind] += 1
            continue
        tally.pages += 1
        yield cleaned_in_time(page, partial(_clean, page, profiles))


def _clean(page: RawPage, profiles: SiteProfiles) -> Cleaned:
    profile = profiles.profile_for(page) if page.site else None
    return clean(page, profile=profile, scores=profiles.scores(page))


def _finish(pages: Iterable[Cleaned]) -> Iterator[Cleaned]:
    """Yield the pages in their order, assembled, each document with a unique id."""
    return _with_unique_ids(_assemble_all(pages))


def _assemble_all(pages: Iterable[Cleaned]) -> Iterator[Cleaned]:
    """Yield the pages in their order, assembled in batches.

    Pages without an address are left as they are: nothing tells whose permalink they are.
    """
    batch: list[Cleaned] = []
    characters = 0
    for page in pages:
        batch.append(page)
        characters += sum(document.characters for document in page.documents)
        characters += sum(len(removal.text) for removal in page.removals)
        if len(batch) == BATCH_PAGES or characters > BATCH_CHARACTERS:
            yield from _assemble_batch(batch)
            batch, characters = [], 0
    yield from _assemble_batch(batch)


def _assemble_batch(batch: Sequence[Cleaned]) -> Iterator[Cleaned]:
    addressed = iter(assembled([page for page in batch if _has_address(page)]))
    for page in batch:
        yield next(addressed) if _has_address(page) else page


def _with_unique_ids(pages: Iterable[Cleaned]) -> Iterator[Cleaned]:
    """Yield the pages with a unique id for each document.

    A page that was saved twice gives two documents; `tamis dedupe` finds that they are the same.
    """
    taken: set[bytes] = set()
    for page in pages:
        ids = {document.id: _unique_id(document.id, taken) for document in page.documents}
        if all(new == old for old, new in ids.items()):
            yield page
            continue
        documents = (
            replace(
                document,
                id=ids[document.id],
                translation_of=ids.get(document.translation_of or "", document.translation_of),
                warnings=(*document.warnings, "address_repeated"),
            )
            for document in page.documents
        )
        yield replace(page, documents=tuple(documents))


def _unique_id(id_: str, taken: set[bytes]) -> str:
    """Return the id, or where it is taken the first free one that is derived from it."""
    unique, n = id_, 1
    while bytes.fromhex(unique) in taken:
        n += 1
        unique = document_id(id_, str(n))
    taken.add(bytes.fromhex(unique))
    return unique


def _has_address(page: Cleaned) -> bool:
    return bool(page.documents) and all(document.url for document in page.documents)


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_GC_THRESHOLD, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
