"""A page is shown in its order, with every removed block in its place and its reason, and nobody's name."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from lxml import html as markup

from cleaning.rules.directives import quoted_line
from flows.explain.explain import explain
from flows.explain.explanation import keep_line, take_apart
from output.base.errors import StorageError, UsageError
from output.base.records import Removal, RemovalKind, sha256_hex

PROSE = "The ferry leaves the northern pier at dawn and comes back when the tide allows it. " * 3
PAGE = f"""<html><head><title>Ferry rules <b></title></head><body>
<nav><ul><li><a href=/>Start</a><li><a href=/laws>Laws</a></ul></nav>
<article><h1>Ferry &lt;script&gt;alert(1)&lt;/script&gt; rules</h1><p>{PROSE}</p>
<p>{PROSE.replace("ferry", "barge")}\x1b[31m</p></article>
<h3>3 Comments</h3><ol class=comment-list><li class=comment>Quentin Abernathy says: I was there first.</ol>
<footer>Copyright 2024 Ferry Board. All rights reserved.</footer></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "ferry.html"
    file.write_text(PAGE, "utf-8")
    return file


def receipt(offset: int, text: str, *, hidden: str = "", rule: str = "model:1") -> Removal:
    evidence = f"sha256:{sha256_hex(hidden.encode())}" if hidden else "0.1"
    return Removal(
        "s", "p", "r", RemovalKind.COMMENTS if hidden else RemovalKind.NAV, rule, evidence, offset, text
    )


def test_every_piece_of_the_text_is_in_its_place() -> None:
    lines = ("Start", "The law is short. Read more", "Ann: first!")
    removals = [receipt(24, "Read more"), receipt(0, "Start"), receipt(34, "", hidden="Ann: first!")]
    pieces, placeless = take_apart(lines, removals, wordless=False)
    assert not placeless
    assert [(p.line, p.offset, p.length, p.text, p.removal is None) for p in pieces] == [
        (0, 0, 5, "Start", False),
        (1, 6, 18, "The law is short. ", True),
        (1, 24, 9, "Read more", False),
        (2, 34, 11, "", False),
    ]
    assert [p.whole for p in pieces if p.removal] == [True, False, True]


def test_what_left_a_line_is_not_offered_as_a_line_to_keep(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, html = tmp_path / "fees.html", tmp_path / "made.html"
    menu = "<nav><a href=/>Start</a></nav>"
    file.write_text(
        f"{menu}<article><h1>Fees</h1><p>{PROSE}</p><p>A fee of <del>ten pounds</del> is due.", "utf-8"
    )
    explain(tmp_path / "data", str(file), html=None, as_json=False)
    said = capsys.readouterr().out
    assert "ten pounds" in said
    assert "keep = ['\"Start\"']" in said
    explain(tmp_path / "data", str(file), html=html, as_json=False)
    assert "&quot;Start&quot;" in html.read_text("utf-8")
    assert "ten pounds&quot;" not in html.read_text("utf-8")


def test_a_receipt_that_does_not_stand_at_its_offset_is_listed_apart() -> None:
    pieces, placeless = take_apart(("One", "Two"), [receipt(0, "Two"), receipt(99, "Six")], wordless=False)
    assert [piece.text for piece in pieces] == ["One", "Two"]
    assert [removal.text for removal in placeless] == ["Two", "Six"]


def test_where_hidden_words_have_no_place_none_are_shown() -> None:
    pieces, placeless = take_apart(
        ("Ann: first!", "Two"), [receipt(12, "", hidden="Ann: first!")], wordless=False
    )
    assert len(placeless) == 1
    assert [piece.text for piece in pieces] == ["", ""]


def test_the_terminal_shows_reasons_and_neither_names_nor_controls(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    explain(page.parent / "data", str(page), html=None, as_json=False)
    said = capsys.readouterr().out
    text = re.sub(r"\s+", " ", said)
    assert "The ferry leaves the northern pier" in text
    assert "nav model:" in text
    assert "comments" in text
    assert "characters, no words kept" in text
    assert "keep = [" in text
    assert "Abernathy" not in said
    assert "\x1b" not in said


def test_the_page_shows_all_of_it_and_asks_for_nothing(page: Path) -> None:
    file = page.with_name("out.html")
    explain(page.parent / "data", str(page), html=file, as_json=False)
    text = file.read_text("utf-8")
    tree = markup.fromstring(text)
    assert "default-src 'none'" in text
    assert not tree.xpath("//script | //link | //img | //iframe | //@src | //@href | //@onclick")
    assert not re.findall(r"url\(|@import|\x1b", text)
    assert "Abernathy" not in text
    assert "Ferry <script>alert(1)</script> rules" in tree.xpath("//main")[0].text_content()
    nav = tree.xpath("//section[@class='removed'][.//b='nav']")[0]
    assert "Start" in nav.text_content()
    assert "kept from" in nav.xpath(".//*[@class='why']")[0].text_content(), "the reason is text, not a hover"
    assert nav.xpath(".//details//code/text()")[0].startswith("keep = [")
    legend = {item.xpath("b")[0].text for item in tree.xpath("//ul[@class='legend']/li")}
    assert {"kept", "nav", "comments"} <= legend


def test_scripts_get_every_piece_as_json(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explain(page.parent / "data", str(page), html=None, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["documents"][0]["title"]
    assert {piece["removal"]["kind"] for piece in told["pieces"] if piece["removal"]} >= {"nav", "comments"}
    assert "Abernathy" not in json.dumps(told)


@pytest.mark.parametrize("text", ["plain", 'it\'s "so"', 'C:\\n "x"', "tab\there", "网站标识码：1"])
def test_the_line_to_paste_is_toml_and_pins_that_text(text: str) -> None:
    (pin,) = tomllib.loads(keep_line([text]))["keep"]
    assert quoted_line(pin) == text


def test_what_cannot_be_explained_is_said(tmp_path: Path, page: Path) -> None:
    with pytest.raises(UsageError, match="no Tamis data here"):
        explain(tmp_path / "none", "http://harbour.example/", html=None, as_json=False)
    with pytest.raises(UsageError, match="takes one saved page"):
        explain(tmp_path, str(tmp_path), html=None, as_json=False)
    with pytest.raises(StorageError, match="cannot be written"):
        explain(tmp_path, str(page), html=tmp_path / "no" / "out.html", as_json=False)
