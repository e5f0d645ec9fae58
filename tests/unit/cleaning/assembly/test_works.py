from cleaning.assembly.assemble import assemble
from cleaning.assembly.feed_entries import read_entries
from cleaning.assembly.work_index import Role
from cleaning.assembly.works import works
from cleaning.pipeline import clean
from cleaning.result import Cleaned
from output.base.records import Access, Document, RawPage, sha256_hex


def document(name: str, title: str, *lines: str) -> Document:
    body = "\n".join((title, *lines)).encode()
    page = RawPage(name, "s", "", body, sha256_hex(body), headers=(("content-type", "text/plain"),))
    (found,) = clean(page).documents
    return found


LAW = document(
    "law", "船员登记管理规定", "渔港令第5号", "第一条　船员应当登记。", "第二条　本规定自2019年3月1日起施行。"
)
SIBLING = document(
    "sibling",
    "渔船灯号管理规定",
    "渔港令第6号",
    "第一条　渔船应当点灯。",
    "第二条　本规定自2019年3月1日起施行。",
)
NEWS = document(
    "news",
    "渔港委员会公布《船员登记管理规定》",
    "4日，渔港委员会印发《船员登记管理规定》，自2019年3月1日起施行。",
)
TOLD = document("told", "《船员登记管理规定》解读", "《船员登记管理规定》规定了登记的办法。")
CITES = document(
    "cites", "渔获交易办法", "第一条　依照《船员登记管理规定》，制定本办法。", "第二条　渔获应当过秤。"
)


def roles() -> dict[tuple[str, Role], str]:
    return {(m.document, m.role): m.work for m in works([LAW, SIBLING, NEWS, TOLD, CITES])}


def test_text_news_explanation_and_citation_are_told_apart() -> None:
    found = roles()
    work = found[LAW.id, Role.TEXT]
    assert (
        found[NEWS.id, Role.NEWS]
        == found[TOLD.id, Role.EXPLANATION]
        == found[CITES.id, Role.CITATION]
        == work
    )


def test_siblings_of_one_day_are_two_works_and_a_citation_is_no_membership() -> None:
    found = roles()
    assert found[SIBLING.id, Role.TEXT] != found[LAW.id, Role.TEXT]
    pages = assemble([Cleaned((one,), ()) for one in (LAW, SIBLING, NEWS, CITES)])
    ids = {page.documents[0].id: page.documents[0].work_id for page in pages}
    assert None not in (ids[LAW.id], ids[CITES.id])
    assert len({*ids.values()}) == 4
    assert ids[NEWS.id] is None


def test_the_number_ties_what_translators_call_otherwise() -> None:
    one = document(
        "one",
        "Boat Crews Register Rules",
        "Harbour Board Order No. 5",
        "Article 1: Crews sign.",
        "Article 2: Done.",
    )
    two = document(
        "two", "Rules on Registers of Ships' Companies", "Harbour Board Order No. 5", "Article 1: Crews sign."
    )
    other = document(
        "other", "Boat Crews Register Rules", "Harbour Board Order No. 9", "Article 1: Crews sign twice."
    )
    ids = {m.document: m.work for m in works([one, two, other])}
    assert ids[one.id] == ids[two.id] != ids[other.id]


def test_a_regulation_known_in_english_alone_is_mentioned_by_its_subject() -> None:
    law = document(
        "law", "Port Crew Registration Management Regulations", "Article 1: Crews sign.", "Article 2: Done."
    )
    other = document(
        "other", "Port Crew Insurance Management Regulations", "Article 1: Crews pay.", "Article 2: Done."
    )
    said = "违反港口船员登记、管理相关规定的，由港务委员会责令改正。"
    news = document("news", "港务委员会约谈船东", f"4日，港务委员会约谈了三名船东。{said}")
    apart = document("apart", "港务委员会谈管理", "4日，港务委员会说，违反船员管理相关规定的，责令改正。")
    found = {(m.document, m.role): m for m in works([law, other, news, apart])}
    mention = found[news.id, Role.MENTION]
    assert mention.work == found[law.id, Role.TEXT].work
    assert mention.evidence == "港口船员登记、管理相关规定"
    assert [document for document, role in found if role is Role.MENTION] == [news.id]


FEED = """<rss><channel><item><title>T</title><link>http://a.example/p/</link>
<content:encoded xmlns:content="c"><![CDATA[<p>The harbour opens in May, and the board says so.</p>
<p>In summer the quay is full of boats that nobody has counted yet.</p>
<p>In June it closes.</p>]]></content:encoded></item></channel></rss>"""
TEASER = """<title>Harbour</title><article><h1>Harbour</h1>
<p>The harbour opens in May, and the board says so.</p><p><a href="/p/">Continue reading</a></p></article>"""


def test_a_teaser_is_completed_from_the_feed_or_stays_marked() -> None:
    body = TEASER.encode()
    page = clean(RawPage("p", "s", "http://a.example/p", body, sha256_hex(body)))
    assert page.documents[0].access is Access.TEASER
    (alone,) = assemble([page])
    assert alone.documents[0].access is Access.TEASER
    (whole,) = assemble([page], read_entries(FEED.encode(), "http://a.example/feed"))
    assert whole.documents[0].access is Access.FULL
    assert whole.documents[0].text.endswith("In June it closes.")
    assert whole.documents[0].access_evidence[-1].where == "http://a.example/feed"


def test_what_is_no_feed_has_no_entries() -> None:
    for body in (b"", b"[1, 2", b'[{"link": 3}]', b"<rss", b"plain", b"\xff\xfe"):
        assert read_entries(body, "x") == []


def test_no_letter_of_a_feed_or_an_api_can_jam_what_comes_after() -> None:
    feed = FEED.replace(' xmlns:content="c"', "").replace("<title>T", "<title>T &#55357;&#56841; &#55357;")
    (entry,) = read_entries(feed.encode(), "http://a.example/feed")
    assert entry.title == "T \U0001f609 \ufffd"
    api = rb'[{"link": "http://a.example/p", "title": "T \ud83d", "content": "<p>Open \ud83d\ude09 \udc00"}]'
    (entry,) = read_entries(api, "http://a.example/api")
    assert (entry.title, entry.text) == ("T \ufffd", "Open \U0001f609 \ufffd")
