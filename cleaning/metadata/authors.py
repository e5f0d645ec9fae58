"""The authors of a page, from its byline, its JSON-LD or its meta tags. A name is kept as the page writes it.

The order of the ways, and the words below, were chosen on labelled pages of seven types
(benchmarks/documents.py draws the rate). There a visible byline was right more often than a tag. Readers who
comment are no authors: what stands among comments is left out.
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
_NAME_MAX_CHARACTERS: Final = 100  # what is longer is a sentence
_LINE_MAX_CHARACTERS: Final = 160  # of a line with a byline
_BLOCKS_BEFORE, _BLOCKS_AFTER = 3, 14  # around the page's heading, among which its byline stands
_INNER_STEPS: Final = 3  # innermost elements, whose classes tell what a line is
_MAX_AUTHORS: Final = 10
_AUTHOR_LINKS: Final = "a[rel~=author], [itemprop~=author], a[href*='/author/'], a[href*='/authors/']"

# The words before a name: at the start of a line, inside it, in Chinese.
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
# The words behind a name on its line: where and when.
_BEHIND_NAME: Final = re.compile(
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
# Classes of elements with an author, and of those with other people.
_AUTHOR_CLASS: Final = re.compile(
    r"(?i)author|byline|writer|contributor|creator|poster\b|user-?name|\bfn\b|person-listing|post-signature\.owner"
)
_OTHER_PEOPLE_CLASS: Final = re.compile(
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
    """Return the page's authors by the surest way that names any.

    `articles` are the JSON-LD objects of its text, `bylines` the lines that were removed as such.
    """
    for candidates in _candidates(parsed, articles, bylines):
        names = dict.fromkeys(name for text in candidates if (name := _name(text)))
        if names:
            return tuple(names)[:_MAX_AUTHORS]
    return ()


def _candidates(
    parsed: Parsed, articles: Sequence[Mapping[str, Any]], bylines: Sequence[str]
) -> Iterator[Iterable[str]]:
    """Yield the candidates of each way, the surest first; a way is tried only if those before it fail."""
    near = list(_near_heading(parsed))
    structured = [one for item in articles for one in _jsonld_names(item.get("author"), _by_id(parsed))]
    yield _first(_by_lines(block.text for block in near))
    yield [name for name, person in structured if person]
    yield [value for name in _META for value in parsed.meta.get(name, ())]
    yield _first(_names_beside_dates(near))
    yield _first(_by_lines(bylines))
    yield _first(_in_author_elements(near))
    yield _first(_in_author_elements(parsed.blocks))
    yield _first(_author_links(parsed))
    yield _first(_by_lines_below(parsed))
    yield [name for name, person in structured if not person]
    yield _first(_by_lines_zh((*bylines, *(block.text for block in parsed.blocks))))


def _first(names: Iterable[str]) -> list[str]:
    return [name for name in names if _name(name)][:1]


def _by_id(parsed: Parsed) -> Mapping[str, Mapping[str, Any]]:
    """Return the named objects of a JSON-LD graph by the id with which other objects refer to them."""
    return {str(item["@id"]): item for item in parsed.jsonld if item.get("@id") and item.get("name")}


def _jsonld_names(author: Any, known: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, bool]]:
    """Yield the names of a JSON-LD author, each with whether it is a person's."""
    if isinstance(author, str):
        yield author, True
    elif isinstance(author, Mapping):
        whole = author if author.get("name") else known.get(str(author.get("@id", "")), {})
        for name, _ in _jsonld_names(whole.get("name"), {}):
            yield name, "Organization" not in str(whole.get("@type", ""))
    elif isinstance(author, list):
        for one in author[:20]:
            yield from _jsonld_names(one, known)


def _near_heading(parsed: Parsed) -> Iterator[Block]:
    """Yield the short lines around the page's main heading."""
    blocks = parsed.blocks
    heading = next(
        (i for i, block in enumerate(blocks) if block.level == 1 and "hidden" not in block.flags), None
    )
    if heading is None:
        return
    readers = in_comments(blocks)
    for i in range(max(0, heading - _BLOCKS_BEFORE), min(heading + _BLOCKS_AFTER, len(blocks))):
        block = blocks[i]
        if (
            i not in readers
            and not block.flags & _BESIDE
            and len(block.text) <= _LINE_MAX_CHARACTERS
            and block.level != 1
        ):
            yield block


def _by_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the names behind "by", "author:" and the like."""
    for line in lines:
        if len(line) > _LINE_MAX_CHARACTERS or not _BY_WORDS.search(line):
            continue
        if match := _BY.search(line.removeprefix("- ")):
            yield match["name"]
        elif match := _BY_INSIDE.search(line):
            yield match["name"] or match["after"]


def _by_lines_zh(lines: Iterable[str]) -> Iterator[str]:
    """Yield the names behind 作者, 记者 and the like."""
    for line in lines:
        if (
            len(line) <= _LINE_MAX_CHARACTERS
            and not line.isascii()
            and (match := _BY_ZH.search(fold_line(line)))
        ):
            yield match[1]


def _by_lines_below(parsed: Parsed) -> Iterator[str]:
    """Yield the bylines that stand elsewhere.

    "By" opens many a sentence, so what follows must look like a name.
    """
    lines = (
        block.text
        for block in parsed.blocks
        if len(block.text) <= _LINE_MAX_CHARACTERS
        and _BY_WORDS.search(block.text)
        and (not block.flags & _BESIDE or "article" in block.flags)
        and not _OTHER_PEOPLE_CLASS.search(block.path)
    )
    return (name for name in _by_lines(lines) if _PERSON.search(_name(name)))


def _names_beside_dates(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the names that stand with a date on a line: `Ada Lovelace | May 4, 2019`."""
    for block in blocks:
        line = fold_line(block.text)
        if len(line) > _NAME_MAX_CHARACTERS or NUMBERED.match(line) or not (match := _DATED.search(line)):
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


def _in_author_elements(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the short lines in elements whose class or id names an author."""
    seen: dict[tuple[str, str], bool] = {}
    for block in blocks:
        if len(block.text) > _NAME_MAX_CHARACTERS or block.flags & _BESIDE:
            continue
        position = block.path, block.inline
        if position not in seen:
            seen[position] = _is_author_element(*position)
        if seen[position] and not first_date(block.text):
            yield block.text


def _is_author_element(path: str, inline: str) -> bool:
    inner = f"{'/'.join(path.rsplit('/', _INNER_STEPS)[1:])} {inline}"
    return bool(_AUTHOR_CLASS.search(inner)) and not _OTHER_PEOPLE_CLASS.search(path)


def _author_links(parsed: Parsed) -> Iterator[str]:
    """Yield the words of links to an author's page, without those among comments."""
    for node in parsed.tree.css(_AUTHOR_LINKS):
        classes = ""
        above: LexborNode | None = node
        while above is not None:
            classes += f" {above.attributes.get('class')} {above.attributes.get('id')}"
            above = above.parent
        if (
            not _OTHER_PEOPLE_CLASS.search(classes)
            and len(text := node.text(strip=True)) <= _NAME_MAX_CHARACTERS
        ):
            yield text


def _name(text: str) -> str:
    """Return the name in a text, without the words before and after it; "" where there is none."""
    name = " ".join(html.unescape(text).removeprefix("- ").split())
    name = _BEHIND_NAME.sub("", _OPENING.sub("", name)).strip(" ,;:|·•-–—")
    return "" if len(name) > _NAME_MAX_CHARACTERS or len(name) < 2 or _NO_NAME.search(name) else name
