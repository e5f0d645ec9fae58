"""Cutting a release from the dataset, with the gaps and withdrawals that the ledger knows."""

from __future__ import annotations

from collections.abc import Iterable

from flows.workspace.workspace import Workspace
from output.base.records import Outcome, RunReport
from output.ledger.tombstones import url_hash
from output.release.choice import Choice
from output.release.release import Release, cut_release

# Outcomes of URLs that were scheduled and gave no document, though they might have.
_GAP_OUTCOMES = (Outcome.FAILED, Outcome.REFUSED, Outcome.DEFERRED, Outcome.GONE, Outcome.HELD)


def cut(workspace: Workspace, choice: Choice | None = None) -> Release:
    """Cut a release of what `choice` selects; without it, of everything whole, as `latest`."""
    return cut_release(
        workspace.releases,
        workspace.dataset,
        choice or Choice(),
        gaps=gaps(workspace.ledger.reports()),
        forgotten=[url_hash(tombstone.url) for tombstone in workspace.ledger.tombstones()],
    )


def gaps(reports: Iterable[RunReport]) -> dict[str, dict[str, int]]:
    """Return how many URLs the newest run of each source did not get, by outcome and reason."""
    newest = {report.source_id: report for report in reports}
    return {
        source: {name: n for name, n in report.outcomes if name.partition(":")[0] in _GAP_OUTCOMES}
        for source, report in newest.items()
    }
