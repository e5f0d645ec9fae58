"""Site profiles: fitted once from a source's own pages, kept in the data folder, frozen until refitted.

A source has a profile for each URL pattern with enough pages: a listing's pages tell nothing of an article's.
The file is named after the pattern. Removing it makes the next run fit a new one.
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

# Pages of one pattern below which there is nothing to learn from: 2 to 4 different ones are needed.
MIN_FIT_PAGES = 4
# Pages read for a fit: ten different ones are used, after duplicates among them are dropped.
MAX_FIT_PAGES = 16
# Pages whose median tells that a layout has changed; fewer may be odd pages of a site that has not.
MIN_DRIFT_PAGES = 5

PageReader = Callable[[str], RawPage]


def url_pattern(url: str) -> str:
    """Return what a URL shares with its like: host and path, digits folded, the last segment left out."""
    parts = urlsplit(url)
    folder, _, last = parts.path.rstrip("/").rpartition("/")
    last = re.sub(r"\d+", "#", last) if re.search(r"\.\w{2,5}$", last) and "?" in url else "*"
    return f"{parts.netloc}{re.sub(r'[0-9]+', '#', folder)}/{last}"


def fit_profiles(folder: Path, urls: Iterable[str], read_page: PageReader | None) -> dict[str, Path]:
    """Return the profile file of each URL pattern, fitted where it is missing and there are enough pages.

    Without `read_page` none is fitted. The pages for a fit are spread over the pattern's sorted URLs, so that
    the same URLs give the same profile. Raises StorageError where a profile cannot be written.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for url in sorted(urls):
        groups[url_pattern(url)].append(url)
    files = {}
    for name, members in groups.items():
        file = folder / f"{sha256_hex(name.encode())[:16]}.json"
        if not file.exists() and read_page and len(members) >= MIN_FIT_PAGES:
            _fit(file, _spread(members), read_page)
        if file.exists():
            files[name] = file
    return files


def _spread(urls: Sequence[str]) -> list[str]:
    step = max(1, len(urls) // MAX_FIT_PAGES)
    return list(urls[::step][:MAX_FIT_PAGES])


def _fit(file: Path, urls: Sequence[str], read_page: PageReader) -> None:
    profile = fit_common_layout([see(page) for page in map(read_page, urls) if is_html(page)])
    if profile is not None:
        save_profile(file, profile)


def fit_common_layout(pages: Sequence[PageScores]) -> Profile | None:
    """Return the profile of pages of one pattern; None where they are too few or have no common layout."""
    profile = fit_profile(pages)
    # A profile of pages without a common layout would report a layout change for each of them.
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
    """Read a profile from its file. Raises StorageError for a damaged one."""
    try:
        return Profile.from_bytes(file.read_bytes())
    except (OSError, ValueError) as error:
        raise StorageError(f"{file}: {error}; remove the file, and the next run fits a new one") from error


def profile_fits(pages: Iterable[Cleaned]) -> list[float]:
    """Return how well each page fits its site profile; pages without a profile or a document are skipped."""
    first = (next(iter(page.documents), None) for page in pages)
    return [one.profile_fit for one in first if one is not None and one.profile_fit is not None]


def layout_change(fits: Sequence[float]) -> str:
    """Return a message where a run's pages no longer fit the source's site profiles, else ""."""
    if len(fits) >= MIN_DRIFT_PAGES and median(fits) < CHANGED:
        return (
            f"the layout has changed: the median page fits its site profile by {median(fits):.2f}, "
            f"below {CHANGED}; look at the pages, then remove the source's folder below profiles/ to fit anew"
        )
    return ""
