"""Relating texts: speed beside datasketch and rensa, what a growing index costs, and how `amend` is fitted.

    .venv/bin/python -m benchmarks.dedup speed ../shared/data/dedup-dev.parquet
    .venv/bin/python -m benchmarks.dedup index --documents 1000000
    .venv/bin/python -m benchmarks.dedup fit ../shared/data/dedup-dev.parquet
    .venv/bin/python -m benchmarks.dedup curve ../shared/data/dedup-dev.parquet --folder FOLDER

`speed` gives documents a CPU second from the file to the relations, less what one document costs; the peers
get five-letter shingles of the folded text, made as their users make them, and give candidate pairs. `index`
fills a ledger and prints the CPU seconds that 1,000 documents more take. `fit` fits the weights of
cleaning/relations/amend.py on half of the families and prints, for both halves and each threshold, the share
of duplicates that become versions and of versions that pass as duplicates, among those that lie side by side.
`curve` writes the relations at each threshold into a folder, for `../shared/bench/dedup.py --relations`.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import resource
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from cleaning.relations import amend, decide
from cleaning.relations.fold import Fold
from cleaning.relations.overlap import overlaps
from cleaning.relations.relate import relate
from cleaning.relations.shingles import anchors, shingle
from cleaning.relations.types import Candidate, Facts
from flows.commands.dedupe import dedupe_file
from output.ledger.ledger import Ledger
from output.relations.index import RelationIndex

SAME = {"base", "exact", "norm", "trad", "chrome_s", "chrome_m", "chrome_l"}
SAME |= {"edit01", "edit03", "edit05", "noise1", "noise3"}
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
# The rules by which two texts lie side by side, and are the same unless their differences amend.
SIDE_BY_SIDE = {decide.NEAR_RULE, "page", "amended:text"}

TAMIS = """
import sys
from pathlib import Path
from flows.commands.dedupe import dedupe_file
dedupe_file(Path(sys.argv[1]), Path(sys.argv[2]))
"""
FOLDED = """
import json, sys, unicodedata
def shingles(line):
    text = unicodedata.normalize("NFKC", json.loads(line)["text"]).lower()
    text = "".join(c for c in text if c.isalnum())
    return [text[n : n + 5] for n in range(len(text) - 4)]
"""
RENSA = (
    FOLDED
    + """
from rensa import RMinHash, RMinHashLSH
index, signatures, pairs = RMinHashLSH(threshold=0.35, num_perm=128, num_bands=32), [], 0
for number, line in enumerate(open(sys.argv[1], encoding="utf-8")):
    signature = RMinHash(num_perm=128, seed=42)
    signature.update(shingles(line))
    pairs += sum(signatures[other].jaccard(signature) >= 0.35 for other in index.query(signature))
    index.insert(number, signature)
    signatures.append(signature)
"""
)
DATASKETCH = (
    FOLDED
    + """
from datasketch import MinHash, MinHashLSH
index, signatures, pairs = MinHashLSH(num_perm=128, params=(32, 4)), [], 0
for number, line in enumerate(open(sys.argv[1], encoding="utf-8")):
    signature = MinHash(num_perm=128, seed=42)
    signature.update_batch([s.encode() for s in shingles(line)])
    pairs += sum(signatures[other].jaccard(signature) >= 0.35 for other in index.query(signature))
    index.insert(number, signature)
    signatures.append(signature)
"""
)


def read(data: Path) -> list[dict[str, Any]]:
    """Return the labelled texts."""
    rows: list[dict[str, Any]] = pq.read_table(data).to_pylist()
    return rows


def write(rows: list[dict[str, Any]], file: Path) -> Path:
    """Return the texts as JSON Lines."""
    lines = [json.dumps({"id": row["id"], "text": row["text"]}, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def speed(data: Path, rounds: int) -> None:
    """Documents a CPU second of each tool, in turns."""
    rows = read(data)
    with tempfile.TemporaryDirectory() as folder:
        many, one = write(rows, Path(folder, "many.jsonl")), write(rows[:1], Path(folder, "one.jsonl"))
        for _ in range(rounds):
            for name, code in (("tamis", TAMIS), ("rensa", RENSA), ("datasketch", DATASKETCH)):
                seconds = _cpu(code, many, folder) - _cpu(code, one, folder)
                print(f"{name:<11} {len(rows) / seconds:7.0f} documents a CPU second", flush=True)


def _cpu(code: str, file: Path, folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, str(file), f"{folder}/out.jsonl"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def index(documents: int) -> None:
    """CPU seconds of relating 1,000 documents more (making them not counted), as the index grows; each size
    in turns with an index of 10,000, for the machine is never the same an hour later.
    """
    with tempfile.TemporaryDirectory() as folder:
        growing = _Filled(Path(folder, "growing"))
        for size in [n for n in (10_000, 100_000, 300_000, 1_000_000) if n <= documents]:
            growing.fill(size)
            small = _Filled(Path(folder, f"small-{size}"))
            small.fill(10_000)
            seconds = [(growing.more(), small.more()) for _ in range(7)]
            took, beside = (sorted(column)[len(seconds) // 2] for column in zip(*seconds, strict=True))
            bytes_ = sum(file.stat().st_size for file in growing.folder.iterdir())
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            print(
                f"{size:>9} documents: 1,000 more {took:.3f} CPU s, "
                f"{took / beside:.2f} times the {beside:.3f} at 10,000; "
                f"{bytes_ >> 20} MiB on disk, {memory} MiB resident",
                flush=True,
            )


class _Filled:
    """A relation index of made-up documents of 6 KB."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        chance = random.Random(7)
        self._words = [
            "".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 10))) for _ in range(20_000)
        ]
        self._index = RelationIndex(Ledger(folder / "ledger.sqlite").engine)
        self._done = 0

    def fill(self, size: int) -> None:
        """Relates documents, ten thousand a run, until there are so many."""
        while self._done < size:
            self.more(min(10_000, size - self._done))

    def more(self, count: int = 1000) -> float:
        """CPU seconds of one run with so many documents more."""
        documents = [self._make(number) for number in range(self._done, self._done + count)]
        self._done += count
        started = time.process_time()
        relate(documents, self._index, run_id=f"run{self._done}")
        return time.process_time() - started

    def _make(self, number: int) -> Candidate:
        # Every fiftieth amends one that came 101 before it, which amends none.
        amends = number % 50 == 7 and number > 100
        own = random.Random(number - 101 if amends else number)
        text = "\n".join(" ".join(own.choices(self._words, k=60)) + "." for _ in range(14))
        return Candidate(f"d{number}", f"v{number}", text + "\nOne line more." * amends)


