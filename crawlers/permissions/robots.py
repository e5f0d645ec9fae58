"""robots.txt by RFC 9309: what a file allows one agent, and how long it asks to wait.

Where the RFC leaves room (lines without a colon, misspelt keys, `index.html` as its folder), the
reading is that of Google's open-source parser, whose own test cases this passes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Self

# RFC 9309, 2.5: at least 500 KiB are parsed. What lies beyond is ignored, so that size is no weapon.
PARSED_BYTES = 500 * 1024
# Google's parser cuts a line here: eight times the longest URL that browsers took.
LINE_CHARACTERS = 2083 * 8

_USER_AGENT = {"user-agent", "useragent", "user agent"}
_DISALLOW = {"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"}
_CRAWL_DELAY = {"crawl-delay", "crawldelay", "crawl delay"}
_PRODUCT = re.compile(r"[a-zA-Z_-]*")
_PATH = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?;#]*)?([^#]*)", re.IGNORECASE)
_OCTET = re.compile(r"%[0-9a-fA-F]{2}")
_ESCAPED = re.compile(_OCTET.pattern + r"|[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class PathRule:
    """One `allow` or `disallow` line; the pattern has `*` and `$` as in the file, octets escaped."""

    pattern: str
    allow: bool

    def matches(self, path: str) -> bool:
        """Whether the pattern matches a path with its query, from its start."""
        return _matches(self.pattern, path)


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one agent, longest pattern first, and its crawl-delay in seconds (0: none asked)."""

    rules: tuple[PathRule, ...] = ()
    delay: float = 0.0

    @classmethod
    def parse(cls, body: bytes, agent: str) -> Self:
        """Read a robots.txt for the agent with that product token; never fails.

        Groups that name the agent are merged; only where there is none do the groups for `*` count.
        """
        own: list[PathRule] = []
        anyone: list[PathRule] = []
        delays: dict[bool, float] = {}
        seen_own = in_own = in_anyone = in_rules = False
        for key, value in _lines(body):
            if key in _USER_AGENT:
                if in_rules:
                    in_own = in_anyone = in_rules = False
                if value == "*" or value[:2] in ("* ", "*\t"):
                    in_anyone = True
                elif _product(value) == agent.lower() != "":
                    seen_own = in_own = True
            elif not (in_own or in_anyone):
                continue
            elif key == "allow" or key in _DISALLOW:
                in_rules = True
                for rule in _rules(value, allow=key == "allow"):
                    if in_own:
                        own.append(rule)
                    if in_anyone:
                        anyone.append(rule)
            elif key in _CRAWL_DELAY and (seconds := _seconds(value)) is not None:
                for group in {in_own, not in_anyone}:
                    delays[group] = max(seconds, delays.get(group, 0.0))
        rules = own if seen_own else anyone
        # Longest first, and of two as long the one that allows: the first that matches decides.
        rules.sort(key=lambda rule: (-len(rule.pattern), not rule.allow))
        return cls(tuple(rules), delays.get(seen_own, 0.0))

    def verdict(self, url: str) -> PathRule | None:
        """The rule that decides over a URL; None where no rule speaks of it, which allows it."""
        path = _path(url)
        return next((rule for rule in self.rules if rule.matches(path)), None)

    def allows(self, url: str) -> bool:
        """Whether the agent may fetch that URL, which is percent-encoded as the wire has it."""
        rule = self.verdict(url)
        return rule is None or rule.allow


def _lines(body: bytes) -> list[tuple[str, str]]:
    """The (key, value) pairs of a file: keys in lower case, values as octets in Latin-1."""
    pairs = []
    for raw in re.split(r"\r\n|\n|\r", _text(body)):
        line = raw[: LINE_CHARACTERS - 1].split("#", 1)[0].strip(" \t\x00")
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


def _text(body: bytes) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body[: 2 * PARSED_BYTES].decode("utf-16", errors="replace").encode()
    body = body.removeprefix(codecs.BOM_UTF8)
    if len(body) > PARSED_BYTES:
        # A line that is cut could say more than was meant (`/` of `/private`): it goes whole.
        kept = body[:PARSED_BYTES]
        body = kept[: max(kept.rfind(b"\n"), kept.rfind(b"\r")) + 1]
    return body.decode("latin-1")


def _product(value: str) -> str:
    match = _PRODUCT.match(value)
    return match.group().lower() if match else ""


def _rules(value: str, *, allow: bool) -> list[PathRule]:
    if not value:
        return []
    pattern = _escape(value)
    rules = [PathRule(pattern, allow)]
    folder, slash, name = pattern.rpartition("/")
    if allow and slash and name.startswith("index.htm"):
        rules.append(PathRule(f"{folder}/$", allow))
    return rules


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _escape(octets: str) -> str:
    return _ESCAPED.sub(
        lambda m: m.group().upper() if m.group()[0] == "%" else f"%{ord(m.group()):02X}", octets
    )


def _path(url: str) -> str:
    match = _PATH.match(url)
    path = match.group(1) if match else ""
    path = _OCTET.sub(lambda m: m.group().upper(), path)
    return path if path.startswith("/") else f"/{path}"


def _matches(pattern: str, path: str) -> bool:
    """Match with `*` and a closing `$`, without backtracking: the leftmost place of each piece will do."""
    anchored = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not pieces:
        return not anchored or at == len(path)
    last = pieces.pop() if anchored else ""
    for piece in pieces:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not anchored or (path.endswith(last) and len(path) - len(last) >= at)
