"""A folder for stored data whose path holds what URLs, SQL and globs read in another way."""

from __future__ import annotations

from pathlib import Path

import pytest

NAME = "数据 1/ü #%[x]"


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """Return such a folder, in place of the plain one."""
    folder = tmp_path / NAME
    folder.mkdir(parents=True)
    return folder
