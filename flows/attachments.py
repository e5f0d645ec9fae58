"""Which document a file hangs below: a relation for each page that links to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cleaning.pipeline import Cleaned
from crawlers.urls import canonical
from output.records import Relation, RelationKind

# A file that more pages link to is the site's own, like its terms, and belongs to none of them.
PAGES_MAX = 3


def attached(pages: Sequence[Cleaned], run_id: str) -> list[Relation]:
    """`attachment_of` between the first document of each page and the one in each PDF that it links to.

    Both pages were cleaned in the run: where one of them has not changed, the run that brought it said so.
    """
    of_url = {page.documents[0].url: page.documents[0].id for page in pages if page.documents}
    links = [
        (page.documents[0].id, file)
        for page in pages
        if page.documents
        for file in dict.fromkeys(canonical(address) for address in page.files)
        if file in of_url
    ]
    times = Counter(file for _, file in links)
    return [
        Relation(page, of_url[file], RelationKind.ATTACHMENT, 1.0, "link", run_id)
        for page, file in links
        if file and times[file] <= PAGES_MAX
    ]
