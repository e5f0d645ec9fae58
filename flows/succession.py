"""Documents in whose place a page gives another: it has moved, names another address as its own, or a title
among several was mended. Else the text that a site has given up would survive the one that it gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from flows.places import Places
from output.ledger import MOVED
from output.records import SUCCESSOR, Document, Outcome, Rejection, Relation, RelationKind

# A page that moved may be amended on the way; of another page less is the same, its furniture at most.
SHARE = 0.5
# As many as a crawl follows.
MAX_HOPS = 10


def successors(
    places: Places,
    source_id: str,
    run_id: str,
    given: Mapping[str, Sequence[Document]],
    rejections: Sequence[Rejection],
) -> list[Relation]:
    """`same` between the document that a page gives now and each that stood for it and that it gives no more.

    `given` are the documents of the run's pages by their URLs, new or not. A page that moved, or that another
    address of it gives, is followed there; on the page itself only a document that is new takes the place of
    one that is gone. The two have half of the older text in common, or both stand.
    """
    stood: dict[str, list[str]] = defaultdict(list)
    pages = places.ledger.document_pages(source_id)
    for one, url in pages.items():
        stood[url].append(one)
    now = {document.id for documents in given.values() for document in documents}
    elsewhere = dict(_elsewhere(places, run_id, rejections))
    gone = {
        one: _last(url, elsewhere)
        for url in (given.keys() | elsewhere.keys()) & stood.keys()
        for one in stood[url]
        if one not in now
    }
    if not gone:
        return []
    wanted = {*gone, *(one for url in gone.values() if url not in given for one in stood[url])}
    texts = _texts(places, wanted)
    found = []
    for old, url in sorted(gone.items()):
        here = {one.id: one.text for one in given.get(url, ()) if url != pages[old] or one.id not in pages}
        there = {} if url in given or url == pages[old] else {one: texts.get(one, "") for one in stood[url]}
        shares = [(_share(texts.get(old, ""), text), one) for one, text in sorted((here | there).items())]
        share, new = max(shares, default=(0.0, ""))
        if share >= SHARE:
            found.append(Relation(new, old, RelationKind.SAME, round(share, 4), SUCCESSOR, run_id))
    return found


def _elsewhere(places: Places, run_id: str, rejections: Sequence[Rejection]) -> Iterator[tuple[str, str]]:
    """URLs of the run whose document another URL gives, and that URL."""
    for visit in places.ledger.visits(run_id, Outcome.REJECTED):
        if visit.reason == MOVED:
            yield visit.url, visit.detail
    yield from ((one.url, one.evidence) for one in rejections if one.reason == "same_document")


def _last(url: str, elsewhere: Mapping[str, str]) -> str:
    for _ in range(MAX_HOPS):
        url = elsewhere.get(url, url)
    return url


def _texts(places: Places, ids: set[str]) -> dict[str, str]:
    with places.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(ids), pa.string())}))
        return dict(connection.execute("select id, text from latest semi join asked using (id)").fetchall())


def _share(old: str, new: str) -> float:
    """The share of a text whose lines stand in another too."""
    lines, others = old.split("\n"), set(new.split("\n"))
    return sum(len(line) for line in lines if line in others) / max(1, sum(map(len, lines)))
