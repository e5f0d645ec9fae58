"""What a source's feeds and API offer of its posts: read back from the archive, where discovery left them."""

from __future__ import annotations

import re

from cleaning.entries import Entry, read_entries
from flows.places import Places
from output.archive import read_record

_FOR_MACHINES = re.compile(r"(?i)\b(?:xml|rss|atom|json)\b")


def offered(places: Places, source_id: str) -> list[Entry]:
    """The posts in the newest stored body of each feed and list that has not opted out since.

    Raises StorageError for a damaged one.
    """
    found: list[Entry] = []
    for known in places.ledger.known_urls(source_id, kind="index"):
        if known.ref is None or not known.may_be_mined:
            continue
        record = read_record(places.archive, known.ref)
        kind = next((value for name, value in record.headers if name == "content-type"), "")
        if _FOR_MACHINES.search(kind):
            found += read_entries(record.body, known.url)
    return found
