"""Records as Arrow: dataclasses become the schemas of tables, and records their rows."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any

import pyarrow as pa

from output.base.records import Document, Rejection, Removal, RunReport
from output.base.relations import Pair, Relation
from output.formats.jsonl import well_formed

# The tables of a dataset. `runs` is the commit, so it comes last: rows of the others count when their run is
# in it.
RECORDS: Mapping[str, type] = {
    "documents": Document,
    "removals": Removal,
    "rejections": Rejection,
    "relations": Relation,
    "pairs": Pair,
    "runs": RunReport,
}

# Rows turned into Arrow at once: few enough that a column of long laws stays under Arrow's 2 GiB.
BATCH_ROWS = 256

_COUNT = pa.struct([("name", pa.string()), ("n", pa.int64())])
_SCALARS = {str: pa.string(), int: pa.int64(), float: pa.float64()}


def schema(record: type) -> pa.Schema:
    """Return the Arrow schema of a record: strings, int64, float64, lists of strings and of structs.

    Counts (pairs of a name and a number) become list<struct<name, n>>. Every column may be null: a column
    that a later version adds is null in older rows.
    """
    hints = typing.get_type_hints(record)
    return pa.schema([(field.name, _type(hints[field.name])) for field in dataclasses.fields(record)])


def batches(records: Iterable[Any], record: type) -> Iterator[pa.RecordBatch]:
    """Yield records of one type as batches of at most BATCH_ROWS rows; lone surrogates become U+FFFD."""
    rows_schema = schema(record)
    rest = iter(records)
    while rows := list(islice(rest, BATCH_ROWS)):
        columns = [_column([getattr(row, field.name) for row in rows], field.type) for field in rows_schema]
        yield pa.RecordBatch.from_arrays(columns, schema=rows_schema)


def from_row(record: type, row: Mapping[str, Any]) -> Any:
    """Make a record that holds no other records from a row of Arrow; null stands for the default."""
    fields = {field.name: row.get(field.name) for field in dataclasses.fields(record)}
    return record(**{name: _value(value) for name, value in fields.items() if value is not None})


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple((item["name"], item["n"]) if isinstance(item, dict) else item for item in value)
    return value


def _column(values: list[Any], arrow_type: pa.DataType) -> pa.Array:
    if pa.types.is_list(arrow_type) and arrow_type.value_type not in (pa.string(), _COUNT):
        values = [[_struct(item) for item in items] for items in values]
    try:
        return pa.array(values, arrow_type)
    except UnicodeEncodeError:
        return pa.array([_well_formed(value) for value in values], arrow_type)


def _struct(item: Any) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}


def _well_formed(value: Any) -> Any:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, tuple | list):
        return type(value)(_well_formed(item) for item in value)
    if isinstance(value, dict):
        return {key: _well_formed(item) for key, item in value.items()}
    return value


def _type(hint: Any) -> pa.DataType:
    if isinstance(hint, types.UnionType):
        (hint,) = (arm for arm in typing.get_args(hint) if arm is not type(None))
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        return pa.list_(_COUNT if typing.get_origin(item) is tuple else _type(item))
    if dataclasses.is_dataclass(hint):
        return pa.struct(list(schema(typing.cast(type, hint))))
    return pa.string() if issubclass(hint, StrEnum) else _SCALARS[hint]
