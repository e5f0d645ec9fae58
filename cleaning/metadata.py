"""What a page says about itself: JSON-LD, meta tags, its first heading, its byline. The rest stays absent."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from cleaning.blocks import Parsed
from cleaning.dates import first_date
from cleaning.lines import fold_line
from cleaning.title import title_of

_TITLE_MAX = 500  # characters; a longer one is flagged and cut
_PUBLISHED: Final = (
    "article:published_time", "og:article:published_time", "firstpublishedtime", "pubdate", "publishdate",
    "publish_date", "publish-date", "published_time", "datepublished", "og:published_time",
    "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dc.date.created",
    "cxenseparse:recs:publishtime", "article.published",
    "citation_publication_date", "citation_date", "weibo: article:create_at", "apub:time", "date",
)  # fmt: skip
_MODIFIED: Final = (
    "article:modified_time",
    "og:updated_time",
    "lastmodifiedtime",
    "last-modified",
    "dcterms.modified",
)
_AUTHOR: Final = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "parsely-author",
    "sailthru.author",
    "citation_author",
)
_TYPES: Final = re.compile(
    r"Article|Posting|Report|Legislation|WebPage|Recipe|Product|Course|Event|Review|Book|Movie|HowTo"
    r"|CreativeWork"
)
_BYLINE = re.compile(
    r"^(?i:by|written by|posted by|author:)\s+"
    r"([A-Z][\w.'’-]+(?: (?:[A-Z][\w.'’-]+|de|van|von|der|bin|al)){0,4})\b"
)
_BYLINE_ZH = re.compile(
    r"(?:作者|记者|撰文|责任编辑|责编)\s*[:丨|/]\s*([\u4e00-\u9fff·]{2,4})(?=$|[\s)\]】、,])"
)
_SOURCE_ZH = re.compile(r"来源\s*:\s*([^\s|]{2,30})")
_TEXT_TYPES = re.compile(r"Article|Posting|Report|Legislation|Recipe|Review|HowTo|Thesis|QAPage|Question")
_DATE_PLACE = re.compile(r"(?i)date|time|publish|byline|meta|posted|author")
_FIRST_PART = 0.5  # of the page's text; below stand the dates of other pages
_BESIDE = frozenset({"nav", "aside", "footer", "form", "hidden"})
_UPDATED = re.compile(r"(?i)\b(?:updated|modified|reviewed|revised|copyright|events?|deadline)\b|©|更新|修改")
_UNDER_TITLE = 10  # blocks after the heading
_BYLINE_MAX = 90  # characters
_NAMED = (
    "a[rel~=author], [itemprop=author] [itemprop=name], .author-name, .byline-name, .byline a, .author a"
    ", .entry-author"
)
_NO_NAME = re.compile(
    r"(?i)^(?:https?:|www\.|@|admin|administrator|editor|staff|unknown|none|null|undefined|by$)|^\W*$"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a page. Dates are ISO 8601; `language` is as declared; absent is "" or None."""

    title: str = ""
    status: str = ""
    authors: tuple[str, ...] = ()
    site: str | None = None
    date_published: str | None = None
    last_modified: str | None = None
    licence: str | None = None
    canonical_url: str | None = None
    language: str = ""
    warnings: tuple[str, ...] = ()


def read(parsed: Parsed, url: str, bylines: Sequence[str] = ()) -> Metadata:
    """The metadata of a page. `bylines` are the lines that were removed as such; they count after tags."""
    articles = _articles(parsed.jsonld)
    canonical, warnings = canonical_url(parsed, url)
    title, status = title_of(parsed, articles, url)
    if len(title) > _TITLE_MAX:
        title = title[:_TITLE_MAX]
        warnings.append("title_cut")
    return Metadata(
        title=title,
        status=status,
        authors=_authors(parsed, articles, bylines),
        site=_site(parsed, articles, bylines),
        date_published=_published(parsed, articles, bylines, url),
        last_modified=_first_date([*_values(articles, "dateModified"), *_meta(parsed, _MODIFIED)]),
        licence=_licence(parsed, articles),
        canonical_url=canonical,
        language=parsed.language
        or next(iter(_meta(parsed, ("og:locale", "content-language", "dc.language"))), ""),
        warnings=tuple(warnings),
    )


def canonical_url(parsed: Parsed, url: str) -> tuple[str | None, list[str]]:
    """The page's canonical address, absolute, and what was odd about it.

    Several different ones, or one that sends a page to its site's front, say nothing about this page.
    """
    hrefs = [
        link.get("href", "") for link in parsed.links if "canonical" in link.get("rel", "").lower().split()
    ]
    found = {joined for href in hrefs if (joined := absolute(url, href))}
    if len(found) > 1:
        return None, ["canonical_contradicts"]
    for address in found:
        if not urlsplit(address).path.strip("/") and urlsplit(url).path.strip("/"):
            return None, ["canonical_is_front"]
        return address, []
    return None, []


def absolute(base: str, href: str) -> str:
    """The web address that `href` means on a page at `base`, or ""."""
    try:
        joined = urljoin(base, href.strip())
        parts = urlsplit(joined)
    except ValueError:
        return ""
    return joined if parts.scheme in ("http", "https") and parts.netloc else ""


