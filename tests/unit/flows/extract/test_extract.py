"""What an extraction leaves of pages that give no document."""

from __future__ import annotations

import json
from pathlib import Path

from flows.extract.extract import extract


def test_a_page_without_a_document_leaves_its_reason_among_the_receipts(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<title>Quay</title>")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\nbroken")
    output, removals = tmp_path / "documents.jsonl", tmp_path / "removals.jsonl"
    tally = extract([tmp_path / "empty.html", tmp_path / "broken.pdf"], output, removals, lambda *_: None)
    receipts = [json.loads(line) for line in removals.read_text().splitlines()]
    assert [(one["kind"], one["rule"]) for one in receipts if one["rule"].startswith("rejected:")] == [
        ("rejected", "rejected:empty"),
        ("rejected", "rejected:pdf_broken"),
    ]
    assert [problem.why.partition(":")[0] for problem in tally.unreadable] == ["pdf_broken"]
