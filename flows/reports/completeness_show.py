"""Completeness in the terminal and on the HTML report."""

from __future__ import annotations

from collections import Counter
from html import escape

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.reports.completeness import Completeness, Measure, Month, calendar
from output.base.escaping import escape as for_terminal
from output.release.charts import legend, stacks

# Months in the terminal, and columns of the chart; the table of the HTML report has all.
SHOWN_MONTHS = 12
CHARTED_MONTHS = 60

_TABLE_HEAD = "".join(
    f'<th scope="col"{" class=left" if name in ("month", "not published") else ""}>{name}</th>'
    for name in ("month", "listed", "fetched", "published", "not published")
)


def print_completeness(completeness: Completeness) -> None:
    """Print the last months of a source, the totals that its site gives, and the low months."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("month", no_wrap=True)
    for name in ("listed", "fetched", "published"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("not published", overflow="fold")
    earlier = len(completeness.months) - SHOWN_MONTHS
    for month in (*completeness.months[-SHOWN_MONTHS:], completeness.total):
        counts = (month.listed, month.fetched, month.published)
        table.add_row(month.month, *(f"{n:,}" for n in counts), Text(for_terminal(_gaps(month))))
    console.print(table)
    if earlier > 0:
        console.print(f"{earlier} earlier months are shown by --html and --json")
    for line in (*map(in_words, completeness.measures), *(f"low: {line}" for line in completeness.low)):
        console.print(Text(for_terminal(line)))


def in_words(measure: Measure) -> str:
    """Return a measure as a line: what was listed, and what the site says."""
    total = measure.total
    line = f"{measure.way} {measure.start}: {measure.listed:,} listed"
    if total is None:
        return line
    missing = f", {total - measure.listed:,} are missing" if measure.listed < total else ""
    return f"{line} of {total:,} that the site counts{missing}"


def completeness_section(completeness: Completeness) -> str:
    """Return the completeness of a source as a part of the HTML report."""
    if not completeness.months:
        return ""
    by_name = {month.month: _by_outcome(month) for month in completeness.months}
    charted = [(name, by_name.get(name, {})) for name in calendar(completeness.months)[-CHARTED_MONTHS:]]
    names = sorted({name for _, counts in charted for name in counts})
    chart = stacks(f"{completeness.source_id}: pages by month", charted) + legend(names) if charted else ""
    lines = "".join(f"<li>{escape(in_words(measure))}</li>" for measure in completeness.measures)
    low = "\n".join(escape(f"low: {line}") for line in completeness.low)
    rows = "".join(_row(month) for month in (completeness.total, *reversed(completeness.months)))
    return (
        f"<h3>Completeness, month by month</h3>"
        f"{f'<p class=messages>{low}</p>' if low else ''}"
        f'<div class="wide">{chart}</div>'
        f"{f'<ul class=soft>{lines}</ul>' if lines else ''}"
        f"<details><summary>{len(completeness.months)} months: listed, fetched, published</summary>"
        f'<div class="scroll"><table><thead><tr>{_TABLE_HEAD}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _row(month: Month) -> str:
    counts = "".join(f"<td>{n:,}</td>" for n in (month.listed, month.fetched, month.published))
    name, gaps = escape(month.month), escape(_gaps(month))
    return f'<tr><td class="left">{name}</td>{counts}<td class="left words">{gaps}</td></tr>'


def _gaps(month: Month) -> str:
    return ", ".join(f"{n:,} {reason}" for reason, n in month.gaps)


def _by_outcome(month: Month) -> dict[str, int]:
    counts = Counter({"published": month.published} if month.published else {})
    for reason, n in month.gaps:
        counts[reason.partition(":")[0]] += n
    return dict(counts)
