"""The labelled pages as the block model learns them: features, and the share of each block that the gold
text holds.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import hashlib
import json
import pickle
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import trafilatura

import cleaning
from benchmarks import train_align
from cleaning.model.features.page import NAMES, features
from cleaning.page.parse import Block, Parsed, parse
from web.decode import decode

Floats = npt.NDArray[np.float64]
SETS = ("wcxb", "multisite", "zh", "zh-labelled")
# The set of the pages that are furniture alone.
FURNITURE = "furniture"

_TOKEN = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
# Every so many pages lends its menus, headers and footers, where it has so many of them.
_LENDS = 4
_LINES = 10
_FLAGS = {"nav", "header", "footer"}
# Second-level labels under which countries register names.
_SECOND = {"com", "co", "org", "net", "gov", "edu", "ac", "or", "ne", "go"}


@dataclasses.dataclass(frozen=True)
class Page:
    """A labelled page. `share` is each block's share in the gold text, `kinds` the labels of its
    furniture.
    """

    id: str
    set: str
    subset: str
    site: str
    group: str
    blocks: tuple[Block, ...]
    rows: npt.NDArray[np.float32]
    tokens: Floats
    share: Floats
    bags: tuple[collections.Counter[str], ...]
    gold: collections.Counter[str]
    kinds: tuple[str, ...]
    furniture: tuple[tuple[str, int], ...]


def folders(what: str | None) -> argparse.Namespace:
    """Return the command line of a program over the labelled pages: `data` and `cache`, its folders."""
    arguments = argparse.ArgumentParser(
        description=what, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--cache", type=Path, default=Path("data/train"))
    return arguments.parse_args()


def load(data: Path, cache: Path) -> tuple[list[Page], list[Page]]:
    """All pages of the development sets in order, and those that some of them lend, furniture alone. What was
    computed by the same code is read from `cache`.
    """
    code = hashlib.sha256()
    for package in cleaning.__path__:
        for name in (
            "blocks",
            "visible",
            "elements",
            "layout",
            "lines",
            "typeset",
            "grid",
            "xhtml",
            "containers",
            "tolerance",
            "jsonld",
            "decode",
            "features",
            "features_text",
            "features_place",
        ):
            code.update(Path(package, f"{name}.py").read_bytes())
    for file in (__file__, train_align.__file__):
        code.update(Path(file).read_bytes())
    pages: list[Page] = []
    cache.mkdir(parents=True, exist_ok=True)
    for name in SETS:
        stored = cache / f"{name}-{code.hexdigest()[:12]}.pickle"
        if stored.exists():
            pages += pickle.loads(stored.read_bytes())  # our own file, named by our code's checksum
            continue
        for old in cache.glob(f"{name}-????????????.pickle"):
            old.unlink()
        made = list(_pages(name, data / f"{name}-dev.parquet"))
        stored.write_bytes(pickle.dumps(made, protocol=5))
        pages += made
    return [page for page in pages if page.set in SETS], [page for page in pages if page.set == FURNITURE]


def bag_f1(found: collections.Counter[str], wanted: collections.Counter[str]) -> float:
    """F1 over two bags of tokens; two empty ones agree."""
    if not found or not wanted:
        return float(not found and not wanted)
    return 2 * sum((found & wanted).values()) / (sum(found.values()) + sum(wanted.values()))


def tokenize(text: str) -> list[str]:
    """Run of letters or digits in lower case, each CJK character a token of its own."""
    return _TOKEN.findall(text.lower())


def labelled_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the lines of a set, each with an id that occurs once."""
    seen: collections.Counter[str] = collections.Counter()
    for row in pq.read_table(path).to_pylist():
        identity = f"{row['set']}:{row['site']}:{row['id']}" if "set" in row else str(row["id"])
        seen[identity] += 1
        yield (identity if seen[identity] == 1 else f"{identity}#{seen[identity]}"), row


