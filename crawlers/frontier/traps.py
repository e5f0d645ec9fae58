"""Detection of URL traps: parts of a site with endless URLs, by the URLs' shape and by duplicate pages.

Nothing is remembered over runs: a trap that is still there is detected again after three pages.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from web.urls import Url, parse

# Deeper paths, or a folder that occurs a third time, come from relative links that lead into themselves.
MAX_PATH_SEGMENTS = 16
MAX_SEGMENT_REPEATS = 2
# A shape with this many duplicate pages is a trap, unless more of its pages are new.
MIN_TRAP_DUPLICATES = 3
# A shape with this many duplicates in a row is a trap, however many of its pages were new before.
MIN_TRAP_DUPLICATES_IN_A_ROW = 5
# Listings in a row that name no page new to this run: archives overlap, but not for long.
MAX_STALE_LISTINGS = 10
# The indexes that a source may have besides one a page: nested sitemaps, the archives of a blog.
EXTRA_INDEXES = 50
# The page of a calendar's empty day is small; a larger page with a date in its URL has a text of its own.
_MAX_CALENDAR_BYTES = 64 * 1024

_DIGITS = re.compile(r"\d+")
# A day or a month in a URL: /2031/05/06, 2031-05, year=2031&month=5.
_URL_DATE = re.compile(
    r"(?<!\d)(?:1[89]|2[0-2])\d\d[-/_.]?(?:0?[1-9]|1[0-2])(?!\d)|(?:month|day|date)=\d", re.IGNORECASE
)
_MARKUP_TAG = re.compile(rb"<[^>]*>")


def path_trap(url: str) -> str:
    """Return why a URL's path looks like a trap, in words; "" where it does not."""
    parsed = parse(url)
    if parsed is None:
        return ""
    segments = [segment for segment in parsed.path.split("/") if segment]
    if len(segments) > MAX_PATH_SEGMENTS:
        return f"the path has {len(segments)} segments"
    # Numbers repeat in honest paths: /2026/03/03/3.
    names = Counter(segment for segment in segments if not segment.isdecimal())
    segment, times = names.most_common(1)[0] if names else ("", 0)
    return f"{segment} occurs {times} times in the path" if times > MAX_SEGMENT_REPEATS else ""


class TrapDetector:
    """The traps that one crawl has found on a site, by the duplicates among its pages."""

    def __init__(self) -> None:
        self._hashes: dict[str, set[int]] = defaultdict(set)
        self._new: Counter[str] = Counter()
        self._duplicates: Counter[str] = Counter()
        self._duplicates_in_a_row: Counter[str] = Counter()
        self._traps: dict[str, str] = {}

    def add(self, url: str, body: bytes) -> None:
        """Learn from a fetched page: whether it is the duplicate of another in its folder, with any query."""
        shape = _url_shape(url)
        body_hash, hashes = hash(_without_own_date(url, body)), self._hashes[shape.partition("?")[0]]
        if body_hash not in hashes:
            hashes.add(body_hash)
            self._new[shape] += 1
            self._duplicates_in_a_row[shape] = 0
            return
        self._duplicates[shape] += 1
        self._duplicates_in_a_row[shape] += 1
        duplicates, total = self._duplicates[shape], self._duplicates[shape] + self._new[shape]
        is_mostly_duplicates = duplicates >= MIN_TRAP_DUPLICATES and 2 * duplicates >= total
        if is_mostly_duplicates or self._duplicates_in_a_row[shape] >= MIN_TRAP_DUPLICATES_IN_A_ROW:
            self._traps[shape] = f"URL trap: {duplicates} of {total} pages like {shape} are duplicates"

    def refusal(self, url: str) -> str:
        """Return why a URL is taken for a part of a trap, in words; "" where it is not."""
        return self._traps.get(_url_shape(url), "") if self._traps else ""


def _without_own_date(url: str, body: bytes) -> bytes:
    """Return a calendar page's text without the numbers of its own date; any other body unchanged."""
    if len(body) > _MAX_CALENDAR_BYTES or not _URL_DATE.search(url):
        return body
    own = {int(digits) for digits in _DIGITS.findall(url) if len(digits) < 10}
    words = re.split(rb"(\d+)", _MARKUP_TAG.sub(b" ", body))
    return b"".join(word for word in words if not (word.isdigit() and int(word[:9]) in own))


def _url_shape(url: str) -> str:
    """Return what URLs of one template share: the folder with digits folded, and the query's keys."""
    parsed = parse(url)
    if parsed is None:
        return url
    folder = _DIGITS.sub("#", parsed.path.rpartition("/")[0])
    return f"{parsed.site}{folder}/*{_query_keys(parsed)}"


def _query_keys(url: Url) -> str:

    keys = sorted({pair.partition("=")[0] for pair in url.query[1:].split("&")})
    return f"?{'&'.join(keys)}" if url.query else ""
