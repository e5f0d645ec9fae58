"""The site profiles of an input: fitted from the pages that share a `site`, before any of them is cleaned.

The input is read twice. First, the first pages of each site and URL pattern go into a spool file on disk.
When the first page of a pattern is cleaned, a profile is fitted from its spooled pages and kept beside the
spool, so that memory does not grow with the input. The same input in another order may give other profiles.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cleaning.model.profile import Profile
from cleaning.pipeline import PageScores, is_html, see
from flows.extract.inputs import jsonl_files, read_pages_with_site
from flows.ingest.profiles import (
    MAX_FIT_PAGES,
    MIN_FIT_PAGES,
    fit_common_layout,
    load_profile,
    save_profile,
    url_pattern,
)
from output.base.errors import StorageError
from output.base.records import RawPage, sha256_hex

# Bytes of the pages whose scores are remembered after a fit; parsed, they take ten times as much.
_MAX_REMEMBERED_BYTES = 8_000_000
# Profiles kept in memory: what they computed for one page serves the next.
_MAX_LOADED_PROFILES = 64


@dataclass(slots=True)
class SiteProfiles:
    """The site profiles of an input, in a temporary folder with a spool of pages."""

    folder: Path
    spool: IO[bytes]
    # For each pattern the offsets and lengths of its spooled pages, in turn.
    spooled: dict[bytes, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("Q")))
    files: dict[bytes, Path | None] = field(default_factory=dict)
    loaded: OrderedDict[bytes, Profile] = field(default_factory=OrderedDict)
    # Scores and size of each page that was read for a fit and is not cleaned yet, by its content key.
    remembered: OrderedDict[str, tuple[PageScores, int]] = field(default_factory=OrderedDict)

    def profile_for(self, page: RawPage) -> Profile | None:
        """Return the profile for a page; None where too few pages are like it. Raises StorageError."""
        key = _pattern_key(page)
        if len(self.spooled.get(key, ())) < 2 * MIN_FIT_PAGES:
            return None
        if key not in self.files:
            self._fit(key)
        file = self.files[key]
        if file is None:
            return None
        profile = self.loaded.pop(key, None) or load_profile(file)
        self._keep_loaded(key, profile)
        return profile

    def scores(self, page: RawPage) -> PageScores | None:
        """Return the scores of a page that a fit computed, once; None where they are not remembered."""
        found = self.remembered.pop(_content_key(page), None)
        return None if found is None else found[0]

    def add(self, page: RawPage) -> None:
        """Add a page to the spool, unless its pattern has enough pages."""
        known = self.spooled[_pattern_key(page)]
        if len(known) < 2 * MAX_FIT_PAGES:
            head = f"{_content_key(page)}\n".encode()
            known.extend((self.spool.seek(0, 2), len(head) + len(page.body)))
            self.spool.write(head + page.body)

    def _fit(self, key: bytes) -> None:
        self.files[key] = None  # also where the fit fails, which costs the page that it is made for alone
        pages = [(page, scores) for page in self._spooled_pages(key) if (scores := _scores(page))]
        profile = fit_common_layout([scores for _, scores in pages])
        if profile is not None:
            self.files[key] = file = self.folder / f"{key.hex()}.json"
            save_profile(file, profile)
            self._keep_loaded(key, profile)
        self.remembered.update((_content_key(page), (scores, len(page.body))) for page, scores in pages)
        size = sum(size for _, size in self.remembered.values())
        while size > _MAX_REMEMBERED_BYTES:
            size -= self.remembered.popitem(last=False)[1][1]

    def _keep_loaded(self, key: bytes, profile: Profile) -> None:
        self.loaded[key] = profile
        if len(self.loaded) > _MAX_LOADED_PROFILES:
            self.loaded.popitem(last=False)

    def _spooled_pages(self, key: bytes) -> Iterator[RawPage]:
        spooled = self.spooled[key]
        for offset, length in zip(spooled[::2], spooled[1::2], strict=True):
            try:
                self.spool.seek(offset)
                head, _, body = self.spool.read(length).partition(b"\n")
            except OSError as error:
                raise StorageError(
                    f"cannot read back from {self.folder}: {error.strerror or error}; set TMPDIR"
                ) from error
            sha256, _, media_type = head.decode().partition(" ")
            yield RawPage("", "", "", body, sha256, headers=(("content-type", media_type),))


def _scores(page: RawPage) -> PageScores | None:
    """Return the scores of an HTML page; None for one that cannot be read, which cleaning will name."""
    try:
        return see(page) if is_html(page) else None
    except Exception:
        return None


@contextmanager
def site_profiles(paths: Sequence[Path]) -> Iterator[SiteProfiles]:
    """Yield the profiles of an input, after reading its JSON Lines for pages with a `site`.

    Raises StorageError where the spool cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="tamis-") as name, (Path(name) / "spool").open("w+b") as spool:
        profiles = SiteProfiles(Path(name), spool)
        try:
            for page in read_pages_with_site(jsonl_files(paths)):
                profiles.add(page)
            spool.flush()
        except OSError as error:
            raise StorageError(
                f"cannot write to {name}: {error.strerror or error}; free space there, or set TMPDIR"
            ) from error
        yield profiles


def _pattern_key(page: RawPage) -> bytes:
    return bytes.fromhex(sha256_hex(f"{page.site}\0{url_pattern(page.url)}".encode(errors="replace"))[:24])


def _content_key(page: RawPage) -> str:
    """Return the checksum of a page's bytes with their content type."""
    return f"{page.sha256} {page.header('content-type')}"