def _pages(name: str, path: Path) -> Iterator[Page]:
    for n, (identity, row) in enumerate(labelled_rows(path)):
        parsed = parse(decode(row["html"]).text)
        tokens = [tokenize(block.text) for block in parsed.blocks]
        gold = tokenize(row["main_content"] or "")
        labelled = [(piece["text"], piece["label"]) for piece in row.get("blocks") or []]
        kinds, furniture = _kinds([block.text for block in parsed.blocks], labelled)
        page = Page(
            id=identity,
            set=name,
            subset=row.get("set") or row.get("page_type") or "",
            site=row.get("site") or "",
            group=_group(row, parsed),
            blocks=parsed.blocks,
            rows=features(parsed) if parsed.blocks else np.zeros((0, len(NAMES)), dtype=np.float32),
            tokens=np.array([len(block) for block in tokens], dtype=float),
            share=train_align.align(tokens, gold),
            bags=tuple(collections.Counter(block) for block in tokens),
            gold=collections.Counter(gold),
            kinds=kinds,
            furniture=furniture,
        )
        yield page
        if n % _LENDS == 0 and (alone := _furniture_alone(page, parsed)):
            yield alone


def _furniture_alone(page: Page, parsed: Parsed) -> Page | None:
    """Return the page's menus, headers and footers as a page, of which no gold text would hold anything."""
    left = [i for i, block in enumerate(page.blocks) if block.flags & _FLAGS and not page.share[i]]
    if len(left) < _LINES:
        return None
    blocks = tuple(page.blocks[i] for i in left)
    return dataclasses.replace(
        page,
        set=FURNITURE,
        site="",
        blocks=blocks,
        rows=features(dataclasses.replace(parsed, blocks=blocks)),
        tokens=page.tokens[left],
        share=np.zeros(len(left)),
        bags=tuple(page.bags[i] for i in left),
        gold=collections.Counter(),
        kinds=("",) * len(left),
        furniture=(),
    )


def _kinds(
    texts: list[str], labelled: list[tuple[str, str]]
) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """For each block the label of the labelled pieces in it, or ""; and each piece's label with its block,
    or -1.
    """
    keys = ["".join(tokenize(text)) for text in texts]
    votes: list[collections.Counter[str]] = [collections.Counter() for _ in texts]
    furniture = []
    at = inside = 0
    for text, label in labelled:
        key = "".join(tokenize(text))
        if not key:
            continue
        found = next(
            (i for i in range(at, min(at + 40, len(keys))) if key in keys[i][inside if i == at else 0 :]), -1
        )
        if found < 0:
            found = next((i for i in range(len(keys)) if key in keys[i]), -1)
        else:
            inside = keys[found].find(key, inside if found == at else 0) + len(key)
            at = found
        if found >= 0:
            votes[found][label] += len(key)
        furniture.append((label, found))
    return tuple(max(sorted(v), key=v.__getitem__, default="") for v in votes), tuple(furniture)


def _group(row: dict[str, Any], page: Parsed) -> str:
    """Return the registered name of the page's domain; a group is never split over training and test."""
    if row.get("url"):
        return _registered(urlsplit(row["url"]).netloc)
    site = row.get("site") or ""
    if site and not site.startswith("gne"):
        return _registered(site)
    own = page.canonical or next(iter(page.meta.get("og:url", ())), "")
    links = collections.Counter(
        host
        for node in page.tree.css('a[href^="http"]')
        if (host := _host(node.attributes.get("href") or ""))
    )
    host = _host(own) or max(sorted(links), key=links.__getitem__, default="")
    return _registered(host) if host else f"page:{row['id']}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _registered(host: str) -> str:
    parts = re.sub(r"[_/:].*", "", host.lower()).removeprefix("www.").split(".")
    if len(parts) > 2 and parts[-2] in _SECOND and len(parts[-1]) == 2:
        return parts[-3]
    return parts[-2] if len(parts) > 1 else parts[0]


def trafilatura_f1(data: Path, cache: Path) -> dict[str, float]:
    """F1 of trafilatura's defaults on every page, by "set:id"."""
    stored = cache / f"trafilatura-{version('trafilatura')}.json"
    if stored.exists():
        return {str(key): float(value) for key, value in json.loads(stored.read_text()).items()}
    found = {}
    for name in SETS:
        for identity, row in labelled_rows(data / f"{name}-dev.parquet"):
            try:
                text = trafilatura.extract(row["html"], url=row.get("url"), include_comments=False) or ""
            except Exception:  # whatever it fails with, it found no text
                text = ""
            wanted = collections.Counter(tokenize(row["main_content"] or ""))
            found[f"{name}:{identity}"] = bag_f1(collections.Counter(tokenize(text)), wanted)
    stored.write_text(json.dumps(found))
    return found
