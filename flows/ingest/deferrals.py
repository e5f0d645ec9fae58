"""Messages about the hosts that a run left: their URLs are deferred to the next run."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from output.base.records import Outcome
from output.base.wording import counted
from output.ledger.ledger import Ledger
from output.ledger.records import NO_ANSWER, RETRY_AFTER, TOO_LONG_DELAY

# Hosts that are named; the rest are counted.
MAX_NAMED_HOSTS = 20

_EXPLANATIONS = {
    TOO_LONG_DELAY: "its robots.txt asks for a longer delay than max_delay of [crawl], which may be raised",
    RETRY_AFTER: "it asks not to be asked again before that time (Retry-After), and no run does",
    NO_ANSWER: "it has not answered",
}


def deferrals(ledger: Ledger, run_id: str) -> list[str]:
    """Return a message for each host that the run left: how many of its URLs are deferred, and why."""
    counts = Counter(
        (visit.reason, urlsplit(visit.url).hostname or "", visit.detail)
        for visit in ledger.visits(run_id, Outcome.DEFERRED)
    )
    messages = [
        f"{counted(count, 'URL')} of {host} deferred to the next run ({detail}): {_EXPLANATIONS[reason]}"
        for (reason, host, detail), count in sorted(counts.items())
    ]
    more = len(messages) - MAX_NAMED_HOSTS
    hosts = counted(more, "more host")
    rest = [f"{hosts} left; `tamis report` counts the URLs by reason"] if more > 0 else []
    return [*messages[:MAX_NAMED_HOSTS], *rest]
