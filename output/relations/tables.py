"""The tables of the relation index."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _key(name: str) -> Column[int]:
    return Column(name, _NUMBER, primary_key=True, autoincrement=False)


# One row: the version of these tables, and of how texts are anchored and fingerprinted; and the rule by which
# survivors were chosen, its signs with a space between.
about = Table(
    "relation_about",
    metadata,
    _key("only"),
    Column("version", Integer, nullable=False),
    Column("survivor", Text, nullable=False),
)

# One row: the number that the next text gets (none is used twice), the rows of settled anchors, and the
# number below which texts have no anchors yet, because an older version made them otherwise.
counter = Table(
    "relation_counter",
    metadata,
    _key("only"),
    Column("next", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("outdated", BigInteger, nullable=False),
)

# `body` is the text, UTF-8 under zstd; `cluster` the least number among the texts that are the same.
texts = Table(
    "relation_texts",
    metadata,
    _key("number"),
    Column("fingerprint", BigInteger, nullable=False, index=True),
    Column("cluster", BigInteger, nullable=False, index=True),
    Column("facts", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Anchors are numbers below 2 to the power of this.
ANCHOR_BITS = 48
# Fresh anchors and the numbers of the texts that hold them: sorted arrays of little-endian 64-bit numbers.
segments = Table(
    "relation_segments",
    metadata,
    _key("segment"),
    Column("anchors", LargeBinary, nullable=False),
    Column("texts", LargeBinary, nullable=False),
)
anchors = Table("relation_anchors", metadata, _key("anchor"), _key("text"), sqlite_with_rowid=False)
# Bits of the settled anchors; see relation_filter.
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

# What was decided of two texts; of `same`, `a` is the lesser number.
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

# Clusters of two documents or more; `run_id` is the run since which the star around `survivor` stands.
clusters = Table(
    "relation_clusters",
    metadata,
    _key("cluster"),
    Column("survivor", Text, nullable=False),
    Column("run_id", Text, nullable=False, index=True),
)
