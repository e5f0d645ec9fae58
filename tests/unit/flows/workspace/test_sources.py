"""`tamis sources` is legible on narrow and wide terminals."""

from __future__ import annotations

from itertools import pairwise

import pytest

from flows.workspace.sources import show_sources


@pytest.mark.parametrize("width", [80, 200])
def test_no_word_of_a_source_is_broken(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_sources(None, as_json=False)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert all(len(line) <= width for line in lines)
    ((first, second),) = [
        pair for pair in pairwise([*lines, ""]) if pair[0].startswith("china-copyright-and-media ")
    ]
    said = first if width == 200 else f"{first}\n{second}"
    for words in ("20 3 * * 1", "China Copyright and Media", "https://chinacopyrightandmedia.wordpress.com/"):
        assert words in said
