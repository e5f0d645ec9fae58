import pytest

from cleaning.assembly.language_alternates import alternate_urls
from cleaning.metadata import read as metadata
from cleaning.page.links import linked_files
from cleaning.page.parse import parse
from cleaning.text.language import detect

URL = "https://harbour.example/2019/05/04/opening.html"


def read(head: str = "", body: str = "", url: str = URL, bylines: tuple[str, ...] = ()) -> metadata.Metadata:
    return metadata.read(parse(f"<html><head>{head}</head><body>{body}</body></html>"), url, bylines)


def test_the_heading_that_the_head_confirms_is_the_title() -> None:
    assert (
        read("<title>Harbour opens - The Net</title>", "<h1>The Net</h1><h1>Harbour opens</h1>").title
        == "Harbour opens"
    )
    assert (
        read("<title>Harbour opens - Local - The Net</title>", "<h1>Harbour opens</h1>").title
        == "Harbour opens"
    )
    assert (
        read("<title>Harbour opens early this year | The Net</title>").title
        == "Harbour opens early this year"
    )


def test_labels_sections_and_marks_of_direction_are_none_of_the_title() -> None:
    thread = read("<title>Which oar? - The Net</title>", "<h1>Thread: Which oar?</h1>")
    assert thread.title == "Which oar?"
    assert read("<title>Which oar? / Boats / The Net</title>").title == "Which oar?"
    assert read("<title>Oars / sculls for a gig</title>").title == "Oars / sculls for a gig"
    assert read("<title>\u202aAnn Boat\u202c</title>").title == "Ann Boat"


def test_the_title_of_a_drawing_is_not_the_pages() -> None:
    icon = "<svg><title>Share</title><symbol><title>Link</title></symbol></svg>"
    assert parse(f"<html><body>{icon}<p>Oars</p></body></html>").title == ""
    assert parse(f"<html><body>{icon}<title>Oars</title></body></html>").title == "Oars"


def test_a_date_is_absent_when_the_page_gives_none() -> None:
    found = read("<title>Harbour</title>", "<p>Monday</p><p>© 2012 Net</p>", url="https://harbour.example/x")
    assert found.date_published is None
    assert found.authors == ()


@pytest.mark.parametrize(
    ("head", "body", "url", "date"),
    [
        ('<meta name="published" content="May 4, 2019">', "", "https://a.example/opening", "2019-05-04"),
        ("", "", "https://a.example/blog/2019/may/04/opening", "2019-05-04"),
        ("", "<h3>Publish date</h3><p>4 May 2019</p>", "https://a.example/opening", "2019-05-04"),
        ("", "<p>Posted on</p><p>Rules of 4 May 2019</p>", "https://a.example/opening", None),
        ("", "<h3>Event date</h3><p>4 May 2019</p>", "https://a.example/opening", None),
        (
            '<meta property="article:published_time" content="2019-05-04">',
            "",
            "https://a.example/opening",
            "2019-05-04",
        ),
        (
            '<meta name="firstpublishedtime" content="2019-05-04-21:50:00">',
            "",
            "https://a.example/opening",
            "2019-05-04T21:50:00",
        ),
        ("", '<time datetime="2019-05-04">May</time>', "https://a.example/blog/opening", "2019-05-04"),
        ("", "", URL, "2019-05-04"),
        ("", "<h1>Opening</h1><p>By Ann Boat, May 4, 2019</p>", "https://a.example/opening", "2019-05-04"),
        ("", "<h1>Opening</h1><p>Updated May 4, 2019</p>", "https://a.example/opening", None),
    ],
)
def test_where_dates_are_looked_for(head: str, body: str, url: str, date: str | None) -> None:
    assert read(head, body, url).date_published == date


def test_bylines_give_source_editor_and_date() -> None:
    found = read(
        url="https://a.example/opening", bylines=("2019-05-04 08:00:00 来源：渔讯网", "（责任编辑：余小满）")
    )
    assert (found.site, found.authors, found.date_published) == ("渔讯网", ("余小满",), "2019-05-04T08:00:00")


