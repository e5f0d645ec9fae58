"""What readers wrote leaves no words in a receipt or a document, whichever rule removes it."""

from __future__ import annotations

from cleaning.documents.labelled import LabelledPage
from cleaning.documents.receipts import removals
from cleaning.formats import textdump
from cleaning.law.fields import read_fields
from cleaning.page.labels import Label
from cleaning.page.parse import parse
from cleaning.pipeline import Cleaned, Directives, clean
from cleaning.rules.entries import lexicon
from cleaning.rules.lexicon import opens_comments
from output.base.records import Access, RawPage, RemovalKind, sha256_hex

PAGE = """<ol class=comment-list><li class=comment>Bo Oar says: nonsense.</ol>
<form class=comment-form><label>Name</label></form>"""


COMMENTED = """<body class="single comments-open"><h1>Harbour rules</h1>
<nav>Home</nav><p>Boats moor at the north quay.</p>
<div id=post_comments><ul class=names><li>Bo Oar</li></ul><p class=when>Jo Mast, 3 hours ago</p>
<div class=tools>Share</div></div>
<div class=commentary><p>Recommended by the editor.</p></div></body>"""
HEADED = """<body><h1>Harbour rules</h1><p>Boats moor at the north quay.</p>
<div><section><h3>2 comments</h3><p>Bo Oar</p></section></div><p>After the section.</p></body>"""


def receipts(html: str, labels: dict[str, Label], *, dump: bool = False) -> dict[str, str]:
    """The words that the receipts of a page keep of its lines, with these labels."""
    parsed = textdump.parse(html) if dump else parse(html)
    of_all = tuple(labels.get(block.text, Label(None, "model:1")) for block in parsed.blocks)
    fields = read_fields([block.text for block in parsed.blocks])
    labelled = LabelledPage(parsed, of_all, (), (), dump, "model", fields, (), None, None)
    body = html.encode()
    page = RawPage("p", "s", "https://harbour.example/", body, sha256_hex(body))
    by_offset = {block.offset: block.text for block in parsed.blocks}
    return {by_offset[found.offset]: found.text for found in removals(page, labelled)}


def test_words_among_the_comments_that_the_model_takes_for_the_form() -> None:
    taken = Label(RemovalKind.COMMENT_FORM, "model:1", "0.068")
    kept = receipts(
        PAGE, {"- Bo Oar says: nonsense.": taken, "1. Bo Oar says: nonsense.": taken, "Name": taken}
    )
    assert kept == {"1. Bo Oar says: nonsense.": "", "Name": "Name"}


def test_nothing_of_a_comment_area_keeps_its_words_whatever_it_is_taken_for() -> None:
    nav, byline = (
        Label(RemovalKind.NAV, "model:1", "0.1"),
        Label(RemovalKind.BYLINE, "lexicon:ago", "3 hours ago"),
    )
    share = Label(RemovalKind.SHARE, "lexicon:share", "Share")
    kept = receipts(
        COMMENTED,
        {
            "Home": nav,
            "- Bo Oar": nav,
            "Jo Mast, 3 hours ago": byline,
            "Share": share,
            "Recommended by the editor.": nav,
        },
    )
    assert kept == {
        "Home": "Home",
        "- Bo Oar": "",
        "Jo Mast, 3 hours ago": "",
        "Share": "Share",
        "Recommended by the editor.": "Recommended by the editor.",
    }


def test_the_heading_of_the_comments_tells_where_they_stand() -> None:
    nav = Label(RemovalKind.NAV, "model:1", "0.1")
    heading = Label(RemovalKind.COMMENTS, "lexicon:comments_en", "2 comments")
    kept = receipts(HEADED, {"2 comments": heading, "Bo Oar": nav, "After the section.": nav})
    assert kept == {"2 comments": "", "Bo Oar": "", "After the section.": "After the section."}


def test_names_between_the_comments_of_a_dump() -> None:
    taken = {
        "By Ann Keel": Label(RemovalKind.BYLINE, "lexicon:by", "By Ann Keel"),
        "Comments": Label(RemovalKind.COMMENTS, "lexicon:comments_en", "Comments"),
        "Posted by Bo Oar": Label(RemovalKind.BYLINE, "lexicon:by", "Posted by Bo Oar"),
    }
    dump = "By Ann Keel\nBoats moor at the north quay.\nComments\nPosted by Bo Oar"
    assert receipts(dump, taken, dump=True) == {
        "By Ann Keel": "By Ann Keel",
        "Comments": "",
        "Posted by Bo Oar": "",
    }


def test_a_comment_that_no_element_names_keeps_no_words_even_beside_the_form() -> None:
    taken = Label(RemovalKind.COMMENTS, "model:1", "0.1")
    html = "<form class=comment-form><p>Bo Oar: nonsense.</p><p>Name</p></form>"
    form = Label(RemovalKind.COMMENT_FORM, "model:1", "0.1")
    assert receipts(html, {"Bo Oar: nonsense.": taken, "Name": form}) == {
        "Bo Oar: nonsense.": "",
        "Name": "Name",
    }


def test_what_the_model_takes_for_a_form_where_none_stands_keeps_no_words() -> None:
    form = Label(RemovalKind.COMMENT_FORM, "model:1", "0.1")
    html = "<div class=reply>Bo Oar, 3 hours ago</div><form><label>Your name</label></form>"
    kept = receipts(html, {"Bo Oar, 3 hours ago": form, "Your name": form})
    assert kept == {"Bo Oar, 3 hours ago": "", "Your name": "Your name"}


