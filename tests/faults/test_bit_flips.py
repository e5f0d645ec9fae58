"""One bit of one file turned, anywhere in archive, tables, releases: `verify` names the file each time."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from output.archive.archive import ArchiveWriter
from output.archive.scan import verify_archive
from output.base.records import Outcome, sha256_hex
from output.dataset.dataset import Dataset
from output.integrity.damage import Damage
from output.ledger.ledger import Ledger
from output.ledger.records import Fetched, RunStatus, Scheduled, Settled
from output.release.release import cut_release, verify_release
from tests.unit.output.gazette_records import LATER, document, rejection, relation, removal, report

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FULL = os.environ.get("TAMIS_FAULTS") == "full"


def stored(data: Path) -> Callable[[], Damage]:
    """Archive, dataset and two releases below `data`; gives what looks for damage in all of them."""
    ledger = Ledger(data / "ledger.sqlite")
    run_id, _ = ledger.open_run("blog", now=NOW)
    writer = ArchiveWriter(
        data / "archive", "blog", run_id=run_id, end_of=ledger.archive_end, closed=ledger.close_file
    )
    noise = random.Random(1)
    for number in range(20):
        url, body = f"https://blog.example/{number}", noise.randbytes(2000).hex().encode()
        ref = writer.write_response(
            url=url,
            status=200,
            reason="OK",
            request_headers=[],
            response_headers=[],
            body=body,
            sha256=sha256_hex(body),
            fetched_at=NOW,
        )
        ledger.schedule(run_id, [Scheduled(url)])
        fetched = Fetched(url, 200, ref, "response", sha256_hex(body), NOW)
        ledger.fetched(run_id, [(fetched, Settled(url, Outcome.PUBLISHED))])
    writer.close()
    ledger.set_status(run_id, RunStatus.PUBLISHED, NOW)
    dataset = Dataset(data / "dataset")
    texts = [document(f"law-{n}", noise.randbytes(500).hex()) for n in range(40)]
    dataset.publish(report(), texts, [removal("law-1")], [rejection("file")], [relation("law-1", "law-2")])
    cut_release(data / "releases", dataset)
    dataset.publish(report(LATER), [document("law-1", "Amended.", LATER)])
    cut_release(data / "releases", dataset)

    def look() -> Damage:
        releases = sorted(p for p in (data / "releases").iterdir() if p.is_dir() and not p.is_symlink())
        lines = [line for release in releases for line in verify_release(release)]
        return Damage(verify_archive(data / "archive", ledger), dataset.verify(), lines)

    return look


def flip_bits(data: Path, trials: int, seed: int) -> str:
    look = stored(data)
    assert look().lines() == []
    files = [
        path
        for part in ("archive", "dataset", "releases")
        for path in sorted((data / part).rglob("*"))
        if path.is_file() and path.name != ".lock" and "latest" not in path.parts
    ]
    luck, named = random.Random(seed), 0
    for trial in range(trials):
        # Every file has its turn, however small.
        path = files[trial % len(files)]
        content = path.read_bytes()
        if not content:
            continue
        flipped = bytearray(content)
        place = luck.randrange(len(content) * 8)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        lines = look().lines()
        assert any(line.startswith(str(path)) for line in lines), f"bit {place} of {path} goes unnoticed"
        path.write_bytes(content)
        named += 1
    assert look().lines() == []
    return f"bit flips over archive, tables, releases named by verify: {named}/{trials}"


def test_fifty_bit_flips(tmp_path: Path) -> None:
    flip_bits(tmp_path, 50, seed=1)


@pytest.mark.slow
def test_bit_flips(tmp_path: Path) -> None:
    sys.stdout.write(f"{flip_bits(tmp_path, 1000 if FULL else 300, seed=2)}\n")


def test_what_can_be_made_again_is_said_by_kind_of_damage(tmp_path: Path) -> None:
    archive, dataset = tmp_path / "archive", tmp_path / "dataset"
    assert Damage().advice(archive, dataset) == []
    torn = Damage(
        [f"{archive}/blog/a.warc.gz: missing"], [f"{dataset}/documents/x.parquet: missing"], ["r: missing"]
    )
    lost, rows, releases = torn.advice(archive, dataset)
    assert "archive (blog): nothing can make these bytes again" in lost
    assert "all but the pages of the damaged archive files" in rows
    assert "once the dataset is repaired" in releases
    (only,) = Damage(releases=["r: missing"]).advice(archive, dataset)
    assert "from the dataset, which is sound" in only
