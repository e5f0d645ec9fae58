"""A page's date of publication, from meta tags, its URL, the lines around its heading, or its JSON-LD.

The order of the ways was chosen on labelled pages of seven types (benchmarks/documents.py draws the rate). A
deadline, a release or an event is no publication; the front page of a site has no date.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
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
# Tags that may have the day of anything.
# Tags whose date may be that of anything.
_META_OF_ANY_DAY: Final = (
    "dc.date",
    "dcterms.created",
    "dc.date.created",
    "date",
    "ms.date",
    "datecreated",
)
_TEXT_TYPES: Final = re.compile(
    r"Article|Posting|Report|Legislation|Recipe|Review|HowTo|Thesis|QAPage|Question"
)
_DATE_CLASS: Final = re.compile(r"(?i)date|time|publish|byline|meta|posted|author")
_PUBLISHED_CLASS: Final = re.compile("publish|entry-date|pubdate")
_URL: Final = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|t\d|$)")
_URL_MONTH: Final = re.compile(r"/((?:19|20)\d{2})/([a-z]{3,9})/(0?[1-9]|[12]\d|3[01])(?=/|$)", re.IGNORECASE)
# URLs of posts and threads: their pages have one text, which was published on a day.
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
# Behind these words a line has the day on which something is in force or is held.
_IN_FORCE: Final = re.compile(
    r"(?i)\b(?:commence(?:[sd]|ment)?|(?:com(?:es?|ing)|came|ent(?:ry|er(?:s|ed|ing)?)) into (?:force|effect)"
    r"|in force|valid (?:until|till|to|from|through)|until|due|hearings?)\b"
)
_IN_FORCE_ZH: Final = re.compile(
    rf"[自从從]?{ANY_DATE}起?(?:正式)?(?:施行|实施|實施|生效|失效|废止|廢止)"
    rf"|(?:施行|实施|實施|生效|失效|废止|廢止|有效期)(?:日期|时间|時間)?[:：至]?\s*{ANY_DATE}"
)
# A sentence tells what happened on a day, and not when it was published.
_SENTENCE: Final = re.compile(
    r"^(?!.*\b(?:[Bb]y|[Ss]tarted|[Pp]osted|[Pp]ublished)\b)\W*(?:\w+\W+){7,}.*\w[.!?]$|。$"
)
_BESIDE: Final = frozenset({"nav", "aside", "footer", "form", "hidden"})
_FIRST_PART_SHARE: Final = 0.5  # of the page's text; below stand the dates of other pages
_MAX_SHORT_LINES: Final = 2_000  # that are looked at: pages of more are no articles
_LINE_MAX_CHARACTERS = 90  # of a line with a date
_ALONE_MAX_CHARACTERS = 40  # of a line that says little but a date
_BLOCKS_BEFORE, _BLOCKS_AFTER = 2, 10  # around the heading
_LIST_MIN_DAYS: Final = 5  # in the short lines of a page; with so many it may be a list of texts


@dataclasses.dataclass(frozen=True, slots=True)
class PublicationDate:
    """The date as ISO 8601, or None, and the warnings about it.

    `date_is_of_update`: the page names only the day of its last change. `dates_contradict:published`: the
    page names another day as that of its publication.
    """

    date: str | None
    warnings: tuple[str, ...] = ()


def publication_date(
    parsed: Parsed,
    articles: Sequence[Mapping[str, Any]],
    bylines: Sequence[str],
    url: str,
    authors: Sequence[str],
) -> PublicationDate:
    """Return the day on which a page's text was published; a page about a product or a service has none.

    `articles` are the JSON-LD objects of its text, `bylines` the lines that were removed as such. A page that
    has an author, or the URL of a post, is one text: for it the last ways are tried too.
    """
    texts = [item for item in articles if _TEXT_TYPES.search(str(item.get("@type", "")))]
    if _is_front(url) or (not texts and "product" in parsed.meta.get("og:type", ())):
        return PublicationDate(None)
    page = _lines_of(parsed)
    is_one_text = bool(authors) or bool(_POST_URL.search(url))
    tagged = [*_meta(parsed, _META), *_values(texts, "datePublished"), *_values(texts, "dateCreated")]
    for candidates in _candidates(parsed, page, tagged, bylines, url, is_one_text=is_one_text):
        if found := _first(candidates):
            return PublicationDate(_with_time(found, tagged), _contradictions(found, page))
    return _of_single_text(parsed, page) if is_one_text else PublicationDate(None)


class _Lines(NamedTuple):
    """The lines of a page without readers' comments: all blocks, the short ones, those around its heading."""

    blocks: Sequence[Block]
    short: Sequence[Block]
    near_heading: Sequence[str]


