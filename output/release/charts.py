"""Bar charts as SVG: drawn from numbers alone, so that the same numbers give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from output.formats.untrusted_text import one_line

_WIDTH, _ROW, _LABEL, _NUMBER = 720, 26, 190, 80
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.t{font-weight:600;font-size:15px}.n{fill:#57606a}"
    "rect{fill:#3b6ea5}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.n{fill:#9198a1}rect{fill:#6ea8e0}}"
)


def bars(title: str, counts: Sequence[tuple[str, int]]) -> str:
    """A chart with a bar for each (label, count), in the order given; readable with light and dark pages."""
    most = max((count for _, count in counts), default=0) or 1
    room = _WIDTH - _LABEL - _NUMBER
    height = 44 + _ROW * len(counts)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="t" x="8" y="24">{escape(title)}</text>',
    ]
    for number, (label, count) in enumerate(counts):
        top = 38 + _ROW * number
        width = max(round(room * count / most, 1), 1 if count else 0)
        parts.append(
            f'<text x="{_LABEL - 8}" y="{top + 16}" text-anchor="end">{escape(one_line(label, 26))}</text>'
            f'<rect x="{_LABEL}" y="{top + 3}" width="{width}" height="{_ROW - 8}" rx="2"/>'
            f'<text class="n" x="{_LABEL + width + 6}" y="{top + 16}">{count:,}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