def test_canonical_addresses_that_say_nothing_are_flagged() -> None:
    def canonical(*hrefs: str) -> tuple[str | None, tuple[str, ...]]:
        found = read("".join(f'<link rel="canonical" href="{href}">' for href in hrefs))
        return found.canonical_url, found.warnings

    assert canonical("/opening") == ("https://harbour.example/opening", ())
    assert canonical("/a", "/b") == (None, ("canonical_contradicts",))
    assert canonical("https://harbour.example/") == (None, ("canonical_is_front",))
    assert canonical("javascript:void(0)") == (None, ())
    assert canonical("http://[broken") == (None, ())


def test_addresses_begin_from_the_base_of_the_page() -> None:
    head = '<base href="/acts/"><link rel=canonical href="7"><link rel=alternate hreflang=zh href="zh/7">'
    page = parse(f'<head>{head}</head><a href="annex.pdf">Annex</a>')
    assert metadata.canonical_url(page, URL) == ("https://harbour.example/acts/7", [])
    assert linked_files(page, URL) == ("https://harbour.example/acts/annex.pdf",)
    assert alternate_urls(page, URL) == ("https://harbour.example/acts/zh/7",)
    saved = parse('<base href="https://harbour.example/acts/"><link rel=canonical href="7">')
    assert metadata.canonical_url(saved, "") == ("https://harbour.example/acts/7", [])
    assert metadata.canonical_url(parse("<base href='about:blank'><link rel=canonical href=8>"), URL)[0] == (
        "https://harbour.example/2019/05/04/8"
    )


@pytest.mark.parametrize(
    "line",
    [
        "The works begin on 4 November 2024 and end before the spring floods.",
        "自2024年11月4日起，码头在冬季停止装卸，直至另行通知。",
        "Printed from https://harbour.example/walls on 3 May 2024",
        "Consultation closes: 3 May 2024",
        "(2) These Rules come into operation on 1 March 2010.",
    ],
)
def test_what_happens_on_a_day_is_no_day_of_publication(line: str) -> None:
    assert read(body=f"<h1>Harbour walls</h1><p>{line}</p>", url="").date_published is None
    below = f"<h1>Harbour walls</h1><p>{line}</p><p>Published: 12 March 2024</p>"
    assert read(body=below, url="").date_published == "2024-03-12"


def test_a_note_with_a_date_names_neither_day_nor_author() -> None:
    found = read(
        body="<h1>Walls</h1><p>The wall leans.</p><ol><li>Minutes of 12 March 2024, item 4.</ol>", url=""
    )
    assert (found.date_published, found.authors) == (None, ())


def test_an_act_of_a_day_is_no_author() -> None:
    found = read(body="<h1>Harbour Act</h1><p>An Act to govern harbours. [4th May 2019]</p>", url="")
    assert found.authors == ()


def test_a_title_without_end_is_kept_and_flagged() -> None:
    found = read(f"<title>{'boat ' * 3000}</title>")
    assert found.title == ("boat " * 3000).strip()
    assert "title_long" in found.warnings


@pytest.mark.parametrize(
    ("text", "declared", "tag"),
    [
        ("The boats of the harbour are counted in spring and in autumn.", "", "en"),
        ("The boats of the harbour are counted in spring and in autumn.", "zh-CN", "en"),
        ("The boats of the harbour are counted in spring and in autumn.", "en-US", "en"),
        (
            "Die Boote werden im Frühling und nicht im Herbst gezählt, das ist mit der Behörde vereinbart.",
            "",
            "de",
        ),
        ("渔港管理应当依法进行，这是渔民的权利，也是机关的义务。", "", "zh-Hans"),
        ("漁港管理應當依法進行，這是漁民的權利，也是機關的義務。", "zh-CN", "zh-Hant"),
        ("一二三四", "zh-TW", "zh-Hant"),
        ("一二三四", "", "zh"),
        ("漁港の管理について定める。", "", "ja"),
        ("항구의 관리에 관한 규정", "", "ko"),
        ("Порт открыт", "uk", "uk"),
        ("Порт открыт", "en", "ru"),
        ("xq zv", "eo", "eo"),
        ("xq zv", "", "und"),
        ("", "en", "und"),
        ("1 2 3", "not a tag", "und"),
    ],
)
def test_languages(text: str, declared: str, tag: str) -> None:
    assert detect(text, declared) == tag


