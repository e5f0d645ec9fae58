"""What an answer or a failure means for its URL: the outcome and the reason that the ledger keeps."""

from __future__ import annotations

import re

from scrapy import exceptions
from twisted.internet.error import SSLError

from crawlers.conduct import Refused
from crawlers.download import causes, describe, is_headers_too_large
from crawlers.guards import was_refused
from output.compression import Broken
from output.ledger import Settled
from output.records import Outcome

_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (exceptions.DownloadTimeoutError, "timeout"),
    (exceptions.CannotResolveHostError, "dns"),
    (exceptions.DownloadConnectionRefusedError, "refused_connection"),
    (exceptions.ResponseDataLossError, "truncated"),
)

# Where a title stands; a soft 404 has no large head.
_HEAD_BYTES = 16 * 1024
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})<", re.IGNORECASE)
# The whole title, or all of it before the site's own name: an article about such pages is not one.
_NOT_FOUND = re.compile(
    r"(?:(?:error\s*)?404(?:\s*error)?(?:\s*[-:–—|,.]?\s*(?:(?:page|file)\s*)?not\s*found)?|(?:the\s+)?page\s*(?:was\s+)?not\s*found"
    r"|(?:404)?[\s:：-]*(?:您访问的|您查看的|你访问的)?(?:页面|网页|頁面)(?:不存在|未找到|没有找到|找不到)|找不到(?:页面|网页|頁面))"
    r"[\s!！.。]*(?:[-–—|_·].*)?$",
    re.IGNORECASE,
)


def of_status(status: int) -> tuple[Outcome, str]:
    """The outcome of a response by its status alone; PENDING where its body decides."""
    if status == 206:
        return Outcome.FAILED, "truncated"
    if 200 <= status < 300:
        return Outcome.PENDING, ""
    if status in (404, 410):
        return Outcome.GONE, ""
    return Outcome.FAILED, f"http_{status}"


def of_title(body: bytes) -> tuple[Outcome, str]:
    """The outcome of a page that came with 200: GONE where its title says that there is no such page."""
    found = _TITLE.search(body, 0, _HEAD_BYTES)
    return (Outcome.GONE, "soft_404") if found and _says_gone(found.group(1)) else (Outcome.PENDING, "")


def of_failure(url: str, error: BaseException) -> Settled:
    """The outcome of a request that brought no response that can be taken."""
    detail = describe(error)
    if isinstance(error, Refused):
        return Settled(url, error.outcome, error.reason, error.detail)
    if isinstance(error, Broken):
        if error.reason == "too_large":
            return Settled(url, Outcome.REFUSED, "size", detail)
        return Settled(url, Outcome.FAILED, error.reason, detail)
    if isinstance(error, exceptions.DownloadCancelledError) or is_headers_too_large(error):
        return Settled(url, Outcome.REFUSED, "size", detail)
    if isinstance(error, exceptions.CannotResolveHostError) and was_refused(url):
        return Settled(url, Outcome.REFUSED, "address", "resolves to an address that is not on the internet")
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return Settled(url, Outcome.FAILED, reason, detail)
    if any(_is_tls(cause) for cause in causes(error)):
        return Settled(url, Outcome.FAILED, "tls", detail)
    return Settled(url, Outcome.FAILED, "connection", f"{type(error).__name__}: {detail}")


def _says_gone(title: bytes) -> bool:
    try:
        text = title.decode()
    except UnicodeDecodeError:
        text = title.decode("gb18030", errors="replace")
    return _NOT_FOUND.match(" ".join(text.split())) is not None


def _is_tls(error: BaseException) -> bool:
    return isinstance(error, SSLError) or type(error).__module__.startswith(
        ("OpenSSL", "service_identity", "ssl")
    )
