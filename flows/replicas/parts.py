"""The pieces of a site's HTML, in one file beside its texts: `=== name` begins one, $place is filled in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template


class Parts:
    """The pieces of a file. What is filled in must be HTML already."""

    def __init__(self, path: Path) -> None:
        _, *found = re.split(r"^=== (\w+)\n", path.read_text("utf-8"), flags=re.MULTILINE)
        self._pieces = {
            name: Template(text.rstrip("\n")) for name, text in zip(found[::2], found[1::2], strict=True)
        }

    def __call__(self, piece: str, **values: object) -> str:
        """A piece with its places filled in; a place without a value is a KeyError."""
        return self._pieces[piece].substitute(values)