SAID_OF_A_DAY = (
    *("Closes: 5 June 2021", "Effective January 1, 2020", "Enacted 5 May 1997", "Gazetted: 3 May 2020"),
    *("Public Law | 4 March 2019", "Lanmere, 4 March 2019", "2019年5月3日施行"),
    *("中華民國 108 年 5 月 3 日公布", "东港市港务局 2019-05-03", "2019-05-03 星期五", "Berth: May 4, 2019"),
)


@pytest.mark.parametrize(
    ("body", "authors"),
    [
        ("<h1>Lamps</h1><p>By Ada Byron | May 4, 2019</p>", ("Ada Byron",)),
        ("<h1>Lamps</h1><div>Ada Byron · 4 May 2019</div>", ("Ada Byron",)),
        ("<h1>Lamps</h1><p class='byline'>Ada Byron, Harbour Board</p>", ("Ada Byron, Harbour Board",)),
        ("<h1>Lamps</h1><p>A lamp.</p><ul class='comments'><li><b class='author'>Reader</b></li></ul>", ()),
        ("<h1>Lamps</h1><p>A lamp is lit by the harbour master each night.</p>", ()),
        ("<h1>Lamps</h1><p>Updated May 4, 2019</p>", ()),
        *((f"<h1>Lamps</h1><p>{said}</p>", ()) for said in SAID_OF_A_DAY),
    ],
)
def test_a_byline_that_a_reader_sees_names_the_author(body: str, authors: tuple[str, ...]) -> None:
    assert read("<title>Lamps</title>", f"<article>{body}</article>").authors == authors


def test_a_reader_who_comments_is_no_author_and_that_day_is_not_the_texts() -> None:
    comment = "<p>Bo Oar 3 May 2021</p><time datetime=2021-05-03></time><p>Nonsense.</p>"
    for area in ("<section id=comments>", "<div class='post-comments'>", "<ul><li class=comment>"):
        found = read(
            "", f"<h1>Lamps</h1><p>A lamp is lit.</p>{area}{comment}", "https://a.example/blog/lamps"
        )
        assert (found.authors, found.date_published) == ((), None)


def test_a_byline_goes_before_tags_and_an_author_named_by_id_is_looked_up() -> None:
    graph = (
        '{"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@id": "#a", "@type": "Person",'
        ' "name": "Grace Hopper"}]}'
    )
    script = f'<script type="application/ld+json">{graph}</script>'
    assert read(script, "<h1>Lamps</h1>").authors == ("Grace Hopper",)
    assert read(script, "<h1>Lamps</h1><p>Written by Ada Byron</p>").authors == ("Ada Byron",)


def test_a_post_that_names_only_its_change_is_dated_by_that_and_says_so() -> None:
    found = read("", "<h1>Opening</h1><p>Updated May 4, 2019</p>", "https://a.example/blog/opening")
    assert (found.date_published, found.warnings) == ("2019-05-04", ("date_is_of_update",))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Valid until 3 May 2030", None),
        ("Commencement: 1 April 2004", None),
        ("Date of hearing: 3 May 2019", None),
        ("Made 5 May 2020, coming into force 1 June 2020", "2020-05-05"),
        ("自2019年7月1日起施行", None),
        ("生效日期：2019-07-01", None),
        ("（2019年5月3日公布 2019年7月1日起施行）", "2019-05-03"),
    ],
)
def test_the_day_from_which_something_holds_is_not_that_of_its_publication(
    said: str, day: str | None
) -> None:
    page = f"<h1>Opening</h1><p>{said}</p>"
    assert read("", page, "https://a.example/opening").date_published == day


def test_a_list_of_dated_texts_has_no_date_of_its_own() -> None:
    items = "".join(f"<h3>Text {n}</h3><p class='date'>May {n}, 2019</p>" for n in range(1, 8))
    assert read("", f"<h1>Texts</h1>{items}", "https://a.example/all").date_published is None


def test_a_shelf_is_called_by_its_heading() -> None:
    head = "<title>Lamps for boats, quays and nets | Quay shop</title>"
    assert read(head, "<h1>Lamps</h1>", "https://quay.example/c/lamps").title == "Lamps"
    assert (
        read(head, "<h1>Lamps</h1>", "https://quay.example/about").title == "Lamps for boats, quays and nets"
    )
