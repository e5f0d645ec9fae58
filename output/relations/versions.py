"""The version of the relation index: made where it is not, brought up to date where it is older.

An index from before versions keeps its texts, documents and links; its anchors are dropped, and
`counter.outdated` says which texts the next run has to anchor anew, in its own transaction. One of version 1
or 2 gets today's filter over its settled anchors; one of version 1 the rule for survivors too.
"""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, update

from output.base.errors import NewerFormat
from output.relations.filter import Filter
from output.relations.rows import Rows
from output.relations.survivor import DEFAULT
from output.relations.tables import about, anchors, counter, filter_pages, metadata, segments, texts

VERSION = 3
# What held fresh anchors before version 1.
_FRESH = Table("relation_fresh_anchors", MetaData())


def prepare(connection: Connection) -> None:
    """Makes the tables, or brings them to today's version. Raises NewerFormat for one that is newer."""
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
        _filter(connection, version)


def _version(connection: Connection) -> int | None:
    """The version of the index that is there; 0 for one from before versions were kept."""
    tables = inspect(connection)
    if tables.has_table(about.name):
        version: int = connection.execute(select(about.c.version)).scalar_one()
        return version
    return 0 if tables.has_table(texts.name) else None


def _anchor_anew(connection: Connection) -> None:
    """0 → 3: anchors of another make, in segments where they are fresh; other fingerprints."""
    following = connection.execute(select(counter.c.next)).scalar_one()
    for table in (_FRESH, anchors, segments, counter, about):
        table.drop(connection, checkfirst=True)
    metadata.create_all(connection)
    connection.execute(insert(counter).values(only=0, next=following, settled=0, outdated=following))
    _write_about(connection)


def _filter(connection: Connection, version: int) -> None:
    """1 or 2 → 3: the filter over the settled anchors; and for 1 the rule for survivors."""
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
    connection.execute(insert(about).values(only=0, version=VERSION, survivor=" ".join(DEFAULT)))
