"""A release cut from the dataset, with what the ledger knows of gaps and withdrawals."""

from __future__ import annotations

from collections.abc import Iterable

from flows.workspace.workspace import Workspace
from output.base.records import Outcome, RunReport
from output.release.choice import Choice
from output.release.release import Release, cut_release

# The outcomes that leave a gap: scheduled, and nothing came of it.
_GAPS = (Outcome.FAILED, Outcome.REFUSED, Outcome.GONE, Outcome.HELD)


def cut(workspace: Workspace, choice: Choice | None = None) -> Release:
    """Cut a release with what the ledger knows of gaps and withdrawals; without a choice, `latest`."""
    return cut_release(
        workspace.releases,
        workspace.dataset,
        choice or Choice(),
        gaps=gaps(workspace.ledger.reports()),
        forgotten=[tombstone.url for tombstone in workspace.ledger.tombstones()],
    )


def gaps(reports: Iterable[RunReport]) -> dict[str, dict[str, int]]:
    """What the newest run of each source could not or would not take, by outcome and reason."""
    newest = {report.source_id: report for report in reports}
    return {
        source: {name: n for name, n in report.outcomes if name.partition(":")[0] in _GAPS}
        for source, report in newest.items()
    }
