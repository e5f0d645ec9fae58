"""Write articles and their translations side by side into a TSV file.

    python examples/bilingual_pairs.py data/releases/latest pairs.tsv

The columns are the languages of the two texts, the number of the article, and the two texts.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import tamis


def main(release: Path, file: Path) -> None:
    """Write the aligned articles of a release, a pair on each line."""
    opened = tamis.open_release(release)
    languages = {row["id"]: row["language"] for row in opened.documents.to_arrow().to_pylist()}
    pairs = [
        (languages[row["a"]], languages[row["b"]], row["number"], row["text_a"], row["text_b"])
        for row in opened.pairs.to_arrow()
        .sort_by([("a", "ascending"), ("offset_a", "ascending")])
        .to_pylist()
        if row["status"] == "aligned"
        and row["level"] == "article"
        and {row["a"], row["b"]} <= languages.keys()
    ]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, "excel-tab", lineterminator="\n").writerows(pairs)
    print(f"{len(pairs)} pairs in {file}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
