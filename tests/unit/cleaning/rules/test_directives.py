from cleaning.pipeline import clean
from cleaning.rules.directives import Directives, read
from output.base.records import RawPage, RemovalKind, sha256_hex

PAGE = """<html><head><title>Harbour</title></head><body><div class=menu>Start Rules</div>
<article><h1>Harbour rules</h1><p>The harbour opens at dawn
<span class=ref>see note 4</span> and closes at dusk.</p>
<p class=box>Subscribe to our letters.</p>
<p class=fine>Fines are set by the board each year in May.</p></article>
<div class=side>Boats for sale</div></body></html>"""


def cleaned(**directives: tuple[str, ...]) -> tuple[str, list[tuple[RemovalKind, str, str]]]:
    body = PAGE.encode()
    page = RawPage("p", "s", "https://harbour.example/rules", body, sha256_hex(body))
    found = clean(page, Directives(**directives))  # type: ignore[arg-type]
    receipts = [(r.kind, r.rule, r.text) for r in found.removals if r.rule.startswith("source:")]
    return "\n".join(d.text for d in found.documents), receipts


def test_a_page_without_directives_is_only_parsed() -> None:
    marked = read(PAGE, Directives())
    assert set(marked.labels) == {None}
    assert not marked.parts


def test_removed_blocks_leave_a_receipt_that_names_the_selector() -> None:
    text, receipts = cleaned(remove=(".box", ".side"))
    assert "Subscribe" not in text
    assert (RemovalKind.OTHER, "source:remove .box", "Subscribe to our letters.") in receipts
    assert (RemovalKind.OTHER, "source:remove .side", "Boats for sale") in receipts


def test_an_inline_match_leaves_its_line_in_place() -> None:
    text, receipts = cleaned(remove=(".ref",), keep=("article",))
    assert "The harbour opens at dawn" in text
    assert "and closes at dusk." in text
    assert receipts == [(RemovalKind.OTHER, "source:remove .ref", "see note 4")]


def test_select_leaves_what_lies_outside() -> None:
    _, receipts = cleaned(select=("article",))
    assert [text for _, _, text in receipts] == ["Start Rules", "Boats for sale"]


def test_keep_pins_a_block_against_rules_and_engine() -> None:
    assert "Boats for sale" not in cleaned()[0]
    assert "Boats for sale" in cleaned(keep=(".side",))[0]
    assert "Boats for sale" in cleaned(keep=(".side",), remove=(".side",))[0]


def test_keep_pins_a_line_of_text_that_stands_in_quotes() -> None:
    assert "Boats for sale" in cleaned(keep=('"Boats  for sale"',))[0]
    assert "Boats for sale" in cleaned(keep=('"Boats for sale"',), remove=(".side",))[0]
    assert "Boats for sale" not in cleaned(keep=('"Boats for"',))[0], "a line is kept whole or not at all"
    both = cleaned(keep=('"Boats for sale"', ".menu"))[0]
    assert "Boats for sale" in both
    assert "Start Rules" in both


def test_the_document_says_how_many_removed_blocks_its_source_brought_back() -> None:
    body = PAGE.encode()
    page = RawPage("p", "s", "https://harbour.example/rules", body, sha256_hex(body))
    (document,) = clean(page, Directives(keep=('"Boats for sale"',))).documents
    assert "kept_by_source:1" in document.warnings
    (document,) = clean(page, Directives(keep=('"Boats"',))).documents
    assert not [warning for warning in document.warnings if warning.startswith("kept_by_source")]


def test_a_selector_that_nothing_matches_is_flagged() -> None:
    assert read(PAGE, Directives(remove=(".gone",))).warnings == ("selector_unmatched:.gone",)


def test_split_makes_documents_with_their_own_addresses() -> None:
    posts = "".join(
        f'<div class=post><h2><a href="/2019/{n}/">Notice number {n}</a></h2>'
        f"<p>{f'The boats of pier {n} stay in. ' * 6}</p></div>"
        for n in (1, 2)
    )
    body = f"<html><body><h1>All notices</h1>{posts}</body></html>".encode()
    page = RawPage("p", "s", "https://harbour.example/all", body, sha256_hex(body))
    first, second = clean(page, Directives(split=(".post",), keep=(".post",))).documents
    assert (first.title, first.part, first.url) == ("Notice number 1", 0, "https://harbour.example/2019/1/")
    assert (second.title, second.part, second.url) == (
        "Notice number 2",
        1,
        "https://harbour.example/2019/2/",
    )
    assert "pier 2" not in first.text
    own = RawPage("q", "s", "https://harbour.example/2019/1/", body, sha256_hex(body))
    assert clean(own).documents[0].id == first.id
