"""Settings of a data folder: where its ledger and dataset lie, and which of several duplicates is kept.

They stand in `stores.toml` in the data folder. It is needed where several machines share a ledger and a
dataset, or to keep another copy of texts that are the same. By default ledger and dataset lie in the folder;
of duplicates, whole texts are kept, then those of official sources, then the earliest:

    ledger = "postgresql+psycopg://tamis@db.example/tamis"    # SQLAlchemy's form; its password: PGPASSWORD
    dataset = "s3://bucket/tamis"                             # as delta-rs knows it; its keys: AWS_…
    survivor = ["official", "whole", "latest"]                # whole, official, earliest, latest
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from output.base.errors import UsageError
from output.relations.survivor import DEFAULT_SURVIVOR_RULE, survivor_rule_error

NAME = "stores.toml"

# The object stores that delta-rs knows; it takes an unknown one for an empty one.
_DATASET_SCHEMES = ("s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss")
_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Stores:
    """Paths or URLs for Ledger and Dataset, and the rule for survivors for RelationIndex."""

    ledger: str
    dataset: str
    survivor: tuple[str, ...] = DEFAULT_SURVIVOR_RULE


def stores(data: Path) -> Stores:
    """Return the stores of a data folder. Raises UsageError for a stores.toml that cannot be used."""
    defaults = {"ledger": str(data / "ledger.sqlite"), "dataset": str(data / "dataset")}
    file = data / NAME
    try:
        settings = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        settings = {}
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    for key, value in settings.items():
        if key == "survivor":
            if error_text := survivor_rule_error(value):
                raise UsageError(f"{file}: survivor {error_text}")
        elif key not in defaults:
            raise UsageError(f"{file}: unknown key {key!r}; it may name `ledger`, `dataset` and `survivor`")
        elif not isinstance(value, str) or not value or _CONTROL_CHARACTER.search(value):
            raise UsageError(f"{file}: {key} must be a path or a URL in quotes")
        elif key == "dataset" and (error_text := _dataset_url_error(value)):
            raise UsageError(f"{file}: dataset {error_text}")
    survivor = tuple(settings.pop("survivor", DEFAULT_SURVIVOR_RULE))
    return Stores(**{**defaults, **settings}, survivor=survivor)


def _dataset_url_error(value: str) -> str:
    """Return why delta-rs cannot use a URL, without quoting it; "" for a good one, and for a path."""
    if "://" not in value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "is a URL whose host cannot be read"
    if parts.scheme == "file":
        is_absolute = parts.netloc in ("", "localhost") and parts.path.strip("/")
        return "" if is_absolute else "must name a folder of this machine: file:///FOLDER"
    if parts.scheme not in _DATASET_SCHEMES:
        return f"must be a path or a URL that begins with {', '.join(_DATASET_SCHEMES)} or file"
    return "" if parts.netloc else f"names no bucket: {parts.scheme}://BUCKET/FOLDER"