def test_a_heading_without_an_element_of_its_own_hides_what_follows_it_up_to_the_foot() -> None:
    html = """<body><h1>Harbour rules</h1><p>Boats moor at the north quay.</p>
    <h3>2 comments</h3><div><p>Bo Oar</p></div><div><h4>Jo Mast</h4></div>
    <footer>Imprint</footer><div>Behind the foot</div></body>"""
    nav = Label(RemovalKind.NAV, "model:1", "0.1")
    heading = Label(RemovalKind.COMMENTS, "lexicon:comments_en", "2 comments")
    lines = dict.fromkeys(["Bo Oar", "Jo Mast", "Imprint", "Behind the foot"], nav)
    expected = dict.fromkeys(["2 comments", "Bo Oar", "Jo Mast"], "")
    kept = receipts(html, {**lines, "2 comments": heading})
    assert kept == {**expected, "Imprint": "Imprint", "Behind the foot": "Behind the foot"}


def test_comments_listed_above_the_text_hide_nothing_of_what_follows() -> None:
    nav = Label(RemovalKind.NAV, "model:1", "0.1")
    heading = Label(RemovalKind.COMMENTS, "lexicon:comments_en", "Comments")
    html = "<body><p>Comments</p><p>Tides</p><p>Boats moor at the north quay.</p></body>"
    assert receipts(html, {"Comments": heading, "Tides": nav}) == {"Comments": "", "Tides": "Tides"}


def test_a_long_comment_in_the_middle_of_others_keeps_no_words() -> None:
    heading = Label(RemovalKind.COMMENTS, "lexicon:comments_en", "2 comments")
    item = Label(RemovalKind.COMMENTS, "lexicon:comments_en", "under 2 comments")
    nav = Label(RemovalKind.NAV, "model:1", "0.1")
    html = """<body><h1>Harbour rules</h1><p>Boats moor.</p><div><section><h3>2 comments</h3>
    <div><p>Bo Oar</p></div><div><p>A long one.</p></div></section></div></body>"""
    kept = receipts(html, {"2 comments": heading, "Bo Oar": item, "A long one.": nav})
    assert set(kept.values()) == {""}


def test_the_next_heading_and_the_next_text_end_the_comments() -> None:
    nav = Label(RemovalKind.NAV, "model:1", "0.1")
    heading = Label(RemovalKind.COMMENTS, "lexicon:comments_en", "Comments")
    for end in ("<h3>Tides</h3>", "<p>A kept line.</p>"):
        html = f"<body><p>Boats moor here.</p><h3>Comments</h3><p>Bo Oar</p>{end}<p>High at six</p></body>"
        kept = receipts(html, {"Comments": heading, "Bo Oar": nav, "Tides": nav, "High at six": nav})
        assert (kept["Bo Oar"], kept["High at six"]) == ("", "High at six")


def test_a_link_named_comment_is_no_heading() -> None:
    html = (
        "<body><ul><li><a href=/x>Business</a><li><a href=/c>Comment</a><li><a href=/s>Sport</a></ul></body>"
    )
    nav = Label(RemovalKind.NAV, "model:1", "0.1")
    heading = Label(RemovalKind.COMMENTS, "lexicon:comments_en", "Comment")
    assert receipts(html, {"- Comment": heading, "- Sport": nav})["- Sport"] == "- Sport"


def test_the_headings_of_comments_are_known() -> None:
    assert opens_comments("２ comments")
    assert not opens_comments("Comments on the draft close in May.")
    assert {rule.id for rule in lexicon() if rule.opens and opens_comments(rule.removes)} == {
        "comments_en",
        "comments_zh",
    }


def commented(comments: str, directives: Directives | None = None) -> Cleaned:
    """A long text with readers' comments below, cleaned."""
    story = " ".join(
        f"<p>Boat number {n} moors at the quay until the harbour master calls it.</p>" for n in range(40)
    )
    body = f"<body><h1>Harbour rules</h1><article>{story}</article>{comments}".encode()
    html = (("content-type", "text/html"),)
    page = RawPage("p", "s", "https://harbour.example/", body, sha256_hex(body), headers=html)
    return clean(page, directives or Directives())


def words(cleaned: Cleaned) -> str:
    """All that the records of a page say."""
    return repr((cleaned.documents, cleaned.removals))


def test_a_comment_that_speaks_of_subscribers_is_no_paywall() -> None:
    cleaned = commented(
        """<div id=comments><p>Bo Oar</p>
        <p>If you are not a subscriber, Bo Oar says, you see half of it.</p></div>"""
    )
    assert [document.access for document in cleaned.documents] == [Access.FULL]
    assert "Oar" not in words(cleaned)


def test_what_a_comment_says_of_a_translation_is_no_credit() -> None:
    cleaned = commented(
        """<div id=comments><p>Bo Oar</p>
        <p>The translation is for reference only, Bo Oar says.</p></div>"""
    )
    assert [document.attribution for document in cleaned.documents] == [None]
    assert "Oar" not in words(cleaned)


def test_a_name_that_the_source_cuts_out_of_a_comment_leaves_no_words() -> None:
    cleaned = commented(
        "<div id=comments><p><span class=user>Bo Oar</span> wrote</p><p>Nonsense.</p></div>",
        Directives(remove=(".user",)),
    )
    assert [removal.text for removal in cleaned.removals if removal.rule == "source:remove .user"] == [""]
    assert "Oar" not in words(cleaned)


def test_comments_that_the_source_leaves_out_leave_no_words() -> None:
    comments = "<section><h3>2 comments</h3><p>Bo Oar</p><p>Nonsense.</p></section>"
    for directives in (Directives(remove=("section",)), Directives(select=("article",))):
        assert "Oar" not in words(commented(comments, directives))
