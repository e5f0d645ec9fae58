"""Every golden page gives what was accepted; those of your own: TAMIS_SOURCES=DIR pytest tests/sources."""

from __future__ import annotations

import pytest

from flows.commands.golden import Golden


def test_a_page_gives_what_was_accepted(golden: Golden) -> None:
    current, accepted = golden.current(), golden.accepted()
    if accepted is None:
        pytest.fail(
            f"{golden.accept(current)} was missing and is written: check it and run again ({golden.command})"
        )
    assert current == accepted, f"if today's is right: {golden.command}"
