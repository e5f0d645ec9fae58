"""Statements on the rows of the relation index by many values, which are one parameter: a JSON array."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    cast,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine


class Rows:
    """Statements on one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def having(
        self, columns: Sequence[Column[Any]], values: Iterable[Any], *where: ColumnElement[bool]
    ) -> Sequence[Row[Any]]:
        """Return the rows whose first column is one of the values, and that meet the other conditions."""
        is_listed = columns[0].in_(self.listed(columns[0], values))
        return self.connection.execute(select(*columns).where(is_listed, *where)).all()

    def delete(self, column: Column[Any], values: Iterable[Any]) -> None:
        """Delete the rows whose column is one of the values."""
        self.connection.execute(delete(column.table).where(column.in_(self.listed(column, values))))

    def listed(self, column: Column[Any], values: Iterable[Any]) -> Select[Any]:
        """Select the values of a column as rows of one column, `value`."""
        listed = literal(json.dumps(list(values), ensure_ascii=False), Text)
        return select(self.each(listed, column.type).label("value"))

    def each(self, listed: Any, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        """Return the SQL expression for the values of a JSON array as rows."""
        if self.connection.dialect.name == "postgresql":
            rows = func.jsonb_array_elements_text(cast(listed, JSONB)).table_valued("value")
        else:
            rows = func.json_each(listed).table_valued("value")
        return cast(rows.c.value, kind)

    def many(self, statement: Any, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement with each row of parameters; it is compiled once, and rows need no dict."""
        compiled = statement.compile(dialect=self.connection.dialect, column_keys=names)
        parameters: list[Any]
        if compiled.positional:
            parameters = list(map(itemgetter(*map(names.index, compiled.positiontup)), rows))
        else:
            parameters = [dict(zip(names, row, strict=True)) for row in rows]
        if parameters:
            self.connection.exec_driver_sql(str(compiled), parameters)
