"""The layout of elements as browsers do it: what starts a line, what is hidden, what is not shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# The roles of elements. ITEM, ROW and CELL are blocks of their kind. LEAF has no content, the attributes of
# BARE mean nothing, MUTED is not shown, and DRAWN is shown inside a muted drawing.
INLINE, BLOCK, BREAK, ITEM, ROW, CELL, HEAD, LEAF, BARE, MUTED, DRAWN = range(11)
# The elements that browsers lay out as a block, or apart from the text around; all others are inline.
_BLOCK_TAGS: Final = """
    html head body div p h1 h2 h3 h4 h5 h6 ul ol dl dt dd menu dir pre listing xmp plaintext blockquote
    center address article aside section nav header footer main hgroup search figure figcaption table
    caption thead tbody tfoot colgroup form fieldset legend details summary dialog button select option
    optgroup textarea datalist noscript noframes noembed iframe object video audio canvas frameset marquee
"""
ROLES: Final[Mapping[str, int]] = {
    **dict.fromkeys(_BLOCK_TAGS.split(), BLOCK),
    **dict.fromkeys(["title", "base", "meta", "link", "script"], HEAD),
    **dict.fromkeys(["br", "hr"], BREAK),
    **dict.fromkeys(["style", "svg", "template", "annotation", "annotation-xml"], MUTED),
    **dict.fromkeys(["text", "foreignobject", "foreignObject"], DRAWN),  # the words in a drawing
    **dict.fromkeys(["b", "i", "em", "strong", "u"], BARE),  # their attributes say nothing of their text
    **dict.fromkeys(["img", "input", "source", "wbr"], LEAF),
    "li": ITEM,
    "tr": ROW,
    "td": CELL,
    "th": CELL,
}
# The parser keeps their content as source, meant for browsers without frames and embedded pages.
UNPARSED: Final = frozenset({"noframes", "noembed", "iframe"})
FLAGS: Final = (
    *("article", "aside", "caption", "cell", "control", "footer", "form", "header", "heading", "hidden"),
    *("list", "main", "nav", "noscript", "pre", "quote", "row", "table"),
)
BIT: Final = {name: 1 << n for n, name in enumerate(FLAGS)}
TAG_FLAGS: Final[Mapping[str, int]] = {
    **{f"h{level}": BIT["heading"] for level in range(1, 7)},
    **{tag: bit for tag, bit in BIT.items() if tag in _BLOCK_TAGS.split()},
    **dict.fromkeys(["button", "select", "textarea", "datalist"], BIT["control"]),
    **dict.fromkeys(["ul", "ol", "menu", "dir", "dl"], BIT["list"]),
    **dict.fromkeys(["td", "th"], BIT["cell"]),
    **dict.fromkeys(["listing", "xmp", "plaintext"], BIT["pre"]),
    **dict.fromkeys(["iframe", "noembed", "object", "video", "audio", "canvas"], BIT["hidden"]),
    "blockquote": BIT["quote"],
    "figcaption": BIT["caption"],
    "noframes": BIT["noscript"],
}
HIDDEN_CLASS: Final = re.compile(
    r"\b(?:sr-only|screen-?reader(?:-text)?|visually-?hidden|d-none)\b", re.IGNORECASE
)
HIDDEN_STYLE: Final = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
