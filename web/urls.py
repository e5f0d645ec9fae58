"""Canonical URLs: parsed by the WHATWG URL standard, without their fragment.

`ada_url` is the parser of Node.js, so a URL means here what it means in a browser: hosts in lower case and
Punycode, `0x7f.1` as 127.0.0.1, dot segments resolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import ada_url

# The longest URL of Internet Explorer, and so of most sites; longer ones come from URL traps.
MAX_CHARACTERS = 2083


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
