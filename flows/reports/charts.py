"""Small charts as inline SVG: no script, no font, no address outside the page.

Colours are CSS classes of the page (`c0`, `c1`, …, by name where names recur), so that they follow its light
or dark scheme; every chart has a title for screen readers, every bar its words and its number as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

# One colour a name over the whole page, so that "published" looks the same everywhere.
HUES = ("published", "unchanged", "index", "rejected", "refused", "gone", "failed", "held", "pending")

WIDTH = 500
ROW = 24
LABEL = 176
NUMBER = 56
ROOM_FOR_TWO_LABELS = 290


def bars(title: str, counts: Sequence[tuple[str, int]], most: int = 12) -> str:
    """Horizontal bars, the greatest first; beyond `most` the rest become one."""
    shown = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    if len(shown) > most:
        rest = shown[most - 1 :]
        shown = [*shown[: most - 1], (f"{len(rest)} others", sum(n for _, n in rest))]
    top = max((n for _, n in shown), default=0) or 1
    room = WIDTH - LABEL - NUMBER
    parts = []
    for row, (name, n) in enumerate(shown):
        y = row * ROW
        length = max(room * n / top, 1)
        parts.append(
            f'<text class="label" x="{LABEL - 8}" y="{y + 16}" text-anchor="end">{escape(_short(name))}'
            f"<title>{escape(name)}</title></text>"
            f'<rect class="bar" x="{LABEL}" y="{y + 4}" width="{length:.1f}" height="{ROW - 8}" rx="2"/>'
            f'<text x="{LABEL + length + 6:.1f}" y="{y + 16}">{n:,}</text>'
        )
    return _svg(title, len(shown) * ROW, "".join(parts))


def stacks(title: str, runs: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    """A stacked column a run, the oldest at the left; `runs` are (label, counts by outcome) pairs."""
    height, base, gap = 168, 140, 4
    top = max((sum(counts.values()) for _, counts in runs), default=0) or 1
    step = min((WIDTH - 56) / max(len(runs), 1), 64)
    parts = [
        f'<line class="axis" x1="48" x2="{WIDTH}" y1="{base}" y2="{base}"/>',
        f'<text class="label" x="40" y="14" text-anchor="end">{top:,}</text>',
        f'<text class="label" x="40" y="{base}" text-anchor="end">0</text>',
    ]
    for place, (label, counts) in enumerate(runs):
        x, y = 52 + place * step, float(base)
        for name in sorted(counts, key=_hue):
            tall = counts[name] / top * (base - 10)
            y -= tall
            said = f"{label}: {counts[name]:,} {name}"
            parts.append(
                f'<rect class="c{_hue(name)}" x="{x:.1f}" y="{y:.1f}" width="{max(step - gap, 1):.1f}" '
                f'height="{tall:.1f}"><title>{escape(said)}</title></rect>'
            )
    ends = (52.0, 52 + len(runs) * step - gap)
    return _svg(title, height, "".join(parts) + _ends([label for label, _ in runs], ends, base + 20))


def line(title: str, runs: Sequence[tuple[str, float | None]], floor: float) -> str:
    """A share, 0 to 1, run by run, the oldest at the left, over a dashed floor.

    A run without one has no point.
    """
    height, base, top = 128, 100, 10
    step = min((WIDTH - 56) / max(len(runs), 1), 64)
    parts = [
        f'<line class="axis" x1="48" x2="{WIDTH}" y1="{base}" y2="{base}"/>',
        f'<text class="label" x="40" y="{top + 4}" text-anchor="end">1</text>',
        f'<text class="label" x="40" y="{base}" text-anchor="end">0</text>',
    ]

    def height_of(share: float) -> float:
        return base - share * (base - top)

    y = height_of(floor)
    parts.append(f'<line class="floor" x1="48" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
    parts.append(f'<text class="label" x="40" y="{y + 4:.1f}" text-anchor="end">{floor:g}</text>')
    points = [
        (52 + (place + 0.5) * step, height_of(share), f"{label}: {share:.2f}", share < floor)
        for place, (label, share) in enumerate(runs)
        if share is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
    parts.append(f'<polyline class="line" points="{path}"/>')
    parts += [
        f'<circle class="{"below" if below else "bar"}" cx="{x:.1f}" cy="{y:.1f}" r="4">'
        f"<title>{escape(said)}</title></circle>"
        for x, y, said, below in points
    ]
    ends = (52.0, 52 + len(runs) * step)
    return _svg(title, height, "".join(parts) + _ends([label for label, _ in runs], ends, base + 20))


def _ends(labels: Sequence[str], ends: tuple[float, float], y: float) -> str:
    """The labels of the first run and, where there is room, of the last."""
    shown = [(ends[0], "start", labels[0])] if labels else []
    if len(labels) > 1 and ends[1] > ROOM_FOR_TWO_LABELS:
        shown.append((ends[1], "end", labels[-1]))
    return "".join(
        f'<text class="label" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(label)}</text>'
        for x, anchor, label in shown
    )


def legend(names: Sequence[str]) -> str:
    """The names of a stacked chart, each beside its colour."""
    items = "".join(
        f'<li><span class="key k{_hue(name)}"></span>{escape(name)}</li>' for name in sorted(names, key=_hue)
    )
    return f'<ul class="legend">{items}</ul>'


def _hue(name: str) -> int:
    return HUES.index(name) if name in HUES else len(HUES)


def _short(name: str, most: int = 23) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _svg(title: str, height: float, body: str) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height:.0f}" width="100%" '
        f'style="max-width:{WIDTH}px" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )
