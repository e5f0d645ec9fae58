"""What a source's feeds and API offer of its posts: read back from the archive, where discovery left them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from cleaning.assembly.feed_entries import FeedEntry, read_entries
from cleaning.metadata.identity import url_key
from cleaning.pipeline import Cleaned
from flows.workspace.workspace import Workspace
from output.archive.archive import read_record

_FOR_MACHINES = re.compile(r"(?i)\b(?:xml|rss|atom|json)\b")
# The texts that stand and that an entry gave, with where it stood.
_STOOD = """
select url, title, text, access_evidence[-1]['where'] from latest semi join asked using (id)
where list_contains(warnings, 'text_from_entry') order by url, id
"""


def feed_texts(workspace: Workspace, source_id: str, pages: Sequence[Cleaned]) -> list[FeedEntry]:
    """The posts in the newest stored body of each feed and list that has not opted out since; and of these
    pages the texts that earlier bodies gave, which a feed names for some weeks only.

    Raises StorageError for a damaged one.
    """
    found: list[FeedEntry] = []
    for known in workspace.ledger.known_urls(source_id, kind="index"):
        if known.ref is None or not known.may_be_mined:
            continue
        record = read_record(workspace.archive, known.ref)
        kind = next((value for name, value in record.headers if name == "content-type"), "")
        if _FOR_MACHINES.search(kind):
            found += read_entries(record.body, known.url)
    today = {url_key(entry.url) for entry in found}
    missing = {d.id for page in pages for d in page.documents if url_key(d.url) not in today}
    return [*found, *_stood(workspace, missing)]


def _stood(workspace: Workspace, ids: set[str]) -> list[FeedEntry]:
    if not ids:
        return []
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(ids), pa.string())}))
        return [FeedEntry(*row) for row in connection.execute(_STOOD).fetchall()]
