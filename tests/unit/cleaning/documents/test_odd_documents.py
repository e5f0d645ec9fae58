import pytest

from cleaning.law.issuers import identify, issuer_of, jurisdiction_of
from cleaning.law.tree import units
from cleaning.pipeline import clean
from output.base.records import Document, RawPage, sha256_hex

LAW = ["第一条　渔船应当登记，并在船首悬挂编号。", "第二条　渔港由港务机构管理，船员应当服从指挥。"]


def dump(*lines: str) -> Document:
    body = "\n".join(lines).encode()
    page = RawPage("p.txt", "s", "", body, sha256_hex(body), headers=(("content-type", "text/plain"),))
    return clean(page).documents[0]


def html(head: str, body: str, url: str = "https://harbour.example/rules/7.html") -> Document:
    data = f"<html><head>{head}</head><body><article>{body}</article></body></html>".encode()
    return clean(RawPage("p", "s", url, data, sha256_hex(data))).documents[0]


def test_a_canonical_address_of_a_section_names_no_page() -> None:
    text = "<p>The harbour opens in May, and closes in June.</p>"
    section = '<link rel="canonical" href="/rules/"><title>Rules</title>'
    one = html(section, f"<h1>Rules</h1>{text}")
    two = html(section, f"<h1>Rules</h1>{text}", url="https://harbour.example/rules/8.html")
    assert one.id != two.id
    assert "canonical_is_section" in one.warnings


def test_articles_that_start_again_are_flagged_and_kept() -> None:
    found = dump("渔港规定", *LAW, "附：渔船灯号规定", *LAW)
    assert "articles_restart" in found.warnings
    assert sum(unit.level == "article" for unit in found.articles) == 4


def test_a_title_of_ten_thousand_characters_is_kept_and_flagged() -> None:
    found = html(f"<title>{'boat ' * 2000}</title>", "<p>The harbour opens in May, and closes in June.</p>")
    assert "title_long" in found.warnings
    assert found.title == ("boat " * 2000).strip()


def test_the_parts_of_a_law_lie_in_each_other() -> None:
    lines = [
        "渔港规定（2019年3月1日渔港委员会通过）",
        "（2019年3月1日渔港委员会第3次会议通过）",
        "第一章　总则",
        "第一条　本规定所称渔船：",
        "（一）帆船；",
        "1.双桅的；",
        "（二）木筏。",
        "网箱不是渔船。",
        "第九条规定的事项除外。",
        "第一条之一　渔船应当登记。",
        "第二章　附则",
        "第二条　自发布之日起施行。第三条　由港务机构解释。",
    ]
    text = "\n".join(lines)
    found = [
        (u.level, u.number, text[u.offset : u.offset + u.length].split("\n")[-1][:4]) for u in units(lines)
    ]
    assert [(level, number) for level, number, _ in found] == [
        ("head_note", ""),
        ("chapter", "第一章"),
        ("article", "第一条"),
        ("paragraph", "1"),
        ("item", "(一)"),
        ("subitem", "1."),
        ("item", "(二)"),
        ("paragraph", "2"),
        ("paragraph", "3"),
        ("article", "第一条之一"),
        ("chapter", "第二章"),
        ("article", "第二条"),
        ("article", "第三条"),
    ]
    assert found[2][2] == "第九条规"
    assert found[-1][2] == "第三条　"


def test_policy_papers_count_their_sections() -> None:
    english = units(
        ["Preamble.", "I, Aims", "(1) Keep lamps lit.", "(2) Keep logs.", "III, Costs", "(5) Fees."]
    )
    hanzi = units(["前言。", "一、目的", "(一)点灯。", "(二)记日志。", "三、费用", "(五)收费。"])
    assert (
        [u.level for u in english]
        == [u.level for u in hanzi]
        == ["section", "item", "item", "section", "item"]
    )
    assert units(["Intro", "1. Apples", "2. Pears"]) == ()


@pytest.mark.parametrize(
    ("title", "lines", "number", "issuers"),
    [
        ("Opinions of the State Council on Lamps", (), None, ("State Council",)),
        ("Rules on Lamps", ("text", "Quay Lamp Board", "3 June 2019"), None, ("Quay Lamp Board",)),
        ("灯号规定", (), "公安部令第5号", ("公安部",)),
        ("Rules on Lamps", ("The State Council and others met.",), None, ()),
    ],
)
def test_who_issued_a_text(
    title: str, lines: tuple[str, ...], number: str | None, issuers: tuple[str, ...]
) -> None:
    assert issuer_of(title, lines, number) == issuers


def test_names_of_one_body_have_one_id() -> None:
    assert identify("国家网信办") == identify("Cyberspace Administration of China") == "cn-cac"
    assert identify("General Office of the State Council") != identify("State Council")
    assert jurisdiction_of("cn-cac") == "CN"
    assert jurisdiction_of(None, "上海市人民政府") == "CN-SH"
    assert jurisdiction_of(None, "Quay Lamp Board") is None


def test_a_preformatted_block_keeps_its_lines() -> None:
    rules = "Article 1: Lamps are lit.\n\nArticle 2: Logs are kept.\nArticle 3: Fees are paid."
    found = html("<title>Harbour rules</title>", f"<h1>Harbour rules</h1><pre>{rules}</pre>")
    assert found.text.split("\n")[-3:] == [line for line in rules.split("\n") if line]
    assert [unit.number for unit in found.articles] == ["Article 1", "Article 2", "Article 3"]
    assert all(found.text[unit.offset :].startswith(unit.number) for unit in found.articles)
