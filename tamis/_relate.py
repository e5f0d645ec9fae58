"""`tamis.relate`: how documents stand to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from output.base.relations import Relation

if TYPE_CHECKING:
    from cleaning.relations.types import Candidate


class DocumentLike(Protocol):
    """An object with an id and a text, such as a Document."""

    @property
    def id(self) -> str | int:
        """What names the document in relations."""

    @property
    def text(self) -> str:
        """The text that is compared."""


def relate(documents: Iterable[DocumentLike | Mapping[str, Any]]) -> list[Relation]:
    r"""Find the documents that are the same, contain each other, or are versions of each other.

    `documents` are Documents, mappings or other objects with `id` and `text`. What else is known of them
    counts as well: `language`, `title`, `document_number`, `issuer_id`, `source_id`, `access` and the dates.
    In each relation `a` is the one to keep: the survivor of copies, the whole, or the newer version. The
    documents are read one by one and indexed in a temporary file, so that they need not fit into memory.
    Raises UsageError where two share an id, or one has no `id` or no `text`; TypeError for anything else
    that is no document.

    >>> import tamis
    >>> law = "\n".join(f"Article {n}. The harbour office keeps register {n} of ships." for n in range(1, 9))
    >>> relations = tamis.relate(
    ...     [{"id": "law", "text": law}, {"id": "copy", "text": law.upper()}, {"id": "note", "text": "None."}]
    ... )
    >>> [(relation.a, relation.relation.value, relation.b) for relation in relations]
    [('law', 'same', 'copy')]
    """
    from flows.relate import related

    if isinstance(documents, str | bytes | Mapping) or not isinstance(documents, Iterable):
        raise TypeError(f"documents is of type {type(documents).__name__}; pass a list of documents")
    return list(related(_candidates(documents), "two documents"))


def _candidates(documents: Iterable[object]) -> Iterator[Candidate]:
    from flows.relate import FIELDS, candidate

    for number, document in enumerate(documents):
        where = f"documents[{number}]"
        if isinstance(document, Mapping):
            yield candidate(document, where)
        elif hasattr(document, "id") and hasattr(document, "text"):
            yield candidate({name: getattr(document, name, None) for name in FIELDS}, where)
        else:
            raise TypeError(
                f"{where} is of type {type(document).__name__}; "
                "pass Documents, mappings, or objects with `id` and `text`"
            )
