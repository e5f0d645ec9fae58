"""The works of many acts: CPU seconds at sizes that show how they grow.

.venv/bin/python -m benchmarks.works [--titles 2000 10000 100000]
"""

from __future__ import annotations

import argparse
import random
import time

from cleaning.assembly.works import work_ids
from output.base.records import Article, Document

_KINDS = ("Regulations", "Measures", "Provisions", "Rules", "Notice", "Decision")
_SUBJECTS = (
    "harbour", "lamp", "crew", "vessel", "fishery", "ferry", "ticket", "cargo", "quay", "toll", "pilot",
    "anchor", "customs", "salvage", "ballast", "signal", "registration", "inspection", "insurance", "safety",
)  # fmt: skip
_PLACES = ("Lanmere", "Estuary", "Northport", "Tidewater", "Greywick", "Saltmarsh", "Ebbing", "Stonequay")


def main() -> None:
    """Print a line for each size: CPU seconds, and how many works were found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--titles", type=int, nargs="+", default=[2_000, 10_000, 100_000])
    for number in parser.parse_args().titles:
        documents = [_act(n) for n in range(number)]
        started = time.process_time()
        ids = work_ids(documents)
        print(f"{number} titles: {time.process_time() - started:.1f} s CPU, {len(set(ids.values()))} works")


def _act(n: int) -> Document:
    chance = random.Random(n)
    words = " ".join(chance.sample(_SUBJECTS, chance.randint(3, 6)))
    title = f"{chance.choice(_PLACES)} {chance.choice(_KINDS)} on the {words} of {chance.randint(1950, 2030)}"
    text = f"{title}\nArticle 1 The {words} are governed by these rules.\nArticle 2 They take effect at once."
    return Document(
        id=f"{n:020x}", version="", source_id="s", input_id=str(n), url="", title=title, text=text,
        language="en",
        articles=(Article("article", "Article 1", len(title) + 1, 60),),
    )  # fmt: skip


if __name__ == "__main__":
    main()
