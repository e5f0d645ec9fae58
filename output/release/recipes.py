"""Recipes for readers of a release: how to open it, and queries; the card shows them, the tests run them."""

from __future__ import annotations

# (reader, language of the code, code), to be run in the folder of a release.
READERS = (
    (
        "DuckDB",
        "sh",
        "duckdb -c \"select title, language, date_published, url from 'documents/*.parquet' limit 10\"",
    ),
    (
        "DuckDB in Python",
        "python",
        """\
import duckdb
duckdb.sql("select title, language, date_published from 'documents/*.parquet' limit 10").show()""",
    ),
    (
        "Polars",
        "python",
        """\
import polars
documents = polars.scan_parquet("documents/*.parquet")
print(documents.group_by("language").len().collect())""",
    ),
    (
        "pandas",
        "python",
        """\
import pandas
documents = pandas.read_parquet("documents")
print(documents[["title", "language", "date_published"]].head(10))""",
    ),
    (
        "pyarrow, which also verifies the checksum of every page",
        "python",
        """\
import pyarrow.parquet
documents = pyarrow.parquet.read_table("documents", page_checksum_verification=True)
print(documents.num_rows, documents.schema.names)""",
    ),
    (
        "Hugging Face datasets, from the folder and without a network",
        "python",
        """\
import os
import datasets
documents = datasets.load_dataset(os.getcwd(), "documents", split="train")
print(documents.num_rows, documents.features)""",
    ),
    ("A shell", "sh", "zstdcat documents.jsonl.zst | jq -r '[.language, .title] | @tsv' | head"),
)

# (question, SQL for DuckDB, a note).
QUERIES = (
    (
        "Which regulations took effect after a date, and what are their Chinese originals?",
        """\
select law.date_effective, law.title, law.issuer, original.title as original, original.url
from 'documents/*.parquet' law
left join 'relations.parquet' r on r.b = law.id and r.relation = 'translation_of'
left join 'documents/*.parquet' original
    on original.id = coalesce(law.translation_of, r.a) and original.language like 'zh%'
where law.date_effective > '2020-12-31' and not law.language like 'zh%'
order by law.date_effective, law.title;""",
        "",
    ),
    (
        "What changed since the release before, and was it the page or the cleaning?",
        """\
select change, count(*) over (partition by change) as documents, title, url, version_before, version
from 'changes.parquet'
order by change, title;""",
        "",
    ),
    (
        "Where does this sentence come from, down to the bytes in the archive?",
        """\
select title, url, fetched_at, strpos(text, 'takes effect') as at_character,
    raw_sha256, archive_file, archive_offset
from 'documents/*.parquet'
where contains(text, 'takes effect');""",
        """\
In the archive, which stays with whoever made the release, the record of the page begins at that byte:
`tail -c +$((archive_offset + 1)) archive/ARCHIVE_FILE | gzip -dc | head -c 2000` shows the answer as it came,
and the SHA-256 of its body is `raw_sha256`.""",
    ),
)
