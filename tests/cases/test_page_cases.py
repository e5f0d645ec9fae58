"""Every saved page comes out of cleaning as the file beside it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.page_case import SUFFIX, load_page_case, page_cases

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "file",
    page_cases(HERE),
    ids=lambda file: f"{file.parent.name}/{file.name.removesuffix(SUFFIX)}",
)
def test_a_page_comes_out_as_expected(file: Path) -> None:
    if wrong := load_page_case(file).failure():
        pytest.fail(wrong, pytrace=False)
