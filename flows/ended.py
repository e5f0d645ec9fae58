"""What a run has to say of pages that stand published and that their site gives no more."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from output.ledger import OPT_OUT, Ledger

# URLs named in a line; the rest are counted.
NAMED = 20

_WHY = {
    "gone": "gone from the site",
    OPT_OUT: "opted out of text and data mining",
    "robots": "closed to crawlers by robots.txt",
}


def ended(ledger: Ledger, run_id: str) -> list[str]:
    """A line for each way in which published pages have ended, if this run was the first to find it.

    Nothing is unpublished by that: whether it should be is for people to decide.
    """
    lines = []
    for why, found in groupby(ledger.ended(run_id), key=itemgetter(0)):
        urls = [url for _, url in found]
        more = f" and {len(urls) - NAMED} more" if len(urls) > NAMED else ""
        lines.append(
            f"{len(urls)} published before, now {_WHY[why]}: {', '.join(urls[:NAMED])}{more}; "
            "what was published stands until `tamis forget URL`"
        )
    return lines
