from __future__ import annotations

import pytest

from cleaning.page.labels import Label
from cleaning.page.parse import Block, parse
from cleaning.rules import guards
from output.base.records import RemovalKind

KEPT = Label(None, "model:x")
BODY = "html/body/div/p"


def removed(kind: RemovalKind = RemovalKind.NAV, rule: str = "model:x") -> Label:
    return Label(kind, rule)


def blocks_of(*lines: str | tuple[str, str]) -> list[Block]:
    """Blocks of a text and a path each; a text alone stands in `BODY`."""
    pairs = [line if isinstance(line, tuple) else (line, BODY) for line in lines]
    return [Block(text, path, path.rpartition("/")[2]) for text, path in pairs]


def articles(*numbers: str) -> list[Block]:
    return blocks_of(*(f"第{number}条 渔船应当登记。" for number in numbers))


def kept(labels: list[Label]) -> list[bool]:
    return [label.content for label in labels]


def test_articles_on_both_sides_of_those_that_stay_come_back() -> None:
    labels = [removed(), KEPT, KEPT, removed(), removed()]
    assert guards.restore_articles(articles("一", "二", "三", "四", "五"), labels) == 3
    assert kept(labels) == [True] * 5
    assert [label.rule for label in labels] == ["guard:articles", *["model:x"] * 2, *["guard:articles"] * 2]


def test_an_article_that_does_not_count_on_stays_out_and_so_does_what_follows_it() -> None:
    labels = [KEPT, KEPT, removed(), removed(), removed()]
    assert guards.restore_articles(articles("一", "二", "三", "五", "六"), labels) == 1
    assert kept(labels) == [True, True, True, False, False]


def test_an_inserted_article_counts_on() -> None:
    lines = blocks_of("第一条 登记。", "第二条 登记。", "第二条之一 登记。", "第三条 登记。")
    labels = [KEPT, KEPT, removed(), removed()]
    assert guards.restore_articles(lines, labels) == 2


def test_an_article_in_another_element_stays_out() -> None:
    blocks = articles("一", "二") + blocks_of(("第三条 渔船应当登记。", "html/body/aside/li"))
    labels = [KEPT, KEPT, removed()]
    assert guards.restore_articles(blocks, labels) == 0
    assert kept(labels) == [True, True, False]


@pytest.mark.parametrize(
    ("kind", "path", "reached"),
    [
        (RemovalKind.COMMENTS, "html/body/section/p", False),
        (RemovalKind.COPYRIGHT, "html/body/section/p", False),
        (RemovalKind.COMMENTS, BODY, True),
        (RemovalKind.ADVERTISEMENT, "html/body/section/p", True),
    ],
)
def test_the_foot_of_a_page_ends_the_articles_and_other_furniture_does_not(
    kind: RemovalKind, path: str, reached: bool
) -> None:
    lines = articles("一", "二", "三")
    forward = [lines[0], lines[1], *blocks_of(("Between.", path)), lines[2]]
    labels = [KEPT, KEPT, removed(kind), removed()]
    guards.restore_articles(forward, labels)
    assert labels[3].content is reached
    backward = [lines[0], *blocks_of(("Between.", path)), lines[1], lines[2]]
    labels = [removed(), removed(kind), KEPT, KEPT]
    guards.restore_articles(backward, labels)
    assert labels[0].content is reached


def test_what_stands_between_two_articles_comes_back_in_the_same_kind_of_element_alone() -> None:
    lines = articles("一", "二")
    between = blocks_of("A paragraph.", ("A button.", "html/body/nav/a"), "Subscribe.", "Left out.")
    labels = [
        KEPT,
        removed(),
        removed(),
        removed(RemovalKind.PAYWALL),
        removed(rule="source:remove p"),
        KEPT,
    ]
    assert guards.restore_articles([lines[0], *between, lines[1]], labels) == 1
    assert kept(labels) == [True, True, False, False, False, True]


def test_one_article_makes_no_law() -> None:
    labels = [KEPT, removed(), removed()]
    assert guards.restore_articles(articles("一", "二", "四"), labels) == 0


@pytest.mark.parametrize(
    ("labels", "restored"),
    [
        ([KEPT, removed(), KEPT], True),
        ([KEPT, removed(), removed(), KEPT], True),
        ([KEPT, removed(), removed(), removed(), KEPT], False),
        ([removed(), removed(), KEPT], False),
        ([KEPT, removed(), removed()], False),
        ([KEPT, removed(rule="source:remove p"), KEPT], False),
        ([KEPT, removed(RemovalKind.OTHER, "lexicon:x"), KEPT], True),
    ],
)
def test_a_mark_of_omission_comes_back_inside_a_text(labels: list[Label], restored: bool) -> None:
    blocks = blocks_of("Boats moor.", "［ … ］", *["Buttons."] * (len(labels) - 3), "Boats leave.")
    labels = list(labels)
    assert guards.restore_elisions(blocks, labels) == restored
    assert labels[1].content is restored
    assert (labels[1].rule == "guard:elision") is restored


