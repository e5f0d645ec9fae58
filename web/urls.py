"""Canonical URLs: parsed by the WHATWG URL standard, without their fragment.

`ada_url` is the parser of Node.js, so a URL means here what it means in a browser: hosts in lower case and
Punycode, `0x7f.1` as 127.0.0.1, dot segments resolved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

import ada_url

# The longest URL of Internet Explorer, and so of most sites; longer ones come from URL traps.
MAX_CHARACTERS = 2083
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# gb18030 reads the pages that are labelled GBK, which lacks the letters of four octets.
_QUERY_CHARSETS = {"gb18030": "gbk"}
# What a query shows as it is (URL standard, special-query percent-encode set): a letter may end in such an
# octet.
_QUERY_CHARACTERS = "!$%&()*+,/:;=?@[\\]^`{|}"


@dataclass(frozen=True, slots=True)
class Url:
    """A canonical http or https URL in parts; `site` is the host, with a port that is not the default."""

    href: str
    scheme: str
    host: str
    site: str
    path: str
    query: str

    @property
    def root(self) -> str:
        """The URL of the site's root."""
        return f"{self.scheme}://{self.site}/"


@lru_cache(maxsize=8192)  # every step that handles a page parses its URL again
def parse(url: str, base: str | None = None) -> Url | None:
    """Parse a URL as a browser does, relative to `base`; None for a URL that cannot be crawled.

    Those are URLs that are not http or https, that contain a user name or a password, or that are longer than
    2083 characters.
    """
    try:
        parsed = ada_url.URL(url, base=base)
    except (ValueError, UnicodeError):
        return None
    if parsed.protocol not in ("http:", "https:") or parsed.username or parsed.password:
        return None
    parsed.hash = ""
    href = str(parsed.href)
    if len(href) > MAX_CHARACTERS:
        return None
    return Url(
        href=href,
        scheme=str(parsed.protocol)[:-1],
        host=str(parsed.hostname),
        site=str(parsed.host),
        path=str(parsed.pathname),
        query=str(parsed.search),
    )


def canonical(url: str, base: str | None = None) -> str | None:
    """Return the canonical form of a URL; None for a URL that cannot be crawled."""
    parsed = parse(url, base)
    return parsed.href if parsed else None


def canonical_link(reference: str, base: str, encoding: str) -> str | None:
    """Return the canonical form of a link on a page that was read by a codec; None as `canonical` does.

    As browsers do (URL standard, query state), the query of a link goes out in the page's own charset, and
    all else in UTF-8. A character that the charset lacks goes out as its reference in HTML.
    """
    before, mark, query = reference.strip().partition("#")[0].partition("?")
    charset = _QUERY_CHARSETS.get(encoding, encoding)
    if query and not query.isascii() and not charset.startswith("utf"):
        query = _NOT_ASCII.sub(lambda letter: _in_charset(letter[0], charset), query)
    return canonical(f"{before}{mark}{query}", base)


def canonical_header(reference: str, base: str) -> str | None:
    """Return the canonical form of a URL in a header, decoded as Latin-1; None as `canonical` does.

    Octets outside ASCII go out as the octets that they are.
    """
    return canonical(_NOT_ASCII.sub(lambda octet: quote(octet[0].encode("latin-1")), reference), base)


def _in_charset(letter: str, charset: str) -> str:
    try:
        octets = letter.encode(charset)
    except UnicodeEncodeError:
        octets = None
    return f"%26%23{ord(letter)}%3B" if octets is None else quote(octets, safe=_QUERY_CHARACTERS)


def can_be_split(url: str) -> bool:
    """Tell whether `urlsplit` takes a URL apart: it raises ValueError for hosts such as `[::1`."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def site_key(site: str) -> str:
    """Return a site without `www.`: two hosts with one key are one site."""
    return site.removeprefix("www.")