def _lines_of(parsed: Parsed) -> _Lines:
    readers = in_comments(parsed.blocks)
    blocks = [block for i, block in enumerate(parsed.blocks) if i not in readers]
    short = list(itertools.islice(filter(_is_short, blocks), _MAX_SHORT_LINES))
    return _Lines(blocks, short, _near_heading(blocks))


def _candidates(
    parsed: Parsed,
    page: _Lines,
    tagged: Sequence[str],
    bylines: Sequence[str],
    url: str,
    *,
    is_one_text: bool,
) -> Iterator[Iterable[str]]:
    """Yield the candidates of each way, the surest first; `tagged` are the dates in tags and JSON-LD.

    Dates in the lines of a page that may be a list of texts do not count, unless it is one text.
    """
    may_be_one_text = is_one_text or not _is_list(page.short)
    yield _of_url(url)
    yield _meta(parsed, _META)
    yield map(_without_other_days, page.near_heading) if may_be_one_text else ()
    yield (_without_other_days(block.text) for block in page.short if _PUBLISHED.search(block.text))
    yield _below_labels(page.short)
    yield tagged
    yield _meta(parsed, _META_OF_ANY_DAY)
    yield _times(parsed, _PUBLISHED_CLASS)
    yield map(_without_other_days, _in_date_elements(page.blocks)) if may_be_one_text else ()
    yield map(_without_other_days, bylines)


def _with_time(day: str, tagged: Iterable[str]) -> str:
    """Return the first tagged date of a day, which may have its time; else the day."""
    dates = (date for value in tagged if (date := first_date(value)))
    return next((date for date in dates if date.startswith(day)), day)


def _contradictions(found: str, page: _Lines) -> tuple[str, ...]:
    """Warn where a line near the heading names another day as that of the publication."""
    lines = (line for line in page.near_heading if _PUBLISHED.search(line))
    published = _first(map(_without_other_days, lines))
    return ("dates_contradict:published",) if published and published[:10] != found[:10] else ()


def _of_single_text(parsed: Parsed, page: _Lines) -> PublicationDate:
    """Return the date by the ways that are only safe where a page is one text.

    These are its `<time>`, the day of its update, and a day that stands alone.
    """
    if found := _first(_times(parsed)):
        return PublicationDate(found)
    if found := _first(line for line in page.near_heading if _UPDATED.search(line)):
        return PublicationDate(found, ("date_is_of_update",))
    if found := _first(_values(parsed.jsonld, "datePublished")):
        return PublicationDate(found)
    if found := _first(
        block.text for block in page.short if _UPDATED.search(block.text[:_ALONE_MAX_CHARACTERS])
    ):
        return PublicationDate(found, ("date_is_of_update",))
    alone = (
        block.text
        for block in page.short
        if len(block.text) <= _ALONE_MAX_CHARACTERS and not block.flags & _BESIDE
    )
    return PublicationDate(None if _is_list(page.short) else _first(map(_without_other_days, alone)))


def _is_short(block: Block) -> bool:
    return len(block.text) <= _LINE_MAX_CHARACTERS and "hidden" not in block.flags


