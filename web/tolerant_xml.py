"""Tolerant reading of XML lists, such as feeds and sitemaps: an entry at a time, as a careful person reads.

A strict parser stops at the first fault of a file, and one that recovers makes up addresses: libxml2 reads
`?id=1&page=2` as `?id=1=2`. Here a bare ampersand is itself, an entity of HTML is its character, a prefix
needs no declaration, and an end tag closes what was left open inside. Nothing is loaded or expanded, and no
tree of the whole file is kept.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from html.entities import html5
from typing import Final

from web.urls import MAX_CHARACTERS, canonical, parse, site_key

_NAME: Final = r"""[A-Za-z_][^\s<>/"'=]*+"""
# What is not closed reaches to the end of the file, so that each character is looked at once.
_TOKEN: Final = re.compile(
    r"(?P<text>[^<]++)"
    r"|<!\[CDATA\[(?P<literal>.*?)(?:\]\]>|\Z)"
    r"|(?P<skipped><!--.*?(?:-->|\Z)|<[?!][^<>]*+>)"
    rf"|</(?P<end>{_NAME})[^<>]*+>"
    rf"|<(?P<start>{_NAME})(?P<attributes>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>"
    r"|(?P<stray><)",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(rf"""(?<![^\s"'])({_NAME})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,31});")
# Two numbers for one character, as UTF-16 has it: &#55357;&#56841; is an emoji.
_SURROGATE_PAIR: Final = re.compile(r"&#(5[5-6][0-9]{3});&#(5[6-7][0-9]{3});")
_UNREADABLE: Final = "\ufffd"
_NOT_IN_ADDRESSES: Final = re.compile(f"[{_UNREADABLE}\x00-\x08\x0b\x0e-\x1f\x7f]")
_LINE_BREAK: Final = re.compile(r"\s*[\r\n]\s*")
# Longer ones come from a list that is broken, and no address is as long.
_MAX_ADDRESS_CHARACTERS: Final = 4 * MAX_CHARACTERS


@dataclass(eq=False, slots=True)
class Element:
    """An element: its name and prefix in lower case, and the URL that its relative addresses start from.

    `texts` are those of the whole entry; the element's own are from `start` to `end`, and its first child
    begins at `words_end`.
    """

    name: str
    prefix: str
    attributes: Mapping[str, str]
    base: str
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    start: int = 0
    words_end: int | None = None
    end: int | None = None

    @property
    def text(self) -> str:
        """All text in the element."""
        return "".join(self.texts[self.start : self.end])

    @property
    def words(self) -> str:
        """The text before the first child: of `<loc>` left open, what follows is no part of the address."""
        return "".join(self.texts[self.start : self.end if self.words_end is None else self.words_end])

    def child(self, name: str) -> Element | None:
        """Return the first child of a name with this element's own prefix, so of no extension; or None."""
        return next((one for one in self.children if one.name == name and one.prefix == self.prefix), None)


class TolerantXml:
    """A list in XML, in text whose URL is given. `root` is None where no element is named as one of `roots`.

    `first_name` is the name of the first element. After `entries`, `is_cut` says whether the root is not
    closed.
    """

    def __init__(self, text: str, url: str, roots: Collection[str]) -> None:
        self.first_name = ""
        self.root: Element | None = None
        self.is_cut = True
        self._tokens = _TOKEN.finditer(text)
        for token in self._tokens:
            if token.lastgroup == "attributes":
                element = _element(token, url)
                self.first_name = self.first_name or element.name
                if element.name in roots:
                    self.root = element
                    return

    @property
    def why_unreadable(self) -> str:
        """What the text is instead, where it has no root."""
        return f"the root element is {self.first_name!r}" if self.first_name else "it contains no XML element"

    def entries(self, names: Collection[str]) -> Iterator[Element]:
        """Yield the outermost elements of these names; of one that the file cuts, with its whole children."""
        if self.root is None:
            return
        open_elements = _OpenElements(self.root, names)
        for token in self._tokens:
            if token.lastgroup == "attributes":
                element = _element(token, open_elements.base)
                yield from open_elements.start(element)
                if token["attributes"].endswith("/"):
                    yield from open_elements.end(element.prefix, element.name)
            elif token.lastgroup == "end":
                yield from open_elements.end(*_prefix_and_name(token["end"]))
            else:
                open_elements.add_text(token)
        self.is_cut = open_elements.is_root_open
        if open_elements.entry is not None:
            yield open_elements.entry


class _OpenElements:
    """The open elements of a file, the root first. `entry` is the outermost of the names among them, or None.

    Nothing is kept of what stands outside entries.
    """

    def __init__(self, root: Element, names: Collection[str]) -> None:
        self.base = root.base
        self.entry: Element | None = None
        self.is_root_open = True
        self._names = names
        self._stack = [root]
        self._counts = Counter([(root.prefix, root.name)])
        self._texts: list[str] = []

    def add_text(self, token: re.Match[str]) -> None:
        """Add text to the entry."""
        if self.entry is not None:
            self._texts.append(_characters(token))

    def start(self, element: Element) -> Iterator[Element]:
        """Open an element. Yields the entry that this ends: one of that name, which was left open before."""
        if self.entry is not None and (self.entry.prefix, self.entry.name) == (element.prefix, element.name):
            yield from self.end(element.prefix, element.name)
        if self.entry is None and element.name in self._names:
            self.entry, self._texts = element, []
        elif self.entry is not None and self._stack[-1].words_end is None:
            self._stack[-1].words_end = len(self._texts)
        element.texts, element.start = self._texts, len(self._texts)
        self._counts[element.prefix, element.name] += 1
        self._stack.append(element)
        self.base = element.base

    def end(self, prefix: str, name: str) -> Iterator[Element]:
        """Close the innermost element of a name, with all that is open in it. Yields the entry that ends."""
        if not self._counts[prefix, name]:
            return
        while self._stack:
            closed = self._pop()
            if closed is self.entry:
                self.entry = None
                yield closed
            if (closed.prefix, closed.name) == (prefix, name):
                return

    def _pop(self) -> Element:
        closed = self._stack.pop()
        closed.end = len(self._texts)
        self._counts[closed.prefix, closed.name] -= 1
        if not self._stack:
            self.is_root_open = False
        elif self.entry is not None and closed is not self.entry:
            self._stack[-1].children.append(closed)
        self.base = self._stack[-1].base if self._stack else closed.base
        return closed


def address(words: str, base: str) -> str | None:
    """Return the URL that a list gives for an entry; None for none, and where a part of it is unreadable.

    An address without a scheme that begins with the site's own name begins there: `laws.example/1`.
    """
    written = words.strip()
    if not 0 < len(written) <= _MAX_ADDRESS_CHARACTERS or _NOT_IN_ADDRESSES.search(written):
        return None
    written = _LINE_BREAK.sub("", written).replace("&amp;", "&")  # escaped twice, as in CDATA
    site = parse(base)
    if site is not None and site_key(written.partition("/")[0].lower()) == site_key(site.site):
        written = f"{site.scheme}://{written}"
    return canonical(written, base)


def _element(token: re.Match[str], base: str) -> Element:
    prefix, name = _prefix_and_name(token["start"])
    attributes = {
        found[1].lower(): _resolved(found[2] or found[3] or found[4] or "")
        for found in _ATTRIBUTE.finditer(token["attributes"])
    }
    own_base = attributes.get("xml:base", "")
    return Element(name, prefix, attributes, address(own_base, base) or base)


def _prefix_and_name(written: str) -> tuple[str, str]:
    prefix, _, name = written.lower().rpartition(":")
    return prefix, name


def _characters(token: re.Match[str]) -> str:
    return _resolved(token["text"]) if token["text"] else token["literal"] or token["stray"] or ""


def _resolved(text: str) -> str:
    """Return a text with its references as characters; unknown ones, and halves of a pair, are unreadable."""
    if "&" not in text:
        return text
    return _REFERENCE.sub(_character, _SURROGATE_PAIR.sub(_of_pair, text))


def _of_pair(pair: re.Match[str]) -> str:
    high, low = int(pair[1]), int(pair[2])
    if not (0xD800 <= high <= 0xDBFF and 0xDC00 <= low <= 0xDFFF):
        return pair[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _character(reference: re.Match[str]) -> str:
    written = reference[0]
    if written.startswith("&#"):
        return html.unescape(written) or _UNREADABLE
    return html5.get(written[1:], _UNREADABLE)
