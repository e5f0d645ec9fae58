"""Every made-up site is crawled to the outcomes that its file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.crawl_case import load_crawl_case
from tests.unit.crawlers.rig import Crawls, Site

CASES = sorted((Path(__file__).parent / "crawl").glob("*.toml"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_crawl_ends_in_the_outcomes_that_are_expected(file: Path, site: Site, crawls: Crawls) -> None:
    if wrong := load_crawl_case(file).failure(site, crawls):
        pytest.fail(wrong, pytrace=False)
