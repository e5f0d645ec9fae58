"""Which document of a cluster survives: the written rule, and the order in SQL that it is.

A rule names signs, the first deciding first; where all are equal, the document that came first survives.
`documents.rank` says of each document what every rule asks, so that another rule holds for all that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func

from output.relations.tables import documents

# Texts that are whole before those that are cut; a source that publishes its own texts before all others; the
# earliest day known of a document, or the latest.
SURVIVOR_CRITERIA = ("whole", "official", "earliest", "latest")
DEFAULT_SURVIVOR_RULE = ("whole", "official", "earliest")
# The day of a document without one.
_UNDATED = "9999"


def survivor_rule_error(rule: Any) -> str:
    """What is wrong with a rule as it was written; "" for a right one."""
    if not isinstance(rule, list | tuple) or not rule:
        return f"must be a list of some of {', '.join(SURVIVOR_CRITERIA)}, the first deciding first"
    for sign in rule:
        if sign not in SURVIVOR_CRITERIA:
            return f"knows no {sign!r}; it may name {', '.join(SURVIVOR_CRITERIA)}"
        if rule.count(sign) > 1:
            return f"names {sign!r} twice"
    return ""


def survivor_order(rule: Sequence[str]) -> list[ColumnElement[Any]]:
    """What documents of a cluster are sorted by, the survivor first."""
    # As `survivor_rank` writes it: a figure each for cut and not official, then the day.
    rank = documents.c.rank
    day = func.substr(rank, 3)
    by: dict[str, list[ColumnElement[Any]]] = {
        "whole": [func.substr(rank, 1, 1)],
        "official": [func.substr(rank, 2, 1)],
        "earliest": [day],
        "latest": [day == _UNDATED, day.desc()],
    }
    return [*(column for sign in rule for column in by[sign]), documents.c.text, documents.c.twin]
