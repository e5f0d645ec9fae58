"""Who wrote a page: by its byline, its JSON-LD, its meta tags. A name is kept as the page writes it.

The order of the ways, and the words below, were chosen on labelled pages of seven types, where a byline
that a reader sees was right more often than a tag (benchmarks/documents.py draws the rate). Readers who
comment are no authors: what stands among comments is passed over.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from selectolax.lexbor import LexborNode

from cleaning.page.parse import Block, Parsed
from cleaning.rules.comments import in_comments
from cleaning.text.dates import ANY_DATE, first_date
from cleaning.text.lines import HAN, NUMBERED, fold_line

_META: Final = (
    "author", "article:author", "dc.creator", "dcterms.creator", "byl", "parsely-author", "sailthru.author",
    "citation_author",
)  # fmt: skip
_NAME_MAX: Final = 100  # characters; what is longer is a sentence
_LINE_MAX: Final = 160  # characters of a line that holds a byline
_BEFORE, _AFTER = 3, 14  # blocks around the page's heading among which its byline stands
_PLACE: Final = 3  # innermost elements whose classes say what a line is
_MANY: Final = 10
_LINKS: Final = "a[rel~=author], [itemprop~=author], a[href*='/author/'], a[href*='/authors/']"

# What leads to a name at the start of a line, further on in it, in Chinese.
_BY: Final = re.compile(
    r"(?i)^\W*(?:(?:(?:article|story|words|post|posted|written|authored|published|reported|created|submitted"
    r"|started|asked|guest|this|was) )*\bby\b|authors?\s*:|thread starter|author\b(?=\s[A-Z]))\s*:?\s*"
    r"(?P<name>\S.*)$"
)
_BY_INSIDE: Final = re.compile(
    r"(?i:\b(?:written|posted|published|submitted|started)\b[^.]{0,40}?\bby)\s*:?\s+(?P<name>\S.*)$"
    r"|(?:\d{4}|[·•|–—-])\s+[Bb]y:?\s+(?P<after>[A-Z]\S.*)$"
)
_BY_ZH: Final = re.compile(
    r"(?:作者|记者|撰文|责任编辑|责编)\s*[:丨|/]\s*([\u4e00-\u9fff·]{2,4})(?=$|[\s)\]】、,])"
)
_BY_WORDS: Final = re.compile(r"[Bb][Yy]\b|[Aa]uthor|AUTHOR|[Tt]hread starter")
_OPENING: Final = re.compile(r"(?i)^(?:by|from)\b\s*:?\s*|^By(?=[A-Z])")
# What follows a name on its line: where and when.
_REST: Final = re.compile(
    r"\s+(?:[|·•●⋅–—»-]|on\b|in\b|at\b|to\b)\s.*$|\s*[|·•●⋅»].*$|\s*[–—]\s.*$"
    r"|,?\s*\(?\b(?:[Ll]ast )?(?:[Uu]pdated|[Pp]ublished|[Pp]osted|[Mm]odified|[Rr]eviewed)\b.*$"
    r"|,?\s*\(?\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d.*$|,?\s*\d{1,4}[\s/.-].*$"
)
_NO_NAME: Final = re.compile(
    r"(?i)^(?:https?:|www\.|@|\d+$|about\b|read\b|more\b|view\b|see\b|follow\b|share\b|all\b|posts?\b|bio\b|by$"
    r"|(?:the )?authors?$|(?:admin|administrator|editor|staff|unknown|none|null|undefined|guest|anonymous)$"
    r"|written\b|posted\b|published\b|updated\b|reviewed\b|contributors?$|editor'?s? (?:picks?|note)"
    r"|join(?:ed)?\b|(?:last )?(?:modified|edited)\b|meet\b|member\b|log ?in|sign)|^\W*$|[?!:]$"
)
# Classes of what holds an author, and of what holds other people.
_MARKED: Final = re.compile(
    r"(?i)author|byline|writer|contributor|creator|poster\b|user-?name|\bfn\b|person-listing|post-signature\.owner"
)
_ELSEWHERE: Final = re.compile(
    r"(?i)comment|repl(?:y|ies)|related|recent|sidebar|widget|testimonial|quote|card|carousel|popular|trending"
)
_BESIDE: Final = frozenset({"nav", "footer", "form", "hidden", "control", "quote"})
# Up to six words that all begin like names; a lone nickname is a word without spaces.
_PERSON: Final = re.compile(
    r"^(?:(?:[A-ZÀ-Þ][\w.'’()-]*|de|van|von|der|bin|al|la)(?:,? |$)){1,6}$|^[\w.-]{2,30}$"
)
_NO_PERSON: Final = re.compile(
    r"(?i)^(?:(?:by|on|in|at|updated|published|posted|modified|reviewed|created|started|edited|blog|news"
    r"|articles?|guides?|minutes?|mins?|read|last|home|date|time|author|written|first|post|edition"
    r"|press release|am|pm|est|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|originally|latest"
    r"|edt|gmt|utc"
    # What laws, notices and judgments do on a day, and what they are called.
    r"|effective|enact(?:ed|ment)|adopt(?:ed|ion)|approv(?:ed|al)|issued?|made|laid|signed|commence(?:[sd]|ment)?"
    r"|passed|assent(?:ed)?|gazetted?|dated|expir(?:es|ed|y)|clos(?:es|ed|ing)|open(?:s|ed|ing)|deadline|due"
    r"|valid|version|revis(?:ed|ion)|amend(?:ed|ment)|repealed|decided|decision|judge?ment|opinion|order|ruling"
    r"|filed|entered|heard|hearing|delivered|released?|announced|publication|consultation|speech|statement"
    r"|notice|report|public|law|act|decree|directive|regulations?|rules?|bill|of|from|until|since|starts?|ends?|begins?"
    r")\b\W*)+$|\b(?:min(?:ute)?s?|read|views?|comments?)\b"
)
# What may stand on the other side of the date, beside a name or a label: an hour, a post's number.
_NUMBERS: Final = re.compile(r"(?i)^[\W\d]*(?:[ap]m)?[\W\d]*$")
_CLAUSE: Final = re.compile(r"\W*\d+\W+[^\W\d]")  # a numbered clause speaks of the day: "Sec. 3. This Act"
_DATELINE: Final = re.compile(r"^[A-Z]\w+,$")
_HANZI: Final = re.compile(f"[{HAN}]")
_ARTICLE: Final = re.compile(r"(?:An?|The)\s")  # An Act, of such a day
_DATED: Final = re.compile(
    rf"(?:(?:Mon|Tues?|Wednes|Thurs?|Fri|Satur|Sun)(?:day)?,? )?{ANY_DATE}"
    r"(?:,? (?:at )?\d{1,2}:\d{2}\s?(?:[ap]m)?)?"
)


def authors_of(
    parsed: Parsed, articles: Sequence[Mapping[str, Any]], bylines: Sequence[str]
) -> tuple[str, ...]:
    """The page's authors, by the surest way that names any.

    `articles` are the JSON-LD objects of its text, `bylines` the lines that were removed as such.
    """
    for given in _ways(parsed, articles, bylines):
        names = dict.fromkeys(name for text in given if (name := _name(text)))
        if names:
            return tuple(names)[:_MANY]
    return ()


def _ways(
    parsed: Parsed, articles: Sequence[Mapping[str, Any]], bylines: Sequence[str]
) -> Iterator[Iterable[str]]:
    """What each way of telling names, the surest first; each is asked only where those before it are mute."""
    near = list(_near_title(parsed))
    told = [one for item in articles for one in _told(item.get("author"), _by_id(parsed))]
    yield _first(_by_lines(block.text for block in near))
    yield [name for name, person in told if person]
    yield [value for name in _META for value in parsed.meta.get(name, ())]
    yield _first(_beside_dates(near))
    yield _first(_by_lines(bylines))
    yield _first(_marked(near))
    yield _first(_marked(parsed.blocks))
    yield _first(_linked(parsed))
    yield _first(_by_lines_below(parsed))
    yield [name for name, person in told if not person]
    yield _first(_by_lines_zh((*bylines, *(block.text for block in parsed.blocks))))


def _first(names: Iterable[str]) -> list[str]:
    return [name for name in names if _name(name)][:1]


def _by_id(parsed: Parsed) -> Mapping[str, Mapping[str, Any]]:
    """The named objects of a JSON-LD graph, by the id with which others speak of them."""
    return {str(item["@id"]): item for item in parsed.jsonld if item.get("@id") and item.get("name")}


def _told(author: Any, known: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, bool]]:
    """The names of a JSON-LD author, each with whether it is a person's."""
    if isinstance(author, str):
        yield author, True
    elif isinstance(author, Mapping):
        whole = author if author.get("name") else known.get(str(author.get("@id", "")), {})
        for name, _ in _told(whole.get("name"), {}):
            yield name, "Organization" not in str(whole.get("@type", ""))
    elif isinstance(author, list):
        for one in author[:20]:
            yield from _told(one, known)


