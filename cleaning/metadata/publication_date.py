"""When a page's text came out: by its meta tags, its address, the lines around its heading, its JSON-LD.

The order of the ways was chosen on labelled pages of seven types (benchmarks/documents.py draws the rate).
What a page says of a deadline, a release or an event is no such day; the front page of a site has none.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from cleaning.page.parse import Block, Parsed
from cleaning.rules.comments import in_comments, is_in_comments
from cleaning.text.dates import ANY_DATE, first_date, is_date_line
from cleaning.text.lines import NUMBERED

_META: Final = (
    "article:published_time", "og:article:published_time", "firstpublishedtime", "pubdate", "publishdate",
    "publish_date", "publish-date", "published", "published-date", "published_date", "published_time",
    "datepublished",
    "og:published_time", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued",
    "cxenseparse:recs:publishtime", "article.published", "citation_publication_date", "citation_date",
    "weibo: article:create_at", "apub:time", "w-published-date",
)  # fmt: skip
_META_ANY: Final = (
    "dc.date",
    "dcterms.created",
    "dc.date.created",
    "date",
    "ms.date",
    "datecreated",
)  # of whatever
_TEXTS: Final = re.compile(r"Article|Posting|Report|Legislation|Recipe|Review|HowTo|Thesis|QAPage|Question")
_PLACE: Final = re.compile(r"(?i)date|time|publish|byline|meta|posted|author")
_MARKED_TIME: Final = re.compile("publish|entry-date|pubdate")
_URL: Final = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|t\d|$)")
_URL_MONTH: Final = re.compile(r"/((?:19|20)\d{2})/([a-z]{3,9})/(0?[1-9]|[12]\d|3[01])(?=/|$)", re.IGNORECASE)
# Addresses of posts and threads: their pages tell of one text, which came out on a day.
_POST_URL: Final = re.compile(
    r"(?i)/(?:blogs?|articles?|news|posts?|stor(?:y|ies)|insights?|resources?|guides?|magazine|learn|advice"
    r"|20\d\d|threads?|topic|forum|t|questions|comments)(?:/|$)|[?&]t=|viewtopic|showthread"
)
_UPDATED: Final = re.compile(r"(?i)\b(?:updated|modified|reviewed|revised|edited)\b|更新|修改")
_PUBLISHED: Final = re.compile(r"(?i)^\W*(?:originally |first )?(?:published|posted|asked|written|started)\b")
# A label that stands alone, above its date.
_LABEL: Final = re.compile(
    r"(?i)^(?:date published|publish(?:ed)?(?: date| on)?|publication date|posted(?: on)?"
    r"|发布(?:日期|时间)|发表于)\s*[:：]?$"
)
_OTHER_DAY: Final = re.compile(
    r"(?i)\b(?:copyright|events?|deadline|released?(?: date)?|joined|expires?|effective|retrieved"
    r"|accessed|clos(?:es|ing))\b|©|截止|^\W*(?:printed\b|打印)"
)
# From these words on a line speaks of the day on which something holds or is held.
_HOLDS: Final = re.compile(
    r"(?i)\b(?:commence(?:[sd]|ment)?|(?:com(?:es?|ing)|came|ent(?:ry|er(?:s|ed|ing)?)) into (?:force|effect)"
    r"|in force|valid (?:until|till|to|from|through)|until|due|hearings?)\b"
)
_HOLDS_ZH: Final = re.compile(
    rf"[自从從]?{ANY_DATE}起?(?:正式)?(?:施行|实施|實施|生效|失效|废止|廢止)"
    rf"|(?:施行|实施|實施|生效|失效|废止|廢止|有效期)(?:日期|时间|時間)?[:：至]?\s*{ANY_DATE}"
)
# What tells something on a day, and not the day of its telling.
_SENTENCE: Final = re.compile(
    r"^(?!.*\b(?:[Bb]y|[Ss]tarted|[Pp]osted|[Pp]ublished)\b)\W*(?:\w+\W+){7,}.*\w[.!?]$|。$"
)
_BESIDE: Final = frozenset({"nav", "aside", "footer", "form", "hidden"})
_FIRST_PART: Final = 0.5  # of the page's text; below stand the dates of other pages
_LINES: Final = 2_000  # short lines that are looked at: pages of more are no articles
_LINE_MAX, _ALONE_MAX = 90, 40  # characters of a line with a date, of one that says little else
_BEFORE, _AFTER = 2, 10  # blocks around the heading
_LIST: Final = 5  # days that a page names in short lines, from which on it may be a list of texts


@dataclasses.dataclass(frozen=True, slots=True)
class Published:
    """The day, as ISO 8601, or None, and what is odd about it.

    `date_is_of_update`: the page names only the day of its last change. `dates_contradict:published`: the
    page calls another day that of its publication.
    """

    date: str | None
    warnings: tuple[str, ...] = ()


def published(
    parsed: Parsed,
    articles: Sequence[Mapping[str, Any]],
    bylines: Sequence[str],
    url: str,
    authors: Sequence[str],
) -> Published:
    """The day a page's text came out. That of the page around a product or a service is none of a text's.

    `articles` are the JSON-LD objects of its text, `bylines` the lines that were removed as such. A page that
    has an author, or the address of a post, is one text: there the last ways are asked too.
    """
    texts = [item for item in articles if _TEXTS.search(str(item.get("@type", "")))]
    if _is_front(url) or (not texts and "product" in parsed.meta.get("og:type", ())):
        return Published(None)
    readers = in_comments(parsed.blocks)
    blocks = (
        [block for i, block in enumerate(parsed.blocks) if i not in readers] if readers else parsed.blocks
    )
    lines = (block for block in blocks if len(block.text) <= _LINE_MAX and "hidden" not in block.flags)
    short = list(itertools.islice(lines, _LINES))
    one_text = bool(authors) or bool(_POST_URL.search(url))
    seen = one_text or not _is_list(short)
    near = _near(blocks)
    tagged = [*_meta(parsed, _META), *_values(texts, "datePublished"), *_values(texts, "dateCreated")]
    ways: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: _of_url(url),
        lambda: _meta(parsed, _META),
        lambda: map(_said, near) if seen else (),
        lambda: (_said(block.text) for block in short if _PUBLISHED.search(block.text)),
        lambda: _labelled(short),
        lambda: tagged,
        lambda: _meta(parsed, _META_ANY),
        lambda: _times(parsed, _MARKED_TIME),
        lambda: map(_said, _marked(blocks)) if seen else (),
        lambda: map(_said, bylines),
    )
    for way in ways:
        if found := _first(way()):
            dates = (date for value in tagged if (date := first_date(value)))
            said = _first(_said(line) for line in near if _PUBLISHED.search(line))
            odd = ("dates_contradict:published",) if said and said[:10] != found[:10] else ()
            return Published(next((date for date in dates if date.startswith(found)), found), odd)
    return _of_one_text(parsed, short, near) if one_text else Published(None)


def _of_one_text(parsed: Parsed, short: Sequence[Block], near: Sequence[str]) -> Published:
    """What is left to ask where a page is one text: its `<time>`, what it calls updated, a day alone."""
    if found := _first(_times(parsed)):
        return Published(found)
    if found := _first(line for line in near if _UPDATED.search(line)):
        return Published(found, ("date_is_of_update",))
    if found := _first(_values(parsed.jsonld, "datePublished")):
        return Published(found)
    if found := _first(block.text for block in short if _UPDATED.search(block.text[:_ALONE_MAX])):
        return Published(found, ("date_is_of_update",))
    alone = (block.text for block in short if len(block.text) <= _ALONE_MAX and not block.flags & _BESIDE)
    return Published(None if _is_list(short) else _first(map(_said, alone)))


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.netloc) and not parts.path.strip("/") and not parts.query


def _is_list(short: Sequence[Block]) -> bool:
    days = (date[:10] for block in short if (date := first_date(block.text)))
    return len(set(itertools.islice(days, 10 * _LIST))) >= _LIST


def _first(values: Iterable[str]) -> str | None:
    return next((date for value in values if (date := first_date(value))), None)


def _meta(parsed: Parsed, names: Iterable[str]) -> Iterator[str]:
    return (value for name in names for value in parsed.meta.get(name, ()))


def _values(items: Iterable[Mapping[str, Any]], key: str) -> Iterator[str]:
    return (value for item in items if isinstance(value := item.get(key), str))


def _said(line: str) -> str:
    """What a line says of the day it came out, and not of a change or of what holds from when on:
    `May 4, 2019 - updated June 1, 2020` came out in May.
    """
    if _SENTENCE.search(line) and not _PUBLISHED.search(line):
        return ""
    if _OTHER_DAY.search(line):
        return ""
    line = _HOLDS.split(_UPDATED.split(line, maxsplit=1)[0], maxsplit=1)[0]
    return line if line.isascii() else _HOLDS_ZH.sub("", line)


def _labelled(short: Sequence[Block]) -> Iterator[str]:
    """The dates below a label, where each stands alone: what a text's first line says is not its day."""
    return (
        below.text
        for label, below in itertools.pairwise(short)
        if _LABEL.match(label.text) and is_date_line(below.text)
    )


