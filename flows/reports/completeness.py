"""How complete a source is: pages listed, fetched and published, by month, with the reasons of the gaps.

It is measured against what the site itself says: WordPress's totals, the URLs of its sitemaps, a listing's
counter.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from crawlers.discovery import Hint, IndexSummary
from flows.workspace.workspace import Workspace
from output.ledger.records import UrlState

# A month is compared with up to so many months on either side.
NEIGHBOUR_MONTHS = 3
# It is low below this share of their median, if it also lacks so many pages: small numbers vary by chance.
# One odd month does not move a running median (Tukey, Exploratory Data Analysis, 1977).
LOW_SHARE = 0.5
MIN_LOW_DIFFERENCE = 4
UNDATED = "no date"

_MONTH = re.compile(
    r"(?<!\d)(?P<year>19[89]\d|20\d\d)[-/_.]?(?P<month>0[1-9]|1[0-2])(?=\D|[0-3]\d(?:\D|$)|$)"
)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a source, YYYY-MM or "no date": the numbers of pages listed, fetched and published.

    `gaps` counts the pages that were listed and are not published, by outcome and reason.
    """

    month: str
    listed: int
    fetched: int
    published: int
    gaps: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """The number of pages in one list of the site, and the total that the site itself gives, if it does."""

    way: str
    start: str
    listed: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Completeness:
    """The completeness of a source after all its runs; `low` names the months well below their neighbours."""

    source_id: str
    months: tuple[Month, ...]
    measures: tuple[Measure, ...]
    low: tuple[str, ...]

    @property
    def total(self) -> Month:
        """The sum of all months."""
        gaps: Counter[str] = Counter()
        for month in self.months:
            gaps.update(dict(month.gaps))
        return Month(
            "all",
            sum(month.listed for month in self.months),
            sum(month.fetched for month in self.months),
            sum(month.published for month in self.months),
            tuple(gaps.most_common()),
        )


def calendar(months: Iterable[Month]) -> list[str]:
    """Return all months from the first to the last one with pages, also those without any."""
    dated = [month.month for month in months if month.month != UNDATED]
    return _months_between(min(dated), max(dated)) if dated else []


def completeness(workspace: Workspace, source_id: str) -> Completeness:
    """Return how complete a source is. Raises StorageError where ledger or dataset cannot be read."""
    urls = workspace.ledger.current_state(source_id)
    pages = [one for one in urls if one.kind == "page"]
    months = _months(pages, _published_in(workspace, source_id))
    return Completeness(
        source_id, months, _measures(one for one in urls if one.kind == "index"), tuple(low_months(months))
    )


def low_months(months: Sequence[Month]) -> list[str]:
    """Return a message for each month well below its neighbours.

    The first and the last month are left out: they may not be whole.
    """
    found = {month.month: month for month in months}
    names = calendar(months)
    messages = []
    for at, name in enumerate(names):
        if at in (0, len(names) - 1):
            continue
        around = names[max(0, at - NEIGHBOUR_MONTHS) : at] + names[at + 1 : at + 1 + NEIGHBOUR_MONTHS]
        usual = median(found[other].published if other in found else 0 for other in around)
        month = found.get(name, Month(name, 0, 0, 0))
        if month.published < LOW_SHARE * usual and usual - month.published >= MIN_LOW_DIFFERENCE:
            messages.append(_low(month, usual))
    return messages


def _low(month: Month, usual: float) -> str:
    line = f"{month.month}: {month.published} published, against {usual:g} in the months around it"
    if month.gaps:
        return f"{line}; {', '.join(f'{n} {reason}' for reason, n in month.gaps)}"
    return f"{line}; no more were listed"


def _months(pages: Iterable[UrlState], published_in: Mapping[str, str]) -> tuple[Month, ...]:
    groups: dict[str, list[UrlState]] = defaultdict(list)
    for page in pages:
        groups[published_in.get(page.url) or _listed_in(page)].append(page)
    return tuple(
        Month(
            month,
            len(group),
            sum(page.fetched for page in group),
            sum(page.published for page in group),
            tuple(Counter(_gap(page) for page in group if not page.published).most_common()),
        )
        for month, group in sorted(groups.items())
    )


def _gap(page: UrlState) -> str:
    return f"{page.outcome}: {page.reason}" if page.reason else str(page.outcome)


def _published_in(workspace: Workspace, source_id: str) -> dict[str, str]:
    """Return the month of publication of each page whose document has one, by URL."""
    query = "select url, min(date_published) from latest where source_id = ? group by url"
    with workspace.dataset.views() as connection:
        rows = connection.execute(query, [source_id]).fetchall()
    return {url: day[:7] for url, day in rows if day}


def _listed_in(page: UrlState) -> str:
    """Return the month of a page by the site's list, or else by its URL."""
    hint = Hint.from_json(page.hint)
    if hint.published:
        return hint.published[:7]
    if found := _MONTH.search(page.url):
        return f"{found['year']}-{found['month']}"
    return hint.modified[:7] or UNDATED


def _measures(indexes: Iterable[UrlState]) -> tuple[Measure, ...]:
    """Return a measure for each list that the source starts from, with all pages of the list together."""
    sheets: dict[tuple[str, str], list[IndexSummary]] = defaultdict(list)
    for index in indexes:
        if index_summary := IndexSummary.from_json(index.detail):
            sheets[index_summary.way, Hint.from_json(index.hint).start or index.url].append(index_summary)
    measures = []
    for (way, start), found in sorted(sheets.items()):
        totals = [one.total for one in found if one.total is not None]
        measures.append(
            Measure(way, start, sum(one.listed for one in found), max(totals) if totals else None)
        )
    return tuple(measures)


def _months_between(first: str, last: str) -> list[str]:
    """Return all months from one to another, both included."""
    numbers = range(_month_number(first), _month_number(last) + 1)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


def _month_number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
