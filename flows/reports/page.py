"""The runs of a data folder as one HTML page that loads nothing.

The page's own policy forbids scripts and loads. Words from the web (reasons, messages) are escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from cleaning.model.profile import CHANGED
from flows.reports.completeness import Completeness
from flows.reports.completeness_show import completeness_section
from flows.reports.figures import columns, fit, urls_with_outcome
from output.base.escaping import shown
from output.base.records import Access, Outcome, RunReport
from output.base.wording import counted
from output.release.charts import bars, legend, line, stacks

# Runs in the charts, and in the table of each source.
CHARTED_RUNS = 30
LISTED_RUNS = 100

STYLE = Path(__file__).with_suffix(".css")

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_page(
    reports: Sequence[RunReport], *, title: str, complete: Mapping[str, Completeness] = MappingProxyType({})
) -> str:
    """Return the page: an overview of the sources, then each with its charts, completeness and runs."""
    runs = sorted(reports, key=lambda report: (report.source_id, report.run_id))
    sources = {source: list(group) for source, group in groupby(runs, key=lambda report: report.source_id)}
    sections = "".join(_source(source, group, complete.get(source)) for source, group in sources.items())
    last = max((report.finished_at or report.started_at for report in runs), default="")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text('utf-8')}</style></head><body>"
        f'<main><h1>{escape(title)}</h1><p class="soft">{counted(len(runs), "run")} of '
        f"{counted(len(sources), 'source')}; the last ended {_time(last)} UTC</p>"
        f"{_overview(sources)}{sections}</main></body></html>\n"
    )


def _overview(sources: dict[str, list[RunReport]]) -> str:
    head = (
        "source",
        "last run",
        "status",
        "URLs",
        "new",
        "changed",
        "gone",
        "failed",
        "truncated",
        "profile fit",
    )
    rows = []
    for source, runs in sources.items():
        last = runs[-1]
        cells = (
            f'<a href="#{escape(source, quote=True)}">{escape(source)}</a>',
            _time(last.started_at),
            _status(last),
            *map(_number, (last.scheduled, last.new, last.changed, *_troubles(last), _cut(last))),
            _fit(last),
        )
        rows.append(cells)
    return _table(head, rows)


def _source(source: str, runs: list[RunReport], complete: Completeness | None) -> str:
    last = runs[-1]
    charted = [(_time(run.started_at), _by_outcome(run)) for run in runs[-CHARTED_RUNS:]]
    names = sorted({name for _, counts in charted for name in counts})
    cards = [
        _card("Outcomes, run by run", stacks(f"{source}: outcomes, run by run", charted) + legend(names))
    ]
    if any(run.profile_fit is not None for run in runs):
        fits = [(_time(run.started_at), run.profile_fit) for run in runs[-CHARTED_RUNS:]]
        about = f'<p class="soft">median page; below {CHANGED:g} the layout has changed</p>'
        cards.append(
            _card(
                "Fit to the site profile, run by run", line(f"{source}: profile fit", fits, CHANGED) + about
            )
        )
    cards += [
        _card(f"{name.capitalize()} of the last run", bars(f"{source}: {name}", pairs))
        for name, pairs in columns(last).items()
        if pairs
    ]
    return (
        f'<section id="{escape(source, quote=True)}"><h2>{escape(source)}</h2>'
        f'<p class="soft">last run <code>{escape(last.run_id)}</code></p>'
        f'{_messages(last)}<div class="cards">{"".join(cards)}</div>'
        f"{completeness_section(complete) if complete else ''}{_runs(runs)}</section>"
    )


def _runs(runs: list[RunReport]) -> str:
    head = (
        "run", "status", "URLs", "fetched", "documents", "new", "changed", "unchanged", "gone", "failed",
        "truncated", "removed blocks", "profile fit",
    )  # fmt: skip
    rows = [
        (
            f'<span title="{escape(run.run_id, quote=True)}">{_time(run.started_at)}</span>',
            _status(run),
            *map(_number, (run.scheduled, run.fetched, run.documents, run.new, run.changed)),
            *map(_number, (urls_with_outcome(run, Outcome.UNCHANGED), *_troubles(run), _cut(run))),
            _number(sum(n for _, n in run.removals)),
            _fit(run),
        )
        for run in reversed(runs[-LISTED_RUNS:])
    ]
    more = (
        f'<p class="soft">and {len(runs) - LISTED_RUNS} earlier runs</p>' if len(runs) > LISTED_RUNS else ""
    )
    return _table(head, rows) + more


def _troubles(run: RunReport) -> tuple[int, int]:
    return urls_with_outcome(run, Outcome.GONE), urls_with_outcome(run, Outcome.FAILED)


def _cut(run: RunReport) -> int:
    return sum(n for verdict, n in run.access if verdict not in (Access.FULL, Access.UNKNOWN))


def _by_outcome(run: RunReport) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, n in run.outcomes:
        counts[name.partition(":")[0]] += n
    return dict(counts)


def _messages(run: RunReport) -> str:
    lines = "\n".join(escape(shown(message)) for message in run.messages)
    return f'<p class="messages">{lines}</p>' if lines else ""


def _status(run: RunReport) -> str:
    status = escape(run.status, quote=True)
    return f'<span class="status {status}">{status}</span>'


def _card(title: str, body: str) -> str:
    return f'<div class="card"><h3>{escape(title)}</h3>{body}</div>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are HTML already; the columns up to the status are left-aligned."""
    columns_of_words = range(head.index("status") + 1)
    left = [' class="left"' if i in columns_of_words else "" for i in range(len(head))]
    names = "".join(f'<th scope="col"{left[i]}>{escape(name)}</th>' for i, name in enumerate(head))
    lines = "".join(
        "<tr>" + "".join(f"<td{left[i]}>{cell}</td>" for i, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table></div>'


def _fit(run: RunReport) -> str:
    if run.profile_fit is None:
        return '<span class="soft">none</span>'
    changed = ' class="failed"' if run.profile_fit < CHANGED else ""
    return f"<span{changed}>{fit(run)}</span>"


def _number(n: int) -> str:
    return f"{n:,}"


def _time(iso: str) -> str:
    return escape(iso[:16].replace("T", " "))
