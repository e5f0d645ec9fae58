"""Session ids leave URLs; ids of pages that bear the same names stay."""

from __future__ import annotations

import pytest

from crawlers.frontier.sessions import without_sessions

SITE = "https://a.example"
HEX = "0123456789abcdef" * 2
OTHER = "fedcba9876543210" * 2
UUID = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"


def plain(*paths: str) -> list[str]:
    listed = [SITE + path for path in paths]
    found, _ = without_sessions(listed)
    return [found.get(url, url).removeprefix(SITE) for url in listed]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/x?PHPSESSID=0a1b&page=2", "/x?page=2"),
        (f"/x?page=2&sid={HEX}", "/x?page=2"),
        (f"/x?page=2&sid={HEX.upper()}", "/x?page=2"),
        (f"/x?session_id={UUID}", "/x"),
        ("/x?sid=k3jq8v0p2m1x7c5b9n4z6l0t2r", "/x"),
        (f"/x?PHPSESSID=0A&CFTOKEN=9&a=1&sid={HEX}", "/x?a=1"),
        ("/x;jsessionid=0A1B.node1?page=2", "/x?page=2"),
        (f"/x;sid={HEX}/y", "/x/y"),
        ("/(S(0a1b2c))/x", "/x"),
        ("/x?a=1&phpSessID=0A&b=2&c=3", "/x?a=1&b=2&c=3"),
        ("/x?jsessionid=1&", "/x"),
        ("/a;JSESSIONID=0A1B/b", "/a/b"),
        ("/x?side=1&id=2", "/x?side=1&id=2"),
        ("/x?wid=1&q=a;b", "/x?wid=1&q=a;b"),
        ("/story?sid=101", "/story?sid=101"),
        ("/story?sid=the-harbour-act-2024", "/story?sid=the-harbour-act-2024"),
        ("/story?sid=2024010112345678", "/story?sid=2024010112345678"),
        ("/bill?session_id=2023&bill=12", "/bill?session_id=2023&bill=12"),
        ("/vote?sessionid=54", "/vote?sessionid=54"),
        ("/vote?cfid=54", "/vote?cfid=54"),
        ("/vote;sid=54", "/vote;sid=54"),
    ],
)
def test_a_session_is_no_part_of_a_url_and_an_id_is(given: str, expected: str) -> None:
    assert plain(given) == [expected]


def test_ids_that_tell_the_links_of_one_list_apart_stay_however_they_look() -> None:
    assert plain(f"/story?sid={HEX}", f"/story?sid={OTHER}") == [f"/story?sid={HEX}", f"/story?sid={OTHER}"]
    assert plain(f"/1?sid={HEX}", f"/2?sid={HEX}", "/1") == ["/1", "/2", "/1"]
    assert plain(f"/1?sid={HEX}", f"/2?sid={OTHER}") == ["/1", "/2"]
    assert plain("/1?PHPSESSID=1", "/1?PHPSESSID=2") == ["/1", "/1"]


def test_what_was_cut_is_counted_by_its_name() -> None:
    listed = [f"{SITE}/1?PHPSESSID=1&sid={HEX}", f"{SITE}/2?sid={HEX}", f"{SITE}/3?sid=4"]
    assert without_sessions(listed)[1] == {"phpsessid": 1, "sid": 2}
