"""A page's title: its heading where head and heading agree, else the one that says more, without the
site's name.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from cleaning.law.genre import status_of
from cleaning.page.parse import Parsed
from cleaning.text.lines import word_key

_SEPARATOR: Final = re.compile(r"\s+[|–—·•»›∣/-]\s+|\s*[|_›»]\s*")
_PIPE: Final = re.compile(r"\s*\|\s*")
_CRUMBS: Final = re.compile(r"\s/\s")  # what forums put between a topic, its section and themselves
# What a page calls its heading, and marks of the direction of writing: both are none of the title.
_LABEL: Final = re.compile(r"^(?:Thread|Topic|Title|Blog|Subject|主题|标题)\s*[:：]\s*(?=\S)")
_DIRECTIONS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ANCHOR: Final = re.compile(r"\s*[¶#§🔗]$")  # the sign of a heading's own link
_WORDS: Final = re.compile(r"\w+")
# The figures below were chosen on labelled pages of seven types (benchmarks/documents.py draws the rate).
_PIPE_AT = 8  # characters before the first | that are a title
_TAIL, _TAIL_MAX = 1.3, 40  # what stands last is the site's up to so much of the rest's length
_PART = 0.6  # a heading that is less of a longer title is a part of it
_AGREE_ARTICLE, _AGREE = 0.15, 0.6  # share of words that heading and head have in common to be one title
_AGREE_MANY = 0.3  # the same for one of several headings
_HIDDEN = 0.4  # share of the head's title that a hidden heading must say
_LEVELS: Final = (1, 2, 3)
_THINGS: Final = re.compile(r"Product|CollectionPage|ItemList|OfferCatalog")
_SHELF: Final = re.compile(
    r"/(?:c|collections?|category|categories|shop|product-category|dp|products?|p)/", re.IGNORECASE
)


class _Site:
    """How the site is called, to tell its name from a title."""

    def __init__(self, parsed: Parsed, url: str) -> None:
        names = parsed.meta.get("og:site_name", ())
        self.url = url
        self.name = word_key(names[0]) if names else ""
        host = (urlsplit(url).hostname or "") if "://" in url else ""
        self.host = word_key(host.removeprefix("www.").rpartition(".")[0])

    def owns(self, key: str) -> bool:
        """Whether a folded part of a title is the site's name."""
        by_name = bool(self.name) and (key in self.name or self.name in key)
        return bool(key) and (
            by_name or (len(key) > 3 and bool(self.host) and (key in self.host or self.host in key))
        )

    def leads(self, key: str) -> bool:
        """Whether a folded part is the site's name and nothing else."""
        return bool(key) and (key == self.name or (len(key) > 3 and key == self.host))


def title_of(parsed: Parsed, articles: Sequence[Mapping[str, Any]], url: str) -> tuple[str, str]:
    """The page's title and the legal status that stood behind it; `articles` are the JSON-LD objects of
    its text.
    """
    return status_of(_title(parsed, articles, _Site(parsed, url)))


def _title(parsed: Parsed, articles: Sequence[Mapping[str, Any]], site: _Site) -> str:
    head = _clean(parsed.title)
    shared = _clean(next((v for v in parsed.meta.get("og:title", ()) if v.strip()), ""))
    shared = shared or _clean(next((v for v in parsed.meta.get("articletitle", ()) if v.strip()), ""))
    headline = _clean(next((v for item in articles if isinstance(v := item.get("headline"), str)), ""))
    names = [name for name in (headline, shared, head) if name]
    base = _short(_without_site(head or shared or headline, site))
    headings = _headings(parsed, head, shared)
    candidates = [h for h in headings if word_key(h) and not _is_site(h, head, shared, site, base)]
    keys = [word_key(name) for name in names]
    confirmed = [h for h in candidates if any(word_key(h) in key for key in keys)]
    about_article = bool(headline) or "article" in parsed.meta.get("og:type", ())
    if confirmed:
        whole = about_article or _is_shelf(parsed, site.url)
        return _of_confirmed(max(confirmed, key=len), (head, shared), base, whole, site)
    if candidates:
        likeness = [_likeness(h, base) for h in candidates]
        if likeness[0] == 0 and site.leads(word_key(_parts(head)[0])) and len(_parts(head)) > 1:
            return candidates[0]  # the head says the site's name and motto, and nothing of the page
        if len(candidates) == 1 and likeness[0] >= (_AGREE_ARTICLE if about_article or not names else _AGREE):
            return _without_site(candidates[0], site)
        best = max(range(len(candidates)), key=likeness.__getitem__)
        if len(candidates) > 1 and likeness[best] >= _AGREE_MANY:
            return candidates[best]
    hidden = [
        h for h in _headings(parsed, head, shared, hidden=True) if any(word_key(h) in key for key in keys)
    ]
    if hidden and len(word_key(max(hidden, key=len))) > _HIDDEN * len(word_key(base)):
        return max(hidden, key=len)
    if headline and not headings:
        return headline
    return base or (headings[0] if headings else "")