def _articles(jsonld: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The objects that describe the page's text, articles first."""
    found = [item for item in jsonld if _TYPES.search(str(item.get("@type", "")))]
    return sorted(
        found, key=lambda item: not re.search("Article|Posting|Legislation|Report", str(item.get("@type")))
    )


def _values(items: Iterable[Mapping[str, Any]], key: str) -> Iterator[str]:
    for item in items:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            yield value.strip()


def _meta(parsed: Parsed, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from (value.strip() for value in parsed.meta.get(name, ()) if value.strip())


def _authors(
    parsed: Parsed, articles: Sequence[Mapping[str, Any]], bylines: Sequence[str]
) -> tuple[str, ...]:
    names = [name for item in articles for name in _names(item.get("author"))]
    names = names or list(_meta(parsed, _AUTHOR))
    names = [html.unescape(name) for name in names if not _NO_NAME.search(name)]
    names = (
        names
        or [text for node in parsed.tree.css(_NAMED)[:3] if 2 < len(text := node.text(strip=True)) <= 60][:1]
    )
    if not names:
        lines = [*bylines, *(b.text for b in parsed.blocks if len(b.text) < 60)]
        names = [
            match[1]
            for line in lines
            for match in [_BYLINE.search(line) or _BYLINE_ZH.search(fold_line(line))]
            if match
        ][:1]
    clean = (" ".join(re.sub(r"^[Bb]y\s*(?=[A-Z])|^BY\s+", "", name).split()) for name in names)
    return tuple(dict.fromkeys(name for name in clean if len(name) <= 80 and not _NO_NAME.search(name)))[:10]


def _names(author: Any) -> list[str]:
    if isinstance(author, str):
        return [author]
    if isinstance(author, Mapping):
        return _names(author.get("name"))
    if isinstance(author, list):
        return [name for one in author[:20] for name in _names(one)]
    return []


def _site(parsed: Parsed, articles: Sequence[Mapping[str, Any]], bylines: Sequence[str]) -> str | None:
    named = next(_meta(parsed, ("og:site_name", "application-name")), "")
    publisher = next((name for item in articles for name in _names(item.get("publisher"))), "")
    source = next(
        (match[1] for line in bylines for match in [_SOURCE_ZH.search(fold_line(line))] if match), ""
    )
    return named or publisher or source or None


def _first_date(values: Iterable[str]) -> str | None:
    return next((date for value in values if (date := first_date(value))), None)


def _published(
    parsed: Parsed, articles: Sequence[Mapping[str, Any]], bylines: Sequence[str], url: str
) -> str | None:
    """The day the text came out. That of the page around a product or a service is none of a text's."""
    texts = [item for item in articles if _TEXT_TYPES.search(str(item.get("@type", "")))]
    tagged = _first_date(
        [*_values(texts, "datePublished"), *_meta(parsed, _PUBLISHED), *_values(texts, "dateCreated")]
    )
    return (
        tagged
        or _first_date(_times(parsed))
        or _first_date(bylines)
        or _first_date(_under_title(parsed))
        or _first_date(_marked_dates(parsed))
        or _from_url(url)
    )


def _marked_dates(parsed: Parsed) -> Iterator[str]:
    """Short lines in the first half of a page whose element is named for a date."""
    blocks = parsed.blocks
    half = (blocks[-1].offset + len(blocks[-1].text)) * _FIRST_PART if blocks else 0
    for block in blocks:
        if block.offset > half:
            return
        place = f"{block.path.rpartition('/')[2]} {block.inline}"
        if len(block.text) <= _BYLINE_MAX and not block.flags & _BESIDE and _DATE_PLACE.search(place):
            yield _before_update(block.text)


def _before_update(line: str) -> str:
    """What a line says before it speaks of a change: `May 4, 2019 - updated June 1, 2020` came out in May."""
    return _UPDATED.split(line, maxsplit=1)[0]


def _under_title(parsed: Parsed) -> Iterator[str]:
    """The short lines around the page's main heading: bylines that no mark-up names."""
    blocks = parsed.blocks
    heading = next(
        (i for i, block in enumerate(blocks) if block.level == 1 and "hidden" not in block.flags), None
    )
    if heading is None:
        return
    for block in blocks[max(0, heading - 2) : heading + _UNDER_TITLE]:
        if len(block.text) <= _BYLINE_MAX and not block.level:
            yield _before_update(block.text)


def _times(parsed: Parsed) -> Iterator[str]:
    """The `<time>` that the page marks as its publication, or the only one that it has."""
    times = parsed.tree.css("time[datetime]")
    marked = [
        t
        for t in times
        if re.search(
            "publish|entry-date|pubdate",
            f"{t.attributes.get('class')} {list(t.attributes)} {t.attributes.get('itemprop')}",
        )
    ]
    chosen = marked or (times if len(times) == 1 else [])
    yield from (value for t in chosen[:1] if (value := t.attributes.get("datetime")))


_URL_DATE: Final = re.compile(
    r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|t\d|$)"
)


def _from_url(url: str) -> str | None:
    match = _URL_DATE.search(url)
    return first_date("-".join(match.groups())) if match else None


def _licence(parsed: Parsed, articles: Sequence[Mapping[str, Any]]) -> str | None:
    links = (
        link.get("href", "") for link in parsed.links if "license" in link.get("rel", "").lower().split()
    )
    return next(
        (
            value
            for value in (
                *links,
                *_values(articles, "license"),
                *_meta(parsed, ("dcterms.license", "dc.rights", "rights")),
            )
            if value
        ),
        None,
    )
