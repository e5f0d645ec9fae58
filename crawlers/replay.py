"""Replay of saved pages: the same frontier, archive, ledger and outcomes as in a crawl, without a request.

A WARC file may come from any crawler; of several records of one URL the last counts. A file in a folder has
the URL of its path below the source's `home`. Images, styles, scripts and other files are skipped. A link
that leads out of the folder is damage, and not followed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from crawlers.declaration.schema import Source
from crawlers.discovery import FoundLinks, Hint, Link
from crawlers.discovery.saved import FORM, start
from crawlers.frontier.frontier import Frontier
from crawlers.outcomes import MAX_DETAIL_CHARACTERS
from crawlers.recorder import ReceivedResponse, Recorder
from output.archive.foreign_warc import MAX_BODY_BYTES, read_warc
from output.base.files import LINK_OUT, leads_out, read_bounded
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
# Headers that describe the transferred body, while the saved one is decoded.
_TRANSFER_HEADERS = ("content-encoding", "transfer-encoding", "content-length")

SavedPage = tuple[str, ReceivedResponse]
Progress = Callable[[int, int, str], None]


def replay(
    source: Source, run_id: str, ledger: Ledger, frontier: Frontier, recorder: Recorder, progress: Progress
) -> None:
    """Read the source's saved files into archive and ledger, as if their pages were fetched in this run.

    Pages that an earlier attempt has read are not read again. Raises StorageError.
    """
    done = 0
    for link in start(source):
        file = Path(unquote(urlsplit(link.url).path))
        index = Scheduled(link.url, "index", hint=link.hint.to_json())
        last_positions, damage = _scan(file, source)
        links = [Link(url, hint=Hint(FORM)) for url in last_positions]
        left_out, summary = frontier.add(FoundLinks(links, unusable=len(damage)), index)
        waiting = {one.url: one for one in ledger.waiting(run_id) if one.kind == "page"}
        for url, response in _last_pages(file, source, last_positions):
            if scheduled := waiting.pop(url, None):
                recorder.record(scheduled, response, ledger.known(source.id, url))
                done += 1
                progress(frontier.scheduled, done, url)
        recorder.commit()
        if damage:
            detail = "; ".join(damage)[:MAX_DETAIL_CHARACTERS]
            frontier.settle(index.url, Outcome.FAILED, "damaged", detail)
        else:
            frontier.settle(index.url, Outcome.INDEX, left_out, summary.to_json())
    _refuse_the_rest(run_id, ledger, recorder)


def _refuse_the_rest(run_id: str, ledger: Ledger, recorder: Recorder) -> None:
    """Refuse the URLs that were scheduled but not saved, such as the targets of redirects."""
    for scheduled in ledger.waiting(run_id):
        settled = Settled(scheduled.url, Outcome.REFUSED, "not_saved", scheduled.discovered_from)
        recorder.record_failure(scheduled, settled)


def _scan(file: Path, source: Source) -> tuple[dict[str, int], list[str]]:
    """Return the position of the last page of each URL, and what could not be read."""
    damage: list[str] = []
    last_positions = {url: position for position, (url, _) in enumerate(_pages(file, source, damage))}
    for line in damage:
        logger.warning("%s: %s", file, line)
    return last_positions, damage


def _last_pages(file: Path, source: Source, last_positions: dict[str, int]) -> Iterator[SavedPage]:
    """Yield the last page of each URL, in the order of the file."""
    for position, (url, response) in enumerate(_pages(file, source, [])):
        if last_positions[url] == position:
            yield url, response


def _pages(file: Path, source: Source, damage: list[str]) -> Iterator[SavedPage]:
    """Yield the pages of a folder or a WARC file; what cannot be read is added to `damage`."""
    return _folder_pages(file, source, damage) if file.is_dir() else _warc_pages(file, damage)


def _warc_pages(file: Path, damage: list[str]) -> Iterator[SavedPage]:
    modified_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    for record in read_warc(file):
        if isinstance(record, str):
            damage.append(record)
            continue
        url = canonical(record.url)
        headers = tuple((name, value) for name, value in record.headers if name not in _TRANSFER_HEADERS)
        response = ReceivedResponse(record.status, (), headers, record.body, record.date or modified_at)
        if url and _is_page(response):
            yield url, response


def _is_page(response: ReceivedResponse) -> bool:
    """Whether a saved response is a redirect or a text: by its media type, without one by its first byte."""
    if 300 <= response.status < 400:
        return response.status != 304
    media_type = response.header("content-type").partition(";")[0].strip().lower()
    return media_type in _MEDIA_TYPES.values() or (
        not media_type and response.body.lstrip()[:1] in (b"<", b"%")
    )


def _folder_pages(folder: Path, source: Source, damage: list[str]) -> Iterator[SavedPage]:
    for file in sorted(folder.rglob("*")):
        media_type = _MEDIA_TYPES.get(file.suffix.lower())
        url = media_type and canonical(quote(file.relative_to(folder).as_posix()), source.about.home)
        if not (url and media_type and file.is_file()):
            continue
        if leads_out(file, folder):
            damage.append(f"{file}: {LINK_OUT}")
        elif (body := read_bounded(file, MAX_BODY_BYTES)) is None:
            damage.append(f"{file}: over {MAX_BODY_BYTES >> 20} MiB; no page is as large")
        else:
            modified_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            yield url, ReceivedResponse(200, (), (("content-type", media_type),), body, modified_at)