def _headings(parsed: Parsed, head: str, shared: str, *, hidden: bool = False) -> list[str]:
    """The page's main headings; where it has none, the lower ones that say what its head says."""
    found = [
        b for b in parsed.blocks if b.level in _LEVELS and ("hidden" in b.flags) is hidden and b.text.strip()
    ]
    main = [_clean(b.text) for b in found if b.level == 1]
    if main or hidden:
        return main
    keys = {word_key(part) for name in (head, shared) for part in (name, *_parts(name))} - {""}
    return [text for b in found if word_key(status_of(text := _clean(b.text))[0]) in keys]


def _is_shelf(parsed: Parsed, url: str) -> bool:
    """Whether a page sells or lists things: its head praises what its heading names."""
    types = " ".join(str(item.get("@type", "")) for item in parsed.jsonld)
    return bool(_THINGS.search(types) or _SHELF.search(url)) or "product" in parsed.meta.get("og:type", ())


def _of_confirmed(heading: str, names: tuple[str, str], base: str, whole: bool, site: _Site) -> str:
    """The heading that the head confirms; a part of a longer title only where headings are `whole` ones."""
    key = word_key(heading)
    bare = _without_site(heading, site)
    if bare != heading:
        return bare
    segments = {word_key(part) for name in names for part in _parts(name)}
    if not whole and key not in segments and key in word_key(base) and len(key) < _PART * len(word_key(base)):
        return base
    return heading


def _is_site(heading: str, head: str, shared: str, site: _Site, base: str) -> bool:
    """Whether a heading is the site's name: it stands behind the title in the head, or before it."""
    key, parts = word_key(heading), _parts(head)
    if site.leads(key) and key != word_key(base):
        return True
    if len(parts) > 1 and key in word_key(parts[-1]) and key not in word_key(head[: head.rindex(parts[-1])]):
        return True
    own = word_key(shared)
    return (
        bool(own)
        and own != key
        and key not in own
        and word_key(head).startswith(key)
        and own in word_key(head)
    )


def _clean(title: str) -> str:
    bare = _DIRECTIONS.sub("", html.unescape(title).replace("\u00ad", ""))
    return _LABEL.sub("", _ANCHOR.sub("", " ".join(bare.split())))


def _parts(title: str) -> list[str]:
    return _SEPARATOR.split(title)


def _without_site(title: str, site: _Site) -> str:
    """The title without the site's name behind or before it."""
    while True:
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            return title
        if site.owns(word_key(title[cuts[-1].end() :])):
            title = title[: cuts[-1].start()]
        elif site.leads(word_key(title[: cuts[0].start()])):
            title = title[cuts[0].end() :]
        else:
            return title


def _short(title: str) -> str:
    """The title up to the first |, without a path behind it, nor a last part far shorter than the rest."""
    if len(_CRUMBS.findall(title)) > 1:
        return _CRUMBS.split(title, maxsplit=1)[0]
    if (pipe := _PIPE.search(title)) and pipe.start() >= _PIPE_AT:
        title = title[: pipe.start()]
    cuts = list(_SEPARATOR.finditer(title))
    if not cuts:
        return title
    rest, tail = title[: cuts[-1].start()], title[cuts[-1].end() :]
    return rest if len(tail) < _TAIL * len(rest) and len(tail) <= _TAIL_MAX else title


def _likeness(a: str, b: str) -> float:
    first, second = set(_WORDS.findall(a.lower())), set(_WORDS.findall(b.lower()))
    return len(first & second) / max(1, len(first | second))
