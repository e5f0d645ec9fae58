"""Find the URLs of a source in Python, where no declaration can describe them, and run it.

    export TAMIS_CONTACT=you@example.org
    python examples/custom_source.py https://gazette.example

This site numbers its laws: the script counts until a number is missing. Anything else that gives URLs will
do: a database, a spreadsheet, an API.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path

DECLARATION = """\
[source]
id = "numbered-laws"
name = "Numbered laws"
home = "{site}/"

[crawl]
discover = "urls"
start_file = "urls.txt"
delay = 1.0
loopback = {loopback}

[expect]
documents = {{ min = 1 }}
"""


def find_urls(site: str) -> Iterator[str]:
    """Return the addresses of the laws, until one is missing."""
    for number in count(1):
        url = f"{site}/laws/{number}.html"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=30):
                yield url
        except urllib.error.HTTPError:
            return


def main(site: str, folder: Path) -> None:
    """Write the URLs and a declaration that reads them into `folder`, and run it."""
    folder.mkdir(exist_ok=True)
    (folder / "urls.txt").write_text("".join(f"{url}\n" for url in find_urls(site)), "utf-8")
    declaration = folder / "numbered-laws.toml"
    local = str("//127.0.0.1" in site).lower()
    declaration.write_text(DECLARATION.format(site=site, loopback=local), "utf-8")
    subprocess.run(["tamis", "--data", folder / "data", "run", declaration], check=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2] if len(sys.argv) > 2 else "numbered-laws"))
