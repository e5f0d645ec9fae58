"""The fenced blocks of a page, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
# Why a block of commands is not run: it stands as the block's title, for the reader to see.
NOT_RUN = {
    "Needs a Prefect server",
    "Needs the archive of a release",
    "Runs in the repository of Tamis",
}
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language, its title or "", its text."""

    where: str
    language: str
    title: str
    text: str

    def commands(self) -> list[str]:
        """The lines of a block of commands, those that go on joined."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]


def pages() -> list[Path]:
    """Every page of the documentation that is written by hand, README and CONTRIBUTING among them."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(f"{page.relative_to(ROOT)}:{line}", found[1], found[2] or "", found[3])
