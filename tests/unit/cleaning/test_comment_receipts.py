"""What readers wrote leaves no words in a receipt, whatever the model takes it for."""

from __future__ import annotations

from cleaning import documents
from cleaning.blocks import parse
from cleaning.labels import Label
from cleaning.law.fields import read_fields
from cleaning.texts import Judged
from output.records import Kind, RawPage, sha256_hex

PAGE = """<ol class=comment-list><li class=comment>Bo Oar says: nonsense.</ol>
<form class=comment-form><label>Name</label></form>"""


def test_words_among_the_comments_that_the_model_takes_for_the_form() -> None:
    parsed = parse(PAGE)
    labels = tuple(Label(Kind.COMMENT_FORM, "model:1", "0.068") for _ in parsed.blocks)
    fields = read_fields([block.text for block in parsed.blocks])
    judged = Judged(parsed, labels, (), (), False, "model", fields, (), None, None)
    body = PAGE.encode()
    page = RawPage("p", "s", "https://harbour.example/", body, sha256_hex(body))
    comment, form = documents.removals(page, judged)
    assert comment.text == ""
    assert comment.evidence.startswith("sha256:")
    assert form.text == "Name"