def _near_title(parsed: Parsed) -> Iterator[Block]:
    """The short lines around the page's main heading."""
    blocks = parsed.blocks
    heading = next(
        (i for i, block in enumerate(blocks) if block.level == 1 and "hidden" not in block.flags), None
    )
    if heading is None:
        return
    readers = in_comments(blocks)
    for i in range(max(0, heading - _BEFORE), min(heading + _AFTER, len(blocks))):
        block = blocks[i]
        if (
            i not in readers
            and not block.flags & _BESIDE
            and len(block.text) <= _LINE_MAX
            and block.level != 1
        ):
            yield block


def _by_lines(lines: Iterable[str]) -> Iterator[str]:
    """The names behind "by", "author:" and their like."""
    for line in lines:
        if len(line) > _LINE_MAX or not _BY_WORDS.search(line):
            continue
        if match := _BY.search(line.removeprefix("- ")):
            yield match["name"]
        elif match := _BY_INSIDE.search(line):
            yield match["name"] or match["after"]


def _by_lines_zh(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) <= _LINE_MAX and not line.isascii() and (match := _BY_ZH.search(fold_line(line))):
            yield match[1]


def _by_lines_below(parsed: Parsed) -> Iterator[str]:
    """The bylines that stand elsewhere; "by" opens many a sentence, so what follows must look like a name."""
    lines = (
        block.text
        for block in parsed.blocks
        if len(block.text) <= _LINE_MAX
        and _BY_WORDS.search(block.text)
        and (not block.flags & _BESIDE or "article" in block.flags)
        and not _ELSEWHERE.search(block.path)
    )
    return (name for name in _by_lines(lines) if _PERSON.search(_name(name)))


