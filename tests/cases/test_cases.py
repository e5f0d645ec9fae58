"""A case says clearly what is wrong with it, and what is wrong with what it expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.crawl_case import load_crawl_case
from tests.cases.expectation import CaseError
from tests.cases.page_case import load_page_case, page_cases

PAGE = "<title>Lamps</title><h1>Lamps</h1>" + "<p>The lamps of the quay are lit at dusk, each night.</p>" * 9


def written(folder: Path, expectation: str) -> Path:
    (folder / "lamps.html").write_text(PAGE)
    file = folder / "lamps.expect.toml"
    file.write_text(expectation)
    return file


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ('titel = "Lamps"', "lamps.expect.toml: titel: unknown key; did you mean 'title'?"),
        ("title = 7", "title: expected a str, found 7"),
        ("authors = 'Ada'", "authors: expected a list, found 'Ada'"),
        ("removed = { navv = [] }", "removed.navv: unknown key; did you mean 'nav'?"),
        ("[clean]\nremoved = []", "clean.removed: unknown key; did you mean 'remove'?"),
        ("[[documents]]\ntitel = ''", "documents[1].titel: unknown key; did you mean 'title'?"),
        ("text_must = [7]", "text_must: expected a list of texts, found [7]"),
        ("documents = ['Lamps']", "documents[1]: expected a table, found 'Lamps'"),
        ("why = 'nothing'", "give one of the three"),
        ("title = 'Lamps'\nrejected = 'empty'", "give one of the three"),
        ("title =", "not TOML"),
    ],
)
def test_what_is_wrong_with_a_case_is_named(tmp_path: Path, expectation: str, message: str) -> None:
    with pytest.raises(CaseError) as error:
        load_page_case(written(tmp_path, expectation))
    assert message in str(error.value)


def test_a_page_and_its_expectation_need_each_other(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    page = tmp_path / "metadata" / "lamps.html"
    page.write_text(PAGE)
    with pytest.raises(CaseError, match=r"no expectation; write lamps\.expect\.toml beside it"):
        page_cases(tmp_path)
    page.rename(page.with_suffix(".htm"))
    (tmp_path / "metadata" / "lamps.expect.toml").write_text('title = "Lamps"')
    with pytest.raises(CaseError, match=r"expected one page lamps\.html or lamps\.txt, found 0"):
        load_page_case(tmp_path / "metadata" / "lamps.expect.toml")


@pytest.mark.parametrize(
    ("expectation", "line"),
    [
        ('title = "Oars"', "title: expected 'Oars', found 'Lamps'"),
        ('date_published = "2019-05-04"', "date_published: expected '2019-05-04', found ''"),
        ('text_must = ["oars"]', "text_must: expected ['oars'], found the text"),
        ('text_must_not = ["lit at dusk"]', "text_must_not: expected nothing of ['lit at dusk'], found"),
        ('access_evidence = ["pay"]', "access_evidence: expected ['pay'], found []"),
        ('warnings = ["bidi_marks"]', "warnings: expected ['bidi_marks'], found []"),
        ('title = "Lamps"\nremoved = { nav = ["Home"] }', "removed.nav: expected ['Home'], found []"),
        ('rejected = "login"', "rejected: expected 'login', found ''"),
        ("[[documents]]\n[[documents]]", "documents: expected ['?', '?'], found ['Lamps']"),
    ],
)
def test_a_failure_names_file_key_expected_and_found(tmp_path: Path, expectation: str, line: str) -> None:
    failure = load_page_case(written(tmp_path, f'why = "It shows"\n{expectation}')).failure()
    assert failure.startswith(f"{tmp_path / 'lamps.expect.toml'}: It shows\n  ")
    assert line in failure


def test_a_case_that_holds_says_nothing(tmp_path: Path) -> None:
    assert load_page_case(written(tmp_path, 'title = "Lamps"\nauthors = []')).failure() == ""


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("[[page]]\nbody = ''", "page[1].path: missing; give the path that it answers"),
        ("[[page]]\npath = '/'\nheader = {}", "page[1].header: unknown key; did you mean 'headers'?"),
        ("[[page]]\npath = '/'", "expect.outcomes: missing; give the outcome of each address"),
        ("[expect]\noutcome = {}", "expect.outcome: unknown key; did you mean 'outcomes'?"),
    ],
)
def test_what_is_wrong_with_a_case_of_a_crawl_is_named(tmp_path: Path, case: str, message: str) -> None:
    file = tmp_path / "lamps.toml"
    file.write_text(case)
    with pytest.raises(CaseError) as error:
        load_crawl_case(file)
    assert message in str(error.value)
