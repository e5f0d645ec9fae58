"""When a page is worth another look: the longer it has stayed as it is, the later."""

from __future__ import annotations

from datetime import datetime, timedelta

from output.ledger.records import Known

# RFC 9111, 4.2.2 suggests a tenth of the time that a page has not changed; a dataset wants to know sooner
# that a law was amended than a browser cache does, but no sooner than it can matter.
SHARE = 0.1
# A page is looked at anew at least once in so long, as a deletion shows in no feed.
LONGEST = timedelta(days=30)
# Shorter intervals are none: whoever runs a source twice in an hour wants it asked twice.
SHORTEST = timedelta(hours=1)


def interval(known: Known) -> timedelta:
    """How long a page may rest after it was last asked, by how long it had not changed then."""
    share = (known.checked_at - known.fetched_at) * SHARE
    return min(share, LONGEST) if share >= SHORTEST else timedelta()


def is_due(known: Known, now: datetime) -> bool:
    """Whether a page is to be asked; one whose body was never dealt with is, and one from the future."""
    rests_until = known.checked_at + interval(known)
    return not known.settled or now >= rests_until or known.checked_at > now
