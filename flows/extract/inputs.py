"""Saved pages, from wherever they lie, as RawPages: what `tamis extract` cleans.

Files (.html, .htm, .xhtml, .txt, .pdf), folders of them, WARC files, and JSON Lines with a page a line:
{"id", "url", "site", "html" | "html_base64"}. What cannot be read becomes an `InputUnreadable`
that names the place, and the rest goes on.
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
from output.base.records import RawPage, sha256_hex

MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
}
WARC_ENDINGS = (".warc", ".warc.gz")
LINES_ENDINGS = (".jsonl", ".jsonl.zst", ".jsonl.gz", ".ndjson")


@dataclass(frozen=True, slots=True)
class InputUnreadable:
    """A place that should hold a page and does not: where, and why."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file in a folder that no reader takes, by its kind: its ending, for the most part; or a `record` of a
    WARC that tells of a page which lies elsewhere, by its type.
    """

    kind: str
    record: bool = False


def lines_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The JSON Lines files among these paths and in their folders that can be read twice: no pipes."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.name.lower().endswith(LINES_ENDINGS) and file.is_file():
                yield file


def read_pages(paths: Iterable[Path]) -> Iterator[RawPage | InputUnreadable | PassedOver]:
    """The pages of files, folders (all pages below them, in order of name), WARCs and JSON Lines.

    Raises UsageError for a path that does not exist or has an ending that no reader takes.
    """
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                yield from _in_folder(file)
        elif not path.exists():
            raise UsageError(f"{path}: no such file or folder")
        elif _reader(path) is None:
            endings = ", ".join([*MEDIA_TYPES, *WARC_ENDINGS, *LINES_ENDINGS])
            raise UsageError(
                f"{path}: cannot tell what this is by its ending; extract takes {endings} and folders"
            )
        else:
            yield from _read(path)


def read_sited(files: Iterable[Path]) -> Iterator[RawPage]:
    """The pages of JSON Lines files that name their `site`; the others are passed over, not decoded."""
    from output.formats.jsonl import read_jsonl

    for file in files:
        with suppress(OSError):
            for number, line in read_jsonl(file, unreadable=lambda *_: None):
                if not isinstance(line, dict) or not line.get("site"):
                    continue
                page = _of_line(line, f"{file}:{number}")
                if isinstance(page, RawPage):
                    yield page


def _reader(path: Path) -> Any:
    name = path.name.lower()
    if name.endswith(WARC_ENDINGS):
        return _warc
    if name.endswith(LINES_ENDINGS):
        return _lines
    return _file if path.suffix.lower() in MEDIA_TYPES else None


def _in_folder(file: Path) -> Iterator[RawPage | InputUnreadable | PassedOver]:
    if file.is_dir():
        if file.is_symlink():
            yield PassedOver("link to a folder")
    elif _reader(file) is None:
        yield PassedOver(file.suffix.lower().partition("?")[0] or "without an ending")
    elif file.is_file():
        yield from _read(file)
    else:
        yield InputUnreadable(str(file), "no file, nor a link to one")


def _read(path: Path) -> Iterator[RawPage | InputUnreadable | PassedOver]:
    try:
        yield from _reader(path)(path)
    except OSError as error:
        yield InputUnreadable(str(path), error.strerror or str(error))


def _file(path: Path) -> Iterator[RawPage]:
    yield _page(str(path), path.read_bytes(), media_type=MEDIA_TYPES[path.suffix.lower()])


def _lines(path: Path) -> Iterator[RawPage | InputUnreadable]:
    from output.formats.jsonl import read_jsonl

    broken: list[InputUnreadable] = []
    for number, line in read_jsonl(
        path, unreadable=lambda where, why: broken.append(InputUnreadable(where, why))
    ):
        yield from broken
        broken.clear()
        yield _of_line(line, f"{path}:{number}")
    yield from broken


def _of_line(line: Any, where: str) -> RawPage | InputUnreadable:
    if not isinstance(line, dict):
        return InputUnreadable(where, "not a JSON object")
    try:
        return _line(line, where)
    except ValueError as error:
        return InputUnreadable(where, str(error))


def _line(line: dict[str, Any], where: str) -> RawPage:
    texts = {key: line.get(key) for key in ("html", "html_base64", "url", "site")}
    if wrong := [key for key, value in texts.items() if not isinstance(value, str | None)]:
        raise ValueError(f"{wrong[0]} is not a string")
    if texts["html"] is not None:
        body, media_type = texts["html"].encode(errors="surrogatepass"), "text/html; charset=utf-8"
    elif texts["html_base64"] is not None:
        try:
            body, media_type = base64.b64decode(texts["html_base64"], validate=True), "text/html"
        except binascii.Error as error:
            raise ValueError(f"html_base64 is not base64: {error}") from None
    else:
        raise ValueError("neither html nor html_base64")
    id_ = line.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int | None):
        raise ValueError("id is no text and no whole number")
    return _page(
        where if id_ in (None, "") else str(id_),
        body,
        media_type=media_type,
        url=texts["url"] or "",
        site=texts["site"] or "",
    )


def _warc(path: Path) -> Iterator[RawPage | InputUnreadable | PassedOver]:
    from output.archive.scan import read_warc

    others: Counter[str] = Counter()
    for record in read_warc(path, others):
        if isinstance(record, str):
            yield InputUnreadable(str(path), record)
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
    yield from (PassedOver(kind, record=True) for kind in others.elements())


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
