"""The files that a page links to."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from cleaning.page.parse import Parsed


def linked_files(parsed: Parsed, url: str) -> tuple[str, ...]:
    """The addresses of the PDFs that a page at `url` links to, in its order."""
    nodes = parsed.tree.css("a[href*='.pdf'], a[href*='.PDF']")
    base = base_of(parsed, url)
    found = (absolute(base, node.attributes.get("href") or "") for node in nodes)
    return tuple(dict.fromkeys(address for address in found if address))


def base_of(parsed: Parsed, url: str) -> str:
    """What the relative addresses of a page at `url` begin from: its `<base>`, where it has one."""
    return absolute(url, parsed.base) or url


def absolute(base: str, href: str) -> str:
    """The web address that `href` means on a page at `base`, or ""."""
    try:
        joined = urljoin(base, href.strip())
        parts = urlsplit(joined)
    except ValueError:
        return ""
    return joined if parts.scheme in ("http", "https") and parts.netloc else ""
