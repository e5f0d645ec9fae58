"""The shipped model is held to its floors, where the labelled pages are at hand."""

from __future__ import annotations

import collections
import json

import pytest

from benchmarks.train_pages import bag_f1, labelled_rows, tokenize
from cleaning.model.classify import label
from cleaning.page.parse import parse
from tests import ROOT, SHARED
from web.decode import decode

DATA = SHARED / "data"
FLOORS = json.loads((ROOT / "cleaning/model/weights/floors.json").read_text())["f1"]


@pytest.mark.skipif(not DATA.exists(), reason="needs the labelled pages in ../shared/data")
@pytest.mark.parametrize(("name", "every"), [("zh", 2), ("zh-labelled", 2), ("wcxb", 30), ("multisite", 30)])
def test_the_shipped_model_reaches_its_floor(name: str, every: int) -> None:
    rows = [row for _, row in labelled_rows(DATA / f"{name}-dev.parquet")][::every]
    found = [bag_f1(bag(kept(row["html"])), bag(row["main_content"])) for row in rows]
    assert sum(found) / len(found) >= FLOORS[name]


def test_every_floor_is_a_share() -> None:
    assert set(FLOORS) >= {"wcxb", "wcxb/article", "multisite", "multisite/ota", "zh", "zh-labelled"}
    assert all(0 < floor <= 1 for floor in FLOORS.values())


def kept(html: bytes) -> str:
    page = parse(decode(html).text)
    return "\n".join(block.text for block, of in zip(page.blocks, label(page), strict=True) if of.content)


def bag(text: str | None) -> collections.Counter[str]:
    return collections.Counter(tokenize(text or ""))
