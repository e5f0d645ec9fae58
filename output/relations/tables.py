"""The tables of the relation index."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _key(name: str) -> Column[int]:
    return Column(name, _NUMBER, primary_key=True, autoincrement=False)


# One row: the version of these tables and of the anchors and fingerprints, and the rule by which survivors
# were chosen, its criteria separated by blanks.
about = Table(
    "relation_about",
    metadata,
    _key("only"),
    Column("version", Integer, nullable=False),
    Column("survivor", Text, nullable=False),
)

# One row: the number of the next text (none is used twice), the number of settled anchors, and the number
# below which texts have no anchors yet, because an older version made other ones.
counter = Table(
    "relation_counter",
    metadata,
    _key("only"),
    Column("next", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("outdated", BigInteger, nullable=False),
)

# `body` is the text in UTF-8, under zstd; `cluster` the least number of the texts that are the same.
texts = Table(
    "relation_texts",
    metadata,
    _key("number"),
    Column("fingerprint", BigInteger, nullable=False, index=True),
    Column("cluster", BigInteger, nullable=False, index=True),
    Column("facts", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Anchors are numbers of so many bits.
ANCHOR_BITS = 48
# Fresh anchors and the numbers of their texts: sorted arrays of little-endian 64-bit numbers.
segments = Table(
    "relation_segments",
    metadata,
    _key("segment"),
    Column("anchors", LargeBinary, nullable=False),
    Column("texts", LargeBinary, nullable=False),
)
anchors = Table("relation_anchors", metadata, _key("anchor"), _key("text"), sqlite_with_rowid=False)
# Bits of the settled anchors; see output.relations.filter.
filter_pages = Table(
    "relation_filter",
    metadata,
    _key("page"),
    Column("bits", LargeBinary, nullable=False),
)

# `copy_number` counts the documents of one text from 0; its column on disk is called `twin`.
documents = Table(
    "relation_documents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("text", BigInteger, nullable=False),
    Column("twin", BigInteger, key="copy_number", nullable=False),
    Column("rank", Text, nullable=False),
    Column("run_id", Text, nullable=False, index=True),
    Index("relation_documents_of_text", "text", "copy_number"),
    sqlite_with_rowid=False,
)

# The relations between texts; for `same`, `a` is the lesser number.
links = Table(
    "relation_links",
    metadata,
    _key("a"),
    _key("b"),
    Column("relation", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("rule", Text, nullable=False),
    Column("run_id", Text, nullable=False, index=True),
    Index("relation_links_back", "b"),
    sqlite_with_rowid=False,
)

# Clusters of two documents or more; `run_id` is the run that last changed the star around `survivor`.
clusters = Table(
    "relation_clusters",
    metadata,
    _key("cluster"),
    Column("survivor", Text, nullable=False),
    Column("run_id", Text, nullable=False, index=True),
)
