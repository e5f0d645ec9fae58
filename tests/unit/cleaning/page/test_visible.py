"""Blocks: what a reader sees, line by line, and where it stands."""

from __future__ import annotations

import json

import pytest

from cleaning.page.parse import parse
from tests import SHARED

STANDARD = SHARED / "data/standards/html5lib-text.json"


def texts(html: str) -> list[str]:
    return [block.text for block in parse(html).blocks]


def test_paragraphs_line_breaks_and_inline_elements() -> None:
    page = "<div>one <b>bold</b>\n word<br>two<br><br>three <i>a</i><i>b</i></div><p>four</p>five"
    assert texts(page) == ["one bold word", "two", "three ab", "four", "five"]


def test_hanzi_get_no_spaces_that_nobody_wrote() -> None:
    assert texts("<p>总<span>则</span>\n规定 第 一 条</p>") == ["总则规定 第 一 条"]
    assert texts("<p>第一行\n第二行 and\nEnglish</p>") == ["第一行第二行 and English"]


def test_list_markers_are_kept_and_not_doubled() -> None:
    page = "<ol start=3><li>three<li value=7><p>seven</p><p>more</p><li>8. eight</ol>"
    page += "<ul><li>dot<li><h3>Head</h3></ul>"
    assert texts(page) == ["3. three", "7. seven", "more", "8. eight", "- dot", "Head"]


def test_a_list_counts_in_what_it_says() -> None:
    page = "<ol type=a start=2><li>b<li>c</ol><ol type=I><li>one<li value=4>four</ol>"
    page += '<ol style="margin:0; list-style-type: lower-roman"><li value=9>nine</ol>'
    page += "<ol type=A><li value=27>beyond</ol><ol type=x><li>none</ol>"
    assert texts(page) == ["b. b", "c. c", "I. one", "IV. four", "ix. nine", "27. beyond", "1. none"]


def test_the_boxes_of_a_form_part_its_labels() -> None:
    assert texts("<label>Name</label><input><label>Town</label><input type=text>") == ["Name Town"]


def test_a_row_of_data_is_a_line_with_tabs() -> None:
    page = "<table><tr><th>Year<th>Sum<tr><td><p>1999</p><td>12<br>13<tr><td><td>x</table>"
    blocks = parse(page).blocks
    assert [block.text for block in blocks] == ["Year\tSum", "1999\t12 13", "x"]
    assert [block.tag for block in blocks] == ["tr", "tr", "td"]


def test_a_table_of_layout_stays_in_pieces() -> None:
    column = "word " * 200
    page = f"<table><tr><td>Menu<td><p>{column}</p><p>end</p></table>"
    assert texts(page) == ["Menu", column.strip(), "end"]


def test_preformatted_text_keeps_its_lines() -> None:
    assert texts("<pre>\ndef f():\n    return 1\n\nnext</pre>") == ["def f():\n    return 1", "next"]


def test_place_of_a_block() -> None:
    page = parse(
        '<body><nav class="top n-1 x"><a href=/>Home</a></nav><h2 id=p12>Head</h2>'
        "<p>a <a href=b>link</a>!</p>"
    )
    home, head, text = page.blocks
    assert home.path == "html/body/nav.top.n-#"
    assert home.links == 1.0
    assert home.inline == "a"
    assert "nav" in home.flags
    assert (head.path, head.level) == ("html/body/h2#p#", 2)
    assert 0 < text.links < 1
    assert all(page.text[b.offset :].startswith(b.text) for b in page.blocks)


def test_hidden_noscript_and_controls_are_flagged_not_lost() -> None:
    page = (
        "<p style='display: none'>a</p><noscript>b</noscript><button>c</button><p class=sr-only>d</p><p>e</p>"
    )
    flags = {block.text: block.flags for block in parse(page).blocks}
    assert "hidden" in flags["a"]
    assert "noscript" in flags["b"]
    assert "control" in flags["c"]
    assert "hidden" in flags["d"]
    assert flags["e"] == frozenset()


def test_scripts_styles_and_drawings_say_nothing() -> None:
    page = "<style>a</style><script>b</script><svg><title>c</title><g>d</g><text>shown</text></svg><p>e</p>"
    assert texts(page) == ["shown", "e"]


def test_a_shadow_root_in_the_source_is_shown_and_a_template_is_not() -> None:
    page = '<x-a><template shadowrootmode="open"><p>in <template>inner</template>shadow</p></template>'
    page += "<p>slotted</p></x-a><template><p>later</p></template>"
    assert texts(page) == ["in shadow", "slotted"]
    assert texts('<template shadowroot="open"><p>unclosed') == ["unclosed"]


def test_what_stands_for_frames_is_text_and_not_source() -> None:
    assert texts("<frameset><noframes><body><h1>Acts</h1><p>No frames.</body></noframes></frameset>") == [
        "Acts",
        "No frames.",
    ]
    (block,) = parse("<p><iframe src=x>No <b>frames</b> here.</iframe>").blocks
    assert (block.text, block.flags) == ("No frames here.", frozenset({"hidden"}))


