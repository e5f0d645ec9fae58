import pytest

from cleaning.assembly.alignment import pairs_of, translations
from cleaning.assembly.assemble import assemble
from cleaning.pipeline import clean
from cleaning.result import Cleaned
from cleaning.rules.directives import Directives
from cleaning.text.scripts import languages, split_line
from output.base.records import Document, RawPage, sha256_hex
from output.base.relations import PairStatus

EN = [
    "Article 1: These rules keep the lower harbour safe for boats and for those who swim in it.",
    "Article 2: A boat is a vessel of less than twenty metres that carries its own lamp.",
    "A raft is no boat, and whoever ties one to the quay takes it away within 30 days.",
    "Article 3: These rules take effect on 1 March 2019.",
]
ZH = [
    "第一条　为了保障下港船只和游泳者的安全，制定本规则。",
    "第二条　本规则所称船只，是指长度不足二十米、自带灯号的船舶。",
    "木筏不是船只，系泊于码头的，应当在30日内移走。",
    "第三条　本规则自2019年3月1日起施行。",
]


def dump(*lines: str) -> tuple[Document, ...]:
    body = "\n".join(lines).encode()
    page = RawPage("p.txt", "s", "", body, sha256_hex(body), headers=(("content-type", "text/plain"),))
    return clean(page).documents


LAYOUTS = {
    "halves": [*EN, *ZH],
    "halves, Chinese first": [*ZH, *EN],
    "turns": [line for pair in zip(EN, ZH, strict=True) for line in pair],
    "inline": [f"{a}  {b}" for a, b in zip(EN, ZH, strict=True)],
    "inline, Chinese first": [f"{b} {a}" for a, b in zip(EN, ZH, strict=True)],
    "columns": [f"{a}\t{b}" for a, b in zip(EN, ZH, strict=True)],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_gives_a_document_a_language(layout: str) -> None:
    documents = dump("Harbour Rules", *LAYOUTS[layout])
    by_language = {d.language: d for d in documents}
    assert by_language.keys() == {"en", "zh-Hans"}
    english, hanzi = by_language["en"], by_language["zh-Hans"]
    assert english.text.split("\n")[-4:] == EN
    assert hanzi.text.split("\n")[-4:] == ZH
    assert (english.translation_of, hanzi.translation_of) == (hanzi.id, None)
    assert {d.date_effective for d in documents} == {"2019-03-01"}
    pairs = pairs_of(documents)
    assert [p.number for p in pairs if p.level == "article"] == ["第一条", "第二条", "第三条"]
    assert {p.status for p in pairs} == {PairStatus.ALIGNED}


def test_columns_of_a_table_are_two_texts() -> None:
    rows = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in zip(EN, ZH, strict=True))
    body = f"<title>Harbour Rules</title><h1>Harbour Rules</h1><table>{rows}</table>".encode()
    found = clean(RawPage("u", "s", "https://a.example/rules", body, sha256_hex(body))).documents
    assert sorted(d.language for d in found) == ["en", "zh-Hans"]


def test_a_quotation_is_no_second_language() -> None:
    lines = [*EN, "The Chinese word for raft, 木筏, is older than the rules.", *EN]
    assert languages(lines) == ("", ())
    assert len(dump("Harbour Rules", *lines)) == 1


def test_a_line_turns_at_the_white_space_nearest_to_the_hanzi() -> None:
    for line, parts in {
        "I. Aims   一、目的": ("I. Aims", "一、目的"),
        "(May 4, 2019) (2019年5月4日)": ("(May 4, 2019)", "(2019年5月4日)"),
        "Keep the lamp lit.船舶应当点灯。": ("Keep the lamp lit.", "船舶应当点灯。"),
    }.items():
        turn = split_line(line)
        assert turn is not None
        assert (line[: turn[0]], line[turn[1] :]) == parts


def test_what_differs_between_the_languages_is_said() -> None:
    english = [EN[0].replace("safe", "safe until 2013"), EN[1], *EN[3:]]
    hanzi = [ZH[0].replace("制定", "到2035年，制定"), *ZH[1:3], ZH[3], "第四条　木筏另行规定。"]
    pairs = pairs_of(dump("Harbour Rules", *english, *hanzi))
    notes = {(p.level, p.number, p.place): (p.status, p.note) for p in pairs}
    assert notes["article", "第一条", 0] == (PairStatus.NUMBER_MISMATCH, "2035 | 2013")
    assert notes["article", "第二条", 0][0] is PairStatus.COUNT_MISMATCH
    assert notes["article", "第四条", 0][0] is PairStatus.ONE_SIDED
    for pair in pairs:
        assert (pair.offset_a < 0) == (not pair.text_a)


SITE = "https://harbour.example"


def page(language: str, lines: list[str], links: str = "", *, declared: bool = False) -> Cleaned:
    title = {"zh": "下港规则", "en": "Lower Harbour Rules"}[language]
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = f"<html><head><title>{title}</title>{links}</head><body><h1>{title}</h1>{body}</body></html>"
    url = f"{SITE}/{language}/rules"
    alternates = (("/en/", "/zh/"),) if declared else ()
    raw = RawPage(url, "s", url, html.encode(), sha256_hex(html.encode()))
    return clean(raw, Directives(alternates=alternates))


def translated(*pages: Cleaned) -> list[str | None]:
    return [document.translation_of for one in assemble(pages) for document in one.documents]


HREFLANG = "".join(
    f'<link rel="alternate" hreflang="{tag}" href="/{code}/rules/">'
    for code, tag in {"en": "en", "zh": "zh-Hans"}.items()
)


def test_a_law_on_two_pages_that_name_each_other_is_one_law_and_aligned() -> None:
    english, chinese = page("en", EN, HREFLANG), page("zh", ZH, HREFLANG)
    assert translated(english, chinese) == [chinese.documents[0].id, None]
    documents = [document for one in assemble([english, chinese]) for document in one.documents]
    assert len({document.work_id for document in documents}) == 1
    assert [p.number for p in pairs_of(documents) if p.level == "article"] == ["第一条", "第二条", "第三条"]


def test_twins_are_tied_by_the_addresses_that_their_source_declares() -> None:
    english, chinese = page("en", EN, declared=True), page("zh", ZH, declared=True)
    assert translated(english, chinese) == [chinese.documents[0].id, None]


def test_pages_are_no_twins_where_one_does_not_name_the_other_or_none_is_a_law() -> None:
    assert translated(page("en", EN, HREFLANG), page("zh", ZH)) == [None, None]
    assert translated(page("en", EN), page("zh", ZH, HREFLANG)) == [None, None]
    news = page("zh", ["下港的船只今天都出海了，渔民说天气很好，鱼也很多，大家都很高兴。" * 3], HREFLANG)
    assert translated(page("en", EN, HREFLANG), news) == [None, None]


def test_the_score_of_a_translation_is_the_share_of_its_pairs_with_two_sides() -> None:
    english, hanzi = dump("Harbour Rules", *EN, *ZH[:2], *ZH[3:])
    pairs = pairs_of((english, hanzi))
    (relation,) = translations(pairs)
    both = sum(pair.status is not PairStatus.ONE_SIDED for pair in pairs)
    assert both < len(pairs)
    assert (relation.a, relation.b, relation.score) == (hanzi.id, english.id, round(both / len(pairs), 4))
    (whole,) = translations(pairs_of(dump("Harbour Rules", *EN, *ZH)))
    assert whole.score == 1
