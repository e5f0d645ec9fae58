"""Several sources in one command."""

from __future__ import annotations

import pytest

from crawlers.declaration.loading import Source, source_from_url
from flows.workspace.each import for_each
from output.base.errors import Busy, HeldBack, StorageError, TamisError

SOURCES = [source_from_url(f"https://{name}.example/") for name in "abcd"]


def test_what_keeps_one_source_from_its_turn_keeps_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    errors: dict[str, TamisError] = {
        "a-example": Busy("a is being run"),
        "c-example": HeldBack("c is held back"),
    }
    done = []

    def do(source: Source) -> int:
        if source.id in errors:
            raise errors[source.id]
        done.append(source.id)
        return 1

    assert for_each(SOURCES, do) == 3
    assert done == ["b-example", "d-example"]
    assert capsys.readouterr().err == "tamis: a is being run\ntamis: c is held back\n"


def test_damaged_storage_ends_them_all() -> None:
    done = []

    def do(source: Source) -> int:
        done.append(source.id)
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        for_each(SOURCES, do)
    assert done == ["a-example"]
