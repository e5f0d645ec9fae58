import pytest

from cleaning.pipeline import Cleaned, clean
from output.base.records import Access, RawPage, RemovalKind, sha256_hex
from tests import SHARED

PARA = (
    "The boats of the lower harbour are counted every spring by two clerks, who write down names and owners. "
)
RULES = [f"Article {n}: {PARA}" for n in range(1, 6)]


def dump(*lines: str, name: str = "saved.txt") -> Cleaned:
    body = "\n".join(lines).encode()
    return clean(
        RawPage(name, "files", "", body, sha256_hex(body), headers=(("content-type", "text/plain"),))
    )


def test_an_archive_is_cut_into_its_posts() -> None:
    found = dump(
        "Fishery", "", "Rules on counting boats", "", "Posted on Updated on", "", *RULES, "",
        "Counting: questions and answers.", "", "Posted on", "", f"{PARA}Read the rest of this entry »", "",
        "Older notes", "", "Posted on 4 May 2019", "", PARA, "", "Read more »",
    )  # fmt: skip
    assert [(d.title, d.part, d.access) for d in found.documents] == [
        ("Rules on counting boats", 0, Access.FULL),
        ("Counting: questions and answers.", 1, Access.TEASER),
        ("Older notes", 2, Access.TEASER),
    ]
    assert len({d.id for d in found.documents}) == 3
    assert found.documents[1].text == PARA.strip()
    assert len(found.documents[0].articles) == 5
    above = [r for r in found.removals if r.rule == "split:above_first_post"]
    assert [(r.kind, r.text) for r in above] == [(RemovalKind.NAV, "Fishery")]


def test_the_evidence_of_a_cut_gives_its_words() -> None:
    (document,) = dump(
        "Harbour rules", PARA, PARA, "...... ......", "If you are not a subscriber, please register."
    ).documents
    assert document.access is Access.PAYWALLED
    assert "not a subscriber" in document.access_evidence[0].text


def test_comments_and_their_form_leave_and_readers_words_are_in_no_receipt() -> None:
    found = dump(
        "Harbour rules",
        PARA,
        PARA,
        "2 thoughts on “Harbour rules”",
        "Nonsense, says Bo.",
        "Leave a Reply",
        "Connecting to %s",
    )
    assert found.documents[0].text.split("\n") == [PARA.strip()] * 2
    comments = [r for r in found.removals if r.kind is RemovalKind.COMMENTS]
    assert len(comments) == 2
    assert all(r.text == "" and r.evidence.startswith("sha256:") for r in comments)
    assert "Nonsense" not in repr(found)


def test_a_record_is_titled_without_its_status() -> None:
    found = dump(
        "Rules on boats [Effective]",
        "渔船管理办法 [现行有效]",
        "Rules on boats",
        "渔船管理办法",
        "(May 4, 2019) (2019年5月4日)",
        *RULES,
    )
    (document,) = found.documents
    assert (document.title, document.date_published) == ("Rules on boats", "2019-05-04")
    assert "[Effective]" not in document.text


def test_a_second_article_is_told_by_the_title_that_it_quotes() -> None:
    lead = (
        "七日，港务局印发《{}》，对渔船的登记、检验和停泊作出规定，自明年起施行，"
        "各区应当做好准备工作，并向渔民解释清楚。"
    )
    first, second = "渔船登记管理规定", "渔港停泊管理规定"
    found = dump(
        f"港务局公布《{first}》", "时讯", "2019-05-04 08:00:00 渔讯网", lead.format(first), PARA,
        f"港务局公布《{second}》", lead.format(second), PARA,
    )  # fmt: skip
    assert [d.title for d in found.documents] == [f"港务局公布《{first}》", f"港务局公布《{second}》"]
    assert {d.date_published for d in found.documents} == {"2019-05-04T08:00:00"}


def test_below_a_heading_only_a_title_not_yet_named_begins_an_article() -> None:
    lead = (
        "七日，港务局印发《{}》，对渔船的登记、检验和停泊作出规定，自明年起施行，"
        "各区应当做好准备工作，并向渔民解释清楚。"
    )
    first, second = "渔船登记管理规定", "渔港停泊管理规定"
    found = dump(
        f"港务局公布《{first}》", lead.format(first), PARA,
        "出台背景", f"为什么制定《{first}》", lead.format(first),
        "登记人的义务", f"港务局公布《{second}》", lead.format(second), PARA,
    )  # fmt: skip
    assert [d.title for d in found.documents] == [f"港务局公布《{first}》", f"港务局公布《{second}》"]


def test_the_menu_above_a_path_is_no_text_and_gives_no_title() -> None:
    law = [f"第{n}条　渔船应当每年登记，登记不收取费用。" for n in "一二三四"]
    menu, path = ("首页", "政务公开", "办事服务"), "当前位置：首页 > 政务公开"
    found = dump(*menu, path, "渔船管理办法", *law, "主办单位：渔港办公室", "港ICP备20190504号")
    (document,) = found.documents
    assert (document.title, document.text) == ("渔船管理办法", "\n".join(law))
    kinds = [RemovalKind.NAV] * 3 + [RemovalKind.BREADCRUMB] + [RemovalKind.LICENCE_FOOTER] * 2
    assert [removal.kind for removal in found.removals] == kinds
    (document,) = dump("渔船管理办法", "为了管理渔船，制定本办法。", path, *law).documents
    assert document.title == "渔船管理办法", "what says a sentence above a path is no menu"


def test_a_number_below_the_title_is_the_documents() -> None:
    (document,) = dump("Rules on boats", "YF No. (2019)12", *RULES).documents
    assert document.document_number == "YF No. (2019)12"


def test_articles_that_break_off_make_an_excerpt() -> None:
    (document,) = dump(
        "渔船管理办法", "第一条 为了管理渔船，制定本办法。", "第九条 本办法自2019年6月1日起施行。"
    ).documents
    assert (document.access, document.date_effective) == (Access.EXCERPT, "2019-06-01")
    assert document.access_evidence[0].text == "第一条 … 第九条"


SEEDS = SHARED / "data" / "seeds"


@pytest.mark.skipif(
    not SEEDS.is_dir(), reason="needs the sample pages of ../shared, which are no part of the project"
)
def test_the_sample_pages_come_apart_into_all_their_documents() -> None:
    found = [
        dump(*path.read_text(encoding="utf-8").split("\n"), name=path.name)
        for path in sorted(SEEDS.glob("*.txt"))
    ]
    assert [len(page.documents) for page in found] == [1, 2, 22, 1, 2]
