"""The labelled pages as the block model learns them: features, and the share of each block that the gold
text holds.

Gold texts are plain; which blocks they took is found by alignment. A long block's share is that of its
tokens in four-grams of the gold text at one place; a short block counts when it stands in the gold text
between the same neighbours as on the page.
"""

from __future__ import annotations

import bisect
import collections
import dataclasses
import hashlib
import itertools
import json
import pickle
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import trafilatura

import cleaning
from cleaning.blocks import Block, Parsed, parse
from cleaning.decode import decode
from cleaning.features import NAMES, features

Floats = npt.NDArray[np.float64]
SETS = ("wcxb", "multisite", "zh", "zh-labelled")

_TOKEN = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_GRAM = 4
_LONG = 8
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


def load(data: Path, cache: Path) -> list[Page]:
    """All pages of the development sets in order; what was computed by the same code is read from `cache`."""
    code = hashlib.sha256()
    for package in cleaning.__path__:
        for name in (
            "blocks",
            "visible",
            "elements",
            "containers",
            "tolerance",
            "jsonld",
            "decode",
            "features",
            "features_text",
            "features_place",
        ):
            code.update(Path(package, f"{name}.py").read_bytes())
    code.update(Path(__file__).read_bytes())
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
    return pages


def bag_f1(found: collections.Counter[str], wanted: collections.Counter[str]) -> float:
    """F1 over two bags of tokens; two empty ones agree."""
    if not found or not wanted:
        return float(not found and not wanted)
    return 2 * sum((found & wanted).values()) / (sum(found.values()) + sum(wanted.values()))


def tokenize(text: str) -> list[str]:
    """Runs of letters or digits in lower case, each CJK character a token of its own."""
    return _TOKEN.findall(text.lower())


def align(blocks: Sequence[list[str]], gold: list[str]) -> Floats:
    """The share of each block, given as tokens, that stands in the gold text."""
    share = np.zeros(len(blocks))
    used = bytearray(len(gold))
    anchors = _long_blocks(blocks, gold, share, used)
    first: collections.defaultdict[str, list[int]] = collections.defaultdict(list)
    for at, token in enumerate(gold):
        if not used[at]:
            first[token].append(at)
    edges = [(-1, 0, 0), *_in_order(anchors, blocks), (len(blocks), len(gold), len(gold))]
    for (left, _, start), (right, stop, _) in itertools.pairwise(edges):
        low = start - 2 if left >= 0 else 0
        high = stop + 2 if right < len(blocks) else len(gold)
        for i in range(left + 1, right):
            block = blocks[i]
            if not block or len(block) >= _LONG:
                continue
            places = first[block[0]]
            for at in places[bisect.bisect_left(places, low - 2) :]:
                end = at + len(block)
                if end > high:
                    break
                if gold[at:end] == block and not any(used[at:end]):
                    share[i] = 1.0
                    used[at:end] = b"\1" * len(block)
                    low = end
                    break
    return share


def _long_blocks(
    blocks: Sequence[list[str]], gold: list[str], share: Floats, used: bytearray
) -> list[tuple[int, int, int]]:
    """Set the shares of the long blocks; return those found whole enough, with where they begin and end."""
    grams: collections.defaultdict[tuple[str, ...], list[int]] = collections.defaultdict(list)
    for at in range(len(gold) - _GRAM + 1):
        grams[tuple(gold[at : at + _GRAM])].append(at)
    anchors = []
    last = 0
    for i, block in enumerate(blocks):
        if len(block) < _LONG:
            continue
        hint, found = last, []
        own = 1 + i % 250
        for k in range(len(block) - _GRAM + 1):
            places = [
                p
                for p in grams.get(tuple(block[k : k + _GRAM]), ())
                if not (used[p] and used[p + _GRAM - 1]) or used[p] == own
            ]
            if places:
                at = min(places, key=lambda p: abs(p - hint))
                hint = at + 1
                found.append((at, k))
        if not found:
            continue
        shift = sorted(at - k for at, k in found)[len(found) // 2]
        found = [(at, k) for at, k in found if abs(at - k - shift) <= max(6, len(block) // 4)]
        covered = {k + n for _, k in found for n in range(_GRAM)}
        share[i] = len(covered) / len(block)
        if share[i] >= 0.5:
            begin, end = min(at for at, _ in found), max(at for at, _ in found) + _GRAM
            for at, _ in found:
                used[at : at + _GRAM] = bytes([own]) * _GRAM
            anchors.append((i, begin, end))
            last = end
    return anchors


def _in_order(anchors: list[tuple[int, int, int]], blocks: Sequence[list[str]]) -> list[tuple[int, int, int]]:
    """The heaviest chain of anchors that rises in both texts."""
    best: list[tuple[int, int]] = []
    for j, (i, begin, _) in enumerate(anchors):
        weight = len(blocks[i])
        before = max(
            ((best[k][0], k) for k in range(max(0, j - 200), j) if anchors[k][2] <= begin + 3),
            default=(0, -1),
        )
        best.append((before[0] + weight, before[1]))
    chain = []
    j = max(range(len(best)), key=lambda k: best[k][0], default=-1)
    while j >= 0:
        chain.append(anchors[j])
        j = best[j][1]
    return chain[::-1]


def labelled_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The lines of a set, each with an id that occurs once."""
    seen: collections.Counter[str] = collections.Counter()
    for row in pq.read_table(path).to_pylist():
        identity = f"{row['set']}:{row['site']}:{row['id']}" if "set" in row else str(row["id"])
        seen[identity] += 1
        yield (identity if seen[identity] == 1 else f"{identity}#{seen[identity]}"), row


def _pages(name: str, path: Path) -> Iterator[Page]:
    for identity, row in labelled_rows(path):
        parsed = parse(decode(row["html"]).text)
        tokens = [tokenize(block.text) for block in parsed.blocks]
        gold = tokenize(row["main_content"] or "")
        labelled = [(piece["text"], piece["label"]) for piece in row.get("blocks") or []]
        kinds, furniture = _kinds([block.text for block in parsed.blocks], labelled)
        yield Page(
            id=identity,
            set=name,
            subset=row.get("set") or row.get("page_type") or "",
            site=row.get("site") or "",
            group=_group(row, parsed),
            blocks=parsed.blocks,
            rows=features(parsed) if parsed.blocks else np.zeros((0, len(NAMES)), dtype=np.float32),
            tokens=np.array([len(block) for block in tokens], dtype=float),
            share=align(tokens, gold),
            bags=tuple(collections.Counter(block) for block in tokens),
            gold=collections.Counter(gold),
            kinds=kinds,
            furniture=furniture,
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
    """The registered name of the page's domain: pages of a group are never split over training and test."""
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
