"""Was a source found whole? Listed against fetched against published, by month, with the reason of each gap.

The yardstick is what the site itself says: WordPress's totals, the URLs of its sitemaps, a listing's counter.
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

# A month is held against its neighbours up to so many months away, on either side.
NEIGHBOURS = 3
# It is low below this share of their median, and where it lacks so many at least: chance moves small numbers.
# A running median is not moved by one odd month beside it (Tukey, Exploratory Data Analysis, 1977).
LOW_SHARE = 0.5
LOW_BY = 4
UNDATED = "no date"

_MONTH = re.compile(
    r"(?<!\d)(?P<year>19[89]\d|20\d\d)[-/_.]?(?P<month>0[1-9]|1[0-2])(?=\D|[0-3]\d(?:\D|$)|$)"
)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a source, YYYY-MM or "no date": how many pages were listed, fetched and published.

    `gaps` counts what was listed and is not published, by outcome and reason.
    """

    month: str
    listed: int
    fetched: int
    published: int
    gaps: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """What one list of the site named, against the total that the site itself gives for it (None: none)."""

    way: str
    start: str
    listed: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Completeness:
    """A source as it stands after all its runs; `low` names the months well below their neighbours."""

    source_id: str
    months: tuple[Month, ...]
    measures: tuple[Measure, ...]
    low: tuple[str, ...]

    @property
    def whole(self) -> Month:
        """All months as one."""
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
    """All months from the first that is dated to the last, those in which nothing was listed among them."""
    dated = [month.month for month in months if month.month != UNDATED]
    return _between(min(dated), max(dated)) if dated else []


def completeness(workspace: Workspace, source_id: str) -> Completeness:
    """How whole a source is. Raises StorageError where ledger or dataset cannot be read."""
    urls = workspace.ledger.current_state(source_id)
    pages = [one for one in urls if one.kind == "page"]
    months = _months(pages, _published_in(workspace, source_id))
    return Completeness(
        source_id, months, _measures(one for one in urls if one.kind == "index"), tuple(low_months(months))
    )


def low_months(months: Sequence[Month]) -> list[str]:
    """The months well below their neighbours, a sentence each.

    The first and the last month are left out: the one may have begun, the other not be over.
    """
    found = {month.month: month for month in months}
    names = calendar(months)
    said = []
    for at, name in enumerate(names):
        if at in (0, len(names) - 1):
            continue
        around = names[max(0, at - NEIGHBOURS) : at] + names[at + 1 : at + 1 + NEIGHBOURS]
        usual = median(found[other].published if other in found else 0 for other in around)
        month = found.get(name, Month(name, 0, 0, 0))
        if month.published < LOW_SHARE * usual and usual - month.published >= LOW_BY:
            said.append(_low(month, usual))
    return said


def _low(month: Month, usual: float) -> str:
    line = f"{month.month}: {month.published} published, and {usual:g} in the months around it"
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
    """The month of publication of each page whose document gives it."""
    query = "select url, min(date_published) from latest where source_id = ? group by url"
    with workspace.dataset.views() as connection:
        rows = connection.execute(query, [source_id]).fetchall()
    return {url: day[:7] for url, day in rows if day}


def _listed_in(page: UrlState) -> str:
    """The month of a page by what the site's list says, or else by its URL."""
    hint = Hint.from_json(page.hint)
    if hint.published:
        return hint.published[:7]
    if found := _MONTH.search(page.url):
        return f"{found['year']}-{found['month']}"
    return hint.modified[:7] or UNDATED


def _measures(indexes: Iterable[UrlState]) -> tuple[Measure, ...]:
    """A measure for each list that the source starts from, its sheets taken together."""
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


def _between(first: str, last: str) -> list[str]:
    """All months from one to another, both included."""
    numbers = range(_number(first), _number(last) + 1)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
