"""JSON-LD: read leniently and flattened, with the article text that stands nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from selectolax.lexbor import LexborHTMLParser

# Text that pages put around or into the JSON: comments, CDATA marks, a comma before the closing bracket.
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
# A shorter body is a summary.
_MIN_BODY_CHARACTERS = 200
_TAG = re.compile(r"<[a-zA-Z/!]")
# Pages nest ten objects or so. What reads them calls itself for each level, and Python ends at a thousand.
_MAX_DEPTH = 100


def load(scripts: Iterable[str]) -> tuple[list[Mapping[str, Any]], bool]:
    """Return the objects of JSON-LD scripts, lists and `@graph` flattened, and False if a script is
    malformed.
    """
    objects: list[Mapping[str, Any]] = []
    readable = True
    for script in scripts:
        try:
            waiting = [_loads(script)]
        except (ValueError, RecursionError):
            readable = readable and not script.strip()
            continue
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting[:0] = value
            elif isinstance(value, dict):
                objects.append(value)
                waiting[:0] = [value["@graph"]] if "@graph" in value else []
    return objects, readable


def missing_bodies(objects: Sequence[Mapping[str, Any]], visible: Sequence[str]) -> list[str]:
    """Return the paragraphs of the longest `articleBody` that the visible text lacks, if it is longer."""
    bodies = [body for item in objects if isinstance(body := item.get("articleBody"), str)]
    body = max(bodies, key=len, default="")
    if len(body) < _MIN_BODY_CHARACTERS or len(body) < sum(map(len, visible)):
        return []
    if _TAG.search(body):
        tree = LexborHTMLParser(body)
        body = tree.body.text(separator="\n") if tree.body else ""
    paragraphs = [line for line in map(str.strip, body.splitlines()) if line]
    shown = "".join("".join(visible).split())
    return [line for line in paragraphs if "".join(line.split()) not in shown]


def types(objects: Sequence[Mapping[str, Any]]) -> str:
    """Return the types of the objects in lower case, separated by spaces."""
    return " ".join(str(item.get("@type", "")) for item in objects).lower()


def _loads(script: str) -> Any:
    """Return the value of a script. Raises ValueError or RecursionError for a malformed or too deep one."""
    try:
        value = json.loads(script, strict=False)
    except ValueError:
        value = json.loads(_TRAILING_COMMA.sub("", _WRAPPING.sub("", script)), strict=False)
    if _is_too_deep(value):
        raise ValueError("nested too deep")
    return value


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [inner for outer in level for inner in _values_of(outer)]
        if not level:
            return False
    return True


def _values_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
