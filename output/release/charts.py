"""Charts as SVG for release cards and for the report page: no script, no font, no address outside the file.

`bars`, `stacks` and `line` are parts of a page. Its style sheet sets the colours (`c0`, `c1`, …) for a light
and a dark scheme. `bars_image` is a file of its own. Each has a title for screen readers. The same numbers
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from output.formats.untrusted_text import one_line

# The outcomes in the order of their colours, which are the same in every chart; other names share the last.
OUTCOME_COLOURS = (
    "published", "unchanged", "index", "rejected", "refused", "gone", "failed", "held", "pending",
    "deferred",
)  # fmt: skip

# Widths in pixels: of a chart in a page, and of one in a file.
_WIDTH, _IMAGE_WIDTH = 500, 720
# Pixels of a row of bars, of the label before a bar, which holds so many characters, of the number behind it.
_ROW_HEIGHT, _LABEL_WIDTH, _NUMBER_WIDTH = 26, 190, 80
_LABEL_CHARACTERS = 26
# Charts over time begin here, right of their scale; a column is at most so wide.
_PLOT_LEFT, _MAX_COLUMN_WIDTH = 52, 64
# Right end of a chart from which on the labels of its first and its last run fit below it.
_MIN_END_FOR_TWO_LABELS = 290

_IMAGE_HEADING_HEIGHT = 38
_IMAGE_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.t{font-weight:600;font-size:15px}.n{fill:#57606a}"
    "rect{fill:#3b6ea5}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.n{fill:#9198a1}rect{fill:#6ea8e0}}"
)


def bars(title: str, counts: Sequence[tuple[str, int]], max_bars: int = 12) -> str:
    """Draw horizontal bars, the greatest first; beyond `max_bars` the rest become one."""
    shown = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    if len(shown) > max_bars:
        rest = shown[max_bars - 1 :]
        shown = [*shown[: max_bars - 1], (f"{len(rest)} others", sum(n for _, n in rest))]
    return _inline(title, _ROW_HEIGHT * len(shown), "".join(_bar_rows(shown, _WIDTH, first_y=0)))


def bars_image(title: str, counts: Sequence[tuple[str, int]]) -> str:
    """Draw an SVG file with a bar for each (label, count), in the order given, for light and dark pages."""
    height = _IMAGE_HEADING_HEIGHT + _ROW_HEIGHT * len(counts) + 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_IMAGE_WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_IMAGE_STYLE}</style>",
        f'<text class="t" x="8" y="24">{escape(title)}</text>',
        *_bar_rows(counts, _IMAGE_WIDTH, first_y=_IMAGE_HEADING_HEIGHT),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def stacks(title: str, runs: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    """Draw a stacked column a run, the oldest at the left; `runs` are (label, counts by outcome) pairs."""
    height, base, gap = 168, 140, 4
    top = max((sum(counts.values()) for _, counts in runs), default=0) or 1
    step = _column_step(len(runs))
    parts = _axis(base, f"{top:,}", top_y=14)
    for column, (label, counts) in enumerate(runs):
        x, y = _PLOT_LEFT + column * step, float(base)
        for name in sorted(counts, key=_colour):
            bar_height = counts[name] / top * (base - 10)
            y -= bar_height
            tooltip = escape(f"{label}: {counts[name]:,} {name}")
            parts.append(
                f'<rect class="c{_colour(name)}" x="{x:.1f}" y="{y:.1f}" width="{max(step - gap, 1):.1f}" '
                f'height="{bar_height:.1f}"><title>{tooltip}</title></rect>'
            )
    end = _PLOT_LEFT + len(runs) * step - gap
    return _inline(title, height, "".join(parts) + _end_labels([label for label, _ in runs], end, base + 20))


def line(title: str, runs: Sequence[tuple[str, float | None]], floor: float) -> str:
    """Draw a share, 0 to 1, run by run, the oldest at the left, over a dashed floor.

    A run without a share has no point.
    """
    height, base, top = 128, 100, 10
    step = _column_step(len(runs))

    def y_of(share: float) -> float:
        return base - share * (base - top)

    points = [
        (_PLOT_LEFT + (column + 0.5) * step, y_of(share), f"{label}: {share:.2f}", share < floor)
        for column, (label, share) in enumerate(runs)
        if share is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
    parts = [
        *_axis(base, "1", top_y=top + 4),
        f'<line class="floor" x1="48" x2="{_WIDTH}" y1="{y_of(floor):.1f}" y2="{y_of(floor):.1f}"/>',
        f'<text class="label" x="40" y="{y_of(floor) + 4:.1f}" text-anchor="end">{floor:g}</text>',
        f'<polyline class="line" points="{path}"/>',
        *(
            f'<circle class="{"below" if is_below else "point"}" cx="{x:.1f}" cy="{y:.1f}" r="4">'
            f"<title>{escape(tooltip)}</title></circle>"
            for x, y, tooltip, is_below in points
        ),
    ]
    end = _PLOT_LEFT + len(runs) * step
    return _inline(title, height, "".join(parts) + _end_labels([label for label, _ in runs], end, base + 20))


def legend(names: Sequence[str]) -> str:
    """List the names of a stacked chart as HTML, each beside its colour."""
    items = "".join(
        f'<li><span class="key k{_colour(name)}"></span>{escape(name)}</li>'
        for name in sorted(names, key=_colour)
    )
    return f'<ul class="legend">{items}</ul>'


def _bar_rows(counts: Sequence[tuple[str, int]], width: int, first_y: int) -> Iterator[str]:
    """Yield a row for each count: its label, its bar, its number. A label that is cut has a tooltip."""
    greatest = max((count for _, count in counts), default=0) or 1
    bar_room = width - _LABEL_WIDTH - _NUMBER_WIDTH
    for row, (label, count) in enumerate(counts):
        y = first_y + _ROW_HEIGHT * row
        length = max(round(bar_room * count / greatest, 1), 1 if count else 0)
        words = one_line(label, _LABEL_CHARACTERS)
        tooltip = f"<title>{escape(label)}</title>" if words.endswith("…") else ""
        yield (
            f'<text x="{_LABEL_WIDTH - 8}" y="{y + 16}" text-anchor="end">{escape(words)}{tooltip}</text>'
            f'<rect x="{_LABEL_WIDTH}" y="{y + 3}" width="{length}" height="{_ROW_HEIGHT - 8}" rx="2"/>'
            f'<text class="n" x="{_LABEL_WIDTH + length + 6}" y="{y + 16}">{count:,}</text>'
        )


def _column_step(columns: int) -> float:
    return min((_WIDTH - _PLOT_LEFT - 4) / max(columns, 1), _MAX_COLUMN_WIDTH)


def _axis(base: float, top_label: str, top_y: float) -> list[str]:
    return [
        f'<line class="axis" x1="48" x2="{_WIDTH}" y1="{base}" y2="{base}"/>',
        f'<text class="label" x="40" y="{top_y}" text-anchor="end">{top_label}</text>',
        f'<text class="label" x="40" y="{base}" text-anchor="end">0</text>',
    ]


def _end_labels(labels: Sequence[str], end: float, y: float) -> str:
    """Draw the labels of the first run and, where there is room, of the last."""
    shown = [(float(_PLOT_LEFT), "start", labels[0])] if labels else []
    if len(labels) > 1 and end > _MIN_END_FOR_TWO_LABELS:
        shown.append((end, "end", labels[-1]))
    return "".join(
        f'<text class="label" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(label)}</text>'
        for x, anchor, label in shown
    )


def _colour(name: str) -> int:
    return OUTCOME_COLOURS.index(name) if name in OUTCOME_COLOURS else len(OUTCOME_COLOURS)


def _inline(title: str, height: float, body: str) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height:.0f}" width="100%" '
        f'style="max-width:{_WIDTH}px" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )
