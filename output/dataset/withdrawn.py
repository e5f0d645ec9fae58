"""Which pages and documents a withdrawal takes in: a document goes at every address that it ever had."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from output.base.records import SUCCESSOR

_PAGES = f"""
with recursive named as (
    select id from stored_documents
    where list_contains($1, input_id) or list_contains($1, url) or list_contains($1, id)
        or list_contains($1, canonical_url)
    union
    select case when r.a = n.id then r.b else r.a end
    from stored_relations r join named n on n.id in (r.a, r.b) where r.rule = '{SUCCESSOR}'
)
select distinct input_id from stored_documents semi join named using (id)
"""  # noqa: S608

_TRANSLATIONS = (
    "select distinct input_id from latest where list_contains(?, translation_of) order by input_id"
)

_DOCUMENTS = "select distinct id from stored_documents where list_contains(?, input_id) order by id"


def pages_at(connection: duckdb.DuckDBPyConnection, urls: Collection[str]) -> list[str]:
    """These URLs, and all pages that ever gave a document of which one of them is id, URL, canonical URL or
    page, or one in whose place it stands, or that stands in its place.
    """
    pages = connection.execute(_PAGES, [[*urls]]).fetchall()
    return sorted({*urls, *(page for (page,) in pages)})


def documents_of(connection: duckdb.DuckDBPyConnection, pages: Collection[str]) -> list[str]:
    """The ids of all documents that these pages ever gave, of a committed run or not."""
    return [one for (one,) in connection.execute(_DOCUMENTS, [[*pages]]).fetchall()]


def translations_of(connection: duckdb.DuckDBPyConnection, ids: Collection[str]) -> list[str]:
    """The pages whose documents name one of these documents as their original."""
    return [one for (one,) in connection.execute(_TRANSLATIONS, [[*ids]]).fetchall()]
