"""Struck-out words, and figures above and below the line."""

from __future__ import annotations

import pytest

from cleaning.law.articles import articles
from cleaning.page.parse import parse
from cleaning.pipeline import Directives, clean
from cleaning.result import Cleaned
from output.base.records import RawPage, sha256_hex

PARA = "The fee for a mooring is paid in spring to the clerk of the harbour, who writes a receipt for it. "


def page(inner: str, **marked: tuple[str, ...]) -> Cleaned:
    html = f"<title>Fees</title><article><h1>Fees</h1><p>{PARA * 3}</p>{inner}<p>{PARA * 2}</p></article>"
    raw = RawPage("fees", "", "https://harbour.example/fees", html.encode(), sha256_hex(html.encode()))
    return clean(raw, Directives(**marked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("A fee of <del>£10</del><ins>£20</ins> is due.", "A fee of £20 is due."),
        ("A fee of <s>£10</s> <ins>£20</ins> is due.", "A fee of £20 is due."),
        ("Due in spring <strike>or in autumn</strike>.", "Due in spring."),
        ("<del>Old</del> New rules hold.", "New rules hold."),
        ("Paid <span style='text-decoration:line-through'>twice <i>or</i> so</span> once.", "Paid once."),
    ],
)
def test_struck_out_words_leave_the_text_and_have_receipts(shown: str, read: str) -> None:
    made = page(f"<p>{shown}</p>")
    assert made.documents[0].text.split("\n")[2] == read
    (receipt,) = [r for r in made.removals if r.rule == "markup:struck_out"]
    visible = "\n".join(b.text for b in parse(f"<p>{PARA * 3}</p><p>{shown}</p>").blocks)
    assert receipt.text.strip() in visible
    assert receipt.text.strip()


def test_a_struck_out_paragraph_leaves_no_line_and_its_table_its_other_cells() -> None:
    table = "<table><tr><td>Mooring<td><s>10</s> 12<tr><td>Crane<td>5</table>"
    made = page(f"<del><p>No boat may moor here.</p></del>{table}")
    assert made.documents[0].text.split("\n")[2:4] == ["Mooring\t12", "Crane\t5"]
    assert [r.text for r in made.removals] == ["No boat may moor here.", "10 "]


def test_a_struck_out_item_of_a_list_leaves_with_its_marker() -> None:
    made = page("<ul><li><del>Oars, and <b>masts</b></del><li>Nets</ul>")
    assert made.documents[0].text.split("\n")[2:3] == ["- Nets"]
    assert [r.text for r in made.removals] == ["- Oars, and masts"]


def test_a_text_that_is_struck_out_for_the_most_part_stays_and_is_named() -> None:
    made = page(f"<s><p>{PARA}</p><p>{PARA * 9}</p></s>")
    assert made.documents[0].text.count("receipt") == 15
    assert [w for w in made.documents[0].warnings if w.startswith("struck_out_kept:")]
    assert not made.removals


def test_what_a_source_keeps_or_removes_is_cut_once() -> None:
    shown = "<p>A fee of <del>£10</del><ins>£20</ins> is due. <b class=x>Soon <del>or late</del></b></p>"
    kept = page(shown, keep=("p",)).documents[0].text
    assert "A fee of £10£20 is due." in kept
    removed = page(shown, remove=(".x",))
    assert "A fee of £10£20 is due." in removed.documents[0].text.split("\n")
    assert [receipt.text for receipt in removed.removals] == ["Soon ", "or late"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x<sup>2</sup>", "x²"),
        ("the law<sup><a href='#n1'>1</a></sup> says", "the law¹ says"),
        ("H<sub>2</sub>O, 10<sup>-6</sup>, 3<sup>1</sup>/<sub>2</sub>", "H₂O, 10⁻⁶, 3¹/₂"),
        ("laws<sup>1, 2</sup>", "laws¹, ²"),
        ("the 1<sup>st</sup> law<sup>[1]</sup> and<sup>[<a>2</a>]</sup>", "the 1st law[1] and[2]"),
    ],
)
def test_figures_above_and_below_the_line_stay_apart_from_those_on_it(source: str, text: str) -> None:
    assert parse(f"<p>{source}</p>").text == text


def test_places_to_break_a_word_are_no_part_of_it() -> None:
    (document,) = page(
        "<h2>Moor&shy;ings</h2><p>The har&shy;bour<wbr>master reads the reg\u00adister.</p>"
    ).documents
    assert document.text.split("\n")[2:4] == ["Moorings", "The harbourmaster reads the register."]
    assert document.headings[-1].text == "Moorings"


def test_the_mark_of_a_note_makes_no_other_article() -> None:
    lines = ["Article 1 Names", "Article 2¹ Boats", "Article 2² Ferries", "Article 3 Fees"]
    assert [(found.number, found.sub) for found in articles(lines)] == [(1, 0), (2, 1), (2, 2), (3, 0)]
    assert [found.number for found in articles(["第一条¹ 船舶", "第二条² 渡船"])] == [1, 2]
