"""An explanation as one HTML page that loads nothing: no script, no font, no address.

Each removed block stands in page order, in the colour of its kind, with its reason beside it as text. Words
from the web are escaped; the page's own policy forbids scripts and loads.
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
_FIRST_HUE, _HUE_STEP = 210, 137.5


def explain_page(explanation: Explanation) -> str:
    """Return the page: facts, how much was kept, a legend of the kinds, and the text."""
    title = explanation.documents[0].title if explanation.documents else explanation.page
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_safe(title)} – kept and removed</title><style>{STYLE.read_text('utf-8')}</style></head>"
        f'<body><header><p class="page">{_safe(explanation.page)}</p><h1>{_safe(title)}</h1>'
        f"{_facts(explanation)}{_shares(explanation)}</header>"
        f"<main>{_text(explanation)}{_placeless(explanation)}</main>{_advice(explanation)}</body></html>\n"
    )


def _facts(explanation: Explanation) -> str:
    return f'<pre class="facts">{_safe(chr(10).join(explanation.facts))}</pre>'


def _shares(explanation: Explanation) -> str:
    """Return the page's characters as one bar, and a legend of the kinds with blocks and characters."""
    characters: Counter[str] = Counter()
    blocks: Counter[str] = Counter()
    for piece in explanation.pieces:
        if piece.removal:
            characters[piece.removal.kind] += piece.length
            blocks[piece.removal.kind] += 1
    kept, total = explanation.kept, explanation.kept + explanation.removed
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
        f'<div class="bar" aria-hidden="true"><span class="kept" style="flex-grow:{kept}"></span>'
        f'{segments}</div><ul class="legend"><li><b class="kind kept">kept</b> {kept:,} characters, '
        f"{kept / total:.0%} of the page</li>{legend}</ul>"
    )


def _text(explanation: Explanation) -> str:
    return "".join(
        _kept(run) if run[0].removal is None else _removed(run) for run in runs(explanation.pieces)
    )


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
    keep = (
        f"<details><summary>keep</summary><code>{_safe(keep_line(texts))}</code></details>" if texts else ""
    )
    return (
        f'<section class="removed" style="{_hue(removal.kind)}"><div class="by">'
        f'<b class="kind">{_safe(removal.kind)}</b> <code>{_safe(removal.rule)}</code>{keep}</div>'
        f"{''.join(rows)}</section>"
    )


def _row(removal: Removal, text: str) -> str:
    why = reason(removal)
    title = f"{removal.kind}, {removal.rule}, {why or 'these words'}, at {removal.offset}"
    return (
        f'<div class="row" title="{_safe(title)}"><p class="{"text" if removal.text else "text wordless"}">'
        f'{_safe(text)}</p><p class="why">{_safe(why)} '
        f'<span class="at">at {removal.offset:,}</span></p></div>'
    )


def _placeless(explanation: Explanation) -> str:
    if not explanation.placeless:
        return ""
    blocks = "".join(
        _block(one, [_row(one, one.text or "(no words kept)")], []) for one in explanation.placeless
    )
    return f"<h2>Receipts without a position in the page's text</h2>{blocks}"


def _advice(explanation: Explanation) -> str:
    if explanation.rejection or not explanation.removed:
        return ""
    return (
        "<footer><p>To always keep a removed block, open its <b>keep</b> and add that line to "
        "<code>[clean]</code> in the source's declaration, or a CSS selector of it: "
        "<code>keep = ['.notice']</code>. <code>tamis clean</code> then shows what would change.</p></footer>"
    )


def _hue(kind: str) -> str:
    index = _KINDS.index(RemovalKind(kind)) if kind in set(_KINDS) else len(_KINDS)
    return f"--h:{(_FIRST_HUE + index * _HUE_STEP) % 360:.0f}"


def _safe(text: str) -> str:
    """Return words as HTML text: nothing of theirs is markup, or turns the reading direction."""
    return escape(visible(text, keep="\n\t"), quote=True)
