"""The shapes of URLs, and the pattern that separates a site's documents from its other pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from web.urls import parse

# Folders of lists, shops and accounts, which hold no documents.
_NON_DOCUMENT_FOLDER = re.compile(
    r"tags?|categor(?:y|ies)|topics?|authors?|users?|members?|account|login|log-in|signin|register|search|feed|rss"
    r"|page|cart|shop|cdn-cgi|wp-(?:content|admin|json|login\.php)|share|print|comments?|attachment|assets|static"
    r"|images?|css|js|fonts|media|uploads?"
)
# Pages that most sites have one of.
_ABOUT_PAGE = re.compile(
    r"(?:about|contact|imprint|impressum|privacy|terms|copyright|disclaimer|legal|accessibility|cookies?|sitemap"
    r"|help|faq|home|index|default|login|subscribe|newsletter|jobs|careers|links?|who-we-are|team)"
    r"(?:[-_](?:us|policy|notice|statement|conditions|of-use|of-service|and-conditions|map|page))?(?:\.\w+)?"
)
_FILE_EXTENSION = re.compile(
    r"\.(?:css|js|json|xml|png|jpe?g|gif|svg|ico|webp|mp[34]|zip|rar|docx?|xlsx?|pptx?|pdf)", re.IGNORECASE
)
# The last segment of a page with a number as its name: 123.html, c_1234.htm, t20240101_55.shtml.
_NUMBERED_NAME = re.compile(r"[a-z]{0,12}[_-]?\d+(?:[_-]\d+)*", re.IGNORECASE)
# The pages of a listing, which have numbers too.
_LISTING_NAME = re.compile(r"(?:index|list|page|default)[_-]?\d*", re.IGNORECASE)
_ID_PARAMETER = re.compile(r"p|.*(?:id|no|num|key|code|article|doc)", re.IGNORECASE)
# A query value this long is a key or a hash.
_MIN_KEY_CHARACTERS = 24
# More alternative folders than this are written as any folder.
_MAX_ALTERNATIVES = 8

# A kind of shape with a smaller share of the URLs is none of documents.
_MIN_KIND_SHARE = 0.05

_ANY_SEGMENT = r"[^/?#]+"


@dataclass(frozen=True, slots=True)
class Shape:
    """A URL as regular expressions, with the varying parts generalized.

    `folders` has one expression for each folder (a folder without digits stands for itself), `last` is that
    of the last segment, `query` that of the query. `slash` says whether the path ends with one.
    """

    folders: tuple[str, ...]
    last: str
    query: str
    slash: bool

    @property
    def kind(self) -> tuple[int, str, str, bool]:
        """What shapes must have in common to be written as one pattern."""
        return len(self.folders), self.last, self.query, self.slash


def shape_of(url: str) -> Shape | None:
    """Return the shape of a URL that may be a document; None for lists, files, front pages and the like."""
    parsed = parse(url)
    if parsed is None:
        return None
    *folders, last = [segment for segment in parsed.path.split("/") if segment] or [""]
    names = [folder.lower() for folder in folders]
    stem, dot, extension = last.partition(".") if re.search(r"\.\w{2,5}$", last) else (last, "", "")
    if any(map(_NON_DOCUMENT_FOLDER.fullmatch, names)) or _FILE_EXTENSION.fullmatch(f".{extension}"):
        return None
    query = _query(parsed.query)
    if not query and (not last or _LISTING_NAME.fullmatch(stem) or _ABOUT_PAGE.fullmatch(last.lower())):
        return None
    if not query and _NON_DOCUMENT_FOLDER.fullmatch(last.lower()):
        return None
    return Shape(
        tuple(_folder(folder) for folder in folders),
        (_stem(stem, in_words=bool(query)) + _literal(dot + extension)) if last else "",
        query,
        parsed.path.endswith("/") and bool(last),
    )


def group_by_shape(urls: Iterable[str]) -> dict[Shape, list[str]]:
    """Group the distinct URLs that may be documents by shape, the largest group first."""
    found: dict[Shape, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        if shape := shape_of(url):
            found[shape].append(url)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def document_groups(urls: Collection[str]) -> dict[Shape, list[str]]:
    """Return the groups of URLs that are a site's documents, judged by the URLs alone.

    Left out are rare kinds of shape, and pages at the root where there are three times as many in folders:
    such root pages are about the site itself.
    """
    kinds: dict[tuple[int, str, str, bool], list[Shape]] = defaultdict(list)
    groups = group_by_shape(urls)
    for shape in groups:
        kinds[shape.kind].append(shape)
    sizes = {kind: sum(len(groups[shape]) for shape in shapes) for kind, shapes in kinds.items()}
    total = sum(sizes.values())
    at_root = {kind for kind in kinds if kind[0] == 0 and not kind[2] and kind[1].startswith(_ANY_SEGMENT)}
    in_folders = sum(size for kind, size in sizes.items() if kind not in at_root)
    kept = {
        kind
        for kind, size in sizes.items()
        if size >= _MIN_KIND_SHARE * total and not (kind in at_root and in_folders >= 3 * size)
    }
    return {shape: members for shape, members in groups.items() if shape.kind in kept}


def pattern(shapes: Iterable[Shape]) -> str:
    """Return a regular expression, anchored at both ends, for URLs of these shapes; "" for no shape."""
    kinds: dict[tuple[int, str, str, bool], list[Shape]] = defaultdict(list)
    for shape in shapes:
        kinds[shape.kind].append(shape)
    paths = sorted(_path(same) for same in kinds.values())
    if not paths:
        return ""
    return rf"^https?://[^/]+{paths[0]}$" if len(paths) == 1 else rf"^https?://[^/]+(?:{'|'.join(paths)})$"


def _path(shapes: list[Shape]) -> str:
    """Return the pattern of shapes of one kind: differing folders as alternatives, many as any folder."""
    folders = []
    for names in zip(*(shape.folders for shape in shapes), strict=True):
        distinct = sorted(set(names))
        if len(distinct) == 1:
            folders.append(distinct[0])
        else:
            folders.append(
                f"(?:{'|'.join(distinct)})" if len(distinct) <= _MAX_ALTERNATIVES else _ANY_SEGMENT
            )
    first = shapes[0]
    path = "".join(f"/{part}" for part in (*folders, first.last) if part or not folders)
    return path + ("/" if first.slash or (folders and not first.last) else "") + first.query


def _folder(name: str) -> str:
    return re.sub(r"\d+", r"\\d+", _literal(name))


def _literal(text: str) -> str:
    """Return a pattern for a text; outside a character class, a hyphen needs no escape."""
    return re.escape(text).replace("\\-", "-")


def _stem(stem: str, *, in_words: bool) -> str:
    """Return the pattern of a last segment: digits generalized, a name as it is before a query, else any."""
    if _NUMBERED_NAME.fullmatch(stem):
        return _folder(stem)
    return _literal(stem) if in_words else _ANY_SEGMENT


def _query(query: str) -> str:
    """Return the pattern of a query that identifies a page by a number or a key; "" for any other query."""
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    parts = []
    for key, value in pairs:
        if re.search(r"\d", value) and _ID_PARAMETER.fullmatch(key):
            parts.append(rf"{_literal(key)}=\d+" if value.isdecimal() else rf"{_literal(key)}=[^&#]+")
        elif len(value) >= _MIN_KEY_CHARACTERS:
            parts.append(rf"{_literal(key)}=[^&#]+")
        else:
            parts.append(rf"{_literal(key)}={_literal(value)}")
    return r"\?" + "&".join(parts) if any(part.endswith(("+", "]+")) for part in parts) else ""
