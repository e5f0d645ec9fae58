"""Site profiles: fitted once from a source's own pages, kept in the data folder, frozen until refitted.

A source has a profile for each pattern of its URLs that has pages enough: a listing's pages tell nothing
of an article's. The file is named after the pattern; removing it is asking for a new fit at the next run.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from cleaning.model.classify import fit_profile
from cleaning.model.profile import CHANGED, Profile
from cleaning.pipeline import Cleaned, PageScores, is_html, see
from output.base.errors import StorageError
from output.base.records import RawPage, sha256_hex

# Pages of one pattern below which there is nothing to learn from: the findings' 2 to 4 distinct ones.
PAGES_MIN = 4
# Pages read for a fit: ten distinct ones are used, and twins among them are dropped first.
PAGES_READ = 16
# Pages whose median tells that a layout has changed; fewer may be odd pages of a site that has not.
DRIFT_PAGES = 5


def pattern(url: str) -> str:
    """What a URL has in common with its like: host and path, digits folded, the last segment left out."""
    parts = urlsplit(url)
    folder, _, last = parts.path.rstrip("/").rpartition("/")
    last = re.sub(r"\d+", "#", last) if re.search(r"\.\w{2,5}$", last) and "?" in url else "*"
    return f"{parts.netloc}{re.sub(r'[0-9]+', '#', folder)}/{last}"


Reader = Callable[[str], RawPage]


def fit_profiles(folder: Path, urls: Iterable[str], page_of: Reader | None) -> dict[str, Path]:
    """The profile file of each URL pattern, fitted where it is missing and there are pages enough.

    Without `page_of` none is fitted. The pages for a fit are spread over the pattern's URLs in their order,
    so that the same URLs give the same profile. Raises StorageError where a profile cannot be written.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for url in sorted(urls):
        groups[pattern(url)].append(url)
    files = {}
    for name, members in groups.items():
        file = folder / f"{sha256_hex(name.encode())[:16]}.json"
        if not file.exists() and page_of and len(members) >= PAGES_MIN:
            _fit(file, _spread(members), page_of)
        if file.exists():
            files[name] = file
    return files


def _spread(urls: Sequence[str]) -> list[str]:
    step = max(1, len(urls) // PAGES_READ)
    return list(urls[::step][:PAGES_READ])


def _fit(file: Path, urls: Sequence[str], page_of: Reader) -> None:
    profile = fitted([see(page) for page in map(page_of, urls) if is_html(page)])
    if profile is not None:
        save_profile(file, profile)


def fitted(pages: Sequence[PageScores]) -> Profile | None:
    """The profile of pages of one pattern; None where they are too few or have no layout in common."""
    profile = fit_profile(pages)
    # A profile of pages with no layout in common would call every page of theirs a change.
    if profile is None or median(profile.fit_of(page.parsed) for page in pages) < CHANGED:
        return None
    return profile


def save_profile(file: Path, profile: Profile) -> None:
    """Write a profile, whole or not at all. Raises StorageError where it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_bytes(profile.to_bytes())
        partial.replace(file)
    except OSError as error:
        raise StorageError(f"cannot write the site profile {file}: {error.strerror or error}") from error


@functools.lru_cache(maxsize=256)
def load_profile(file: Path) -> Profile:
    """A profile from its file. Raises StorageError for one that is damaged."""
    try:
        return Profile.from_bytes(file.read_bytes())
    except (OSError, ValueError) as error:
        raise StorageError(f"{file}: {error}; remove the file, and the next run fits it anew") from error


def fits_of(pages: Iterable[Cleaned]) -> list[float]:
    """How well each page fits its site profile; a page that has none, or no document, is passed over."""
    first = (next(iter(page.documents), None) for page in pages)
    return [d.profile_fit for d in first if d is not None and d.profile_fit is not None]


def drift(fits: Sequence[float]) -> str:
    """What to say when a source's layout has changed: a run's pages no longer fit its profiles."""
    if len(fits) >= DRIFT_PAGES and median(fits) < CHANGED:
        return (
            f"the layout has changed: the median page fits its site profile by {median(fits):.2f}, "
            f"below {CHANGED}; look at the pages, then remove the source's folder below profiles/ to fit anew"
        )
    return ""
