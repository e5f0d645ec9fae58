"""Lines of checksums that are none: named, whoever sealed them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from output.base.records import sha256_hex
from output.dataset import fixity


def sealed(entry: dict[str, Any]) -> str:
    """A line with the checksum that it should have."""
    return json.dumps({**entry, "check": sha256_hex(json.dumps(entry).encode())})


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "7",
        "[" * 3000,
        sealed({"path": "a"}),
        sealed({"path": 7, "bytes": 0, "sha256": ""}),
        sealed({"path": "../a", "bytes": 0, "sha256": ""}),
        sealed({"path": "/etc/passwd", "bytes": 0, "sha256": ""}),
        sealed({"path": "a", "bytes": 0, "sha256": "", "more": 1}),
    ],
)
def test_a_line_of_other_values_is_damaged(tmp_path: Path, line: str) -> None:
    file = tmp_path / fixity.CHECKSUMS_FILE
    (tmp_path / "a").touch()
    file.write_text(f"{line}\n")
    damaged = [f"{file}:1: damaged: the line does not match its own checksum"]
    assert fixity.verify(tmp_path, set()) == damaged
