"""An explanation as one HTML page that needs nothing but itself: no script, no font, no address.

Each removed block stands in its place, in the colour of its kind, and its reason beside it as text. What
comes from the web is escaped where it enters; the page's own policy forbids all that could act.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

from flows.explain.explanation import Explanation, Piece, keep_line, reason, runs, words
from output.base.escaping import escape as visible
from output.base.records import Removal, RemovalKind

STYLE = Path(__file__).with_suffix(".css")

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_KINDS = list(RemovalKind)
# Neighbours in a list of kinds get hues far from each other: the golden angle.
_FIRST, _ANGLE = 210, 137.5


def explain_page(told: Explanation) -> str:
    """The page: what is known, how much was kept, the kinds with their colours, the text."""
    title = told.documents[0].title if told.documents else told.page
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_safe(title)} – kept and removed</title><style>{STYLE.read_text('utf-8')}</style></head>"
        f'<body><header><p class="page">{_safe(told.page)}</p><h1>{_safe(title)}</h1>{_facts(told)}'
        f"{_shares(told)}</header><main>{_text(told)}{_placeless(told)}</main>{_advice(told)}</body></html>\n"
    )


def _facts(told: Explanation) -> str:
    return f'<pre class="facts">{_safe(chr(10).join(told.facts))}</pre>'


def _shares(told: Explanation) -> str:
    """The page's characters as one bar, and the legend of the kinds with their blocks and characters."""
    characters: Counter[str] = Counter()
    blocks: Counter[str] = Counter()
    for piece in told.pieces:
        if piece.removal:
            characters[piece.removal.kind] += piece.length
            blocks[piece.removal.kind] += 1
    total = told.kept + told.removed
    if not total:
        return ""
    kinds = sorted(characters, key=lambda kind: -characters[kind])
    segments = "".join(
        f'<span class="of" style="{_hue(kind)};flex-grow:{characters[kind]}"></span>' for kind in kinds
    )
    legend = "".join(
        f'<li style="{_hue(kind)}"><b class="kind">{_safe(kind)}</b> {characters[kind]:,} characters in '
        f"{blocks[kind]:,} block{'s' if blocks[kind] > 1 else ''}</li>"
        for kind in kinds
    )
    return (
        f'<div class="bar" aria-hidden="true"><span class="kept" style="flex-grow:{told.kept}"></span>'
        f'{segments}</div><ul class="legend"><li><b class="kind kept">kept</b> {told.kept:,} characters, '
        f"{told.kept / total:.0%} of the page</li>{legend}</ul>"
    )


def _text(told: Explanation) -> str:
    return "".join(_kept(run) if run[0].removal is None else _removed(run) for run in runs(told.pieces))


def _kept(run: list[Piece]) -> str:
    lines = "".join(
        f'<p id="at{piece.offset}" class="{"text" if piece.text else "text wordless"}">'
        f"{_safe(words(piece))}</p>"
        for piece in run
    )
    return f'<section class="kept">{lines}</section>'


def _removed(run: list[Piece]) -> str:
    rows = [_row(piece.removal, words(piece)) for piece in run if piece.removal]
    texts = [piece.text for piece in run if piece.text and piece.whole]
    first = run[0].removal
    return _block(first, rows, texts) if first else ""


def _block(removal: Removal, rows: list[str], texts: list[str]) -> str:
    pins = (
        f"<details><summary>keep</summary><code>{_safe(keep_line(texts))}</code></details>" if texts else ""
    )
    return (
        f'<section class="removed" style="{_hue(removal.kind)}"><div class="by">'
        f'<b class="kind">{_safe(removal.kind)}</b> <code>{_safe(removal.rule)}</code>{pins}</div>'
        f"{''.join(rows)}</section>"
    )


def _row(removal: Removal, text: str) -> str:
    why = reason(removal)
    said = f"{removal.kind}, {removal.rule}, {why or 'these words'}, at {removal.offset}"
    return (
        f'<div class="row" title="{_safe(said)}"><p class="{"text" if removal.text else "text wordless"}">'
        f'{_safe(text)}</p><p class="why">{_safe(why)} '
        f'<span class="at">at {removal.offset:,}</span></p></div>'
    )


def _placeless(told: Explanation) -> str:
    if not told.placeless:
        return ""
    blocks = "".join(_block(one, [_row(one, one.text or "(no words kept)")], []) for one in told.placeless)
    return f"<h2>Receipts without a place in the page's text</h2>{blocks}"


def _advice(told: Explanation) -> str:
    if told.rejection or not told.removed:
        return ""
    return (
        "<footer><p>To keep a removed block for good, open its <b>keep</b> and add that line to "
        "<code>[clean]</code> in the source's declaration, or a CSS selector of it: "
        "<code>keep = ['.notice']</code>. <code>tamis clean</code> then shows what would change.</p></footer>"
    )


def _hue(kind: str) -> str:
    place = _KINDS.index(RemovalKind(kind)) if kind in set(_KINDS) else len(_KINDS)
    return f"--h:{(_FIRST + place * _ANGLE) % 360:.0f}"


def _safe(text: str) -> str:
    """Words as HTML that says what they say: nothing of theirs is markup, or turns the reading direction."""
    return escape(visible(text, keep="\n\t"), quote=True)
