"""A page's title, without the site's name: its heading where head and heading agree, else the longer one."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
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
_PIPE_MIN_CHARACTERS = 8  # before the first |, that are a title
# The last part of a title is the site's up to this share of the rest's length, and up to so many characters.
_TAIL_MAX_SHARE, _TAIL_MAX_CHARACTERS = 1.3, 40
_WHOLE_MIN_SHARE = 0.6  # of a longer title's length; a shorter heading is a part of it
# Share of words that heading and head have in common to be one title: of an article, of any page, and for one
# of several headings.
_AGREE_ARTICLE, _AGREE, _AGREE_OF_SEVERAL = 0.15, 0.6, 0.3
_HIDDEN_MIN_SHARE = 0.4  # of the head's title, that a hidden heading must say
_HEADING_LEVELS: Final = (1, 2, 3)
_PRODUCT_TYPES: Final = re.compile(r"Product|CollectionPage|ItemList|OfferCatalog")
_SHOP_URL: Final = re.compile(
    r"/(?:c|collections?|category|categories|shop|product-category|dp|products?|p)/", re.IGNORECASE
)


class _Site:
    """The names of a site, to tell them from a page's title."""

    def __init__(self, parsed: Parsed, url: str) -> None:
        names = parsed.meta.get("og:site_name", ())
        self.url = url
        self.name = word_key(names[0]) if names else ""
        host = (urlsplit(url).hostname or "") if "://" in url else ""
        self.host = word_key(host.removeprefix("www.").rpartition(".")[0])

    def owns(self, key: str) -> bool:
        """Tell whether a folded part of a title is the site's name, or holds it, or is a part of it."""
        by_name = bool(self.name) and (key in self.name or self.name in key)
        return bool(key) and (
            by_name or (len(key) > 3 and bool(self.host) and (key in self.host or self.host in key))
        )

    def is_named(self, key: str) -> bool:
        """Tell whether a folded part is the site's name and nothing else."""
        return bool(key) and (key == self.name or (len(key) > 3 and key == self.host))


class _Names(NamedTuple):
    """The titles that a page gives itself outside of its text: `<title>`, og:title, JSON-LD headline."""

    head: str
    shared: str
    headline: str

    def confirm(self, heading: str) -> bool:
        """Tell whether one of the titles has all words of a heading."""
        key = word_key(heading)
        return any(name and key in word_key(name) for name in (self.headline, self.shared, self.head))


def title_of(parsed: Parsed, articles: Sequence[Mapping[str, Any]], url: str) -> tuple[str, str]:
    """Return the page's title and the legal status that stood behind it.

    `articles` are the JSON-LD objects of its text.
    """
    return status_of(_title(parsed, articles, _Site(parsed, url)))


def _title(parsed: Parsed, articles: Sequence[Mapping[str, Any]], site: _Site) -> str:
    """Return the title by the first way that gives one.

    A visible heading goes first, confirmed by the titles outside of the text or much like them; then a hidden
    one that they confirm; then the titles themselves.
    """
    names = _names(parsed, articles)
    base = _short(_without_site(names.head or names.shared or names.headline, site))
    headings = _headings(parsed, names)
    candidates = [h for h in headings if word_key(h) and not _is_site(h, names, site, base)]
    is_article = bool(names.headline) or "article" in parsed.meta.get("og:type", ())
    if confirmed := [heading for heading in candidates if names.confirm(heading)]:
        is_whole = is_article or _is_shop_page(parsed, site.url)
        return _confirmed_title(max(confirmed, key=len), names, base, site, is_whole=is_whole)
    if candidates and (likely := _likely_title(candidates, names, base, site, is_article=is_article)):
        return likely
    hidden = max(filter(names.confirm, _headings(parsed, names, hidden=True)), key=len, default="")
    if hidden and len(word_key(hidden)) > _HIDDEN_MIN_SHARE * len(word_key(base)):
        return hidden
    if names.headline and not headings:
        return names.headline
    return base or (headings[0] if headings else "")


def _names(parsed: Parsed, articles: Sequence[Mapping[str, Any]]) -> _Names:
    shared = _clean(next((v for v in parsed.meta.get("og:title", ()) if v.strip()), ""))
    shared = shared or _clean(next((v for v in parsed.meta.get("articletitle", ()) if v.strip()), ""))
    headline = _clean(next((v for item in articles if isinstance(v := item.get("headline"), str)), ""))
    return _Names(_clean(parsed.title), shared, headline)


