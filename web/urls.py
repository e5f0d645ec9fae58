"""URLs, made the same in one way: by the WHATWG standard, without their fragment.

`ada_url` is the standard's own parser (Node.js uses it too), so that a URL means here what it
means in a browser: hosts in lower case and Punycode, `0x7f.1` as 127.0.0.1, dot segments resolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import ada_url

# What Internet Explorer took at most, and so what sites stay below; longer ones come from traps.
MAX_CHARACTERS = 2083


@dataclass(frozen=True, slots=True)
class Url:
    """A canonical http or https URL in parts; `site` is the host with a port that is not the default."""

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


@lru_cache(maxsize=8192)  # a page's URL is asked for by each part that deals with it
def parse(url: str, base: str | None = None) -> Url | None:
    """Parse a URL as a browser would, relative to `base`; None for what a crawler must not ask.

    That is everything but http and https, URLs that carry a name or a password, and those of more
    than 2083 characters.
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
    """The one spelling of a URL; None where `parse` gives none."""
    parsed = parse(url, base)
    return parsed.href if parsed else None


def same_site(site: str) -> str:
    """The key under which a host and its `www.` twin are one site."""
    return site.removeprefix("www.")
