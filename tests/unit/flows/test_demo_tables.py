"""The tables of `tamis demo`."""

from __future__ import annotations

import pytest

from flows.demo import SITES, _print_table
from output.base.relations import RelationKind


def test_no_name_is_cut_at_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    names = ["source", "documents", "not full", *RelationKind]
    _print_table(names, [[site, *range(1_000, 1_000 + len(names) - 1)] for site in SITES])
    printed = capsys.readouterr().out
    assert "…" not in printed
    words = printed.split()
    assert {"documents", "attachment", "translation", "version", "lawbase"} <= set(words)
