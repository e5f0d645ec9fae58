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


@pytest.mark.parametrize(
    "dataset",
    ["file:///data/tamis", "s3a://bucket", "gs://bucket/x", "abfss://a@b.example/x", "/data/数据 1/ü #%[x]"],
)
def test_a_dataset_may_lie_wherever_delta_rs_reaches(tmp_path: Path, dataset: str) -> None:
    (tmp_path / "stores.toml").write_text(f'dataset = "{dataset}"\n', "utf-8")
    assert stores(tmp_path).dataset == dataset


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
        ("ledger = [1]", "must be a path or a URL"),
        ('ledger = "sqlite:///a\\u0000b"', "ledger must be a path or a URL"),
        ('dataset = "s3://bucket/a\\nb"', "dataset must be a path or a URL"),
        ('dataset = "s3://"', "dataset names no bucket: s3://BUCKET/FOLDER"),
        ('dataset = "http://store.example/x"', "dataset must be a path or a URL that begins with s3"),
        ('dataset = "://"', "dataset must be a path or a URL that begins with s3"),
        ('dataset = "s3://[::1/x"', "dataset is a URL whose host cannot be read"),
        ('dataset = "file://store.example/x"', "dataset must name a folder of this machine"),
        ('dataset = "file://"', "dataset must name a folder of this machine"),
        ('survivor = "official"', "survivor must be a list of some of whole, official, earliest, latest"),
        (f"ledger = {'[' * 3000}", "cannot be read"),
        ("survivor = [[1], {}]", "survivor"),
        ("survivor = 7", "survivor must be a list"),
        ("survivor = []", "survivor must be a list"),
        ('survivor = ["newest"]', "survivor knows no 'newest'; it may name whole, official"),
        ('survivor = ["whole", "whole"]', "survivor names 'whole' twice"),
    ],
)
def test_a_file_that_does_not_read_says_where(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "stores.toml").write_text(text)
    with pytest.raises(UsageError, match=said):
        stores(tmp_path)
