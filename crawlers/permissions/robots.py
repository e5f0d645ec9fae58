"""Parsing of robots.txt by RFC 9309: which URLs one agent may fetch, and the crawl-delay it must keep.

Where the RFC leaves room (lines without a colon, misspelt keys, `index.html` as its folder), this follows
Google's open-source parser and passes its test cases.
"""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass, field
from typing import Self

# The product token that addresses this crawler in robots.txt and X-Robots-Tag.
PRODUCT = "Tamis"
# What the detail of a URL ends with whose site has no usable robots.txt.
CLOSED = "RFC 9309 takes that as all disallowed"
# RFC 9309, 2.5: at least 500 KiB are parsed. The rest is ignored, so that no file is too large to read.
PARSED_BYTES = 500 * 1024
# Google's parser cuts a line here: eight times the longest URL of Internet Explorer.
MAX_LINE_CHARACTERS = 2083 * 8

_USER_AGENT_KEYS = {"user-agent", "useragent", "user agent"}
_DISALLOW_KEYS = {"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"}
_CRAWL_DELAY_KEYS = {"crawl-delay", "crawldelay", "crawl delay"}
_PRODUCT_TOKEN = re.compile(r"[a-zA-Z_-]*")
_URL_PATH = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?;#]*)?([^#]*)", re.IGNORECASE)
_ESCAPED_OCTET = re.compile(r"%[0-9a-fA-F]{2}")
_ESCAPED_OR_NON_ASCII = re.compile(_ESCAPED_OCTET.pattern + r"|[\x80-\xff]")
# RFC 3986, 2.3: letters, digits, hyphen, dot, underscore and tilde mean the same escaped or not.
_ESCAPED_UNRESERVED = re.compile(r"%(?:4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|3[0-9]|2[DE]|5F|7E)")


@dataclass(frozen=True, slots=True)
class PathRule:
    """One `allow` or `disallow` line; the pattern keeps its `*` and `$`, and its octets are escaped."""

    pattern: str
    allow: bool

    def matches(self, path: str) -> bool:
        """Whether the pattern matches the start of a path with its query."""
        return _matches(self.pattern, path)


@dataclass(eq=False, slots=True)
class _Group:
    """The lines that apply to one agent, or to every agent (`*`), collected from the whole file."""

    rules: list[PathRule] = field(default_factory=list)
    crawl_delay: float = 0.0
    is_present: bool = False

    def add(self, key: str, value: str) -> None:
        """Take a line of the group, if it is a rule or a crawl-delay."""
        if _is_rule(key):
            self.rules += _rules(value, allow=key == "allow")
        elif key in _CRAWL_DELAY_KEYS:
            self.crawl_delay = max(self.crawl_delay, _crawl_delay(value))


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one agent, longest pattern first, and its crawl-delay in seconds (0 for none)."""

    rules: tuple[PathRule, ...] = ()
    delay: float = 0.0

    @classmethod
    def parse(cls, body: bytes, agent: str) -> Self:
        """Parse a robots.txt for the agent with that product token; never fails.

        Groups that name the agent are merged; the groups for `*` apply only where no group names it.
        """
        own, everyone = _Group(), _Group()
        current: list[_Group] = []
        is_header_over = False
        for key, value in _lines(body):
            if key in _USER_AGENT_KEYS:
                if is_header_over:
                    current, is_header_over = [], False
                group = everyone if _is_wildcard(value) else own if _names(value, agent) else None
                if group is not None and group not in current:
                    group.is_present = True
                    current.append(group)
                continue
            is_header_over = is_header_over or _is_rule(key)
            for group in current:
                group.add(key, value)
        chosen = own if own.is_present else everyone
        # Longest first, and of two equally long the one that allows: the first that matches decides.
        chosen.rules.sort(key=lambda rule: (-len(rule.pattern), not rule.allow))
        return cls(tuple(chosen.rules), chosen.crawl_delay)

    def verdict(self, url: str) -> PathRule | None:
        """Return the rule that decides about a URL; None where no rule matches, which allows it.

        RFC 9309, 2.2.2 unescapes unreserved octets (`%7E`) before it compares, and Google's parser does not.
        The stricter reading counts: `disallow` compares as the RFC says, `allow` as Google's parser does.
        """
        path = _path(url)
        unescaped = _unescape_unreserved(path)
        return next((rule for rule in self.rules if rule.matches(path if rule.allow else unescaped)), None)

    def allows(self, url: str) -> bool:
        """Whether the agent may fetch a percent-encoded URL."""
        rule = self.verdict(url)
        return rule is None or rule.allow


def _lines(body: bytes) -> list[tuple[str, str]]:
    """Return the (key, value) pairs of a file: keys in lower case, values as octets in Latin-1."""
    pairs = []
    for raw in re.split(r"\r\n|\n|\r", _decode(body)):
        line = raw[: MAX_LINE_CHARACTERS - 1].split("#", 1)[0].strip(" \t\x00")
        if not line:
            continue
        key, colon, value = line.partition(":")
        if not colon:
            words = line.split()
            if len(words) != 2:
                continue
            key, value = words
        pairs.append((key.strip().lower(), value.strip(" \t")))
    return pairs


def _decode(body: bytes) -> str:
    """Return a file's first 500 KiB of whole lines as Latin-1, without a byte order mark."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body[: 2 * PARSED_BYTES].decode("utf-16", errors="replace").encode()
    body = body.removeprefix(codecs.BOM_UTF8)
    if len(body) > PARSED_BYTES:
        # A cut line could say more than was meant (`/` of `/private`), so it is dropped whole.
        kept = body[:PARSED_BYTES]
        body = kept[: max(kept.rfind(b"\n"), kept.rfind(b"\r")) + 1]
    return body.decode("latin-1")


