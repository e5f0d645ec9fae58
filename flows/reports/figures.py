"""The figures of one run, as every form of the report shows them."""

from __future__ import annotations

from collections.abc import Iterable

from output.base.records import Outcome, RunReport

Pairs = tuple[tuple[str, int], ...]


def columns(report: RunReport) -> dict[str, Pairs]:
    """What a run is counted by, each as (name, count) pairs."""
    return {
        "outcomes": report.outcomes,
        "verdicts": report.access,
        "removed": report.removals,
        "relations": report.relations,
    }


def fit(report: RunReport) -> str:
    """How well a run's median page fits its site profile, to two places; "none" where no page has one."""
    return "none" if report.profile_fit is None else f"{report.profile_fit:.2f}"


def having(report: RunReport, outcome: Outcome) -> int:
    """The URLs of a run with an outcome, whatever the reason."""
    return sum(n for name, n in report.outcomes if name.partition(":")[0] == outcome)


def largest(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Pairs of (name, count), the greatest count first."""
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
