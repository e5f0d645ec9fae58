"""`tamis dedupe`: the relations between the documents of a JSON Lines file.

A line is a document: `id`, `text`, and where they are known `language`, `title`, `document_number`,
`issuer_id`, `date_published`, `date_issued`, `date_effective`, `source_id`, `access`. Memory does not grow
with the file: documents are related as they are read, and the index is in a temporary file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cleaning.relations.types import Candidate
from flows.extract.atomic_output import refuse_overwriting, whole
from flows.relate import candidate, related
from output.base.errors import UsageError
from output.base.relations import Relation
from output.formats.jsonl import read_jsonl, write_jsonl
from output.relations.survivor import DEFAULT_SURVIVOR_RULE


def dedupe_file(file: Path, output: Path, survivor: Sequence[str] = DEFAULT_SURVIVOR_RULE) -> dict[str, int]:
    """Write the relations of a file's documents as lines {"a", "b", "relation", "score", "rule"}.

    Survivors are chosen by a rule of output.relations.survivor. Returns the number of documents, and of
    relations of each kind. `output` appears whole or not at all. Raises UsageError for an invalid line, an id
    that two lines have, or an output that is the file itself; StorageError where `output` cannot be written.
    """
    refuse_overwriting([file], [output])
    counts = Counter(documents=0)
    with whole(output) as stream:
        relations = related(_candidates(file, counts), f"{file}: two lines", survivor)
        write_jsonl(_lines(relations, counts), stream)
    return dict(counts)


def _candidates(file: Path, counts: Counter[str]) -> Iterator[Candidate]:
    for number, line in read_jsonl(file):
        where = f"{file}:{number}"
        if not isinstance(line, dict):
            raise UsageError(f"{where}: not a JSON object; a line is a document with `id` and `text`")
        counts["documents"] += 1
        yield candidate(line, where)


def _lines(relations: Iterable[Relation], counts: Counter[str]) -> Iterator[dict[str, Any]]:
    for relation in relations:
        counts[relation.relation.value] += 1
        yield {
            "a": relation.a,
            "b": relation.b,
            "relation": relation.relation.value,
            "score": round(relation.score, 4),
            "rule": relation.rule,
        }
