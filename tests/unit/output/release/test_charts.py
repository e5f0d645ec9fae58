"""The charts are well-formed SVG with the numbers and their words, whatever the words are."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from output.release.charts import bars, bars_image, line, stacks

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
LONG = "rejected: a reason that is longer than its column"

CHARTS = {
    "bars": bars("all", [(f"kind {n} {HOSTILE}", n) for n in range(40)]),
    "no bars": bars("none", []),
    "image": bars_image("<script>", [("</text><script>", 1), (HOSTILE, 0)]),
    "empty image": bars_image("none", []),
    "stacks": stacks("runs", [(f"run {n}", {"published": n, HOSTILE: 1}) for n in range(50)]),
    "stacks of nothing": stacks("one", [("run", {"failed": 0})]),
    "line": line("fit", [(HOSTILE, 0.9), ("run", None), ("last", 0.1)], 0.4),
    "line without a point": line("none", [("run", None)], 0.4),
}


@pytest.mark.parametrize("name", CHARTS)
def test_charts_are_well_formed_and_named(name: str) -> None:
    svg = ElementTree.fromstring(CHARTS[name])
    assert svg.get("role") == "img"
    assert svg[0].tag.endswith("title")
    assert "<script" not in CHARTS[name]


def test_the_smallest_bars_become_one() -> None:
    assert "29 others" in CHARTS["bars"]


def test_a_label_that_is_cut_is_whole_in_its_tooltip() -> None:
    for chart in (bars("all", [(LONG, 1)]), bars_image("all", [(LONG, 1)])):
        assert f"<title>{LONG}</title>" in chart
        assert f">{LONG}<" not in chart.replace(f"<title>{LONG}</title>", "")
    assert "reason</title>" not in bars("all", [("a reason", 1)])
