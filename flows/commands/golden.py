"""Golden pages: a page as it was fetched, frozen, and the documents that cleaning must make of it.

A page has a folder `golden/ID/PAGE/` beside its source's declaration; those of the sources that Tamis
ships lie below tests/sources. In it are `page.html` (the bytes), `page.json` (URL and type), `profile.json`
(the site profile by which it was cleaned, where there was one) and `expected.json`: no golden depends on
another page.
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
from flows.ingest.clean import directives_of
from flows.ingest.profiles import load_profile
from flows.workspace.sources import SHIPPED
from output.base.errors import StorageError, UsageError
from output.base.records import Document, RawPage, sha256_hex
from output.base.serialize import as_dict
from web.urls import parse

TESTS = SHIPPED.parent.parent / "tests" / "sources"
BODY, PAGE, PROFILE, EXPECTED = "page.html", "page.json", "profile.json", "expected.json"

# What a document says of the run that made it, of the versions that cleaned it, or of its text once more.
_LEFT_OUT = frozenset({
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
        return str(self._json(PAGE)["url"])

    @property
    def command(self) -> str:
        """The command that accepts what cleaning makes of the page today."""
        home = Path(self.source.origin).parent
        folder = [] if home == SHIPPED else ["--sources", str(home)]
        return shlex.join(["tamis", "sources", "accept", *folder, self.source.id, self.url])

    def exists(self) -> bool:
        """Whether the page is there, accepted or not."""
        return (self.folder / PAGE).exists()

    def keep(self, url: str, content_type: str, body: bytes, profile: bytes) -> None:
        """Freeze a page, and its site's profile where there is one. Raises StorageError."""
        self._write(BODY, body)
        if profile:
            self._write(PROFILE, profile)
        self._write(PAGE, _lines({"url": url, "content_type": content_type}))

    def accepted(self) -> dict[str, Any] | None:
        """What was accepted; None where nothing is yet. Raises UsageError for a file that is no JSON."""
        return self._json(EXPECTED) if (self.folder / EXPECTED).exists() else None

    def accept(self, made: dict[str, Any]) -> Path:
        """Keep what cleaning made as what it must make; gives the file. Raises StorageError."""
        return self._write(EXPECTED, _lines(made))

    def made(self) -> dict[str, Any]:
        """What cleaning makes of the page today: its documents, or the reason why there is none."""
        said, body = self._json(PAGE), self._read(BODY)
        page = RawPage(
            input_id=said["url"],
            source_id=self.source.id,
            url=said["url"],
            body=body,
            sha256=sha256_hex(body),
            headers=(("content-type", said["content_type"]),),
        )
        profile = self.folder / PROFILE
        cleaned = clean(page, directives_of(self.source), load_profile(profile) if profile.exists() else None)
        if cleaned.rejection:
            return {"rejected": cleaned.rejection.reason}
        return {"documents": [_plain(document) for document in cleaned.documents]}

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data: dict[str, Any] = json.loads(self._read(name))
        except ValueError as error:
            raise UsageError(
                f"{self.folder / name}: is no JSON: {error}; remove it and accept anew"
            ) from error
        return data

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise UsageError(
                f"{self.folder / name}: cannot be read: {error.strerror}; remove the folder and accept anew"
            ) from error

    def _write(self, name: str, data: bytes) -> Path:
        file = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        except OSError as error:
            raise StorageError(f"{file}: cannot be written: {error.strerror or error}") from error
        return file


def golden_of(source: Source, url: str) -> Golden:
    """The golden page of a URL, there or not. Raises UsageError for a source without a place for one."""
    return Golden(source, _home(source) / source.id / _name(url))


def goldens_of(source: Source) -> Iterator[Golden]:
    """All golden pages of a source, by name."""
    for file in sorted((_home(source) / source.id).glob(f"*/{PAGE}")):
        yield Golden(source, file.parent)


def _home(source: Source) -> Path:
    """Where the golden pages of a declaration lie."""
    folder = Path(source.origin).parent
    if folder != SHIPPED:
        return folder / "golden"
    if not TESTS.is_dir():
        raise UsageError(
            f"{source.id}: the declarations that Tamis ships have their golden pages in its repository; "
            "copy the declaration to a folder of your own, and name that with --sources"
        )
    return TESTS / "golden"


def _name(url: str) -> str:
    """A folder's name for a URL: the end of it in letters that every file system takes, and a digest."""
    parsed = parse(url)
    words = re.findall(r"[a-z0-9]+", f"{parsed.path}{parsed.query}".lower()) if parsed else []
    return "-".join([*words[-4:], sha256_hex(url.encode())[:8]])[-60:].lstrip("-")


def _plain(document: Document) -> dict[str, Any]:
    """A document without what is empty or of the run; its text a line a line, as a diff shows it best."""
    plain = {name: value for name, value in as_dict(document).items() if name not in _LEFT_OUT and value}
    return plain | {"text": document.text.split("\n")}


def _lines(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
