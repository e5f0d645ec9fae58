"""All that `make bench` measures, one benchmark after the other, each at a share of its size.

    .venv/bin/python -m benchmarks

What needs labelled pages is skipped, and says so, where the folder beside the repository is absent.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DATA = Path("../shared/data")
# Arguments of `python -m`; those that name a file in DATA need it.
RUNS = (
    ("benchmarks.startup",),
    ("benchmarks.works", "--titles", "2000", "10000"),
    ("benchmarks.extraction", "--data", DATA, "--every", "4"),
    ("benchmarks.documents", DATA),
    ("benchmarks.dedup", "speed", DATA / "dedup-dev.parquet"),
    ("benchmarks.dedup", "index", "--documents", "100000"),
    ("benchmarks.chain", DATA / "wcxb-dev.parquet", "--pages", "100"),
    ("benchmarks.crawl", "--pages", "200", "--rounds", "1"),
    ("benchmarks.discovery", "--pages", "1000", "--posts", "1000"),
    ("benchmarks.dataset", "--documents", "100000"),
)


def main() -> int:
    """Run them all; 1 where one did not end well."""
    failed = 0
    for run in RUNS:
        command = [*map(str, run)]
        print(f"\n== {' '.join(command)}", flush=True)
        if absent := next((part for part in run if isinstance(part, Path) and not part.exists()), None):
            print(f"skipped: {absent} is not there")
            continue
        failed += subprocess.run([sys.executable, "-m", *command], check=False).returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
