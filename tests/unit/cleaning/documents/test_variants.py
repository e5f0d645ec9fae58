from collections import Counter

import pytest

from cleaning.pipeline import clean
from output.base.records import RawPage, sha256_hex
from tests.unit.cleaning.documents.scoring import count, rates
from tests.unit.cleaning.documents.statutes import pages
from tests.unit.cleaning.documents.variants import Variant, variants


@pytest.mark.parametrize("variant", variants(3), ids=lambda variant: variant.name)
def test_pages_in_other_words_come_apart_right(variant: Variant) -> None:
    counts, wrong = count(variant)
    assert not wrong
    assert all(rate == 1 for rate in rates(counts).values())


def test_no_article_of_a_law_is_lost_in_the_furniture_of_any_site() -> None:
    lost: Counter[str] = Counter()
    for html, name, size in pages(30):
        body = html.encode()
        page = RawPage(name, "statutes", f"https://quay.example/{name}", body, sha256_hex(body))
        found = sum(unit.level == "article" for d in clean(page).documents for unit in d.articles)
        lost[name] = size - found
    assert not {name: n for name, n in lost.items() if n}
