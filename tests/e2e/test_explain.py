"""`tamis explain` over a data folder: by URL, by id, nearly right, and of a page without a document."""

from __future__ import annotations

import json
import re
from pathlib import Path

from crawlers.declaration.loading import Source
from flows.replicas import Replica
from tests.e2e.conftest import Command


def test_a_page_of_the_dataset_is_explained(
    tamis: Command, source: Source, blog: Replica, tmp_path: Path
) -> None:
    declaration = blog.source_path(tmp_path)
    few = re.sub(r"min = \d+", "min = 1", declaration.read_text("utf-8"))
    declaration.write_text(few, "utf-8")
    assert tamis("run", declaration, "--limit", "8").returncode == 0
    unknown = tamis("explain", f"{source.about.home}2018/11/01/nothing-here/")
    assert unknown.returncode == 2
    assert "nearest: " in unknown.stderr
    url = unknown.stderr.rpartition("nearest: ")[2].split(",")[0].strip()
    told = json.loads(tamis("explain", url, "--json").stdout)
    assert told["page"] == url
    assert not told["placeless"], "every stored receipt has its place in the archived page"
    shown = [piece for piece in told["pieces"] if piece["removal"] is None]
    assert shown
    assert all(piece["text"] for piece in shown)
    by_id = tamis("explain", told["documents"][0]["id"], "--html", tmp_path / "page.html")
    assert by_id.returncode == 0, by_id.stderr
    assert "model:" in (tmp_path / "page.html").read_text("utf-8")
    removed = max(
        (piece for piece in told["pieces"] if piece["removal"] and piece["text"]),
        key=lambda piece: len(piece["text"]),
    )
    pin = f"[clean]\nkeep = [{json.dumps(json.dumps(removed['text']))}]\n"
    declaration.write_text(f"{declaration.read_text('utf-8')}\n{pin}", "utf-8")
    again = tamis("clean", "--publish", source.id, "--sources", declaration.parent)
    assert again.returncode == 0, again.stderr
    told = json.loads(tamis("explain", url, "--json").stdout)
    assert any("kept_by_source" in warning for warning in told["documents"][0]["warnings"])
    assert removed["text"] in {piece["text"] for piece in told["pieces"] if piece["removal"] is None}
