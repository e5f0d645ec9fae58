import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaning.formats import textdump
from cleaning.page.parse import parse
from cleaning.rules.entries import LexiconRule, lexicon
from cleaning.rules.lexicon import inline_cuts, judge
from cleaning.text.lines import fold_line
from output.base.records import RemovalKind


@pytest.mark.parametrize("rule", lexicon(), ids=lambda rule: rule.id)
class TestExamples:
    def test_the_must_remove_example_matches(self, rule: LexiconRule) -> None:
        assert rule.match(fold_line(rule.removes))

    def test_the_must_keep_example_does_not(self, rule: LexiconRule) -> None:
        assert not rule.match(fold_line(rule.keeps))

    def test_it_says_why_and_has_a_cap(self, rule: LexiconRule) -> None:
        assert rule.why.endswith(".")
        assert rule.max <= 600 or rule.inline

    @pytest.mark.proof
    @settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_a_line_of_its_regex_is_found_by_its_words_or_at_its_start(
        self, rule: LexiconRule, data: st.DataObject
    ) -> None:
        line = data.draw(st.from_regex(rule.regex, fullmatch=True, alphabet=st.characters(codec="gb2312")))
        assert not rule.regex.search(line) or dataclasses.replace(rule, lang="any", max=10**6).match(line)


def test_rule_names_are_distinct() -> None:
    assert len({rule.id for rule in lexicon()}) == len(lexicon())


def kinds(*lines: str, dump: bool = True) -> list[RemovalKind | None]:
    labels = judge(textdump.parse("\n".join(lines)).blocks, dump=dump)
    return [label.kind if label else None for label in labels]


LAW = (
    "第九条 任何人发现违法捕捞的，有权向渔政机构举报；受理举报的机构应当为举报人保密，"
    "并在版权、评论和登录信息的使用上遵守规定。"
)


def test_no_rule_judges_a_paragraph_by_a_word_in_it() -> None:
    assert kinds("渔港管理办法", LAW, LAW.replace("九", "十"), "下载APP", "版权所有 渔讯网") == [
        None,
        None,
        None,
        RemovalKind.APP_BANNER,
        RemovalKind.COPYRIGHT,
    ]


def test_a_list_of_recommendations_goes_with_its_heading_up_to_the_foot() -> None:
    found = kinds(LAW, "相关阅读", "渔港明日开港", "00:31", "台风过境之后", "关于我们 | 联系我们", "尾声")
    assert found == [None, *[RemovalKind.RELATED] * 4, RemovalKind.NAV, None]


@pytest.mark.parametrize(
    ("heading", "taken"), [("<h1>The ferry moves its pier</h1>", False), ("<h3>Anna</h3>", True)]
)
def test_a_count_of_comments_over_the_pages_own_heading_opens_no_comments(heading: str, taken: bool) -> None:
    page = (
        "<body><div><div><p>Harbour news</p><article><div>41 comments</div>"
        f"<header>{heading}</header><p>The pier is moved in May, for a year.</p></article></div></div>"
    )
    blocks = parse(page).blocks
    labels = judge(blocks)
    assert [label.kind if label else None for label in labels] == [
        None,
        RemovalKind.COMMENTS,
        *[RemovalKind.COMMENTS if taken else None] * 2,
    ]


def test_a_long_line_ends_a_list() -> None:
    assert kinds("相关阅读", "渔港明日开港", LAW * 2, "短句") == [
        RemovalKind.RELATED,
        RemovalKind.RELATED,
        None,
        None,
    ]


def test_contact_lines_leave_only_in_company() -> None:
    contact = ["Tel: +00 (1) 5550-0100", "Fax: +00 (1) 5550-0101", "desk@harbour.example"]
    assert kinds("If you are not a subscriber, please register.", *contact) == [
        RemovalKind.PAYWALL,
        *[RemovalKind.LICENCE_FOOTER] * 3,
    ]
    assert kinds("Write to the harbour master.", *contact) == [None] * 4


def test_a_page_clock_is_no_line_of_the_text() -> None:
    assert kinds("June 3, 2019", "-----------", "Monday", LAW)[:3] == [RemovalKind.OTHER] * 3
    assert kinds("June 3, 2019", LAW, "Monday") == [None, None, None]


def test_a_name_that_stands_between_furniture_twice_is_the_sites() -> None:
    foot = ["分享", "渔讯之窗", "关于我们"]
    assert kinds("渔讯之窗", "下载APP", LAW, *foot)[0] is RemovalKind.NAV
    assert kinds("渔讯之窗", LAW, *foot)[0] is None  # where it stands above the text, it may be a title


def test_the_link_to_the_rest_leaves_and_the_words_before_it_stay() -> None:
    blocks = textdump.parse("The harbour opens in May. Read the rest of this entry »").blocks
    (cut,) = inline_cuts(blocks, [None])
    assert blocks[0].text[: cut.start].strip() == "The harbour opens in May."
    assert cut.label.kind is RemovalKind.TEASER