def _is_front(url: str) -> bool:
    """Tell whether a URL is that of a site's front page."""
    parts = urlsplit(url)
    return bool(parts.netloc) and not parts.path.strip("/") and not parts.query


def _is_list(short: Sequence[Block]) -> bool:
    """Tell whether a page names so many days that it may be a list of texts."""
    days = (date[:10] for block in short if (date := first_date(block.text)))
    return len(set(itertools.islice(days, 10 * _LIST_MIN_DAYS))) >= _LIST_MIN_DAYS


def _first(values: Iterable[str]) -> str | None:
    return next((date for value in values if (date := first_date(value))), None)


def _meta(parsed: Parsed, names: Iterable[str]) -> Iterator[str]:
    return (value for name in names for value in parsed.meta.get(name, ()))


def _values(items: Iterable[Mapping[str, Any]], key: str) -> Iterator[str]:
    return (value for item in items if isinstance(value := item.get(key), str))


def _without_other_days(line: str) -> str:
    """Return the part of a line that can have the date of publication, without updates and dates of effect.

    `May 4, 2019 - updated June 1, 2020` was published in May.
    """
    if _SENTENCE.search(line) and not _PUBLISHED.search(line):
        return ""
    if _OTHER_DAY.search(line):
        return ""
    line = _IN_FORCE.split(_UPDATED.split(line, maxsplit=1)[0], maxsplit=1)[0]
    return line if line.isascii() else _IN_FORCE_ZH.sub("", line)


def _below_labels(short: Sequence[Block]) -> Iterator[str]:
    """Yield the lines that are a date alone, below a label.

    What a text's first line says is not its date.
    """
    return (
        below.text
        for label, below in itertools.pairwise(short)
        if _LABEL.match(label.text) and is_date_line(below.text)
    )


def _near_heading(blocks: Sequence[Block]) -> list[str]:
    """Return the short lines around the page's main heading: bylines that no markup names."""
    heading = next(
        (i for i, block in enumerate(blocks) if block.level == 1 and "hidden" not in block.flags), None
    )
    if heading is None:
        return []
    around = blocks[max(0, heading - _BLOCKS_BEFORE) : heading + _BLOCKS_AFTER]
    return [
        block.text
        for block in around
        if len(block.text) <= _LINE_MAX_CHARACTERS and block.level != 1 and not NUMBERED.match(block.text)
    ]


def _in_date_elements(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield short lines in the first half of a page whose element is named for a date.

    A line below a label for another date, such as a deadline, is left out.
    """
    half = (blocks[-1].offset + len(blocks[-1].text)) * _FIRST_PART_SHARE if blocks else 0
    for before, block in itertools.pairwise((Block("", "", ""), *blocks)):
        if block.offset > half:
            return
        place = f"{block.path.rpartition('/')[2]} {block.inline}"
        if (
            len(block.text) <= _LINE_MAX_CHARACTERS
            and not block.flags & _BESIDE
            and _DATE_CLASS.search(place)
            and not (len(before.text) <= _ALONE_MAX_CHARACTERS and _OTHER_DAY.search(before.text))
        ):
            yield block.text


def _times(parsed: Parsed, marked: re.Pattern[str] | None = None) -> Iterator[str]:
    """Yield the first `<time>` outside of comments; with `marked`, the first marked as publication."""
    for node in parsed.tree.css("time[datetime]"):
        names = f"{node.attributes.get('class')} {[*node.attributes]} {node.attributes.get('itemprop')}"
        if (marked is None or marked.search(names)) and not is_in_comments(node):
            yield node.attributes.get("datetime") or ""
            return


def _of_url(url: str) -> Iterator[str]:
    """Yield the date in a URL."""
    if match := _URL.search(url):
        yield "-".join(match.groups())
    elif match := _URL_MONTH.search(url):
        yield f"{match[3]} {match[2]} {match[1]}"
