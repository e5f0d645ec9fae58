"""Outcomes of responses and failures: the outcome and the reason that the ledger keeps for a URL."""

from __future__ import annotations

from scrapy import exceptions
from twisted.internet.error import SSLError

from crawlers.net.addresses import was_refused
from crawlers.net.download import causes, describe, is_headers_too_large
from crawlers.permissions.refusal import Refused
from output.archive.compression import BodyError
from output.base.records import Outcome
from output.ledger.records import Settled
from web.soft_404 import soft_404_title

# The detail of an outcome may quote a site: no more of it is kept.
MAX_DETAIL_CHARACTERS = 500
_FAILURE_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (exceptions.DownloadTimeoutError, "timeout"),
    (exceptions.CannotResolveHostError, "dns"),
    (exceptions.DownloadConnectionRefusedError, "refused_connection"),
    (exceptions.ResponseDataLossError, "truncated"),
)


def of_status(status: int) -> tuple[Outcome, str]:
    """Return the outcome of a response by its status alone; PENDING where its body decides."""
    if status == 206:
        return Outcome.FAILED, "truncated"
    if 200 <= status < 300:
        return Outcome.PENDING, ""
    if status in (404, 410):
        return Outcome.GONE, ""
    return Outcome.FAILED, f"http_{status}"


def of_title(body: bytes) -> tuple[Outcome, str]:
    """Return the outcome of a page with status 200 by its title: GONE for a soft 404, else PENDING."""
    return (Outcome.GONE, "soft_404") if soft_404_title(body) else (Outcome.PENDING, "")


def of_failure(url: str, error: BaseException) -> Settled:
    """Return the outcome of a request without a usable response."""
    detail = describe(error)
    if isinstance(error, Refused):
        return Settled(url, error.outcome, error.reason, error.detail)
    if isinstance(error, BodyError):
        if error.reason == "too_large":
            return Settled(url, Outcome.REFUSED, "size", detail)
        return Settled(url, Outcome.FAILED, error.reason, detail)
    if isinstance(error, exceptions.DownloadCancelledError) or is_headers_too_large(error):
        return Settled(url, Outcome.REFUSED, "size", detail)
    if isinstance(error, exceptions.CannotResolveHostError) and was_refused(url):
        return Settled(url, Outcome.REFUSED, "address", "resolves to an address that is not on the internet")
    for kind, reason in _FAILURE_REASONS:
        if isinstance(error, kind):
            return Settled(url, Outcome.FAILED, reason, detail)
    if any(_is_tls(cause) for cause in causes(error)):
        return Settled(url, Outcome.FAILED, "tls", detail)
    return Settled(url, Outcome.FAILED, "connection", f"{type(error).__name__}: {detail}")


def _is_tls(error: BaseException) -> bool:
    return isinstance(error, SSLError) or type(error).__module__.startswith(
        ("OpenSSL", "service_identity", "ssl")
    )
