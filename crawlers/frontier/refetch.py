"""The refetch interval of a page: the longer it has not changed, the later it is fetched again."""

from __future__ import annotations

from datetime import datetime, timedelta

from output.ledger.records import Known

# RFC 9111, 4.2.2 suggests a tenth of the time that a page has not changed, as the lifetime in a cache.
UNCHANGED_SHARE = 0.1
# No feed shows a deletion, so every page is fetched again at least this often.
MAX_INTERVAL = timedelta(days=30)
# Shorter intervals count as none: whoever runs a source twice in an hour wants its pages fetched twice.
MIN_INTERVAL = timedelta(hours=1)


def refetch_interval(known: Known) -> timedelta:
    """Return how long a page is not fetched again after its last check: a tenth of the time unchanged."""
    interval = (known.checked_at - known.fetched_at) * UNCHANGED_SHARE
    return min(interval, MAX_INTERVAL) if interval >= MIN_INTERVAL else timedelta()


def is_due(known: Known, now: datetime) -> bool:
    """Whether a page is due for a fetch.

    Always due are a page whose body was never processed, and one that was checked in the future.
    """
    due_at = known.checked_at + refetch_interval(known)
    return not known.settled or now >= due_at or known.checked_at > now