def test_a_row_counts_the_columns_that_other_cells_hold() -> None:
    head = "<thead><tr><th rowspan=2>Length<th colspan=2>Due<th>Of<tr><th>summer<th>winter</thead>"
    body = "<tr><td>5 m<td>10<td>5<tr><td rowspan=2>10 m<td>20<td><tr><td>22<td>11<tr><td>15 m<td>30"
    assert texts(f"<table>{head}<tbody>{body}</table>") == [
        *("Length\tDue\t\tOf", "\tsummer\twinter"),
        *("5 m\t10\t5", "10 m\t20", "\t22\t11", "15 m\t30"),
    ]
    odd = "<tr><td rowspan=0>a<td colspan=-1>b<tr><td rowspan=9 colspan=99999>c<td>d</table>"
    assert texts(f"<table>{odd}<table><tr><td>e<td>f")[0::2] == ["a\tb", "e\tf"]


def test_xhtml_under_a_prefix_and_with_empty_elements() -> None:
    xml = '<?xml version="1.0"?>\n'
    named = '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:body><h:h1>Acts</h:h1><h:p>One<h:br/>two'
    assert texts(f"{xml}{named}</h:p></h:body></h:html>") == ["Acts", "One", "two"]
    empty = '<title/><script src="a.js" async="async"/></head><body><a id="one"/><p>One<br/>two</p><div/>'
    page = parse(f'{xml}<html><head>{empty}<p>Three</p><script type="text/plain">x</script></body></html>')
    assert [(b.text, b.links, b.path) for b in page.blocks] == [
        (text, 0.0, "html/body/p") for text in ("One", "two", "Three")
    ]


def test_head() -> None:
    page = parse(
        '<html lang="zh-CN"><head><title>A \n title</title><meta property="og:type" content="article">'
        '<meta name="Author" content="X"><meta name="author" content="Y"><link rel=canonical href="https://a.example/1">'
        '<script type="application/ld+json">{"@graph": [{"@type": "Article",}]}</script></head><p>text</p>'
    )
    assert (page.title, page.language, page.canonical) == ("A title", "zh-CN", "https://a.example/1")
    assert page.meta == {"og:type": ("article",), "author": ("X", "Y")}
    assert {"@type": "Article"} in page.jsonld
    assert page.warnings == ()


def test_article_body_fills_an_empty_page() -> None:
    body = "The council met on Monday and adopted the rules for the new harbour. " * 5
    script = json.dumps({"@type": "NewsArticle", "articleBody": f"{body}\nA second paragraph."})
    page = parse(f'<script type="application/ld+json">{script}</script><div id=app></div>')
    assert [block.flags for block in page.blocks] == [frozenset({"jsonld"})] * 2
    assert page.warnings == ("text_from_jsonld",)
    full = parse(f'<script type="application/ld+json">{script}</script><p>{body} {body}</p>')
    assert all("jsonld" not in block.flags for block in full.blocks)


def test_broken_jsonld_is_named() -> None:
    assert parse('<script type="application/ld+json">{"a": </script><p>x</p>').warnings == (
        "jsonld_malformed",
    )


def test_text_after_the_end_and_in_an_unclosed_title_is_kept() -> None:
    assert texts("<html><p>one</p></html><html><p>two</p></html>") == ["one", "two"]
    page = parse("<head><title>Council</titlebody><body><p>The text of the page.</p></body>")
    assert "The text of the page." in page.text
    assert page.warnings == ("unclosed_element",)
    assert page.title.startswith("Council")


def test_matching_finds_blocks_by_css() -> None:
    page = parse(
        "<div class=ad><p>a</p><p>b</p></div><p>c <span class=ad>d</span></p><p><span class=ad>e</span></p>"
    )
    assert [page.blocks[i].text for i in sorted(page.matching(".ad"))] == ["a", "b", "e"]


@pytest.mark.parametrize(
    ("html", "warning", "words"),
    [
        ("<div>" * 20_000 + "deep" + "</div>" * 20_000 + "<p>after</p>", "nesting_cut", ["deep", "after"]),
        ("<i></i>" * 60_000 + "<p>first<p>second<script>x = '<b>'</script>", "tags_cut", ["first second"]),
        (
            "<p " + " ".join(f"a{i}=1" for i in range(30_000)) + ">text</p><p>after</p>",
            "attributes_cut",
            ["text", "after"],
        ),
        ("<p " + " ".join(f"a{i}='>'" for i in range(60_000)) + ">text</p>", "attributes_cut", ["text"]),
        ("<p>first</p>" + "x" * 20_000_000, "size_cut", ["first"]),
    ],
    ids=["nesting", "tags", "attributes", "quoted_attributes", "size"],
)
def test_caps_flag_what_they_cut(html: str, warning: str, words: list[str]) -> None:
    page = parse(html)
    assert warning in page.warnings
    assert all(word in page.text for word in words)


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>" * 30_000 + "deep",
        "<p>" + "<b>x" * 40_000,
        "<p>para" * 50_000,
        "<img src='data:image/png;base64," + "A" * 21_000_000 + "'><p>text</p>",
        "<p>a\ud800b\0c</p>",
        "<table><tr><td>" * 5_000 + "x",
    ],
    ids=["lists", "inline", "siblings", "base64", "surrogate", "tables"],
)
def test_hostile_pages_keep_their_words(html: str) -> None:
    page = parse(html)
    assert page.blocks
    assert "size_cut" not in page.warnings


def test_no_word_of_the_standard_cases_is_lost() -> None:
    if not STANDARD.exists():
        pytest.skip("the shared standards are not here")
    for case in json.loads(STANDARD.read_text(encoding="utf-8")):
        page = parse(case["html"])
        assert [word for word in case["words"] if word not in f"{page.text} {page.title}"] == [], case["html"]
