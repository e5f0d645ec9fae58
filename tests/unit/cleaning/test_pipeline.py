import dataclasses
import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaning.page.labels import Label
from cleaning.page.parse import parse
from cleaning.pipeline import Cleaned, Directives, assemble, clean
from cleaning.rules import guards
from cleaning.text.lines import word_key
from output.base.records import Access, ArchiveRef, RawPage, RemovalKind, sha256_hex
from output.base.serialize import as_dict

URL = "https://harbour.example/rules"
PARA = (
    "The boats of the lower harbour are counted every spring by two clerks, who write down names and owners. "
)
ARTICLE = f"""<h1>Counting boats</h1><p>{PARA * 2}</p><ul><li>{PARA}</li></ul>
<h2>In autumn</h2><p>{PARA * 3}</p>"""
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>Counting boats | The Net</title>
<link rel="canonical" href="{URL}"></head><body>
<div class="breadcrumb">You are here: Start &gt; Rules</div>
<nav><a href="/">Start</a> <a href="/all">All rules</a></nav>
<article>{ARTICLE}</article>
<section id="comments"><h3>2 comments</h3><p>Nonsense, says Bo Oar.</p></section>
<footer>© 2012 The Net. All rights reserved.</footer></body></html>"""


def raw(body: str | bytes, url: str = URL, **fields: object) -> RawPage:
    data = body.encode() if isinstance(body, str) else body
    page = RawPage(url, "harbour", url, data, sha256_hex(data))
    return dataclasses.replace(page, **fields)  # type: ignore[arg-type]


def test_a_page_becomes_a_document_with_its_provenance() -> None:
    page = raw(
        PAGE,
        fetched_at=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
        headers=(("content-type", "text/html"), ("last-modified", "Sat, 04 May 2019 08:00:00 GMT")),
        archive=ArchiveRef("harbour/a.warc.gz", 7, 9),
        run_id="run-1",
        robots="allow",
        tdm=("noai",),
    )
    (document,) = clean(page).documents
    assert document.title == "Counting boats"
    assert document.text.count(PARA.strip()) == 6
    assert [(h.level, h.text) for h in document.headings if h.level == 2] == [(2, "In autumn")]
    assert all(document.text[h.offset :].startswith(h.text) for h in document.headings)
    assert (document.language, document.access, document.canonical_url) == ("en", Access.FULL, URL)
    assert (document.archive_file, document.archive_offset, document.run_id) == (
        "harbour/a.warc.gz",
        7,
        "run-1",
    )
    assert (document.robots, document.tdm, document.raw_sha256) == ("allow", ("noai",), page.sha256)
    assert (document.fetched_at, document.last_modified) == (
        "2026-01-02T00:00:00+00:00",
        "2019-05-04T08:00:00+00:00",
    )
    assert document.rules_version
    assert document.model_version.startswith("blocks-")
    assert (document.date_published, document.authors) == (None, ())
    assert 0 < document.share_kept < 1


def test_every_block_is_in_the_text_or_in_a_receipt() -> None:
    found = clean(raw(PAGE))
    text = word_key(found.documents[0].text)
    receipts = word_key(" ".join(r.text for r in found.removals))
    page = parse(PAGE)
    for block in page.blocks:
        if "comments" not in block.path:
            assert word_key(block.text) in text or word_key(block.text) in receipts, block
    for removal in found.removals:
        assert page.text[removal.offset :].startswith(removal.text)
    assert {r.kind for r in found.removals} >= {
        RemovalKind.BREADCRUMB,
        RemovalKind.NAV,
        RemovalKind.COMMENTS,
        RemovalKind.COPYRIGHT,
    }


def test_readers_leave_no_words() -> None:
    found = repr(clean(raw(PAGE)))
    assert "Nonsense" not in found
    assert "Bo Oar" not in found


def test_the_same_page_gives_the_same_records() -> None:
    assert clean(raw(PAGE)) == clean(raw(PAGE))


def test_the_id_is_the_addresss_and_the_version_the_texts() -> None:
    (first,) = clean(raw(PAGE)).documents
    (moved,) = clean(raw(PAGE, url="https://harbour.example/rules?from=feed")).documents
    (amended,) = clean(raw(PAGE.replace("two clerks", "three clerks"))).documents
    assert first.id == moved.id == amended.id
    assert first.version == moved.version != amended.version


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<html><body> </body></html>", "empty"),
        (b"<html><body><div id=app></div><script>start()</script></body></html>", "needs_javascript"),
        (b"%PDF-1.4 ...", "pdf_broken"),
        (b"\x89PNG\r\n", "not_html"),
        (b'{"error": 4001}', "not_html"),
    ],
)
def test_a_page_without_a_document_says_why(body: bytes, reason: str) -> None:
    found = clean(raw(body))
    assert found.rejection is not None
    assert (found.documents, found.rejection.reason, found.rejection.raw_sha256) == (
        (),
        reason,
        sha256_hex(body),
    )


def test_the_text_of_a_rejected_page_is_kept_as_receipts() -> None:
    found = clean(raw("<html><body><p>Log in</p><p>Register</p></body></html>"))
    assert found.rejection
    assert found.rejection.reason == "no_content"
    assert {(r.kind, r.text) for r in found.removals} == {
        (RemovalKind.REJECTED, "Log in"),
        (RemovalKind.REJECTED, "Register"),
    }


def test_metadata_only_leaves_no_words_of_the_text_anywhere() -> None:
    found = clean(raw(PAGE), Directives(metadata_only=True))
    (document,) = found.documents
    assert (document.title, document.text, document.characters) == ("Counting boats", "", 0)
    assert "metadata_only" in document.warnings
    assert "clerks" not in repr(found)
    assert all(r.text == "" and r.evidence.startswith("sha256:") for r in found.removals)


def test_what_is_said_again_without_scripts_is_kept_once() -> None:
    said = "".join(
        f"<p>Rule {n} of the harbour binds each ship that moors at quay {n} overnight.</p>" for n in range(9)
    )
    alone = "<p>Ships that load after dark keep a lamp at the stern until they leave the harbour."
    cleaned = clean(
        raw(f"<title>Rules</title><main>{said}<noscript>{said}{alone}</noscript></main>".encode())
    )
    (document,) = cleaned.documents
    assert document.text.count("Rule 3 of the harbour") == 1
    assert "keep a lamp" in document.text
    again = [removal for removal in cleaned.removals if removal.rule == "guard:noscript"]
    assert len(again) == 9


@pytest.mark.parametrize(("type_", "kept"), [("NewsArticle", False), ("DiscussionForumPosting", True)])
def test_what_readers_say_below_a_text_leaves_it_but_in_a_forum(type_: str, kept: bool) -> None:
    said = "".join(f"<p>Rule {n} binds each ship that moors at quay {n} overnight.</p>" for n in range(9))
    script = f'<script type=application/ld+json>{{"@type":"{type_}"}}</script>'
    parsed = parse(f"<title>Rules</title>{script}<main>{said}<div id=comments>{said}</div></main>")
    labels = [Label(None, "model:x", score=0.6) for _ in parsed.blocks]
    guards.drop_comments(parsed, labels, [9])
    assert [label.content for label in labels] == [True] * 10 + [kept] * 8
    assert {label.kind for label in labels[10:]} == {None if kept else RemovalKind.COMMENTS}
    alone = [Label(RemovalKind.NAV, "model:x")] * 9 + labels[9:10] * 9
    guards.drop_comments(parsed, alone, [])
    assert all(label.content for label in alone[9:]), "they are all the text that there is"


def teaser(url: str, text: str, access: Access) -> Cleaned:
    (document,) = clean(raw(PAGE, url="https://harbour.example/list")).documents
    document = dataclasses.replace(document, id="same", url=url, text=text, access=access, input_id=url)
    return Cleaned((document,), ())


def test_a_teaser_gives_way_to_its_own_page() -> None:
    whole = teaser(URL, PARA * 3, Access.FULL)
    cut = teaser("https://harbour.example/list", PARA, Access.TEASER)
    short, long = assemble([cut, whole])
    assert long == whole
    assert short.documents == ()
    assert short.rejection
    assert (short.rejection.reason, short.rejection.evidence) == ("completed_elsewhere", URL)
    assert [(r.kind, r.rule, r.text) for r in short.removals] == [
        (RemovalKind.TEASER, "assemble:permalink", PARA)
    ]


def test_a_teaser_whose_page_was_not_crawled_stays_marked() -> None:
    cut = teaser("https://harbour.example/list", PARA, Access.TEASER)
    assert assemble([cut]) == [cut]


def test_lone_surrogates_and_control_characters_reach_no_record() -> None:
    data = (
        '<script type="application/ld+json">{"@type": "Article", "headline": "a\\ud800\\u001b[31m"}</script>'
    )
    found = clean(
        raw(f"<html><head>{data}</head><body><article><p>{PARA * 4}\x1b[0m</p></article></body></html>")
    )
    str(as_dict(found.documents[0])).encode()
    assert "\x1b" not in found.documents[0].text + found.documents[0].title
    assert "control_characters" in found.documents[0].warnings


FRAGMENTS = st.sampled_from(
    (
        "<p>|</p>|<div class=comment>|</html>|<table><tr><td>|<script>|<!--|-->|\0"
        "|&#xD800;|\x1b[31m|第一条 |Read more|<iframe/>"
        "|<meta charset=utf-16>|<link rel=canonical href='http://[x'>|<time datetime=99999-99>|Posted on\n|{"
    )
    .encode()
    .split(b"|")
) | st.sampled_from([b"\xff\xfe", b"\xed\xa0\x80", "第三条".encode("gb18030")])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(FRAGMENTS | st.binary(max_size=12), max_size=30).map(b"".join),
    st.sampled_from(["", "text/plain", "text/html; charset=gb2312", "charset=\udcff"]),
    st.sampled_from([Directives(), Directives(remove=(".comment", "span"), keep=("p",), split=("div",))]),
)
def test_no_bytes_make_it_fail(body: bytes, content_type: str, directives: Directives) -> None:
    found = clean(raw(body, headers=(("content-type", content_type),)), directives)
    assert bool(found.documents) != bool(found.rejection)
    for record in (*found.documents, *found.removals):
        repr(as_dict(record)).encode()
