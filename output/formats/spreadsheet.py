"""Texts of pages as cells of a spreadsheet, which would run some of them as formulas."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# The control characters of `untrusted_text`, as RE2 writes them, which Arrow speaks.
_CONTROL = r"[\x00-\x1f\x7f-\x{9f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}]+"
# What makes a spreadsheet take a cell for a formula (OWASP, CSV injection), full-width signs too.
_FORMULA = r"^(\s*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}])"


def cells(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return texts as cells: one line each, a quote before what would be taken for a formula."""
    plain = pc.replace_substring_regex(column, _CONTROL, " ")
    return pc.replace_substring_regex(plain, _FORMULA, r"'\1")
