"""Where a source's terms ask for metadata only, nothing but hashes and offsets is left of a page's words."""

from __future__ import annotations

import json

import pytest

from cleaning.pipeline import Cleaned, Directives, clean
from output.base.records import Access, RawPage, sha256_hex
from output.base.serialize import as_dict

URL = "https://harbour.example/rules/7.html"
PARA = "The boats of the lower harbour are counted every spring by two clerks, who write down all names. "
# A page with all that may leave words: furniture, a cut at the end of a block, words inside a line that the
# source removes, struck words, readers, a record's fields, credits, a status line.
PAGE = f"""<html lang=en><head><title>Counting boats</title></head><body>
<nav><a href=/>Harbour home</a></nav>
<article><h1>Counting boats</h1>
<table><tr><td>Document number:</td><td>Order 7 of Quay</td></tr>
<tr><td>Effective date:</td><td>2031-05-01</td></tr></table>
<p>{PARA * 2}<span class=aside>Unless it rains heavily.</span></p>
<p>{PARA} <s>Rowers pay nothing.</s> {PARA}</p><p>{PARA * 2}</p>
<p>{PARA}Read the rest of this entry »</p>
<p>This translation was made by a program and is for reference only.</p></article>
<section id=comments><h3>2 comments</h3><p>Nonsense, says Bo Oar.</p></section>
<footer>© 2012 The Quayside Net. All rights reserved.</footer></body></html>"""
WORDS = (
    "clerks", "Harbour home", "rains", "Rowers", "rest of this", "program", "Nonsense", "Bo Oar", "Quayside",
    "Order 7 of",
)  # fmt: skip
DIRECTIVES = Directives(remove=(".aside",), metadata_only=True)


def cleaned(html: str, directives: Directives = DIRECTIVES) -> Cleaned:
    return clean(RawPage(URL, "harbour", URL, html.encode(), sha256_hex(html.encode())), directives)


def test_no_words_of_the_text_are_in_receipts_evidence_or_document() -> None:
    found = cleaned(PAGE)
    (document,) = found.documents
    assert document.document_number == "Order 7 of Quay", "metadata stays"
    receipts = json.dumps([as_dict(removal) for removal in found.removals])
    text = json.dumps({name: value for name, value in as_dict(document).items() if name != "document_number"})
    assert [word for word in WORDS if word in receipts or word in text] == []
    assert document.access is Access.TEASER
    assert (document.text, document.headings, document.articles, document.access_evidence) == ("", (), (), ())
    assert (document.attribution, document.characters) == (None, 0)
    assert document.warnings[-1] == "metadata_only"


def test_each_receipt_has_the_hash_of_its_words_where_they_stood() -> None:
    kept = cleaned(PAGE, Directives(remove=(".aside",))).removals
    wordless = cleaned(PAGE).removals
    assert [(r.kind, r.rule, r.offset) for r in wordless] == [(r.kind, r.rule, r.offset) for r in kept]
    assert {r.text for r in wordless} == {""}
    assert {r.rule for r in kept} >= {"source:remove .aside", "markup:struck_out", "lexicon:teaser_en"}
    hashes = [f"sha256:{sha256_hex(r.text.encode())}" if r.text else r.evidence for r in kept]
    assert [r.evidence for r in wordless] == hashes


@pytest.mark.parametrize(
    ("html", "reason", "words"),
    [
        ("<title>404 Not Found</title><h1>The quay is closed</h1>", "soft_404", "404 Not"),
        (
            "<p>Enable JavaScript to see the quay.</p><div id=app></div><script></script>",
            "needs_javascript",
            "JavaScript",
        ),
        ("<title>Member login</title><form>Name <input><input type=password></form>", "login", "Member"),
    ],
)
def test_the_evidence_of_a_rejection_is_a_hash(html: str, reason: str, words: str) -> None:
    with_words, without = cleaned(html, Directives()).rejection, cleaned(html)
    assert with_words
    assert without.rejection
    assert (with_words.reason, without.rejection.reason) == (reason, reason)
    assert words in with_words.evidence
    assert without.rejection.evidence == f"sha256:{sha256_hex(with_words.evidence.encode())}"
    assert words not in repr(without)
    assert "quay" not in repr(without)


def test_readers_leave_no_words_in_any_source() -> None:
    found = cleaned(PAGE, Directives())
    assert "Harbour home" in repr(found)
    assert "Nonsense" not in repr(found)
    assert "Bo Oar" not in repr(found)
