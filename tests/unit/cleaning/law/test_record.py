"""The legal fields of a text, and of the statutes whose articles are called sections."""

from __future__ import annotations

import pytest

from cleaning.law.fields import read_fields
from cleaning.law.record import LawRecord, law_record

NO_FIELDS = read_fields([])
LAW = ("第一条 渔船应当登记。", "第二条 渔港由港务机构管理。")


def record(title: str, *lines: str, **options: str) -> LawRecord:
    return law_record(title, lines, fields=NO_FIELDS, **options)


HEADINGS = ("Section {n}", "SECTION {n}", "Sec. {n}", "§ {n}", "Section {n}. Lamps", "Section {n} Lamps")


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_statute_in_sections_has_its_articles(heading: str) -> None:
    lines = [line for n in (1, 2, 3) for line in (heading.format(n=n), f"Each boat carries lamp {n}.")]
    found = record("Harbour Lamps Act 2031", *lines)
    articles = [unit for unit in found.units if unit.level == "article"]
    assert [unit.number for unit in articles] == [heading.partition("{n}")[0] + str(n) for n in (1, 2, 3)]
    text = "\n".join(lines)
    for n, unit in enumerate(articles, 1):
        assert text[unit.offset : unit.offset + unit.length].split("\n")[-1] == f"Each boat carries lamp {n}."
    assert (found.act, found.document_type) == (True, "law")


def test_sections_of_chapters_are_no_articles() -> None:
    lines = (
        "Section 1 Boats",
        "Article 1 Boats are counted.",
        "Article 2 Lamps burn.",
        "Section 2 Quays",
        "Article 3 Dues.",
    )
    found = record("Harbour Act", *lines)
    assert [(unit.level, unit.number) for unit in found.units] == [
        ("section", "Section 1"), ("article", "Article 1"), ("article", "Article 2"),
        ("section", "Section 2"), ("article", "Article 3"),
    ]  # fmt: skip


def test_an_act_that_takes_effect_when_it_is_published_does_so_on_its_day() -> None:
    found = record("渔港规定", *LAW, "第三条 本规定自公布之日起施行。", "2031年6月3日")
    assert (found.issued, found.effective, found.warnings) == ("2031-06-03", "2031-06-03", ())
    assert record("渔港规定", *LAW, "第三条 本规定自公布之日起施行。").effective is None


def test_the_dates_of_a_record_go_before_those_of_the_text() -> None:
    fields = read_fields(["颁布日期：2031-05-01", "施行日期：2031-06-01"])
    found = law_record("渔港规定", [*LAW, "第三条 本规定自2031年7月1日起施行。"], fields=fields)
    assert (found.issued, found.effective) == ("2031-05-01", "2031-06-01")
    assert found.warnings == ("dates_contradict:effective",)


def test_news_of_an_act_has_no_dates_of_its_own() -> None:
    found = record("港务局公布《渔港规定》", "《渔港规定》自2031年7月1日起施行。", "2031年6月3日")
    assert (found.role, found.act, found.issued, found.effective) == ("news", False, None, None)


def test_a_text_that_names_no_act_and_no_body_is_no_law() -> None:
    assert record("Plan of the week", "Boats moor at the quay.") == LawRecord(role="text")
    assert record("Plan of the State Council", "Boats moor at the quay.").document_type == "plan"


def test_a_bilingual_field_gives_each_language_its_half() -> None:
    fields = read_fields(["Issued by 发文机关: Harbour Board 渔港委员会", "文号: 港字〔2031〕5号"])
    assert law_record("渔港规定", LAW, script="zh", fields=fields).issuer == "渔港委员会"
    assert law_record("Harbour rules", LAW, script="en", fields=fields).issuer == "Harbour Board"
