"""The User-Agent of a crawl, and the contact in it."""

from __future__ import annotations

import os
import re
from importlib.metadata import version

from crawlers.declaration.schema import OFFLINE_METHODS, Source
from crawlers.permissions.robots import PRODUCT
from output.base.errors import UsageError

_CONTACT = re.compile(r"(mailto:)?[^@\s/:]+@[^@\s/]+|https?://[^\s/]+(/.*)?")


def require_contact(source: Source) -> None:
    """Raise UsageError where a crawl would send requests and no contact is set."""
    if source.crawl.discover not in OFFLINE_METHODS:
        user_agent(source)


def user_agent(source: Source) -> str:
    """Return the crawler's honest User-Agent, with a contact. Raises UsageError where none is set."""
    contact = (source.crawl.contact or os.environ.get("TAMIS_CONTACT", "")).strip()
    if not _CONTACT.fullmatch(contact):
        found = f"the contact {contact!r} is neither a mail address nor a URL; " if contact else ""
        raise UsageError(
            f"{found}a crawl needs a contact that sites can write to: set TAMIS_CONTACT to a mail address or "
            "a URL (export TAMIS_CONTACT=you@example.org), or contact in [crawl] of "
            f"{source.origin or source.id}"
        )
    if not contact.isascii() or not contact.isprintable():
        raise UsageError(
            f"the contact {contact!r} must be printable ASCII: it goes into the User-Agent header"
        )
    return f"{PRODUCT}/{version('tamis')} (+{contact})"
