"""What is set for a data folder as a whole: where its ledger and dataset lie, and which duplicates survive.

`stores.toml` in the data folder says it, where several machines share a ledger and a dataset and they lie
elsewhere, or where another copy is to be kept of texts that are the same. Without it, or without a key of it,
they lie in the folder, and whole texts survive, then those of official sources, then the earliest:

    ledger = "postgresql+psycopg://tamis@db.example/tamis"    # SQLAlchemy's form; its password: PGPASSWORD
    dataset = "s3://bucket/tamis"                             # as delta-rs knows it; its keys: AWS_…
    survivor = ["official", "whole", "latest"]                # whole, official, earliest, latest
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from output.base.errors import UsageError
from output.relations.survivor import DEFAULT, wrong_with

NAME = "stores.toml"


@dataclass(frozen=True, slots=True)
class Stores:
    """Paths or URLs as Ledger and Dataset take them, and the rule for survivors as RelationIndex does."""

    ledger: str
    dataset: str
    survivor: tuple[str, ...] = DEFAULT


def stores(data: Path) -> Stores:
    """The stores of a data folder. Raises UsageError for a stores.toml that does not read."""
    inside = {"ledger": str(data / "ledger.sqlite"), "dataset": str(data / "dataset")}
    file = data / NAME
    try:
        named = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        named = {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    for key, value in named.items():
        if key == "survivor":
            if wrong := wrong_with(value):
                raise UsageError(f"{file}: survivor {wrong}")
        elif key not in inside:
            raise UsageError(f"{file}: unknown key {key!r}; it may name `ledger`, `dataset` and `survivor`")
        elif not isinstance(value, str) or not value:
            raise UsageError(f"{file}: {key} must be a path or a URL in quotes")
    survivor = tuple(named.pop("survivor", DEFAULT))
    return Stores(**{**inside, **named}, survivor=survivor)
