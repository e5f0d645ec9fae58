"""Migrations of the relation index: new tables, and older ones brought to today's version.

An index from before versions keeps its texts, documents and links. Its anchors are dropped, and
`counter.outdated` tells which texts the next run has to anchor anew, in its own transaction. Versions 1 and 2
get today's filter over their settled anchors, version 1 also the rule for survivors.
"""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, update

from output.base.errors import NewerFormat
from output.relations.filter import Filter
from output.relations.rows import Rows
from output.relations.survivor import DEFAULT_SURVIVOR_RULE
from output.relations.tables import about, anchors, counter, filter_pages, metadata, segments, texts

VERSION = 3
# The table of fresh anchors before version 1.
_FRESH = Table("relation_fresh_anchors", MetaData())


def prepare(connection: Connection) -> None:
    """Make the tables, or bring them to today's version. Raises NewerFormat for a newer index."""
    version = _version(connection)
    if version is None:
        metadata.create_all(connection)
        _write_about(connection)
        connection.execute(insert(counter).values(only=0, next=0, settled=0, outdated=0))
    elif version > VERSION:
        raise NewerFormat(
            f"the relation index in {connection.engine.url.render_as_string()} has version {version}, "
            f"this Tamis knows {VERSION}: install a newer Tamis"
        )
    elif version == 0:
        _anchor_anew(connection)
    elif version < VERSION:
        _add_filter(connection, version)


def _version(connection: Connection) -> int | None:
    """Return the version of the index, 0 for one from before versions were kept, None without an index."""
    tables = inspect(connection)
    if tables.has_table(about.name):
        version: int = connection.execute(select(about.c.version)).scalar_one()
        return version
    return 0 if tables.has_table(texts.name) else None


def _anchor_anew(connection: Connection) -> None:
    """Migrate 0 → 3: other anchors and fingerprints; fresh anchors are in segments."""
    following = connection.execute(select(counter.c.next)).scalar_one()
    for table in (_FRESH, anchors, segments, counter, about):
        table.drop(connection, checkfirst=True)
    metadata.create_all(connection)
    connection.execute(insert(counter).values(only=0, next=following, settled=0, outdated=following))
    _write_about(connection)


def _add_filter(connection: Connection, version: int) -> None:
    """Migrate 1 or 2 → 3: the filter over the settled anchors, and for 1 the rule for survivors."""
    filter_pages.drop(connection, checkfirst=True)
    if version == 1:
        about.drop(connection)
    metadata.create_all(connection)
    if version == 1:
        _write_about(connection)
    connection.execute(update(about).values(version=VERSION))
    settled = connection.execute(select(counter.c.settled)).scalar_one()
    Filter(Rows(connection), 0).refill(settled)


def _write_about(connection: Connection) -> None:
    connection.execute(
        insert(about).values(only=0, version=VERSION, survivor=" ".join(DEFAULT_SURVIVOR_RULE))
    )
