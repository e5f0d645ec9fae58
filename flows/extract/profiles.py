"""The site profiles of an input: fitted from the pages that share a `site`, before any of them is cleaned.

The input is read once before it is cleaned: the first pages of each site and URL pattern go into a spool on
disk. A profile is fitted from them when the first page of its pattern is cleaned, and kept beside the spool,
so that memory does not grow with the input. An input that is in another order may have other profiles.
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
from flows.extract.inputs import lines_files, read_sited
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

# Bytes of the pages read for a fit that are remembered as they were seen: parsed they take ten times as much.
_REMEMBERED = 8_000_000
# Profiles kept at hand: what they summed up for one page serves the next.
_AT_HAND = 64


@dataclass(slots=True)
class SiteProfiles:
    """What gives each page the profile of its site, or None where there are too few like it."""

    folder: Path
    spool: IO[bytes]
    # Of each pattern the offset and length of its spooled pages, flattened.
    workspace: dict[bytes, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("Q")))
    fits: dict[bytes, Path | None] = field(default_factory=dict)
    at_hand: OrderedDict[bytes, Profile] = field(default_factory=OrderedDict)
    # Pages read for a fit and not cleaned yet, each with its size, by the checksum and type that they have.
    remembered: OrderedDict[str, tuple[PageScores, int]] = field(default_factory=OrderedDict)

    def of(self, page: RawPage) -> Profile | None:
        """The profile for a page. Raises StorageError where the temporary folder cannot be used."""
        key = _key(page)
        if len(self.workspace.get(key, ())) < 2 * MIN_FIT_PAGES:
            return None
        if key not in self.fits:
            self._fit(key)
        file = self.fits[key]
        if file is None:
            return None
        profile = self.at_hand.pop(key, None) or load_profile(file)
        self._keep_at_hand(key, profile)
        return profile

    def scores(self, page: RawPage) -> PageScores | None:
        """What a fit saw of a page, once; None where that is not remembered."""
        found = self.remembered.pop(_as_sent(page), None)
        return None if found is None else found[0]

    def take(self, page: RawPage) -> None:
        """Spool a page, where its pattern has not pages enough."""
        known = self.workspace[_key(page)]
        if len(known) < 2 * MAX_FIT_PAGES:
            head = f"{_as_sent(page)}\n".encode()
            known.extend((self.spool.seek(0, 2), len(head) + len(page.body)))
            self.spool.write(head + page.body)

    def _fit(self, key: bytes) -> None:
        pages = [(page, see(page)) for page in self._pages(key) if is_html(page)]
        profile = fit_common_layout([scores for _, scores in pages])
        self.fits[key] = None
        if profile is not None:
            self.fits[key] = file = self.folder / f"{key.hex()}.json"
            save_profile(file, profile)
            self._keep_at_hand(key, profile)
        self.remembered.update((_as_sent(page), (scores, len(page.body))) for page, scores in pages)
        size = sum(size for _, size in self.remembered.values())
        while size > _REMEMBERED:
            size -= self.remembered.popitem(last=False)[1][1]

    def _keep_at_hand(self, key: bytes, profile: Profile) -> None:
        self.at_hand[key] = profile
        if len(self.at_hand) > _AT_HAND:
            self.at_hand.popitem(last=False)

    def _pages(self, key: bytes) -> Iterator[RawPage]:
        workspace = self.workspace[key]
        for offset, length in zip(workspace[::2], workspace[1::2], strict=True):
            self.spool.seek(offset)
            head, _, body = self.spool.read(length).partition(b"\n")
            sha256, _, media_type = head.decode().partition(" ")
            yield RawPage("", "", "", body, sha256, headers=(("content-type", media_type),))


@contextmanager
def site_profiles(paths: Sequence[Path]) -> Iterator[SiteProfiles]:
    """The profiles of an input; its JSON Lines are read for pages with a `site`.

    Raises StorageError where the spool cannot grow.
    """
    with tempfile.TemporaryDirectory(prefix="tamis-") as name, (Path(name) / "spool").open("w+b") as spool:
        profiles = SiteProfiles(Path(name), spool)
        try:
            for page in read_sited(lines_files(paths)):
                profiles.take(page)
            spool.flush()
        except OSError as error:
            raise StorageError(
                f"cannot write to {name}: {error.strerror or error}; free space there, or set TMPDIR"
            ) from error
        yield profiles


def _key(page: RawPage) -> bytes:
    return bytes.fromhex(sha256_hex(f"{page.site}\0{url_pattern(page.url)}".encode(errors="replace"))[:24])


def _as_sent(page: RawPage) -> str:
    """The checksum of a page's bytes, and the type that they were sent with."""
    return f"{page.sha256} {page.header('content-type')}"