@pytest.mark.parametrize("at", [0, 2])
def test_a_mark_of_omission_at_the_edge_of_a_page_stays_out(at: int) -> None:
    lines = ["Boats moor.", "Boats leave."]
    lines.insert(at, "[...]")
    labels = [removed() if n == at else KEPT for n in range(3)]
    assert guards.restore_elisions(blocks_of(*lines), labels) == 0
    assert not labels[at].content


def test_another_line_inside_a_text_is_no_mark_of_omission() -> None:
    labels = [KEPT, removed(), KEPT]
    assert guards.restore_elisions(blocks_of("Boats moor.", "[edit]", "Boats leave."), labels) == 0


def test_a_numbered_article_that_the_engine_drops_from_the_middle_comes_back() -> None:
    blocks = parse("".join(f"<p>{n}条 渔船应当登记。</p>" for n in ("第一", "第二", "第三", "第四"))).blocks
    stays, engine, source = (
        Label(None, "engine:x"),
        Label(RemovalKind.OTHER, "engine:x"),
        Label(RemovalKind.OTHER, "source:remove p"),
    )
    labels = [stays, engine, stays, engine]
    assert guards.restore_numbered(blocks, labels) == 1
    assert [label.content for label in labels] == [
        True,
        True,
        True,
        False,
    ]  # nothing tells that the last one belongs
    assert labels[1].rule == "guard:numbering"
    assert guards.restore_numbered(blocks, [stays, source, stays, stays]) == 0


def test_the_ends_of_a_list_come_back_to_two_items_that_stay() -> None:
    blocks = parse("<ol><li>One boat<li>Two boats<li>Three boats<li>Four boats</ol><p>5. Five boats").blocks
    stays, engine = Label(None, "engine:x"), Label(RemovalKind.NAV, "engine:x")
    labels = [engine, stays, stays, engine, engine]
    assert guards.restore_numbered(blocks, labels) == 2
    assert [label.content for label in labels] == [True, True, True, True, False]
    assert guards.restore_numbered(blocks, [engine, engine, stays, engine, engine]) == 0


def test_numbers_that_are_links_stay_with_the_articles_below_them() -> None:
    items = "".join(f"<div><p><a href={n}>第 {n} 條</a></p><p>船舶應登記。</p></div>" for n in range(1, 5))
    blocks = parse(items).blocks
    labels = [Label(RemovalKind.NAV if "條" in block.text else None, "model:x") for block in blocks]
    assert guards.restore_articles(blocks, labels) == 4
    contents = parse("".join(f"<p><a href={n}>第 {n} 條</a></p>" for n in range(1, 5))).blocks
    assert guards.restore_articles(contents, [Label(RemovalKind.NAV, "model:x")] * 4) == 0


TABLE = "<tr><td>Quay<td>Boats</tr><tr><td>North<td>31</tr><tr><td>South<td>17</tr>"


@pytest.mark.parametrize(
    ("html", "restored"),
    [
        (f"<div><p>Counted in May.</p><table>{TABLE}</table><p>Read the notes.</p></div>", 3),
        (f"<p>Counted in May.</p><div><table>{TABLE}</table></div><p>Read the notes.</p>", 0),
        (f"<div><p>Counted in May.</p><table><caption>Boats</caption>{TABLE}</table></div><p>Read.</p>", 4),
        ("<div><p>Counted.</p><table><tr><td>Back<td>On<tr><td>Up<td>Down</table></div>", 0),
        (f"<div><p>Counted.</p><table>{TABLE.replace('North', '<a>North</a>')}</table><p>Read.</p></div>", 0),
    ],
    ids=["inside", "beside", "at the end", "buttons at the end", "links"],
)
def test_a_table_of_data_inside_a_text_comes_back(html: str, restored: int) -> None:
    blocks = parse(html).blocks
    labels = [
        Label(RemovalKind.NAV, "model:x") if "table" in block.flags else Label(None, "model:x")
        for block in blocks
    ]
    assert guards.restore_tables(blocks, labels) == restored
    assert sum(label.rule == "guard:table" for label in labels) == restored
    source = [Label(RemovalKind.NAV, "source:remove table")] * len(blocks)
    assert guards.restore_tables(blocks, source) == 0


def test_every_mark_of_omission_is_counted() -> None:
    labels = [KEPT, removed(), KEPT, removed(), KEPT]
    blocks = blocks_of("Boats moor.", "[…]", "Boats load.", "[…]", "Boats leave.")
    assert guards.restore_elisions(blocks, labels) == 2


def test_no_article_counts_on_from_one_that_the_source_removed() -> None:
    labels = [KEPT, KEPT, removed(rule="source:remove p"), removed()]
    assert guards.restore_articles(articles("一", "二", "三", "四"), labels) == 0
