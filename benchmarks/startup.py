"""How long Tamis takes to start: `import tamis`, and `tamis extract` of one small page.

    .venv/bin/python -m benchmarks.startup [--other OTHER/.venv/bin/python] [--rounds 15]

`--other` is the Python of another build, measured in turns with this one. Times are medians, in seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

_PAGE = "<title>Lamps</title><h1>Lamps</h1><p>The lamps of the quay are lit at dusk and put out at dawn.</p>"
_HEAVY = ("prefect", "scrapy", "deltalake", "duckdb", "pyarrow")


def main() -> None:
    """Print a line for each start of each build, and what `import tamis` must not load."""
    arguments = _arguments()
    builds = {"this build": sys.executable} | ({"other build": arguments.other} if arguments.other else {})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lamps.html").write_text(_PAGE, "utf-8")
        extract = ["-m", "flows.cli", "extract", "lamps.html", "--output", "documents.jsonl"]
        _measure("tamis extract, one page", extract, builds, arguments.rounds, folder)
        _measure(
            "import tamis", ["-c", "import tamis"], {"this build": sys.executable}, arguments.rounds, folder
        )
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, tamis; print([m for m in {_HEAVY} if m in sys.modules])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    print(f"loaded by import tamis, of {', '.join(_HEAVY)}: {loaded}")


def _measure(what: str, words: list[str], builds: dict[str, str], rounds: int, folder: Path) -> None:
    taken: dict[str, list[tuple[float, float]]] = {build: [] for build in builds}
    for _ in range(rounds):
        for build, python in builds.items():
            taken[build].append(_seconds([python, *words], folder))
    for build, times in taken.items():
        cpu, wall = (median(column) for column in zip(*times, strict=True))
        print(f"{what}: {build}: {cpu:.3f} s CPU, {wall:.3f} s")


def _seconds(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command; return its CPU and wall seconds, those of its children included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    # Compiled files are kept, as on a user's machine, so that the first round alone compiles.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode:
        sys.exit(f"{' '.join(command)}: {ended.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--other", help="the Python of another build, to measure in turns")
    parser.add_argument("--rounds", type=int, default=15)
    return parser.parse_args()


if __name__ == "__main__":
    main()
