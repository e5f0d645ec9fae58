"""Where a data folder's ledger and dataset lie, when several machines share them and they lie elsewhere.

`stores.toml` in the data folder names them; without it, or without a key of it, they lie in the folder:

    ledger = "postgresql+psycopg://tamis@db.example/tamis"    # SQLAlchemy's form; its password: PGPASSWORD
    dataset = "s3://bucket/tamis"                             # as delta-rs knows it; its keys: AWS_…
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from output.errors import UsageError

NAME = "stores.toml"


@dataclass(frozen=True, slots=True)
class Stores:
    """A path or URL each, as output.ledger.Ledger and output.dataset.Dataset take them."""

    ledger: str
    dataset: str


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
        if key not in inside:
            raise UsageError(f"{file}: unknown key {key!r}; it may name `ledger` and `dataset`")
        if not isinstance(value, str) or not value:
            raise UsageError(f"{file}: {key} must be a path or a URL in quotes")
    return Stores(**{**inside, **named})
