"""Every golden page gives what was accepted; those of your own: TAMIS_SOURCES=DIR pytest tests/sources."""

from __future__ import annotations

import pytest

from flows.commands.golden import Golden


def test_a_page_gives_what_was_accepted(golden: Golden) -> None:
    made, accepted = golden.made(), golden.accepted()
    if accepted is None:
        pytest.fail(
            f"{golden.accept(made)} was missing and is written: look at it, and run again ({golden.command})"
        )
    assert made == accepted, f"if today's is right: {golden.command}"
