"""The rule that chooses the survivor of a cluster of duplicates, and the rule as an order in SQL.

A rule lists criteria, the most important first. Where all are equal, the document that came first survives.
`documents.rank` holds what every criterion needs, so that a new rule applies to all known documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func

from output.relations.tables import documents

# Whole texts before those that are cut; a source that publishes its own texts before all others; the earliest
# day known of a document, or the latest.
SURVIVOR_CRITERIA = ("whole", "official", "earliest", "latest")
DEFAULT_SURVIVOR_RULE = ("whole", "official", "earliest")
# The day in the rank of a document without one.
_NO_DAY = "9999"


def survivor_rule_error(rule: Any) -> str:
    """Return what is wrong with a rule, "" for a valid one."""
    if not isinstance(rule, list | tuple) or not rule:
        return f"must be a list of some of {', '.join(SURVIVOR_CRITERIA)}, the most important first"
    for criterion in rule:
        if criterion not in SURVIVOR_CRITERIA:
            return f"knows no {criterion!r}; it may name {', '.join(SURVIVOR_CRITERIA)}"
        if rule.count(criterion) > 1:
            return f"names {criterion!r} twice"
    return ""


def survivor_order(rule: Sequence[str]) -> list[ColumnElement[Any]]:
    """Return the SQL order of the documents of a cluster, the survivor first."""
    # As `survivor_rank` writes it: a digit for cut, a digit for not official, then the day.
    rank = documents.c.rank
    day = func.substr(rank, 3)
    columns: dict[str, list[ColumnElement[Any]]] = {
        "whole": [func.substr(rank, 1, 1)],
        "official": [func.substr(rank, 2, 1)],
        "earliest": [day],
        "latest": [day == _NO_DAY, day.desc()],
    }
    by_rule = (column for criterion in rule for column in columns[criterion])
    return [*by_rule, documents.c.text, documents.c.copy_number]
