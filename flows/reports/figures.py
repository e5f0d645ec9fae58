"""The figures of one run that every form of the report shows."""

from __future__ import annotations

from collections.abc import Iterable

from output.base.records import Outcome, RunReport

Pairs = tuple[tuple[str, int], ...]


def columns(report: RunReport) -> dict[str, Pairs]:
    """Return the counts of a run by their heading, each as (name, count) pairs."""
    return {
        "outcomes": report.outcomes,
        "access": report.access,
        "removed blocks": report.removals,
        "relations": report.relations,
    }


def fit(report: RunReport) -> str:
    """Return how well a run's median page fits its site profile; "none" where no page has a profile."""
    return "none" if report.profile_fit is None else f"{report.profile_fit:.2f}"


def urls_with_outcome(report: RunReport, outcome: Outcome) -> int:
    """Return the number of URLs of a run with an outcome, for whatever reason."""
    return sum(n for name, n in report.outcomes if name.partition(":")[0] == outcome)


def by_count(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return pairs of (name, count), the greatest count first."""
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
