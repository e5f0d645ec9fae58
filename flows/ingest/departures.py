"""What a run has to say of pages that stand published and that their site gives no more, or no more whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from flows.workspace.workspace import Workspace
from output.base.records import Access, Document, Rejection
from output.ledger.ledger import Ledger
from output.ledger.records import MOVED, OPT_OUT

# URLs named in a line; the rest are counted.
NAMED = 20

_WHY = {
    "gone": "gone from the site",
    MOVED: "moved to a page without their text",
    OPT_OUT: "opted out of text and data mining",
    "robots": "closed to crawlers by robots.txt",
}

# Rejections of pages whose documents another page gives, or that are told as ended.
_READ_ELSEWHERE = (MOVED, "same_document", "completed_elsewhere")


def newly_unavailable(ledger: Ledger, run_id: str, succeeded: Collection[str] = ()) -> list[str]:
    """A line for each way in which published pages have ended, if this run was the first to find it; pages
    have not whose documents are all `succeeded` by others.

    Nothing is unpublished by that: whether it should be is for people to decide.
    """
    pages = ledger.document_pages(ledger.run(run_id).source_id)
    standing = {url for one, url in pages.items() if one not in succeeded}
    left = ((why, url) for why, url in ledger.newly_unavailable(run_id) if url in standing)
    return [
        f"{_named(f'published before, now {_WHY[why]}', [url for _, url in found])}; "
        "what was published stands until `tamis forget URL`"
        for why, found in groupby(left, key=itemgetter(0))
    ]


def newly_empty(ledger: Ledger, run_id: str, rejections: Iterable[Rejection]) -> list[str]:
    """A line for each reason for which published pages have no document now: a challenge put before them, or
    a template that lost their text.
    """
    pages = set(ledger.document_pages(ledger.run(run_id).source_id).values())
    left = sorted((one.reason, one.input_id) for one in rejections if one.input_id in pages)
    return [
        f"{_named(f'published before, now rejected ({why})', [url for _, url in found])}; "
        "what was published stands until `tamis forget URL`"
        for why, found in groupby(left, key=itemgetter(0))
        if why not in _READ_ELSEWHERE
    ]


def newly_truncated(workspace: Workspace, documents: Iterable[Document]) -> list[str]:
    """A line for each verdict on texts that are no longer whole, or may be none: a paywall that went up, or a
    site that asks for a login.
    """
    cut = {document.id: document for document in documents if document.access is not Access.FULL}
    if not cut:
        return []
    query = "select id from latest semi join asked using (id) where access = ? order by url"
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(cut), pa.string())}))
        were = [cut[one] for (one,) in connection.execute(query, [Access.FULL.value]).fetchall()]
    return [
        f"{_named(f'published whole before, now {verdict}', [one.url for one in found])}; "
        "releases leave them out until they are whole again"
        for verdict, found in groupby(sorted(were, key=lambda one: one.access), key=lambda one: one.access)
    ]


def _named(what: str, urls: Sequence[str]) -> str:
    more = f" and {len(urls) - NAMED} more" if len(urls) > NAMED else ""
    return f"{len(urls)} {what}: {', '.join(urls[:NAMED])}{more}"
