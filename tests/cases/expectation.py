"""What a case may expect, read from its TOML file and compared with what cleaning or a crawl gave."""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from output.base.records import Document, RemovalKind
from tests import ROOT

# A list among them is one of texts.
_FIELDS = {
    field.name: list if str(field.type) == "tuple[str, ...]" else str
    for field in dataclasses.fields(Document)
    if str(field.type) in ("str", "str | None", "Access", "tuple[str, ...]")
}
DOCUMENT_KEYS = _FIELDS | dict.fromkeys(("text_must", "text_must_not", "access_evidence"), list)


class CaseError(ValueError):
    """A case that cannot be run: the message names the file, the key and what to do."""


def read(file: Path) -> dict[str, Any]:
    """Read the TOML file of a case."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{named(file)}: not TOML: {error}") from error


def named(file: Path) -> str:
    """Name a file of the cases by its path in the repository."""
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)


def check_keys(file: Path, where: str, table: Any, keys: Mapping[str, type]) -> None:
    """Refuse a key that is not among `keys`, offering the nearest right one, and a value of another type."""
    if not isinstance(table, dict):
        raise CaseError(f"{named(file)}: {where.rstrip('.')}: expected a table, found {table!r}")
    for key, value in table.items():
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            advice = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(keys))}"
            raise CaseError(f"{named(file)}: {where}{key}: unknown key; {advice}")
        if not isinstance(value, keys[key]):
            raise CaseError(f"{named(file)}: {where}{key}: expected a {keys[key].__name__}, found {value!r}")
        if isinstance(value, list) and not all(isinstance(item, str | dict) for item in value):
            raise CaseError(f"{named(file)}: {where}{key}: expected a list of texts, found {value!r}")


def check_removed(file: Path, removed: Mapping[str, Any]) -> None:
    """Refuse a kind of furniture that there is not."""
    check_keys(file, "removed.", removed, dict.fromkeys(map(str, RemovalKind), list))


def folded(text: str) -> str:
    """Fold white space: a run of it counts as one space."""
    return re.sub(r"\s+", " ", text).strip()


def missing(wanted: Iterable[str], text: str) -> list[str]:
    """List the wanted words that do not stand in a text."""
    there = folded(text)
    return [words for words in wanted if folded(words) not in there]


def document_differences(expected: Mapping[str, Any], document: Document) -> list[str]:
    """Compare one document with what is expected of it; a line for each key that differs."""
    wrong = []
    for key, wanted in expected.items():
        if key == "text_must":
            if lost := missing(wanted, f"{document.title}\n{document.text}"):
                wrong.append(f"text_must: expected {lost}, found the text {document.text!r}")
        elif key == "text_must_not":
            if kept := [words for words in wanted if not missing([words], document.text)]:
                wrong.append(f"text_must_not: expected nothing of {kept}, found the text {document.text!r}")
        elif key == "access_evidence":
            found = [f"{evidence.text} ({evidence.where})" for evidence in document.access_evidence]
            if lost := missing(wanted, "\n".join(found)):
                wrong.append(f"access_evidence: expected {lost}, found {found}")
        elif key == "warnings":
            if unsaid := [name for name in wanted if name not in document.warnings]:
                wrong.append(f"warnings: expected {unsaid}, found {list(document.warnings)}")
        else:
            wrong += value_difference(key, wanted, getattr(document, key))
    return wrong


def value_difference(key: str, wanted: object, found: Any) -> list[str]:
    """Compare one value; an empty text stands for a value that is absent."""
    given = list(found) if isinstance(found, tuple) else found or ""
    return [] if given == wanted else [f"{key}: expected {wanted!r}, found {given!r}"]


def report(file: Path, why: str, wrong: Collection[str]) -> str:
    """Tell what is wrong with a case, a line for each difference."""
    return "\n".join([f"{named(file)}: {why}", *(f"  {line}" for line in wrong)])
