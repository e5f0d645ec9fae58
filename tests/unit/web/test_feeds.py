"""Where the page of a feed's entry is, and where a feed goes on."""

from __future__ import annotations

import pytest

from web.feeds import ENTRIES, LINK, entry_url, further_url, open_feed

BASE = "https://quay.example/news/feed.xml"
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("<link>https://quay.example/1</link>", "/1"),
        ("<link></link><guid>https://quay.example/1</guid>", "/1"),
        ("<link/><guid isPermaLink='TRUE'>https://quay.example/1</guid>", "/1"),
        ("<link></link><guid isPermaLink='false'>https://quay.example/1</guid>", None),
        ("<guid>1</guid>", None),
        ("<link>file:///etc/passwd</link><guid>https://quay.example/1</guid>", "/1"),
        ("<description><p>one<br>two</description><link>/1</link>", "/1"),
        ("<media:link>/clip</media:link><link>/1</link>", "/1"),
        ("<atom:link rel='self' href='/feed'/><link>/1</link>", "/1"),
        ("<link rel='Alternate' href='/1'/>", "/1"),
        ("<link rel='http://www.iana.org/assignments/relation/alternate' href='/1'/>", "/1"),
        ("<link href='/1.json' type='application/json'/><link href='/1' type='text/html; charset=x'/>", "/1"),
        ("<link href='/1.json' type='application/json'/><link href='/1'/>", "/1"),
        ("<link href='/1.json' type='application/json'/>", "/1.json"),
        ("<source><link>/other</link></source><link>/1</link>", "/1"),
        ("<link xml:base='/laws/' href='1'/>", "/laws/1"),
        ("<link>1</link>", "/news/1"),
        ("", None),
    ],
)
def test_an_entry_has_one_page(entry: str, path: str | None) -> None:
    (item,) = open_feed(f"<rss><channel><item>{entry}</item></channel></rss>", BASE).entries(ENTRIES)
    assert entry_url(item) == (f"https://quay.example{path}" if path else None)


def test_a_base_counts_from_the_feed_to_the_link() -> None:
    body = f'<feed {ATOM} xml:base="/laws/"><entry xml:base="2024/"><link href="b"/></entry></feed>'
    (entry,) = open_feed(body, BASE).entries(ENTRIES)
    assert entry_url(entry) == "https://quay.example/laws/2024/b"


def test_a_resource_of_rdf_names_its_page() -> None:
    body = "<rdf:RDF><item rdf:about='https://quay.example/1'><title>One</title></item></rdf:RDF>"
    (item,) = open_feed(body, BASE).entries(ENTRIES)
    assert entry_url(item) == "https://quay.example/1"


def test_a_feed_goes_on_where_its_own_link_says() -> None:
    links = (
        '<link rel="self" href="?page=1"/><atom:link rel="next" href="?page=2"/><link>https://quay.example/</link>'
        '<link rel="prev-archive" href="/2023.xml"/><item><link rel="next" href="/no"/></item>'
    )
    found = [
        further_url(one)
        for one in open_feed(f"<rss><channel>{links}</channel></rss>", BASE).entries((*ENTRIES, LINK))
        if one.name == LINK
    ]
    assert [url for url in found if url] == [
        "https://quay.example/news/feed.xml?page=2",
        "https://quay.example/2023.xml",
    ]
