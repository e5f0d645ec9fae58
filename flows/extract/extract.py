"""`tamis extract`: saved pages in, a document a line out, with a receipt for everything removed."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cleaning.metadata.identity import identity
from cleaning.model.profile import Profile
from cleaning.pipeline import Cleaned, PageScores, assemble, clean
from cleaning.result import rejected
from flows.extract.atomic_output import refuse_overwriting, whole
from flows.extract.inputs import InputUnreadable, PassedOver, lines_files, read_pages
from flows.extract.profiles import SiteProfiles, site_profiles
from flows.workspace.progress import Step
from output.base.records import RawPage
from output.formats.jsonl import write_jsonl
from web.soft_404 import soft_404_title

# Pages that are assembled together: enough for a site's list and its articles, little enough for memory.
TOGETHER_PAGES = 1_000
TOGETHER_CHARACTERS = 20_000_000
# Objects made between two collections. A page makes some ten thousand, few of them in cycles: at Python's
# own 700, collecting took a twentieth of the time.
_COLLECTED_AT = 50_000
_KINDS_NAMED = 8


@dataclass(slots=True)
class Tally:
    """What an extraction came to: pages, documents, pages without one by reason, unread places, of folders
    the files that are no pages by their ending, and of WARCs the records without a page of their own.
    """

    pages: int = 0
    documents: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    unreadable: list[InputUnreadable] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)

    def lines(self, output: Path) -> Iterator[str]:
        """What a person is told of it, with a line for each place that could not be read."""
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(self.rejected.items()))
        made = f"{self.pages} pages, {self.documents} documents in {output}"
        yield f"{made}; without one: {reasons}" if reasons else made
        if self.passed_over:
            named = self.passed_over.most_common(_KINDS_NAMED)
            kinds = [f"{n} {kind}" for kind, n in named]
            if others := self.passed_over.total() - sum(n for _, n in named):
                kinds.append(f"{others} others")
            yield f"passed over in folders, as no pages by their endings: {', '.join(kinds)}"
        if self.records:
            kinds = [f"{n} {kind}" for kind, n in self.records.most_common()]
            yield f"passed over in WARCs, as records without a page of their own: {', '.join(kinds)}"
        for place in self.unreadable:
            yield f"tamis: unreadable: {place.where}: {place.why}"


def extract(paths: Sequence[Path], output: Path, removals: Path | None, progress: Step) -> Tally:
    """Clean the pages of `paths` into `output`, and their receipts into `removals`.

    Pages that share a `site` are cleaned with its profile; pages that follow each other are assembled.
    Both files appear whole, by one rename each, or not at all. Raises UsageError for paths that
    cannot be used and StorageError where the files cannot be written.
    """
    refuse_overwriting([*paths, *lines_files(paths)], [output, *([removals] if removals else [])])
    tally = Tally()
    with ExitStack() as stack:
        stack.enter_context(_seldom_collected())
        documents_file = stack.enter_context(whole(output))
        removals_file = stack.enter_context(whole(removals)) if removals else None
        profiles = stack.enter_context(site_profiles(paths))
        for cleaned in _finished(_cleaned(read_pages(paths), profiles, tally)):
            if cleaned.rejection:
                tally.rejected[cleaned.rejection.reason] += 1
            tally.documents += len(cleaned.documents)
            write_jsonl(cleaned.documents, documents_file)
            if removals_file:
                write_jsonl(cleaned.removals, removals_file)
            progress(tally.pages, None, f"{tally.documents} documents")
    return tally


def extract_page(page: RawPage, profile: Profile | None = None) -> Cleaned:
    """Clean one page by itself, with the profile of its site where there is one."""
    return next(_finished([_clean(page, profile)]))


def _cleaned(
    pages: Iterable[RawPage | InputUnreadable | PassedOver], profiles: SiteProfiles, tally: Tally
) -> Iterator[Cleaned]:
    for page in pages:
        if isinstance(page, InputUnreadable):
            tally.unreadable.append(page)
            continue
        if isinstance(page, PassedOver):
            (tally.records if page.record else tally.passed_over)[page.kind] += 1
            continue
        tally.pages += 1
        yield _clean(page, profiles.of(page) if page.site else None, profiles.scores(page))


def _clean(page: RawPage, profile: Profile | None, scores: PageScores | None = None) -> Cleaned:
    if title := soft_404_title(page.body):
        return rejected(page, "soft_404", title)
    return clean(page, profile=profile, scores=scores)


def _finished(pages: Iterable[Cleaned]) -> Iterator[Cleaned]:
    """The pages in their order, assembled, each document with an id of its own."""
    return _apart(_assembled(pages))


def _assembled(pages: Iterable[Cleaned]) -> Iterator[Cleaned]:
    """The pages in their order, with what each needs of those around it.

    Those without an address stand alone: nothing tells whose permalink they are.
    """
    batch: list[Cleaned] = []
    characters = 0
    for page in pages:
        batch.append(page)
        characters += sum(document.characters for document in page.documents)
        characters += sum(len(removal.text) for removal in page.removals)
        if len(batch) == TOGETHER_PAGES or characters > TOGETHER_CHARACTERS:
            yield from _together(batch)
            batch, characters = [], 0
    yield from _together(batch)


def _together(batch: Sequence[Cleaned]) -> Iterator[Cleaned]:
    addressed = iter(assemble([page for page in batch if _has_address(page)]))
    for page in batch:
        yield next(addressed) if _has_address(page) else page


def _apart(pages: Iterable[Cleaned]) -> Iterator[Cleaned]:
    """The pages, each document with an id of its own: a page that was saved twice is in the input twice, and
    what the two have in common is for `tamis dedupe` to say.
    """
    given: set[bytes] = set()
    for page in pages:
        own = {document.id: _own_id(document.id, given) for document in page.documents}
        if all(mine == was for was, mine in own.items()):
            yield page
            continue
        documents = (
            replace(
                document,
                id=own[document.id],
                translation_of=own.get(document.translation_of or "", document.translation_of),
                warnings=(*document.warnings, "address_repeated"),
            )
            for document in page.documents
        )
        yield replace(page, documents=tuple(documents))


def _own_id(id_: str, given: set[bytes]) -> str:
    """The id, or where it is given already the first that is made of it and free."""
    mine, n = id_, 1
    while bytes.fromhex(mine) in given:
        n += 1
        mine = identity(id_, str(n))
    given.add(bytes.fromhex(mine))
    return mine


def _has_address(page: Cleaned) -> bool:
    return bool(page.documents) and all(document.url for document in page.documents)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_COLLECTED_AT, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
