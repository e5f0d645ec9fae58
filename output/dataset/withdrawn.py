"""The pages and documents of a withdrawal: a document is withdrawn at every address that it ever had."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from output.base.relations import SUCCESSOR

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
    """Return these URLs and all pages that ever gave a document which one of the URLs names.

    A URL names a document as its id, URL, canonical URL or page. Documents that such a document replaced, or
    that replaced it, belong to it.
    """
    pages = connection.execute(_PAGES, [[*urls]]).fetchall()
    return sorted({*urls, *(page for (page,) in pages)})


def documents_of(connection: duckdb.DuckDBPyConnection, pages: Collection[str]) -> list[str]:
    """Return the ids of all documents that these pages ever gave, of a committed run or not."""
    return [document_id for (document_id,) in connection.execute(_DOCUMENTS, [[*pages]]).fetchall()]


def translations_of(connection: duckdb.DuckDBPyConnection, ids: Collection[str]) -> list[str]:
    """Return the pages whose documents name one of these documents as their original."""
    return [page for (page,) in connection.execute(_TRANSLATIONS, [[*ids]]).fetchall()]
