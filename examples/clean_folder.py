"""Clean a folder of saved pages: one text file for each document.

    python examples/clean_folder.py saved/ texts/

The pages should be of one site: what they have in common tells menus and footers from text.
"""

from __future__ import annotations

import sys
from pathlib import Path

import tamis


def main(pages: Path, texts: Path) -> None:
    """Write the text of each document in `pages` to a file in `texts`, and say which texts are cut."""
    if not pages.is_dir():
        sys.exit(f"{pages}: no such folder")
    texts.mkdir(parents=True, exist_ok=True)
    html = {path: path.read_bytes() for path in sorted(pages.rglob("*.html"))}
    for path, page in html.items():
        for document in tamis.extract(page, site_pages=html.values()):
            file = texts / f"{path.stem}-{document.part}.txt"
            file.write_text(f"{document.text}\n", "utf-8")
            print(file, document.language, document.access, document.title, sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
