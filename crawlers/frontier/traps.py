"""Traps: places where a site makes up URLs without end, told by the URLs' shape and by what they bring.

Nothing here is remembered over runs: a trap that is still there is told again after three pages.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from web.urls import Url, parse

# Deeper paths, or a folder that comes back a third time, come of relative links that climb into themselves.
MAX_SEGMENTS = 16
MAX_REPEATS = 2
# So many pages of one shape that brought nothing new, when at most as many did, make it a trap.
MAX_DUPLICATES = 3
# So many in a row do it even where there were many good ones before.
MAX_IN_A_ROW = 5
# Listings in a row that name no page which this run did not know: archives overlap, but not for long.
MAX_STALE = 10
# Lists that a source may have beside one a page: nested sitemaps, the archives of a blog.
SPARE_INDEXES = 50
# A calendar's empty day is small; a larger page of a date has something to say.
_CALENDAR_BYTES = 64 * 1024

# What servers and shops call a visitor's session in links, instead of in a cookie.
_SESSION = re.compile(
    r"(?<=[?&])(?:phpsessid|jsessionid|sessionid|session_id|sessid|aspsessionid\w*|cfid|cftoken|osc?sid|zenid"
    r"|sid)=[^&#]*(?:&|(?=#)|$)",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*|/\([SX]\([a-z0-9]+\)\)", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
# A day or a month in a URL: /2031/05/06, 2031-05, year=2031&month=5.
_DATE = re.compile(
    r"(?<!\d)(?:1[89]|2[0-2])\d\d[-/_.]?(?:0?[1-9]|1[0-2])(?!\d)|(?:month|day|date)=\d", re.IGNORECASE
)
_TAG = re.compile(rb"<[^>]*>")


def without_session(url: str) -> str:
    """A canonical URL without the session id in it, by which every visit would find new pages."""
    if "sess" not in url.lower() and "id=" not in url.lower() and ";" not in url and "/(" not in url:
        return url
    stripped = _PATH_SESSION.sub("", _SESSION.sub("", url))
    return stripped.rstrip("?&") if stripped != url else url


def path_trap(url: str) -> str:
    """What is wrong with a URL's path, in words; "" where it looks like one that somebody made."""
    parsed = parse(url)
    if parsed is None:
        return ""
    segments = [segment for segment in parsed.path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return f"{len(segments)} folders deep"
    # Numbers come back in honest paths: /2026/03/03/3.
    names = Counter(segment for segment in segments if not segment.isdecimal())
    segment, times = names.most_common(1)[0] if names else ("", 0)
    return f"{segment} comes {times} times in the path" if times > MAX_REPEATS else ""


class Traps:
    """What one crawl has learnt of a site's traps."""

    def __init__(self) -> None:
        self._said: dict[str, set[int]] = defaultdict(set)
        self._fresh: Counter[str] = Counter()
        self._duplicates: Counter[str] = Counter()
        self._in_a_row: Counter[str] = Counter()
        self._trapped: dict[str, str] = {}

    def fetched(self, url: str, body: bytes) -> None:
        """Learn from a page: whether another of its folder, by whatever query, said the same."""
        shape = _shape(url)
        said, known = hash(_without_its_date(url, body)), self._said[shape.partition("?")[0]]
        if said not in known:
            known.add(said)
            self._fresh[shape] += 1
            self._in_a_row[shape] = 0
            return
        self._duplicates[shape] += 1
        self._in_a_row[shape] += 1
        duplicates, total = self._duplicates[shape], self._duplicates[shape] + self._fresh[shape]
        if self._in_a_row[shape] >= MAX_IN_A_ROW or (
            duplicates >= MAX_DUPLICATES and 2 * duplicates >= total
        ):
            self._trapped[shape] = f"{duplicates} of {total} pages like {shape} say what others say"

    def refusal(self, url: str) -> str:
        """Why a URL is taken for a part of a trap, in words; "" where it is not."""
        return self._trapped.get(_shape(url), "") if self._trapped else ""


def _without_its_date(url: str, body: bytes) -> bytes:
    """A page of a calendar as its words alone, without the numbers of its own date; any other as it is."""
    if len(body) > _CALENDAR_BYTES or not _DATE.search(url):
        return body
    own = {int(digits) for digits in _DIGITS.findall(url) if len(digits) < 10}
    words = re.split(rb"(\d+)", _TAG.sub(b" ", body))
    return b"".join(word for word in words if not (word.isdigit() and int(word[:9]) in own))


def _shape(url: str) -> str:
    """A URL as its site makes it: folder with digits folded, any name, the query's keys."""
    parsed = parse(url)
    if parsed is None:
        return url
    folder = _DIGITS.sub("#", parsed.path.rpartition("/")[0])
    return f"{parsed.site}{folder}/*{_keys(parsed)}"


def _keys(url: Url) -> str:
    keys = sorted({pair.partition("=")[0] for pair in url.query[1:].split("&")})
    return f"?{'&'.join(keys)}" if url.query else ""