def _is_rule(key: str) -> bool:
    return key == "allow" or key in _DISALLOW_KEYS


def _is_wildcard(value: str) -> bool:
    """Whether a user-agent line means every agent: `*`, alone or before more words."""
    return value == "*" or value.startswith(("* ", "*\t"))


def _names(value: str, agent: str) -> bool:
    """Whether a user-agent line names the agent: by its product token, without a version."""
    token = _PRODUCT_TOKEN.match(value)
    return token is not None and token.group().lower() == agent.lower() != ""


def _rules(value: str, *, allow: bool) -> list[PathRule]:
    """Return the rules of one line: none for an empty value, two for an allowed `index.html`.

    Only a final `$` is an anchor; any other stands for itself.
    """
    if not value:
        return []
    pattern = _escape(value[:-1].replace("$", "%24") + value[-1:])
    if not allow:
        return [PathRule(_unescape_unreserved(pattern), allow)]
    folder, slash, name = pattern.rpartition("/")
    is_index = slash and name.startswith("index.htm")
    return [PathRule(pattern, allow), *([PathRule(f"{folder}/$", allow)] if is_index else [])]


def _crawl_delay(value: str) -> float:
    """Return a crawl-delay in seconds, also an infinite one; 0 for a value that is no number or negative."""
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(seconds) else max(seconds, 0.0)


def _escape(octets: str) -> str:
    """Percent-encode the octets of a pattern that are not ASCII; `%` escapes get upper-case digits."""
    return _ESCAPED_OR_NON_ASCII.sub(
        lambda m: m.group().upper() if m.group()[0] == "%" else f"%{ord(m.group()):02X}", octets
    )


def _unescape_unreserved(path: str) -> str:
    """Decode the escapes of unreserved ASCII characters (RFC 3986, 2.3) in an escaped path or pattern."""
    return _ESCAPED_UNRESERVED.sub(lambda m: chr(int(m.group()[1:], 16)), path)


def _path(url: str) -> str:
    """Return the path of a URL with its query, escaped as patterns are.

    RFC 9309, 2.2.3: a pattern matches a literal `*` or `$` by its escape, `%2A` or `%24`.
    """
    match = _URL_PATH.match(url)
    path = match.group(1) if match else ""
    path = _ESCAPED_OCTET.sub(lambda m: m.group().upper(), path).replace("*", "%2A").replace("$", "%24")
    return path if path.startswith("/") else f"/{path}"


def _matches(pattern: str, path: str) -> bool:
    """Match with `*` and a final `$`, without backtracking: the leftmost match of each piece is enough."""
    is_anchored = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    if not pieces:
        return not is_anchored or position == len(path)
    last = pieces.pop() if is_anchored else ""
    for piece in pieces:
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return not is_anchored or (path.endswith(last) and len(path) - len(last) >= position)
