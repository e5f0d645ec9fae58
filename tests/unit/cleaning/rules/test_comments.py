"""What readers wrote leaves no words in a receipt, whatever the model takes it for."""

from __future__ import annotations

from cleaning.documents import build as documents
from cleaning.documents.texts import LabelledPage
from cleaning.formats import textdump
from cleaning.law.fields import read_fields
from cleaning.page.labels import Label
from cleaning.page.parse import parse
from output.base.records import RawPage, RemovalKind, sha256_hex

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
    return {by_offset[found.offset]: found.text for found in documents.removals(page, labelled)}


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