def _near(blocks: Sequence[Block]) -> list[str]:
    """The short lines around the page's main heading: bylines that no mark-up names."""
    heading = next(
        (i for i, block in enumerate(blocks) if block.level == 1 and "hidden" not in block.flags), None
    )
    if heading is None:
        return []
    around = blocks[max(0, heading - _BEFORE) : heading + _AFTER]
    return [
        block.text
        for block in around
        if len(block.text) <= _LINE_MAX and block.level != 1 and not NUMBERED.match(block.text)
    ]


def _marked(blocks: Sequence[Block]) -> Iterator[str]:
    """Short lines in the first half of a page whose element is named for a date, unless a label above them
    says that it is another's.
    """
    half = (blocks[-1].offset + len(blocks[-1].text)) * _FIRST_PART if blocks else 0
    for before, block in itertools.pairwise((Block("", "", ""), *blocks)):
        if block.offset > half:
            return
        place = f"{block.path.rpartition('/')[2]} {block.inline}"
        if (
            len(block.text) <= _LINE_MAX
            and not block.flags & _BESIDE
            and _PLACE.search(place)
            and not (len(before.text) <= _ALONE_MAX and _OTHER_DAY.search(before.text))
        ):
            yield block.text


def _times(parsed: Parsed, marked: re.Pattern[str] | None = None) -> Iterator[str]:
    """The first `<time>` that is no reader's, or the first that the page marks as its publication."""
    for node in parsed.tree.css("time[datetime]"):
        names = f"{node.attributes.get('class')} {[*node.attributes]} {node.attributes.get('itemprop')}"
        if (marked is None or marked.search(names)) and not is_in_comments(node):
            yield node.attributes.get("datetime") or ""
            return


def _of_url(url: str) -> Iterator[str]:
    if match := _URL.search(url):
        yield "-".join(match.groups())
    elif match := _URL_MONTH.search(url):
        yield f"{match[3]} {match[2]} {match[1]}"
