import pytest

from cleaning.law.articles import articles, broken_sequence
from cleaning.law.effective import date_effective, date_signed, from_publication
from cleaning.law.genre import document_type
from cleaning.law.tree import units
from cleaning.text.dates import first_date, is_date_line
from cleaning.text.numerals import chinese_number, document_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("七", 7),
        ("十", 10),
        ("二十一", 21),
        ("一百零三", 103),
        ("二〇二一", 2021),
        ("两千", 2000),
        ("12", 12),
        ("甲", None),
    ],
)
def test_hanzi_numerals(text: str, number: int | None) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2019-05-04 08:15:30 渔讯网", "2019-05-04T08:15:30"),
        ("2019-05-04T08:15:30.123+0800", "2019-05-04T08:15:30+08:00"),
        ("2026-09-28-21:50:00", "2026-09-28T21:50:00"),
        ("发布时间：2019年5月4日 08:15", "2019-05-04T08:15:00"),
        ("二〇一九年五月二十四日", "2019-05-24"),
        ("（May 4, 2019）", "2019-05-04"),
        ("修正日期：民國 108 年 05 月 04 日", "2019-05-04"),
        ("中華民國108年5月4日", "2019-05-04"),
        ("the 4th of May 2019", "2019-05-04"),
        ("2019/5/4", "2019-05-04"),
        ("20190504", "2019-05-04"),
        ("2019-13-45", None),
        ("99999-01-01", None),
        ("3天前", None),
        ("recently", None),
    ],
)
def test_dates_as_pages_write_them(text: str, iso: str | None) -> None:
    assert first_date(text) == iso


def test_a_date_line_holds_nothing_else() -> None:
    assert is_date_line("(May 4, 2019) (2019年5月4日)")
    assert not is_date_line("May 4, 2019 was a Saturday")


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["渔港办〔2019〕12号", "各区："], "渔港办〔2019〕12号"),
        (
            ["Republic Ministry of Fisheries Decree", "No. 7", "The rules…"],
            "Republic Ministry of Fisheries Decree No. 7",
        ),
        (["YF No. (2019)12"], "YF No. (2019)12"),
        (
            ["The ministry issued its rules (Ministry of Fisheries Decree No. 7) and explained them."],
            None,
        ),
        (["依照渔港办〔2019〕12号文件，各区应当在年底之前完成登记工作，并报送名单。"], None),
    ],
)
def test_a_documents_own_number_stands_at_its_head(lines: list[str], number: str | None) -> None:
    assert document_number(lines) == number


def test_a_reference_at_a_line_start_is_no_article() -> None:
    lines = [
        "第一条 河道",
        "第二条 渔船",
        "第九十九条 所称渔具，另行规定。",
        "第三条 渔具",
        "第三条之一 鱼苗",
    ]
    assert [(a.line, a.number) for a in articles(lines)] == [(0, 1), (1, 2), (3, 3), (4, 3)]


def test_a_sequence_that_breaks_off_is_named() -> None:
    assert broken_sequence(["第一条 河道", "第二条 渔船", "第七条 附则"]) == "第二条 … 第七条"
    assert broken_sequence(["Article 1: Rivers", "Article 2: Boats"]) == ""


def test_laws_in_traditional_characters_are_divided_like_others() -> None:
    lines = ["第 一 章 總則", "第 1 條", "本辦法依船舶法訂定之。", "第 1-1 條", "船舶應登記。"]
    lines += ["第二節　罰則", "第二條之一　違者處罰鍰。", "本辦法自發布日施行。"]
    assert [(one.number, one.sub, one.label) for one in articles(lines)] == [
        (1, 0, "第 1 條"),
        (1, 1, "第 1-1 條"),
        (2, 1, "第二條之一"),
    ]
    levels = [(unit.level, unit.number) for unit in units(lines) if unit.level in ("chapter", "section")]
    assert levels == [("chapter", "第 一 章"), ("section", "第二節")]
    assert from_publication(lines)
    assert date_effective(["本法自中華民國108年5月4日施行。"], law=True) == "2019-05-04"
    assert document_number(["港發〔2019〕7號"]) == "港發〔2019〕7號"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("船舶登記管理辦法", "measures"),
        ("港口管理規則", "rules"),
        ("《船舶條例》", None),  # an act in Taiwan, an ordinance in Hong Kong
        ("River Works Act 2019", "law"),
        ("Harbour Regulations, 2010", "regulations"),
        ("Boats of 2019", None),
    ],
)
def test_a_title_names_its_kind_in_either_script_and_before_a_year(title: str, kind: str | None) -> None:
    assert document_type(title) == kind


def test_a_table_of_contents_divides_nothing() -> None:
    contents = ["目　录", "第一编　总则", "第一章　一般规定", "第二编　船舶", "第一章　一般规定"]
    text = ["第一编　总则", "第一章　一般规定", "第一条　为了管理船舶，制定本法。", "第二编　船舶"]
    text += ["第一章　一般规定", "第二条　船舶应当登记。"]
    found = [(unit.level, unit.number) for unit in units(["船舶法", *contents, *text])]
    assert found == [(unit.level, unit.number) for unit in units(["船舶法", *text])]
    assert len(found) == 6
    assert ("part", "第一编") in {
        (unit.level, unit.number) for unit in units(["目录", "第一编　总则", *text[2:]])
    }


def test_only_a_law_takes_effect() -> None:
    news = ["The office issued rules, which will come into force on March 1, 2019."]
    assert date_effective(news, law=False) is None
    assert (
        date_effective(["Article 9: These Rules will take effect on 1 March 2019."], law=True) == "2019-03-01"
    )
    assert date_effective(["第九条 本办法自2019年3月1日起施行。"], law=True) == "2019-03-01"
    assert date_effective(["第九条 本办法自公布之日起施行。"], law=True) is None


def test_signed_at_the_head_at_the_foot_or_not_at_all() -> None:
    text = ["A text.", "More of it.", "Still more.", "And more."]
    assert date_signed(["16 July 2019", *text]) == "2019-07-16"
    assert date_signed([*text, *text, "Harbour Office", "2019年7月16日"]) == "2019-07-16"
    assert (
        date_signed(["This article was published first in The Net on 16 July 2019.", *text]) == "2019-07-16"
    )
    assert date_signed([*text, "On 16 July 2019 the harbour opened.", *text]) is None