def _beside_dates(blocks: Iterable[Block]) -> Iterator[str]:
    """The name that stands with a date on a line: `Ada Lovelace | May 4, 2019`."""
    for block in blocks:
        line = fold_line(block.text)
        if len(line) > _NAME_MAX or NUMBERED.match(line) or not (match := _DATED.search(line)):
            continue
        before, after = line[: match.start()].rstrip(), line[match.end() :]
        # A label; a place, "Brussels, 4 March"; in Chinese an office, or what happened on the day.
        if before.endswith(":") or _DATELINE.search(before) or _HANZI.search(before + after):
            continue
        parts = [part.strip(" |·•-–—,:") for part in (before, after)]
        for part, other in zip(parts, reversed(parts), strict=True):
            name = "" if _ARTICLE.match(part) else _name(part.partition("(")[0])
            if _CLAUSE.match(part.removeprefix(name)):
                continue
            if not (name and _PERSON.search(name) and not _NO_PERSON.search(name)):
                continue
            if _NUMBERS.match(other) or _NO_PERSON.search(other) or _PERSON.search(other):
                yield name


def _marked(blocks: Iterable[Block]) -> Iterator[str]:
    """The short lines whose elements are named for an author; many lines share the place they stand in."""
    places: dict[tuple[str, str], bool] = {}
    for block in blocks:
        if len(block.text) > _NAME_MAX or block.flags & _BESIDE:
            continue
        place = block.path, block.inline
        if place not in places:
            places[place] = _is_authors(*place)
        if places[place] and not first_date(block.text):
            yield block.text


def _is_authors(path: str, inline: str) -> bool:
    inner = f"{'/'.join(path.rsplit('/', _PLACE)[1:])} {inline}"
    return bool(_MARKED.search(inner)) and not _ELSEWHERE.search(path)


def _linked(parsed: Parsed) -> Iterator[str]:
    """The words of links to an author's page, not of those among comments."""
    for node in parsed.tree.css(_LINKS):
        classes = ""
        above: LexborNode | None = node
        while above is not None:
            classes += f" {above.attributes.get('class')} {above.attributes.get('id')}"
            above = above.parent
        if not _ELSEWHERE.search(classes) and len(text := node.text(strip=True)) <= _NAME_MAX:
            yield text


def _name(text: str) -> str:
    """The name in a text, without what leads to it and what follows; "" where there is none."""
    name = " ".join(html.unescape(text).removeprefix("- ").split())
    name = _REST.sub("", _OPENING.sub("", name)).strip(" ,;:|·•-–—")
    return "" if len(name) > _NAME_MAX or len(name) < 2 or _NO_NAME.search(name) else name
