"""What a document says of its dates and of the share of its page that it kept."""

from __future__ import annotations

import pytest

from cleaning.pipeline import clean
from output.base.records import Document, RawPage, sha256_hex

LAW = ("第一条　渔船应当登记，并在船首悬挂编号。", "第二条　渔港由港务机构管理，船员应当服从指挥。")
NEWS = (
    "The harbour opens in May and closes in June, says the board of the lower harbour.",
    "Boats moor at the north quay, where two clerks count them and write down their names.",
)


def document(body: str, content_type: str) -> Document:
    data = body.encode()
    headers = (("content-type", content_type),)
    return clean(RawPage("p", "s", "", data, sha256_hex(data), headers=headers)).documents[0]


def dump(*lines: str) -> Document:
    return document("\n".join(lines), "text/plain")


def html(*lines: str) -> Document:
    return document(
        f"<article><h1>{lines[0]}</h1>{''.join(f'<p>{line}</p>' for line in lines[1:])}</article>",
        "text/html",
    )


@pytest.mark.parametrize("day", ["2031年6月3日", "二〇三一年六月三日"])
def test_the_lone_date_line_of_an_act_is_its_date(day: str) -> None:
    for written in (("渔港规定", day, *LAW), ("渔港规定", *LAW, "渔港委员会", day)):
        for found in (dump(*written), html(*written)):
            assert (found.date_published, found.date_issued) == ("2031-06-03", "2031-06-03")


@pytest.mark.parametrize("day", ["3 June 2031", "June 3, 2031"])
def test_the_lone_date_line_of_a_dump_is_its_date_and_no_issue_of_an_act(day: str) -> None:
    for written in (("Harbour news", day, *NEWS), ("Harbour news", *NEWS, day)):
        found = dump(*written)
        assert (found.date_published, found.date_issued) == ("2031-06-03", None)


def test_a_date_inside_a_sentence_is_not_the_texts() -> None:
    found = dump("Harbour news", f"{NEWS[0]} It did so on 3 June 2031 too.", NEWS[1])
    assert found.date_published is None


def test_the_pages_own_date_goes_before_the_date_line() -> None:
    head = '<meta property="article:published_time" content="2031-07-09">'
    found = document(
        f"{head}<h1>渔港规定</h1>{''.join(f'<p>{x}</p>' for x in (*LAW, '2031年6月3日'))}", "text/html"
    )
    assert (found.date_published, found.date_issued) == ("2031-07-09", "2031-06-03")


@pytest.mark.parametrize("found", [dump("Harbour news", *NEWS), html("Harbour news", *NEWS), dump(NEWS[0])])
def test_no_more_is_kept_than_the_page_has(found: Document) -> None:
    assert 0 < found.share_kept <= 1
    assert found.characters == len(found.text)


def test_the_share_kept_is_that_of_the_visible_text() -> None:
    menu = "".join(f"<li><a href=/{n}>Quay {n}</a></li>" for n in range(9))
    page = f"<nav><ul>{menu}</ul></nav><article><h1>Harbour</h1><p>{NEWS[0] * 5}</p></article>".encode()
    found = clean(RawPage("p", "s", "", page, sha256_hex(page)))
    (kept,) = found.documents
    visible = kept.characters + sum(len(removal.text) + 1 for removal in found.removals)
    assert kept.share_kept == round(kept.characters / visible, 4) < 0.9
