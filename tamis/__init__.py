"""Tamis cleans web pages, relates documents to each other, and opens the datasets that it publishes.

Three functions do it: `extract` turns a page into documents, `relate` finds duplicates and versions among
documents, and `open_release` reads a published release. Importing `tamis` loads no large library; each
function loads what it needs when it is first called.
"""

from importlib.metadata import version as _version

from output.base.errors import MissingDependency, NewerFormat, StorageError, TamisError, UsageError
from output.base.records import Access, Article, Document, Evidence, Heading, Rejection, Removal, RemovalKind
from output.base.relations import Relation, RelationKind
from tamis._extract import Extraction, extract
from tamis._relate import relate
from tamis._release import Release, Table, open_release

__version__ = _version("tamis")

__all__ = [
    "Access",
    "Article",
    "Document",
    "Evidence",
    "Extraction",
    "Heading",
    "MissingDependency",
    "NewerFormat",
    "Rejection",
    "Relation",
    "RelationKind",
    "Release",
    "Removal",
    "RemovalKind",
    "StorageError",
    "Table",
    "TamisError",
    "UsageError",
    "extract",
    "open_release",
    "relate",
]
