"""What a run has to say of pages that stand published and that their site gives no more."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter

from output.ledger import MOVED, OPT_OUT, Ledger

# URLs named in a line; the rest are counted.
NAMED = 20

_WHY = {
    "gone": "gone from the site",
    MOVED: "moved to a page without their text",
    OPT_OUT: "opted out of text and data mining",
    "robots": "closed to crawlers by robots.txt",
}


def ended(ledger: Ledger, run_id: str, succeeded: Collection[str] = ()) -> list[str]:
    """A line for each way in which published pages have ended, if this run was the first to find it; pages
    whose documents are `succeeded` by others have not.

    Nothing is unpublished by that: whether it should be is for people to decide.
    """
    lines = []
    pages = ledger.document_pages(ledger.run(run_id).source_id) if succeeded else {}
    followed = {pages.get(one) for one in succeeded}
    left = (one for one in ledger.ended(run_id) if one[1] not in followed)
    for why, found in groupby(left, key=itemgetter(0)):
        urls = [url for _, url in found]
        more = f" and {len(urls) - NAMED} more" if len(urls) > NAMED else ""
        lines.append(
            f"{len(urls)} published before, now {_WHY[why]}: {', '.join(urls[:NAMED])}{more}; "
            "what was published stands until `tamis forget URL`"
        )
    return lines
