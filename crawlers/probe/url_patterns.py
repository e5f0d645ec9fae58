"""What URLs have in common: their shapes, and the pattern that tells a site's pages from the rest."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from web.urls import parse

# Folders of lists, shops and accounts: what lies in them is no document.
_OTHERS = re.compile(
    r"tags?|categor(?:y|ies)|topics?|authors?|users?|members?|account|login|log-in|signin|register|search|feed|rss"
    r"|page|cart|shop|cdn-cgi|wp-(?:content|admin|json|login\.php)|share|print|comments?|attachment|assets|static"
    r"|images?|css|js|fonts|media|uploads?"
)
# Pages that every site has one of.
_ABOUT = re.compile(
    r"(?:about|contact|imprint|impressum|privacy|terms|copyright|disclaimer|legal|accessibility|cookies?|sitemap"
    r"|help|faq|home|index|default|login|subscribe|newsletter|jobs|careers|links?|who-we-are|team)"
    r"(?:[-_](?:us|policy|notice|statement|conditions|of-use|of-service|and-conditions|map|page))?(?:\.\w+)?"
)
_FILES = re.compile(
    r"\.(?:css|js|json|xml|png|jpe?g|gif|svg|ico|webp|mp[34]|zip|rar|docx?|xlsx?|pptx?|pdf)", re.IGNORECASE
)
# The last segment of a page that has a number for a name: 123.html, c_1234.htm, t20240101_55.shtml.
_NUMBERED = re.compile(r"[a-z]{0,12}[_-]?\d+(?:[_-]\d+)*", re.IGNORECASE)
# A listing's own sheets bear numbers too.
_SHEET = re.compile(r"(?:index|list|page|default)[_-]?\d*", re.IGNORECASE)
_SESSION_LIKE = 24  # a value this long is a key or a hash
# Folders that may stand by name in a pattern; of more, any will do.
_NAMED = 8

_ANY = r"[^/?#]+"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is left of a URL when what varies is taken out.

    `folders` are regular expressions of its folders, `last` of its last segment, `query` of its query; a
    folder in words stands as itself. `slash` tells whether it ends with one.
    """

    folders: tuple[str, ...]
    last: str
    query: str
    slash: bool

    @property
    def kind(self) -> tuple[int, str, str, bool]:
        """What shapes must share to be written as one pattern."""
        return len(self.folders), self.last, self.query, self.slash


def shape_of(url: str) -> Shape | None:
    """The shape of a URL that may be a page; None for lists, files, front pages and the like."""
    parsed = parse(url)
    if parsed is None:
        return None
    *folders, last = [segment for segment in parsed.path.split("/") if segment] or [""]
    names = [folder.lower() for folder in folders]
    stem, dot, extension = last.partition(".") if re.search(r"\.\w{2,5}$", last) else (last, "", "")
    if any(map(_OTHERS.fullmatch, names)) or _FILES.fullmatch(f".{extension}"):
        return None
    query = _query(parsed.query)
    if not query and (not last or _SHEET.fullmatch(stem) or _ABOUT.fullmatch(last.lower())):
        return None
    if not query and _OTHERS.fullmatch(last.lower()):
        return None
    return Shape(
        tuple(_folder(folder) for folder in folders),
        (_stem(stem, in_words=bool(query)) + _literal(dot + extension)) if last else "",
        query,
        parsed.path.endswith("/") and bool(last),
    )


def groups(urls: Iterable[str]) -> dict[Shape, list[str]]:
    """The URLs that may be pages, by shape, each once; the largest group first."""
    found: dict[Shape, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        if shape := shape_of(url):
            found[shape].append(url)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def pages_of(urls: Collection[str], least: float = 0.05) -> dict[Shape, list[str]]:
    """The groups of URLs that are a site's pages, where nothing but the URLs is known.

    Kinds of shape with fewer than a share `least` of the URLs are left out; so are pages at the root, where
    those in folders are three times as many: there they are the site's own pages.
    """
    kinds: dict[tuple[int, str, str, bool], list[Shape]] = defaultdict(list)
    found = groups(urls)
    for shape in found:
        kinds[shape.kind].append(shape)
    sizes = {kind: sum(len(found[shape]) for shape in shapes) for kind, shapes in kinds.items()}
    total = sum(sizes.values())
    at_root = {kind for kind in kinds if kind[0] == 0 and not kind[2] and kind[1].startswith(_ANY)}
    in_folders = sum(size for kind, size in sizes.items() if kind not in at_root)
    kept = {
        kind
        for kind, size in sizes.items()
        if size >= least * total and not (kind in at_root and in_folders >= 3 * size)
    }
    return {shape: members for shape, members in found.items() if shape.kind in kept}


def pattern(shapes: Iterable[Shape]) -> str:
    """The regular expression, anchored at both ends, that the URLs of these shapes match; "" for no shape."""
    kinds: dict[tuple[int, str, str, bool], list[Shape]] = defaultdict(list)
    for shape in shapes:
        kinds[shape.kind].append(shape)
    paths = sorted(_path(same) for same in kinds.values())
    if not paths:
        return ""
    return rf"^https?://[^/]+{paths[0]}$" if len(paths) == 1 else rf"^https?://[^/]+(?:{'|'.join(paths)})$"


def _path(shapes: list[Shape]) -> str:
    """The pattern of shapes of one kind: folders that differ as alternatives, or as any folder."""
    folders = []
    for names in zip(*(shape.folders for shape in shapes), strict=True):
        distinct = sorted(set(names))
        if len(distinct) == 1:
            folders.append(distinct[0])
        else:
            folders.append(f"(?:{'|'.join(distinct)})" if len(distinct) <= _NAMED else _ANY)
    first = shapes[0]
    path = "".join(f"/{part}" for part in (*folders, first.last) if part or not folders)
    return path + ("/" if first.slash or (folders and not first.last) else "") + first.query


def _folder(name: str) -> str:
    return re.sub(r"\d+", r"\\d+", _literal(name))


def _literal(text: str) -> str:
    """A text as a pattern; the hyphen that `re.escape` escapes needs it in no place where it stands here."""
    return re.escape(text).replace("\\-", "-")


def _stem(stem: str, *, in_words: bool) -> str:
    """A last segment: a number folded; with a query behind it as it is; else any name."""
    if _NUMBERED.fullmatch(stem):
        return _folder(stem)
    return _literal(stem) if in_words else _ANY


def _query(query: str) -> str:
    """The pattern of a query that names one page by a number or a key; "" for none, or for another."""
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    parts = []
    for key, value in pairs:
        if re.search(r"\d", value) and re.fullmatch(
            r"p|.*(?:id|no|num|key|code|article|doc)", key, re.IGNORECASE
        ):
            parts.append(rf"{_literal(key)}=\d+" if value.isdecimal() else rf"{_literal(key)}=[^&#]+")
        elif len(value) >= _SESSION_LIKE:
            parts.append(rf"{_literal(key)}=[^&#]+")
        else:
            parts.append(rf"{_literal(key)}={_literal(value)}")
    return r"\?" + "&".join(parts) if any(part.endswith(("+", "]+")) for part in parts) else ""
