"""Say what has changed in the terms of service of a site since the last look.

    export TAMIS_CONTACT=you@example.org
    python examples/watch_terms.py https://gazette.example/terms.html

Start it once a day, from cron for example. The first call says that the page is new.
"""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

DECLARATION = """\
[source]
id = "terms"
name = "Terms of {host}"
home = "{url}"

[crawl]
discover = "urls"
start = ["{url}"]
loopback = {loopback}
"""
# Both versions of a document whose page has changed since the release before.
CHANGED = """
select title, was.text, now.text
from '{latest}/changes.parquet' c
join '{latest}/documents/*.parquet' now using (id, title)
join '{before}/documents/*.parquet' was using (id)
where change = 'amended'
"""


def main(url: str, folder: Path) -> None:
    """Fetch the page at `url` if it has changed, and print the lines that differ from the last version."""
    folder.mkdir(exist_ok=True)
    host = urlsplit(url).hostname or ""
    declaration = folder / "terms.toml"
    local = str(host in ("localhost", "127.0.0.1")).lower()
    declaration.write_text(DECLARATION.format(url=url, host=host, loopback=local), "utf-8")
    latest = folder / "releases" / "latest"
    before = latest.resolve() if latest.exists() else None
    subprocess.run(["tamis", "--data", folder, "run", declaration], check=True, stdout=subprocess.DEVNULL)
    if before is None:
        print(f"first look at {url}: kept")
        return
    changes = duckdb.sql(CHANGED.format(latest=latest, before=before)).fetchall()
    if latest.resolve() == before or not changes:
        print("nothing has changed")
        return
    for title, old, new in changes:
        print(title, *difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=0), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "terms"))
