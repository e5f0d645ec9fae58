"""Crawl a site and load the result into a DuckDB database.

    export TAMIS_CONTACT=you@example.org
    python examples/site_to_duckdb.py https://gazette.example/ gazette.duckdb

The site is looked at first; the draft of its declaration stays beside the database. Called again, the script
fetches only what has changed.
"""

from __future__ import annotations

import glob
import subprocess
import sys
from pathlib import Path

import duckdb


def main(url: str, database: Path) -> None:
    """Crawl the site at `url`, and put the newest release into `database`, a table for each of its tables."""
    declaration, data = database.with_suffix(".toml"), database.with_suffix(".data")
    if not declaration.exists():
        subprocess.run(["tamis", "probe", url, "--output", declaration], check=True)
    subprocess.run(["tamis", "--data", data, "run", declaration], check=True)
    release = data / "releases" / "latest"
    with duckdb.connect(str(database)) as connection:
        for file in (release / "documents", *sorted(release.glob("*.parquet"))):
            parts = sorted(file.glob("*.parquet")) if file.is_dir() else [file]
            files = [glob.escape(str(part)) for part in parts]
            connection.execute(f"create or replace table {file.stem} as from read_parquet(?)", [files])
        connection.sql("select access, count(*) as documents from documents group by access").show()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1], Path(sys.argv[2]))
