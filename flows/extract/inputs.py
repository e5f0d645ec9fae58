"""The inputs of `tamis extract`: saved pages of several formats, read as RawPages.

They are files (.html, .htm, .xhtml, .txt, .pdf), folders of them, WARC files, and JSON Lines with a page a
line: {"id", "url", "site", "html" | "html_base64"}. An input that cannot be read becomes an
`InputUnreadable`, and reading goes on.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from output.base.errors import UsageError
from output.base.files import LINK_OUT, leads_out, read_bounded
from output.base.records import RawPage, sha256_hex
from web.urls import can_be_split

# Cleaning takes no larger page.
MAX_PAGE_BYTES = 64 << 20

MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
}
WARC_ENDINGS = (".warc", ".warc.gz")
JSONL_ENDINGS = (".jsonl", ".jsonl.zst", ".jsonl.gz", ".ndjson")


@dataclass(frozen=True, slots=True)
class InputUnreadable:
    """An input that should hold a page and cannot be read: where it is, and why."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file in a folder that is no page by its ending, or a `record` of a WARC without a page of its own.

    `kind` is the file's ending, or the record's type.
    """

    kind: str
    record: bool = False


def jsonl_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the JSON Lines files of these paths and folders that can be read twice; a pipe cannot."""
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            is_lines = file.name.lower().endswith(JSONL_ENDINGS) and file.is_file()
            if is_lines and not (path.is_dir() and leads_out(file, path)):
                yield file


def read_pages(paths: Iterable[Path]) -> Iterator[RawPage | InputUnreadable | Skipped]:
    """Yield the pages of files, WARCs, JSON Lines, and folders with all that is below them, sorted by name.

    Raises UsageError for a path that does not exist or has an unknown ending.
    """
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                yield from _read_folder_file(file, path)
        elif not path.exists():
            raise UsageError(f"{path}: no such file or folder")
        elif _reader(path) is None:
            endings = ", ".join([*MEDIA_TYPES, *WARC_ENDINGS, *JSONL_ENDINGS])
            raise UsageError(f"{path}: unknown ending; extract reads {endings} and folders")
        else:
            yield from _read(path)


def read_pages_with_site(files: Iterable[Path]) -> Iterator[RawPage]:
    """Yield the pages of JSON Lines files that name their `site`; other lines are not decoded."""
    from output.formats.jsonl import read_jsonl

    for file in files:
        with suppress(OSError):
            for number, line in read_jsonl(file, unreadable=lambda *_: None):
                if not isinstance(line, dict) or not line.get("site"):
                    continue
                page = _page_or_problem(line, f"{file}:{number}")
                if isinstance(page, RawPage):
                    yield page


def _reader(path: Path) -> Any:
    name = path.name.lower()
    if name.endswith(WARC_ENDINGS):
        return _read_warc
    if name.endswith(JSONL_ENDINGS):
        return _read_lines
    return _read_file if path.suffix.lower() in MEDIA_TYPES else None


def _read_folder_file(file: Path, folder: Path) -> Iterator[RawPage | InputUnreadable | Skipped]:
    if file.is_dir():
        if file.is_symlink():
            yield Skipped("link to a folder")
    elif _reader(file) is None:
        yield Skipped(file.suffix.lower().partition("?")[0] or "without an ending")
    elif not file.is_file():
        yield InputUnreadable(str(file), "neither a file nor a link to one")
    elif leads_out(file, folder):
        yield InputUnreadable(str(file), LINK_OUT)
    else:
        yield from _read(file)


def _read(path: Path) -> Iterator[RawPage | InputUnreadable | Skipped]:
    try:
        yield from _reader(path)(path)
    except OSError as error:
        yield InputUnreadable(str(path), error.strerror or str(error))


def _read_file(path: Path) -> Iterator[RawPage | InputUnreadable]:
    body = read_bounded(path, MAX_PAGE_BYTES)
    if body is None:
        yield InputUnreadable(str(path), f"over {MAX_PAGE_BYTES >> 20} MiB; no page is as large")
    else:
        yield _page(str(path), body, media_type=MEDIA_TYPES[path.suffix.lower()])


def _read_lines(path: Path) -> Iterator[RawPage | InputUnreadable]:
    from output.formats.jsonl import read_jsonl

    broken: list[InputUnreadable] = []
    for number, line in read_jsonl(
        path, unreadable=lambda where, why: broken.append(InputUnreadable(where, why))
    ):
        yield from broken
        broken.clear()
        page = _page_or_problem(line, f"{path}:{number}")
        del line  # a page of megabytes is in memory once while it is cleaned
        yield page
    yield from broken


def _page_or_problem(line: Any, where: str) -> RawPage | InputUnreadable:
    if not isinstance(line, dict):
        return InputUnreadable(where, "not a JSON object")
    try:
        return _page_of_line(line, where)
    except ValueError as error:
        return InputUnreadable(where, str(error))


def _page_of_line(line: dict[str, Any], where: str) -> RawPage:
    values = {key: line.get(key) for key in ("html", "html_base64", "url", "site")}
    if wrong := [key for key, value in values.items() if not isinstance(value, str | None)]:
        raise ValueError(f"{wrong[0]} is not a string")
    if not can_be_split(values["url"] or ""):
        raise ValueError("url is not a URL: its host cannot be read; correct it, or leave it out")
    if values["html"] is not None:
        body, media_type = values["html"].encode(errors="surrogatepass"), "text/html; charset=utf-8"
    elif values["html_base64"] is not None:
        try:
            body, media_type = base64.b64decode(values["html_base64"], validate=True), "text/html"
        except binascii.Error as error:
            raise ValueError(f"html_base64 is not base64: {error}") from None
    else:
        raise ValueError("has neither html nor html_base64")
    id_ = line.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int | None):
        raise ValueError("id is neither a string nor a whole number")
    return _page(
        where if id_ in (None, "") else str(id_),
        body,
        media_type=media_type,
        url=values["url"] or "",
        site=values["site"] or "",
    )


def _read_warc(path: Path) -> Iterator[RawPage | InputUnreadable | Skipped]:
    from output.archive.foreign_warc import read_warc

    skipped: Counter[str] = Counter()
    for record in read_warc(path, skipped):
        if isinstance(record, str):
            yield InputUnreadable(str(path), record)
        elif not can_be_split(record.url):
            yield InputUnreadable(str(path), f"{record.url}: not a URL: its host cannot be read")
        else:
            yield RawPage(
                input_id=record.url,
                source_id="",
                url=record.url,
                body=record.body,
                sha256=sha256_hex(record.body),
                fetched_at=record.date,
                status=record.status,
                headers=record.headers,
            )
    yield from (Skipped(kind, record=True) for kind in skipped.elements())


def _page(input_id: str, body: bytes, *, media_type: str, url: str = "", site: str = "") -> RawPage:
    return RawPage(
        input_id=input_id,
        source_id="",
        url=url,
        body=body,
        sha256=sha256_hex(body),
        headers=(("content-type", media_type),),
        site=site,
    )
