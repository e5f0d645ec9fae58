"""Links of a page: the files that it links to, and absolute URLs."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from cleaning.page.parse import Parsed


def linked_files(parsed: Parsed, url: str) -> tuple[str, ...]:
    """Return the URLs of the PDFs that a page at `url` links to, in the page's order."""
    nodes = parsed.tree.css("a[href*='.pdf'], a[href*='.PDF']")
    base = base_of(parsed, url)
    found = (absolute(base, node.attributes.get("href") or "") for node in nodes)
    return tuple(dict.fromkeys(address for address in found if address))


def base_of(parsed: Parsed, url: str) -> str:
    """Return the base of the relative URLs on a page at `url`: its `<base>`, else `url`."""
    return absolute(url, parsed.base) or url


def absolute(base: str, href: str) -> str:
    """Return the web URL that `href` means on a page at `base`, or ""."""
    try:
        joined = urljoin(base, href.strip())
        parts = urlsplit(joined)
    except ValueError:
        return ""
    return joined if parts.scheme in ("http", "https") and parts.netloc else ""
