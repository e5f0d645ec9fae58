"""Texts of a source's posts in its feeds and API, read from the archive."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from cleaning.assembly.feed_entries import FeedEntry, read_entries
from cleaning.metadata.identity import url_key
from cleaning.pipeline import Cleaned
from flows.workspace.workspace import Workspace
from output.archive.archive import read_record

_FEED_TYPE = re.compile(r"(?i)\b(?:xml|rss|atom|json)\b")
# The published texts that a feed entry gave, each with the feed's address.
_PUBLISHED_ENTRIES = """
select url, title, text, access_evidence[-1]['where'] from latest semi join asked using (id)
where list_contains(warnings, 'text_from_entry') order by url, id
"""


def feed_texts(workspace: Workspace, source_id: str, pages: Sequence[Cleaned]) -> list[FeedEntry]:
    """Return the posts in the newest archived body of each feed and API list.

    A feed names a post for some weeks only: for these pages, posts of earlier bodies are added from the
    dataset. Feeds that have opted out of mining since are left out. Raises StorageError.
    """
    entries: list[FeedEntry] = []
    for known in workspace.ledger.known_urls(source_id, kind="index"):
        if known.ref is None or not known.may_be_mined:
            continue
        record = read_record(workspace.archive, known.ref)
        content_type = next((value for name, value in record.headers if name == "content-type"), "")
        if _FEED_TYPE.search(content_type):
            entries += read_entries(record.body, known.url)
    named = {url_key(entry.url) for entry in entries}
    missing = {one.id for page in pages for one in page.documents if url_key(one.url) not in named}
    return [*entries, *_published_entries(workspace, missing)]


def _published_entries(workspace: Workspace, ids: set[str]) -> list[FeedEntry]:
    if not ids:
        return []
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(ids), pa.string())}))
        return [FeedEntry(*row) for row in connection.execute(_PUBLISHED_ENTRIES).fetchall()]
