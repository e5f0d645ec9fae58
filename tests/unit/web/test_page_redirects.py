"""Pages that lead elsewhere by themselves, and pages that only look so."""

from __future__ import annotations

import pytest

from web.page_redirects import is_stub, page_redirect

URL = "https://quay.example/laws/1"
TARGET = "https://quay.example/new"
MANY_WORDS = "<p>" + "Whoever keeps a lamp trims it daily. " * 60

LEADS_ON = [
    '<meta http-equiv="refresh" content="0; url=/new">',
    "<META HTTP-EQUIV='Refresh' CONTENT='5;URL=\"/new\"'><p>This page has moved.",
    '<meta http-equiv=refresh content="0;/new">',
    '<meta http-equiv=refresh content="1.5, url = /new ">',
    '<body><p>页面将在5秒后自动跳转<meta content="5 url=/new" http-equiv="refresh">',
    '<meta http-equiv="refresh" content="0; url=/new">' + MANY_WORDS,
    '<script>location.replace("/new")</script><p>This page has moved.',
    "<script language=javascript>\n<!--\nwindow.location.href = '/new';\n//-->\n</script>",
    "<script>setTimeout(\"location.href='/new'\", 3000);</script><p>One moment.",
    '<script>window.onload = function () { top.location.assign("/new") }</script>',
    '<script>setTimeout(() => { document.location = "https:\\/\\/quay.example\\/new" }, 0)</script>',
    "<body onload=\"location.href='/new'\">",
    '<base href="/a/"><meta http-equiv=refresh content="0;../new">',
]
IS_READ = [
    "<p>The lamps are lit at dusk.",
    '<meta http-equiv="refresh" content="300">',
    '<meta http-equiv="refresh" content="300; url=/new">',
    '<meta http-equiv="refresh" content="5; url=/new">' + MANY_WORDS,
    '<meta http-equiv="refresh" content="0; url=/laws/1">',
    '<meta http-equiv="refresh" content="soon">',
    '<noscript><meta http-equiv="refresh" content="0; url=/new"></noscript><p>Lamps.',
    '<script>setTimeout(function () { location = "/new" }, 60000)</script><p>Lamps.',
    '<script>if (top != self) top.location = "/new"</script><p>Lamps.',
    '<script>function go() { location.href = "/new" }</script><button>Go',
    '<script>location.href = "/new"</script>' + MANY_WORDS,
    '<script>location.href = "javascript:alert(1)"</script>',
]


@pytest.mark.parametrize("page", LEADS_ON)
def test_a_page_that_is_left_within_seconds_leads_on(page: str) -> None:
    assert page_redirect(page.encode(), URL) == TARGET


@pytest.mark.parametrize("page", IS_READ)
def test_a_page_that_is_read_leads_nowhere(page: str) -> None:
    assert page_redirect(page.encode(), URL) is None
    assert not is_stub(page.encode(), URL, "text/html")


def test_a_header_leads_on_as_a_tag_does() -> None:
    assert page_redirect(b"<p>Moved.", URL, refresh="0; url=/new") == TARGET
    assert page_redirect(b"<p>Lamps.", URL, refresh="300; url=/new") is None
    assert page_redirect(b"<p>Lamps.", URL, refresh="5") is None


def test_the_address_is_read_in_the_charset_of_the_page() -> None:
    body = '<meta charset=gbk><meta http-equiv=refresh content="0;/new?n=灯">'.encode("gbk")
    assert page_redirect(body, URL) == f"{TARGET}?n=%B5%C6"


@pytest.mark.parametrize(
    ("page", "leads_on"),
    [
        ('<link rel="canonical" href="/new"><title>Lamps</title><nav>Home</nav>', True),
        ('<link rel="canonical" href="/new"><p>An order on the lamps of the lower quay.', False),
        ('<link rel="canonical" href="/new"><img src="scan.png">', False),
        ('<link rel="canonical" href="/laws/1">', False),
        ('<link rel="canonical" href="/">', False),
    ],
)
def test_a_page_of_nothing_is_at_its_canonical_address(page: str, leads_on: bool) -> None:
    assert page_redirect(page.encode(), URL) == (TARGET if leads_on else None)
    assert page_redirect(page.encode(), URL, canonical=False) is None


def test_a_saved_page_needs_no_address() -> None:
    assert is_stub(b'<meta http-equiv=refresh content="0; url=/new">', "", "text/html")


def test_a_saved_page_is_a_stub_where_it_says_little() -> None:
    stubs = [page for page in LEADS_ON if MANY_WORDS not in page]
    assert all(is_stub(page.encode(), URL, "text/html") for page in stubs)
    assert len(stubs) == len(LEADS_ON) - 1
    assert not any(is_stub(page.encode(), URL, "text/html") for page in LEADS_ON if MANY_WORDS in page)