def fit(data: Path) -> None:
    """Fits the weights of cleaning/relations/amend.py, and prints what they cost and gain."""
    rows = read(data)
    signs, versions, halves = [], [], []
    for vector, version, family in _near(rows):
        signs.append(vector)
        versions.append(version)
        halves.append((family * 2654435761 >> 8) % 2)
    x, y, half = np.array(signs), np.array(versions, float), np.array(halves)
    weights = _logistic(x[half == 1], y[half == 1])
    print("weights", [round(float(w), 2) for w in weights])
    for name, which in (("fitted on", 1), ("held out", 0)):
        chances = 1 / (1 + np.exp(-x[half == which] @ weights.round(2)))
        truth = y[half == which] == 1
        for threshold in THRESHOLDS:
            lost = float((chances[~truth] >= threshold).mean())
            merged = float((chances[truth] < threshold).mean())
            print(f"{name:<9} at {threshold:.2f}: duplicates lost {lost:.3f}, versions merged {merged:.3f}")


def curve(data: Path, folder: Path) -> None:
    """Write the relations at each threshold from which on differences amend a text."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = write(read(data), folder / "documents.jsonl")
    for threshold in THRESHOLDS:
        amend.AMENDED_LIKELIHOOD = threshold
        print(threshold, dedupe_file(documents, folder / f"relations-{threshold:.1f}.jsonl"), flush=True)


def _near(rows: list[dict[str, Any]]) -> Iterator[tuple[npt.NDArray[np.float64], bool, int]]:
    """Pairs of a family that lie side by side: the signs of their differences, whether they are versions."""
    families = collections.defaultdict(list)
    for row in rows:
        if row["kind"] in SAME | {"version"}:
            families[row["family"]].append(row["text"])
    versions = {row["family"] for row in rows if row["kind"] == "version"}
    nothing = Facts(), Facts()
    for family, texts in families.items():
        known = {text.fingerprint(): text for text in shingle(texts, Fold())}.values()
        distinct = [text for text in known if anchors([text])[1].size]
        pairs = [(text, distinct[:place]) for place, text in enumerate(distinct) if place]
        for (text, others), found in zip(pairs, overlaps(pairs), strict=True):
            for other, overlap in zip(others, found, strict=True):
                verdict = decide.decide([(overlap, (other, text), nothing)])[0] if overlap else None
                if overlap and verdict and verdict.rule in SIDE_BY_SIDE:
                    yield amend.signs([(overlap, (other, text))])[0], family in versions, family


def _logistic(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Logistic regression by Newton's method; a version weighs three times a duplicate, the ridge is 1e-3."""
    weights = np.zeros(x.shape[1])
    importance = np.where(y > 0, 3.0, 1.0) / len(y)
    ridge = np.diag([2e-3] * (x.shape[1] - 1) + [0.0])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (importance * (chances - y)) + ridge @ weights
        curve = (x.T * (importance * chances * (1 - chances))) @ x + ridge
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def main() -> None:
    """Run one of the four."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("speed", "fit", "curve"):
        commands.add_parser(name).add_argument("data", type=Path)
    commands.choices["speed"].add_argument("--rounds", type=int, default=3)
    commands.choices["curve"].add_argument("--folder", type=Path, required=True)
    commands.add_parser("index").add_argument("--documents", type=int, default=1_000_000)
    args = parser.parse_args()
    if args.command == "speed":
        speed(args.data, args.rounds)
    elif args.command == "index":
        index(args.documents)
    elif args.command == "curve":
        curve(args.data, args.folder)
    else:
        fit(args.data)


if __name__ == "__main__":
    main()
