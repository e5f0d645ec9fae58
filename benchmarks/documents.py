"""Documents made from pages: metadata, splitting and verdicts, works, alignment, the article guard.

    .venv/bin/python -m benchmarks.documents ../shared/data

Takes the folder of labelled data, whose pages with gold metadata and sample dumps it reads where they are,
and prints a table. The rest is generated: variants of the dumps in other words, statutes in furniture.
"""

from __future__ import annotations

import argparse
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import trafilatura

from cleaning.assembly.alignment import pairs_of
from cleaning.assembly.work_index import MEMBERS
from cleaning.assembly.works import works
from cleaning.metadata import read as metadata
from cleaning.page.parse import parse
from cleaning.pipeline import clean
from cleaning.rules import lexicon as rules
from cleaning.text.dates import first_date
from output.base.records import Document, RawPage, sha256_hex
from tests.unit.cleaning.documents.scoring import count, rates
from tests.unit.cleaning.documents.statutes import pages as statutes
from tests.unit.cleaning.documents.variants import variants
from web.decode import decode

_QUOTES = str.maketrans("‘’“”", "''\"\"")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    gold = data / "wcxb-dev.parquet"
    if gold.exists():
        rows = pq.read_table(
            gold, columns=["url", "page_type", "html", "title", "author", "publish_date"]
        ).to_pylist()
        _metadata("all pages", rows)
        _metadata("articles", [row for row in rows if row["page_type"] == "article"])
    documents = _dumps(sorted((data / "seeds").glob("*.txt")))
    if documents:
        _pairs("sample dumps", documents)
        _works(documents)
    _variants(40)
    _guard(200)


Read = Callable[[dict[str, Any]], tuple[str, tuple[str, ...], str]]  # title, authors, date of a row's page


def _metadata(name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Return a line for Tamis and one for trafilatura, page by page in turns."""
    counts: dict[str, Counter[str]] = {reader: Counter() for reader in _READERS}
    cpu: Counter[str] = Counter()
    for row in rows:
        for reader, read in _READERS.items():
            started = time.process_time_ns()
            found = read(row)
            cpu[reader] += time.process_time_ns() - started
            _count(counts[reader], row, *found)
    for reader, n in counts.items():
        print(
            f"metadata, {len(rows)} {name}, {reader}: title {n['title'] / len(rows):.4f}, "
            f"author {n['author'] / max(1, n['author of']):.4f}, "
            f"date {n['date'] / max(1, n['date of']):.4f}, "
            f"given where the gold has none {n['invented'] / max(1, n['undated']):.4f}; "
            f"{cpu[reader] / 1e6 / max(1, len(rows)):.1f} ms a page, the parse included"
        )


def _tamis(row: dict[str, Any]) -> tuple[str, tuple[str, ...], str]:
    parsed = parse(decode(row["html"], "").text)
    labels = rules.judge(parsed.blocks)
    bylines = [
        b.text for b, found in zip(parsed.blocks, labels, strict=True) if found and found.kind == "byline"
    ]
    found = metadata.read(parsed, row["url"] or "", bylines)
    return found.title, found.authors, found.date_published or ""


def _trafilatura(row: dict[str, Any]) -> tuple[str, tuple[str, ...], str]:
    found = trafilatura.extract_metadata(row["html"], default_url=row["url"] or None)
    authors = tuple(name for name in (found.author or "").split("; ") if name)
    return found.title or "", authors, found.date or ""


_READERS: dict[str, Read] = {"Tamis": _tamis, "trafilatura": _trafilatura}


def _count(n: Counter[str], row: dict[str, Any], title: str, authors: tuple[str, ...], date: str) -> None:
    n["title"] += _folded(title) == _folded(row["title"])
    if row["author"]:
        n["author of"] += 1
        n["author"] += _same_author(row["author"], authors)
    if row["publish_date"]:
        n["date of"] += 1
        wanted = first_date(row["publish_date"]) or row["publish_date"]
        n["date"] += date[:10] == wanted[:10]
    else:
        n["undated"] += 1
        n["invented"] += bool(date)


def _folded(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", text or "").translate(_QUOTES).split())


def _same_author(wanted: str, found: Iterable[str]) -> bool:
    """Whether one name holds the other: pages add degrees, roles and places to names."""
    gold, *names = (re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", x).lower()) for x in (wanted, *found))
    return any(name and (name in gold or gold in name) for name in names)


def _dumps(paths: Iterable[Path]) -> list[Document]:
    found: list[Document] = []
    for path in paths:
        body = path.read_bytes()
        page = RawPage(
            path.name, path.name, "", body, sha256_hex(body), headers=(("content-type", "text/plain"),)
        )
        found += clean(page).documents
    return found


def _pairs(name: str, documents: Sequence[Document]) -> None:
    pairs = pairs_of(documents)
    for translation in dict.fromkeys(pair.b for pair in pairs):
        own = [pair for pair in pairs if pair.b == translation]
        table = Counter((pair.level, pair.status.value) for pair in own)
        notes = [pair.note for pair in own if pair.status == "number_mismatch" and pair.place]
        print(f"pairs, {name}: {dict(sorted((' '.join(key), n) for key, n in table.items()))} {notes or ''}")


def _works(documents: Sequence[Document]) -> None:
    memberships = works(documents)
    table = Counter(membership.role.value for membership in memberships)
    members = {membership.work for membership in memberships if membership.role in MEMBERS}
    print(
        f"works: {len(members)} with a text among {len(documents)} documents; {dict(sorted(table.items()))}"
    )


def _variants(number: int) -> None:
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for variant in variants(number):
        found, mistakes = count(variant)
        counts += found
        wrong += mistakes
    print(f"variants, {number} of each shape: " + ", ".join(f"{k} {v:.3f}" for k, v in rates(counts).items()))
    print("\n".join(wrong[:20]))


def _guard(number: int) -> None:
    lost = wanted = 0
    for html, name, size in statutes(number):
        body = html.encode()
        page = RawPage(name, "statutes", f"https://quay.example/{name}", body, sha256_hex(body))
        found = sum(unit.level == "article" for d in clean(page).documents for unit in d.articles)
        wanted += size
        lost += abs(size - found)
    print(f"guard: {lost} of {wanted} articles of {number} statutes lost")


if __name__ == "__main__":
    main()
