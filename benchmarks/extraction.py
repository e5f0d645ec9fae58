"""Text and CPU of a page's cleaning against other extractors, in one interleaved run.

    .venv/bin/python -m benchmarks.extraction --data ../shared/data --every 10

Each page goes through all of them in turn, so that a busy machine slows all alike. The model here was
trained on these sets: its figures of cross-validation, which are the honest ones, stand in
`cleaning/model/weights/CARD.md`. F1 is over bags of tokens, a CJK character a token; CPU is a page's,
start-up and imports left out. `tamis` is all of `clean`, receipts and law included, `its blocks` decoding,
parsing and labelling alone. rs-trafilatura is left out: it comes without wheels and needs a Rust compiler.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura

from benchmarks.train_pages import SETS, bag_f1, labelled_rows, tokenize
from cleaning.model.classify import label
from cleaning.page.parse import parse
from cleaning.pipeline import clean
from output.base.records import RawPage, sha256_hex
from web.decode import decode

Extract = Callable[[bytes], str]


def main() -> None:
    """Measure, and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--every", type=int, default=10, help="take every Nth page of each set")
    options = arguments.parse_args()
    print(f"{'set':<14}{'engine':<18}{'pages':>6}{'F1':>9}{'ms CPU':>9}{'of trafilatura':>16}")
    for name in SETS:
        rows = [row for _, row in labelled_rows(options.data / f"{name}-dev.parquet")][:: options.every]
        engines = {"tamis": by_tamis, "its blocks": by_blocks, "trafilatura": by_trafilatura, **others()}
        f1: collections.defaultdict[str, float] = collections.defaultdict(float)
        cpu: collections.defaultdict[str, float] = collections.defaultdict(float)
        for extract in engines.values():
            extract(rows[0]["html"])
        for row in rows:
            wanted = collections.Counter(tokenize(row["main_content"] or ""))
            for engine, extract in engines.items():
                before = time.process_time()
                text = extract(row["html"])
                cpu[engine] += time.process_time() - before
                f1[engine] += bag_f1(collections.Counter(tokenize(text)), wanted)
        for engine in engines:
            ratio = cpu[engine] / cpu["trafilatura"]
            milliseconds = 1000 * cpu[engine] / len(rows)
            figures = f"{f1[engine] / len(rows):>9.4f}{milliseconds:>9.1f}{ratio:>16.2f}"
            print(f"{name:<14}{engine:<18}{len(rows):>6}{figures}", flush=True)


def by_tamis(html: bytes) -> str:
    """Return the documents of a page, as `tamis extract` gives them."""
    headers = (("content-type", "text/html"),)
    page = RawPage("page", "", "https://page.example/", html, sha256_hex(html), headers=headers)
    return "\n\n".join(document.text for document in clean(page).documents)


def by_blocks(html: bytes) -> str:
    """Decode, parse, label; the kept blocks a line each."""
    page = parse(decode(html).text)
    labels = label(page)
    return "\n".join(block.text for block, of in zip(page.blocks, labels, strict=True) if of.content)


def by_trafilatura(html: bytes) -> str:
    """As users of trafilatura call it."""
    return trafilatura.extract(html, include_comments=False) or ""


def others() -> dict[str, Extract]:
    """readability-lxml and resiliparse, as their documentation shows them."""
    readability = importlib.import_module("readability")
    html2text = importlib.import_module("resiliparse.extract.html2text")
    html_tree = importlib.import_module("resiliparse.parse.html")

    def by_readability(html: bytes) -> str:
        try:
            summary = readability.Document(decode(html).text).summary(html_partial=True)
        except readability.readability.Unparseable:
            return ""
        return "\n".join(block.text for block in parse(summary).blocks)

    def by_resiliparse(html: bytes) -> str:
        tree = html_tree.HTMLTree.parse(decode(html).text)
        return str(html2text.extract_plain_text(tree, main_content=True, alt_texts=False))

    return {"readability-lxml": by_readability, "resiliparse": by_resiliparse}


if __name__ == "__main__":
    main()
