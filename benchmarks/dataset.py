"""Releases and the dataset at size: speed, memory, the same bytes twice.

    .venv/bin/python -m benchmarks.dataset            # a million documents of 2 KB: minutes, 2 GB of disk
    .venv/bin/python -m benchmarks.dataset --documents 100000

Prints a row a figure, and ends with 1 where one misses its floor. CPU seconds count all threads of the
process that does the work and nothing else; memory is its peak resident set.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from output.base.records import Access, Document, Heading, RunReport, text_version
from output.dataset.dataset import Dataset
from output.release.release import cut_release

# Floors and ceilings: documents a CPU second, GB, CPU seconds, seconds.
LEAST_SPEED, MOST_MEMORY, MOST_UPSERT, MOST_READ = 15_000, 1.0, 3.0, 0.3

_SYLLABLES = ("ka", "lo", "mi", "ter", "sa", "ven", "dru", "pol", "ice", "ar", "no", "ti", "on")
CHARACTERS = 2000


def _run(number: int) -> RunReport:
    day = f"2026-{number // 28 + 1:02}-{number % 28 + 1:02}"
    run_id = f"{day.replace('-', '')}T000000Z-bench"
    return RunReport(run_id, "bench", "published", f"{day}T00:00:00+00:00", f"{day}T01:00:00+00:00")


def _documents(report: RunReport, first: int, count: int) -> Iterator[Document]:
    """Documents of words in no order, so that they compress as text does and no two are alike."""
    luck = random.Random(first)
    words = sorted({"".join(luck.choices(_SYLLABLES, k=luck.randint(1, 5))) for _ in range(5000)})
    text = " ".join(luck.choices(words, k=1_500_000))
    for number in range(first, first + count):
        start = luck.randrange(len(text) - CHARACTERS)
        body = text[start : start + CHARACTERS]
        url = f"https://bench.example/{number:07}"
        yield Document(
            id=url, version=text_version("", body), source_id="bench", input_id=url, url=url, title=body[:60],
            text=body, characters=CHARACTERS, language="en", headings=(Heading(1, body[:20], 0),),
            date_published=f"{2000 + number % 25}-{number % 12 + 1:02}-{number % 28 + 1:02}",
            raw_sha256=f"{number:064x}", archive_file="bench/run-00001.warc.gz", archive_offset=number * 1000,
            fetched_at=report.started_at, run_id=report.run_id, rules_version="1", model_version="1",
            share_kept=0.5, robots="allow", access=Access.FULL,
        )  # fmt: skip


def _fill(root: Path, documents: int, batch: int) -> int:
    dataset = Dataset(root)
    runs = -(-documents // batch)
    for number in range(runs):
        report = _run(number)
        count = min(batch, documents - number * batch)
        dataset.publish(report, [*_documents(report, number * batch, count)])
    return runs


def _measured(what: str, *arguments: str | Path) -> dict[str, Any]:
    """Return what one of the workers below said of itself, in a process of its own."""
    code = f"from benchmarks.dataset import {what}; {what}(*__import__('sys').argv[1:])"
    ended = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, check=True
    )
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


def cut(releases: str, root: str) -> None:
    """Cut a release; says id, documents, CPU seconds, memory in GB."""
    import resource

    start = time.process_time()
    made = cut_release(Path(releases), Dataset(root))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    count = made.manifest["counts"]["documents"]
    print(json.dumps({"id": made.id, "documents": count, "seconds": seconds, "memory": peak}))


def upsert(root: str, number: str, count: str) -> None:
    """Publish new versions of the first documents; says the CPU seconds, and a reader's for `latest`."""
    report = _run(int(number))
    documents = [
        replace(document, text=f"Amended. {document.text}") for document in _documents(report, 0, int(count))
    ]
    start = time.process_time()
    Dataset(root).publish(report, documents)
    seconds = time.process_time() - start
    reads = []
    for _ in range(5):
        started = time.monotonic()
        with Dataset(root).views() as connection:
            connection.execute("select language, count(*) from latest_keys group by all").fetchall()
        reads.append(time.monotonic() - started)
    print(json.dumps({"seconds": seconds, "read": min(reads)}))


def main() -> int:
    """Fill, cut twice, upsert, read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=1_000_000)
    options = parser.parse_args()
    rows: list[tuple[str, float, str, bool]] = []
    with tempfile.TemporaryDirectory(prefix="tamis-bench-") as name:
        folder = Path(name)
        _fill(folder / "large", options.documents, 10_000)
        first = _measured("cut", folder / "one", folder / "large")
        speed = first["documents"] / first["seconds"]
        rows.append(("release, documents a CPU second", speed, f">= {LEAST_SPEED:,}", speed >= LEAST_SPEED))
        memory = first["memory"]
        rows.append(("release, peak memory in GB", memory, f"<= {MOST_MEMORY}", memory <= MOST_MEMORY))
        second = _measured("cut", folder / "two", folder / "large")
        same = first["id"] == second["id"]
        rows.append(("second cut has the same bytes (1 is yes)", float(same), "1", same))
        runs = _fill(folder / "standing", min(200_000, options.documents), 10_000)
        said = _measured("upsert", folder / "standing", str(runs), "10000")
        rows.append(
            (
                "10,000 of 200,000 upserted, CPU s",
                said["seconds"],
                f"<= {MOST_UPSERT}",
                said["seconds"] <= MOST_UPSERT,
            )
        )
        rows.append(("latest view, seconds", said["read"], f"<= {MOST_READ}", said["read"] <= MOST_READ))
    print(f"{options.documents:,} documents of {CHARACTERS:,} characters, Parquet and JSON Lines\n")
    for what, value, floor, met in rows:
        print(f"{what:45} {value:12,.2f}  {floor:10}  {'' if met else 'MISSED'}")
    return 0 if all(met for *_, met in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
