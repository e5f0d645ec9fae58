"""Saved pages in place of the network: the same frontier, archive, ledger and outcomes, and no request.

A WARC file may come from any crawler; of several records of one URL the last counts. In a folder, a file's
URL is its path below the source's `home`. What is no page (images, styles, scripts) is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from crawlers.declaration.schema import Source
from crawlers.discovery import Found, Hint, Link
from crawlers.discovery.saved import FORM, start
from crawlers.frontier.frontier import Frontier
from crawlers.recorder import Received, Recorder
from output.archive.scan import read_warc
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled, Settled
from web.urls import canonical

logger = logging.getLogger(__name__)

_MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
}
# Of the body that was saved, which is decoded.
_OF_THE_WIRE = ("content-encoding", "transfer-encoding", "content-length")

Page = tuple[str, Received]


def replay(
    source: Source, run_id: str, ledger: Ledger, frontier: Frontier, recorder: Recorder,
    progress: Callable[[int, int, str], None],
) -> None:  # fmt: skip
    """Read the source's files into archive and ledger, as if their pages had been fetched in this run.

    Whatever an earlier attempt has read is not read again. Raises StorageError.
    """
    done = 0
    for link in start(source):
        file = Path(unquote(urlsplit(link.url).path))
        index = Scheduled(link.url, "index", hint=link.hint.to_json())
        last, damage = _last_of_each(file, source)
        found = Found([Link(url, hint=Hint(FORM)) for url in last], unusable=len(damage))
        left_out, index_summary = frontier.add(found, index)
        waiting = {one.url: one for one in ledger.waiting(run_id) if one.kind == "page"}
        for place, (url, received) in enumerate(_pages(file, source, [])):
            if last[url] == place and (scheduled := waiting.pop(url, None)):
                recorder.received(scheduled, received, ledger.known(source.id, url))
                done += 1
                progress(frontier.scheduled, done, url)
        recorder.commit()
        if damage:
            frontier.settle(index.url, Outcome.FAILED, "damaged", "; ".join(damage)[:500])
        else:
            frontier.settle(index.url, Outcome.INDEX, left_out, index_summary.to_json())
    for one in ledger.waiting(run_id):
        recorder.missed(one, Settled(one.url, Outcome.REFUSED, "not_saved", one.discovered_from))


def _last_of_each(file: Path, source: Source) -> tuple[dict[str, int], list[str]]:
    """The place of the last page of each URL, and what could not be read."""
    damage: list[str] = []
    last = {url: place for place, (url, _) in enumerate(_pages(file, source, damage))}
    for line in damage:
        logger.warning("%s: %s", file, line)
    return last, damage


def _pages(file: Path, source: Source, damage: list[str]) -> Iterator[Page]:
    return _folder(file, source) if file.is_dir() else _warc(file, damage)


def _warc(file: Path, damage: list[str]) -> Iterator[Page]:
    since = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    for record in read_warc(file):
        if isinstance(record, str):
            damage.append(record)
            continue
        url = canonical(record.url)
        headers = tuple((name, value) for name, value in record.headers if name not in _OF_THE_WIRE)
        received = Received(record.status, (), headers, record.body, record.date or since)
        if url and _is_page(received):
            yield url, received


def _is_page(received: Received) -> bool:
    if 300 <= received.status < 400:
        return received.status != 304
    media = received.header("content-type").partition(";")[0].strip().lower()
    return media in _MEDIA_TYPES.values() or (not media and received.body.lstrip()[:1] in (b"<", b"%"))


def _folder(folder: Path, source: Source) -> Iterator[Page]:
    for file in sorted(folder.rglob("*")):
        media = _MEDIA_TYPES.get(file.suffix.lower())
        url = media and canonical(quote(file.relative_to(folder).as_posix()), source.source.home)
        if url and media and file.is_file():
            saved_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            yield url, Received(200, (), (("content-type", media),), file.read_bytes(), saved_at)
