"""Records as plain values for JSON and Arrow."""

from __future__ import annotations

import dataclasses
import functools
from datetime import datetime
from enum import StrEnum
from typing import Any

# The types of most fields, which JSON and Arrow take as they are.
_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})


def as_dict(record: Any) -> dict[str, Any]:
    """Return a record as plain values: enums as words, tuples as lists, records as dicts."""
    return {name: _plain(getattr(record, name)) for name in _field_names(record.__class__)}


@functools.cache
def _field_names(record: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(record))


def _plain(value: Any) -> Any:
    if value.__class__ in _PLAIN_TYPES:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return as_dict(value)
    return value
