"""The site profiles of an input: fitted from the pages that share a `site`, before any of them is cleaned.

The input is read once before it is cleaned: the first pages of each site and URL pattern go into a spool on
disk. A profile is fitted from them when the first page of its pattern is cleaned, and kept beside the spool,
so that memory does not grow with the input. An input that is in another order may have other profiles.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cleaning.profile import Profile
from flows.inputs import lines_files, read_pages
from flows.profiles import PAGES_MIN, PAGES_READ, fitted, load_profile, pattern, save_profile
from output.errors import StorageError
from output.records import RawPage, sha256_hex


@dataclass(slots=True)
class SiteProfiles:
    """What gives each page the profile of its site, or None where there are too few like it."""

    folder: Path
    spool: IO[bytes]
    # Of each pattern the offset and length of its spooled pages, flattened.
    places: dict[bytes, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("Q")))
    fits: dict[bytes, Path | None] = field(default_factory=dict)

    def of(self, page: RawPage) -> Profile | None:
        """The profile for a page. Raises StorageError where the temporary folder cannot be used."""
        key = _key(page)
        if len(self.places.get(key, ())) < 2 * PAGES_MIN:
            return None
        if key not in self.fits:
            profile = fitted(self._pages(key))
            file = self.folder / f"{key.hex()}.json"
            if profile is not None:
                save_profile(file, profile)
            self.fits[key] = None if profile is None else file
        file_of = self.fits[key]
        return None if file_of is None else load_profile(file_of)

    def take(self, page: RawPage) -> None:
        """Spool a page, where its pattern has not pages enough."""
        known = self.places[_key(page)]
        if len(known) < 2 * PAGES_READ:
            head = page.header("content-type").encode()
            known.extend((self.spool.seek(0, 2), len(head) + 1 + len(page.body)))
            self.spool.write(head + b"\n" + page.body)

    def _pages(self, key: bytes) -> Iterator[RawPage]:
        places = self.places[key]
        for offset, length in zip(places[::2], places[1::2], strict=True):
            self.spool.seek(offset)
            head, _, body = self.spool.read(length).partition(b"\n")
            yield RawPage("", "", "", body, "", headers=(("content-type", head.decode()),))


@contextmanager
def site_profiles(paths: Sequence[Path]) -> Iterator[SiteProfiles]:
    """The profiles of an input; its JSON Lines are read for pages with a `site`.

    Raises StorageError where the spool cannot grow.
    """
    with tempfile.TemporaryDirectory(prefix="tamis-") as name, (Path(name) / "spool").open("w+b") as spool:
        profiles = SiteProfiles(Path(name), spool)
        try:
            for page in read_pages(lines_files(paths)):
                if isinstance(page, RawPage) and page.site:
                    profiles.take(page)
            spool.flush()
        except OSError as error:
            raise StorageError(
                f"cannot write to {name}: {error.strerror or error}; free space there, or set TMPDIR"
            ) from error
        yield profiles


def _key(page: RawPage) -> bytes:
    return bytes.fromhex(sha256_hex(f"{page.site}\0{pattern(page.url)}".encode(errors="replace"))[:24])
