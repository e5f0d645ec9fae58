"""Say what has changed in the terms of service of a site since the last look.

    python examples/watch_terms.py https://gazette.example/terms.html terms.txt

Start it once a day, from cron for example. It compares the texts alone: a new menu or advert is no change.
"""

from __future__ import annotations

import difflib
import sys
import urllib.request
from pathlib import Path

import tamis


def main(url: str, file: Path) -> None:
    """Print the lines of the page's text that differ from those in `file`, and keep the new ones there."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        documents = tamis.extract(answer.read(), url=url, content_type=answer.headers["Content-Type"])
    text = "\n".join(document.text for document in documents)
    before = file.read_text("utf-8") if file.exists() else text
    changes = difflib.unified_diff(before.splitlines(), text.splitlines(), lineterm="", n=0)
    print("\n".join(changes) or "nothing has changed")
    file.write_text(text, "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1], Path(sys.argv[2]))
