from __future__ import annotations

from pathlib import Path

import pytest

from output.base.errors import UsageError
from output.stores import stores


def test_without_a_file_all_lies_in_the_folder(tmp_path: Path) -> None:
    found = stores(tmp_path)
    assert (found.ledger, found.dataset) == (f"{tmp_path}/ledger.sqlite", f"{tmp_path}/dataset")


def test_a_file_may_name_one_of_them(tmp_path: Path) -> None:
    (tmp_path / "stores.toml").write_text('dataset = "s3://bucket/tamis"\n')
    found = stores(tmp_path)
    assert (found.ledger, found.dataset) == (f"{tmp_path}/ledger.sqlite", "s3://bucket/tamis")


def test_it_says_which_duplicate_survives(tmp_path: Path) -> None:
    assert stores(tmp_path).survivor == ("whole", "official", "earliest")
    (tmp_path / "stores.toml").write_text('survivor = ["official", "latest"]\n')
    assert stores(tmp_path).survivor == ("official", "latest")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('archive = "s3://bucket"', "unknown key 'archive'"),
        ("ledger = 7", "must be a path or a URL"),
        ('ledger = ""', "must be a path or a URL"),
        ("ledger = ", "cannot be read"),
        ('survivor = "official"', "survivor must be a list of some of whole, official, earliest, latest"),
        ("survivor = []", "survivor must be a list"),
        ('survivor = ["newest"]', "survivor knows no 'newest'; it may name whole, official"),
        ('survivor = ["whole", "whole"]', "survivor names 'whole' twice"),
    ],
)
def test_a_file_that_does_not_read_says_where(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "stores.toml").write_text(text)
    with pytest.raises(UsageError, match=said):
        stores(tmp_path)
