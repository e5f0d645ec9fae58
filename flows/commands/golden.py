"""Golden pages: copies of fetched pages, with the documents that cleaning must make of them.

A page has a folder `golden/ID/PAGE/` beside its source's declaration; for the sources shipped with Tamis,
that is below tests/sources. It holds `page.html` (the bytes), `page.json` (URL and content type),
`profile.json` (the site profile by which it was cleaned, where there was one) and `expected.json`. So no
golden page depends on another page.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaning.pipeline import clean
from crawlers.declaration.loading import Source
from flows.ingest.jobs import directives_of
from flows.ingest.profiles import load_profile
from flows.workspace.sources import SHIPPED
from output.base.errors import StorageError, UsageError
from output.base.records import Document, RawPage, sha256_hex
from output.base.serialize import as_dict
from web.urls import parse

TESTS = SHIPPED.parent.parent / "tests" / "sources"
BODY, PAGE, PROFILE, EXPECTED = "page.html", "page.json", "profile.json", "expected.json"

# Fields that tell of the run or of the versions that cleaned it, or that repeat what the text says.
_OMITTED_FIELDS = frozenset({
    "version", "source_id", "input_id", "schema_version", "fetched_at", "last_modified", "raw_sha256",
    "archive_file", "archive_offset", "run_id", "rules_version", "model_version", "profile_version",
    "profile_fit", "characters", "share_kept", "robots",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden page: its source and its folder."""

    source: Source
    folder: Path

    @property
    def url(self) -> str:
        """The page's URL. Raises UsageError where the folder holds no page."""
        return self._about()[0]

    @property
    def command(self) -> str:
        """The command that accepts what cleaning makes of the page today."""
        home = Path(self.source.origin).parent
        folder = [] if home == SHIPPED else ["--sources", str(home)]
        return shlex.join(["tamis", "sources", "accept", *folder, self.source.id, self.url])

    def exists(self) -> bool:
        """Whether the page was copied, accepted or not."""
        return (self.folder / PAGE).exists()

    def write(self, url: str, content_type: str, body: bytes, profile: bytes) -> None:
        """Write the page, and its site profile where there is one. Raises StorageError."""
        self._write(BODY, body)
        if profile:
            self._write(PROFILE, profile)
        self._write(PAGE, _json_bytes({"url": url, "content_type": content_type}))

    def accepted(self) -> dict[str, Any] | None:
        """Return what was accepted; None where nothing is yet. Raises UsageError for invalid JSON."""
        return self._json(EXPECTED) if (self.folder / EXPECTED).exists() else None

    def accept(self, result: dict[str, Any]) -> Path:
        """Write the expected result, and return its file. Raises StorageError."""
        return self._write(EXPECTED, _json_bytes(result))

    def current(self) -> dict[str, Any]:
        """Clean the page, and return its documents, or the reason why there is none."""
        (url, content_type), body = self._about(), self._read(BODY)
        page = RawPage(
            input_id=url,
            source_id=self.source.id,
            url=url,
            body=body,
            sha256=sha256_hex(body),
            headers=(("content-type", content_type),),
        )
        profile = self.folder / PROFILE
        cleaned = clean(page, directives_of(self.source), load_profile(profile) if profile.exists() else None)
        if cleaned.rejection:
            return {"rejected": cleaned.rejection.reason}
        return {"documents": [_plain(document) for document in cleaned.documents]}

    def _about(self) -> tuple[str, str]:
        """Return the page's URL and content type. Raises UsageError."""
        about = self._json(PAGE)
        url, content_type = about.get("url"), about.get("content_type")
        if isinstance(url, str) and isinstance(content_type, str):
            return url, content_type
        raise UsageError(
            f"{self.folder / PAGE}: lacks `url` or `content_type`; remove the folder and accept again"
        )

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data: dict[str, Any] = json.loads(self._read(name))
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"{self.folder / name}: is not valid JSON: {error}; remove it and accept the page again"
            ) from error
        if not isinstance(data, dict):
            raise UsageError(
                f"{self.folder / name}: is not a JSON object; remove it and accept the page again"
            )
        return data

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise UsageError(
                f"{self.folder / name}: cannot be read: {error.strerror}; remove the folder and accept again"
            ) from error

    def _write(self, name: str, data: bytes) -> Path:
        file = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        except OSError as error:
            raise StorageError(f"{file}: cannot be written: {error.strerror or error}") from error
        return file


def golden_page(source: Source, url: str) -> Golden:
    """Return the golden page of a URL, whether it exists or not. Raises UsageError without a place for it."""
    return Golden(source, _folder(source) / source.id / _name(url))


def golden_pages(source: Source) -> Iterator[Golden]:
    """Yield the golden pages of a source, by name."""
    for file in sorted((_folder(source) / source.id).glob(f"*/{PAGE}")):
        yield Golden(source, file.parent)


def _folder(source: Source) -> Path:
    """Return the folder of the golden pages of a declaration's folder."""
    folder = Path(source.origin).parent
    if folder != SHIPPED:
        return folder / "golden"
    if not TESTS.is_dir():
        raise UsageError(
            f"{source.id}: the golden pages of sources shipped with Tamis are in its repository; "
            "copy the declaration to a folder of your own, and name it with --sources"
        )
    return TESTS / "golden"


def _name(url: str) -> str:
    """Return a folder name for a URL: its last words in plain letters, and a digest."""
    parsed = parse(url)
    words = re.findall(r"[a-z0-9]+", f"{parsed.path}{parsed.query}".lower()) if parsed else []
    return "-".join([*words[-4:], sha256_hex(url.encode())[:8]])[-60:].lstrip("-")


def _plain(document: Document) -> dict[str, Any]:
    """Return a document without empty and omitted fields; its text as a list of lines, for readable diffs."""
    plain = {
        name: value for name, value in as_dict(document).items() if name not in _OMITTED_FIELDS and value
    }
    return plain | {"text": document.text.split("\n")}


def _json_bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
