"""Records on the disk: in their order, each time anew, and gone with the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.ingest.reconcile.spool import Flat, Spool
from output.base.errors import StorageError


def test_items_come_back_in_their_order_as_often_as_they_are_asked_for(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "scratch", ["quay", "pier"])
    spool.append("mole")
    assert [*spool] == [*spool] == ["quay", "pier", "mole"]
    assert (len(spool), spool[-1], spool[1:]) == (3, "mole", ["pier", "mole"])
    with pytest.raises(IndexError):
        spool[3]


def test_nothing_of_a_spool_stands_in_its_folder(tmp_path: Path) -> None:
    spool = Spool(tmp_path, ["quay"])
    assert [*tmp_path.iterdir()] == []
    assert [*spool] == ["quay"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file.*make room or fix the permissions"):
        Spool[str](tmp_path / "file" / "scratch")


def test_lists_are_read_through_more_than_once(tmp_path: Path) -> None:
    flat = Flat(Spool(tmp_path, [["quay", "pier"], [], ["mole"]]))
    assert [*flat] == [*flat] == ["quay", "pier", "mole"]
