"""Templates of a site's HTML in one file: `=== name` begins a template, $name is a placeholder."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template


class Parts:
    """The templates of a file. Values must be HTML already."""

    def __init__(self, path: Path) -> None:
        _, *found = re.split(r"^=== (\w+)\n", path.read_text("utf-8"), flags=re.MULTILINE)
        self._pieces = {
            name: Template(text.rstrip("\n")) for name, text in zip(found[::2], found[1::2], strict=True)
        }

    def __call__(self, piece: str, **values: object) -> str:
        """Return a template with its values. Raises KeyError for a missing value."""
        return self._pieces[piece].substitute(values)
