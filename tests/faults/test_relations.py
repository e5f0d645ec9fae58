"""Relating what is hostile in size or number, and killed while it works: linear, bounded, and whole again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from cleaning.relations.relate import relate
from cleaning.relations.types import Candidate
from output.ledger.ledger import Ledger
from output.relations.index import RelationIndex
from tests import ROOT
from tests.faults.rows import row

FULL = os.environ.get("TAMIS_FAULTS") == "full"
KILLS = 100 if FULL else 20
# More than the texts that are kept at hand.
MANY = 20_000 if FULL else 12_000

DEDUPE = """
import sys
from pathlib import Path
from flows.commands.dedupe import dedupe_file
counts = dedupe_file(Path(sys.argv[1]), Path(sys.argv[2]))
# Of this process alone; what getrusage tells begins with its parent's memory.
status = Path("/proc/self/status").read_text().split()
peak = int(status[status.index("VmHWM:") + 1])
print(counts["documents"], counts.get("same", 0), counts.get("contains", 0), peak // 1024)
"""
RELATE = """
import sys
from pathlib import Path
from tests.faults.test_relations import relate_from
print("ready", flush=True)
for part in relate_from(Path(sys.argv[1]), 0):
    print(part, flush=True)
"""


def dedupe(folder: Path, lines: Iterable[dict[str, str]]) -> tuple[int, int, int, int]:
    """Documents, relations of `same` and of `contains`, and MiB resident, of `tamis dedupe`."""
    file = folder / "in.jsonl"
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(line) + chr(10) for line in lines)
    said = subprocess.run(
        [sys.executable, "-c", DEDUPE, str(file), str(folder / "out.jsonl")],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    documents, same, contains, peak = map(int, said.stdout.split())
    return documents, same, contains, peak


def provisions(seed: int, articles: int = 9) -> str:
    chance = random.Random(seed)
    words = ["".join(chance.choices("aeiomnrstlkd", k=chance.randint(2, 9))) for _ in range(articles * 30)]
    return chr(10).join(f"Article {n + 1}. {' '.join(words[n * 30 : n * 30 + 30])}." for n in range(articles))


@pytest.mark.slow
def test_a_million_identical_documents_are_one_star(tmp_path: Path) -> None:
    text, count = provisions(1), 1_000_000 if FULL else 200_000
    documents, same, _, peak = dedupe(tmp_path, ({"id": str(n), "text": text} for n in range(count)))
    with (tmp_path / "out.jsonl").open(encoding="utf-8") as stream:
        star = sum(json.loads(line)["a"] == "0" for line in stream)
    row(f"identical documents in one star, {peak} MiB", star + 1, count)
    assert (documents, same, star) == (count, count - 1, count - 1)
    assert peak < 400


@pytest.mark.slow
def test_texts_of_fifty_megabytes_are_related(tmp_path: Path) -> None:
    long = provisions(2, 240_000)[: 50 * 2**20]
    lines = [
        {"id": "long", "text": long},
        {"id": "upper", "text": long.upper()},
        {"id": "one letter", "text": "a" * len(long)},
        {"id": "quote", "text": provisions(3) + chr(10) + long[1000:2500]},
    ]
    documents, same, contains, peak = dedupe(tmp_path, lines)
    row(f"texts of 50 MB related, {peak} MiB", same + contains, 3)
    assert (documents, same, contains) == (4, 1, 2)
    assert peak < 1500


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def lines(count: int) -> Iterator[dict[str, str]]:
        return ({"id": str(n), "text": provisions(n % (count // 2), 20)} for n in range(count))

    small, large = (dedupe(tmp_path, lines(count)) for count in (MANY, 3 * MANY))
    row(f"memory of three times the documents, {small[3]} and {large[3]} MiB", 1, 1)
    assert (small[1], large[1]) == (MANY // 2, 3 * MANY // 2)
    # The database's cache, of 64 MiB, fills meanwhile.
    assert large[3] < 1.2 * small[3] + 64


def documents_of(part: int) -> list[Candidate]:
    """Two hundred documents: new ones, changed ones, twins and excerpts of those before."""
    made = []
    for n in range(200):
        seed = n if part and n % 4 else part * 1000 + n
        text = provisions(seed) if n % 5 else provisions(seed)[:700]
        made.append(Candidate(f"{part if n % 3 else 0}-{n}", f"{part}-{seed}-{n % 5 == 0}", text))
    return made


def relate_from(ledger: Path, first: int) -> Iterator[int]:
    """Three runs, the second and third with changed documents and a withdrawn one; gives those done."""
    opened = Ledger(ledger)
    index = RelationIndex(opened.engine)
    for part in range(first, 3):
        relate(documents_of(part), index, run_id=f"r{part}", withdrawn=[f"{part - 1}-1"])
        yield part
    opened.close()


def standing(ledger: Path) -> tuple[list[str], list[str]]:
    opened = Ledger(ledger)
    index = RelationIndex(opened.engine)
    with index.transaction():
        relations = sorted(f"{r.a} {r.b} {r.relation} {r.score} {r.rule}" for r in index.relations())
        known = sorted(index.states([f"{part}-{n}" for part in range(3) for n in range(200)]).items())
    opened.close()
    return relations, [" ".join(one) for one in known]


@pytest.mark.slow
def test_an_index_that_is_killed_agrees_with_the_documents_after_the_next_start(tmp_path: Path) -> None:
    started = time.monotonic()
    assert list(relate_from(tmp_path / "whole.sqlite", 0)) == [0, 1, 2]
    lasts = time.monotonic() - started
    whole, chance, good = standing(tmp_path / "whole.sqlite"), random.Random(4), 0
    for kill in range(KILLS):
        ledger = tmp_path / f"{kill}.sqlite"
        process = subprocess.Popen(
            [sys.executable, "-c", RELATE, str(ledger)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0, 1.2 * lasts))
        process.send_signal(signal.SIGKILL)
        # The run after the last that said it was done may be whole or not there; it is done again.
        done = process.communicate()[0].split()
        list(relate_from(ledger, len(done)))
        good += standing(ledger) == whole
    row("relation index whole after a kill", good, KILLS)
    assert good == KILLS