def _headings(parsed: Parsed, names: _Names, *, hidden: bool = False) -> list[str]:
    """Return the page's main headings, else the lower ones that are a part of its titles in the head."""
    found = [
        block
        for block in parsed.blocks
        if block.level in _HEADING_LEVELS and ("hidden" in block.flags) is hidden and block.text.strip()
    ]
    main = [_clean(block.text) for block in found if block.level == 1]
    if main or hidden:
        return main
    keys = {word_key(part) for name in (names.head, names.shared) for part in (name, *_parts(name))} - {""}
    return [text for block in found if word_key(status_of(text := _clean(block.text))[0]) in keys]


def _is_shop_page(parsed: Parsed, url: str) -> bool:
    """Tell whether a page sells or lists things: there the head advertises what the heading names."""
    types = " ".join(str(item.get("@type", "")) for item in parsed.jsonld)
    return (
        bool(_PRODUCT_TYPES.search(types) or _SHOP_URL.search(url))
        or "product" in parsed.meta.get("og:type", ())
    )  # fmt: skip


def _confirmed_title(heading: str, names: _Names, base: str, site: _Site, *, is_whole: bool) -> str:
    """Return a confirmed heading; the head's title instead where the heading is only a part of it.

    With `is_whole` no heading is taken for such a part.
    """
    bare = _without_site(heading, site)
    if bare != heading:
        return bare
    key, base_key = word_key(heading), word_key(base)
    segments = {word_key(part) for name in (names.head, names.shared) for part in _parts(name)}
    is_part = key not in segments and key in base_key and len(key) < _WHOLE_MIN_SHARE * len(base_key)
    return base if is_part and not is_whole else heading


def _likely_title(
    candidates: Sequence[str], names: _Names, base: str, site: _Site, *, is_article: bool
) -> str:
    """Return the heading that has enough words in common with the head's title; "" where none has."""
    likeness = [_likeness(heading, base) for heading in candidates]
    head_parts = _parts(names.head)
    if likeness[0] == 0 and site.is_named(word_key(head_parts[0])) and len(head_parts) > 1:
        return candidates[0]  # the head has the site's name and motto, and nothing of the page
    if len(candidates) == 1:
        agree = _AGREE_ARTICLE if is_article or not any(names) else _AGREE
        return _without_site(candidates[0], site) if likeness[0] >= agree else ""
    best = max(range(len(candidates)), key=likeness.__getitem__)
    return candidates[best] if likeness[best] >= _AGREE_OF_SEVERAL else ""


def _is_site(heading: str, names: _Names, site: _Site, base: str) -> bool:
    """Tell whether a heading is the site's name: it stands behind or before the title in the head."""
    head, key, parts = names.head, word_key(heading), _parts(names.head)
    if site.is_named(key) and key != word_key(base):
        return True
    if len(parts) > 1 and key in word_key(parts[-1]) and key not in word_key(head[: head.rindex(parts[-1])]):
        return True
    own = word_key(names.shared)
    if not own or own == key or key in own:
        return False
    return word_key(head).startswith(key) and own in word_key(head)


def _clean(title: str) -> str:
    bare = _DIRECTIONS.sub("", html.unescape(title).replace("\u00ad", ""))
    return _LABEL.sub("", _ANCHOR.sub("", " ".join(bare.split())))


def _parts(title: str) -> list[str]:
    return _SEPARATOR.split(title)


def _without_site(title: str, site: _Site) -> str:
    """Return the title without the site's name behind or before it."""
    while True:
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            return title
        if site.owns(word_key(title[cuts[-1].end() :])):
            title = title[: cuts[-1].start()]
        elif site.is_named(word_key(title[: cuts[0].start()])):
            title = title[cuts[0].end() :]
        else:
            return title


def _short(title: str) -> str:
    """Return the title up to the first |, without a breadcrumb or a far shorter last part behind it."""
    if len(_CRUMBS.findall(title)) > 1:
        return _CRUMBS.split(title, maxsplit=1)[0]
    if (pipe := _PIPE.search(title)) and pipe.start() >= _PIPE_MIN_CHARACTERS:
        title = title[: pipe.start()]
    cuts = list(_SEPARATOR.finditer(title))
    if not cuts:
        return title
    rest, tail = title[: cuts[-1].start()], title[cuts[-1].end() :]
    return rest if len(tail) < _TAIL_MAX_SHARE * len(rest) and len(tail) <= _TAIL_MAX_CHARACTERS else title


def _likeness(a: str, b: str) -> float:
    """Return the share of words that two titles have in common (Jaccard)."""
    first, second = set(_WORDS.findall(a.lower())), set(_WORDS.findall(b.lower()))
    return len(first & second) / max(1, len(first | second))
