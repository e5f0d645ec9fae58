"""Messages about published pages that their site no longer gives, or no longer gives whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from flows.workspace.workspace import Workspace
from output.base.records import Access, Document, Rejection
from output.base.wording import listed
from output.ledger.ledger import Ledger
from output.ledger.records import MOVED, OPT_OUT

# URLs that a message names; the rest are counted.
MAX_NAMED_URLS = 20

_DESCRIPTIONS = {
    "gone": "gone from the site",
    MOVED: "moved to a page without their text",
    OPT_OUT: "opted out of text and data mining",
    "robots": "closed to crawlers by robots.txt",
}
_STAY_PUBLISHED = "their documents stay published until `tamis forget URL`"

# Rejections of pages whose documents another page gives, or which `newly_unavailable` reports.
_READ_ELSEWHERE = (MOVED, "same_document", "completed_elsewhere")


def newly_unavailable(ledger: Ledger, run_id: str, superseded: Collection[str] = ()) -> list[str]:
    """Return a message for each reason for which published pages became unavailable in this run.

    Pages whose documents are all `superseded` by others are left out. Nothing is unpublished by that: people
    decide whether it should be.
    """
    pages = ledger.document_pages(ledger.run(run_id).source_id)
    published = {url for id_, url in pages.items() if id_ not in superseded}
    ended = [(reason, url) for reason, url in ledger.newly_unavailable(run_id) if url in published]
    return [
        f"{_count(f'published before, now {_DESCRIPTIONS[reason]}', urls)}; {_STAY_PUBLISHED}"
        for reason, urls in _by_first(ended)
    ]


def newly_empty(ledger: Ledger, run_id: str, rejections: Iterable[Rejection]) -> list[str]:
    """Return a message for each reason for which published pages have no document now.

    The site may have put a challenge before them, or its new template hides their text.
    """
    pages = set(ledger.document_pages(ledger.run(run_id).source_id).values())
    empty = sorted((one.reason, one.input_id) for one in rejections if one.input_id in pages)
    return [
        f"{_count(f'published before, now rejected ({reason})', urls)}; {_STAY_PUBLISHED}"
        for reason, urls in _by_first(empty)
        if reason not in _READ_ELSEWHERE
    ]


def newly_truncated(workspace: Workspace, documents: Iterable[Document]) -> list[str]:
    """Return a message for each verdict on texts that were full, and are cut or unknown now.

    A paywall went up, or the site asks for a login.
    """
    cut = {one.id: (one.access, one.url) for one in documents if one.access is not Access.FULL}
    if not cut:
        return []
    query = "select id from latest semi join asked using (id) where access = ? order by url"
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(cut), pa.string())}))
        rows = connection.execute(query, [Access.FULL.value]).fetchall()
    verdicts = sorted((cut[id_] for (id_,) in rows), key=itemgetter(0))
    return [
        f"{_count(f'published whole before, now {verdict}', urls)}; "
        "releases leave them out until they are whole again"
        for verdict, urls in _by_first(verdicts)
    ]


def _by_first(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    for first, group in groupby(pairs, key=itemgetter(0)):
        yield first, [second for _, second in group]


def _count(what: str, urls: Sequence[str]) -> str:
    return f"{len(urls)} {what}: {listed(urls, MAX_NAMED_URLS)}"
