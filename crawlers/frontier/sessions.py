"""Session ids in URLs, which would make every page new at every visit; ids of pages that only look like them.

`PHPSESSID` and its like name a session and nothing else. `sid` may be the number of a story, `session_id` a
sitting of parliament: these go only where their value looks like a session, and where they do not tell the
links of one list apart.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from crawlers.discovery import Link

_CERTAIN_NAMES: Final = r"phpsessid|jsessionid|aspsessionid\w*|cftoken|oscsid|zenid"
_DOUBTFUL_NAMES: Final = r"sid|sessionid|session_id|sessid|cfid|osid"
# 32 hex digits, a UUID, or letters and digits in no order, as PHP, Java and ASP.NET make them.
_RANDOM_VALUE: Final = (
    r"(?:[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[0-9a-z]*[a-z])(?=[0-9a-z]*[0-9])[0-9a-z]{16,})"
)


def _in_query(names: str, value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=[?&])(?P<name>{names})={value}(?:&|(?=#)|$)", re.IGNORECASE)


def _in_path(names: str, value: str) -> re.Pattern[str]:
    return re.compile(rf";(?P<name>{names})={value}(?=[/?#;]|$)", re.IGNORECASE)


_CERTAIN: Final = (
    _in_query(_CERTAIN_NAMES, r"[^&#]*"),
    _in_path(_CERTAIN_NAMES, r"[^/?#;]*"),
    re.compile(r"/\((?P<name>[SX])\([a-z0-9]+\)\)", re.IGNORECASE),  # ASP.NET without cookies
)
_DOUBTFUL: Final = (_in_query(_DOUBTFUL_NAMES, _RANDOM_VALUE), _in_path(_DOUBTFUL_NAMES, _RANDOM_VALUE))


def distinct_links(
    links: Iterable[Link], *, is_named: bool, keep_sessions: bool
) -> tuple[list[Link], Mapping[str, int]]:
    """Return the links of one list without session ids, the first to each URL; and what was cut, by name.

    `is_named` says whether the site names them one by one, which their hints then tell.
    """
    links = list(links)
    plain, cut = without_sessions(() if keep_sessions else (link.url for link in links))
    first: dict[tuple[str, str], Link] = {}
    for link in links:
        hint = dataclasses.replace(link.hint, named=True) if is_named else link.hint
        url = plain.get(link.url, link.url)
        first.setdefault((url, link.kind), Link(url, link.kind, hint))
    return list(first.values()), cut


def without_sessions(listed: Iterable[str]) -> tuple[Mapping[str, str], Mapping[str, int]]:
    """Return the URLs of one list that have session ids without them, and how many ids were cut, by name."""
    surely = {url: _without(_CERTAIN, url) for url in listed if _may_have_session(url)}
    likely = {url: _without(_DOUBTFUL, plain) for url, (plain, _) in surely.items()}
    told_apart: dict[str, set[str]] = defaultdict(set)
    for url, (plain, names) in likely.items():
        if names:
            told_apart[plain].add(surely[url][0])
    by_listed, cut = {}, Counter[str]()
    for url, (plain, names) in likely.items():
        is_id = len(told_apart[plain]) > 1
        by_listed[url] = surely[url][0] if is_id else plain
        cut.update([*surely[url][1], *([] if is_id else names)])
    return by_listed, cut


def _may_have_session(url: str) -> bool:
    lower = url.lower()
    return "sess" in lower or "id=" in lower or "cftoken=" in lower or "/(" in lower


def _without(patterns: Iterable[re.Pattern[str]], url: str) -> tuple[str, list[str]]:
    """Return a URL without what the patterns match, and the names that they matched."""
    names: list[str] = []
    stripped = url
    for pattern in patterns:
        names += [found["name"].lower() for found in pattern.finditer(stripped)]
        stripped = pattern.sub("", stripped)
    return (stripped.rstrip("?&"), names) if names else (url, names)
