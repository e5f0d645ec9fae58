"""robots.txt by the cases of Google's parser, by status and transport, and by size."""

from __future__ import annotations

import json
import time

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response

from crawlers.permissions.robots import Robots
from tests import SHARED
from tests.faults.rows import row
from tests.unit.crawlers.permissions.test_robots import DENY, Engine, outcome, robots

CASES = SHARED / "data" / "standards" / "google-robots-cases.json"

# Of these the file of cases keeps only the last robots.txt of several, so they stand here by themselves:
# the rules for FooBot, then the paths that they allow and those that they do not.
RULES_LOST = {
    "ID_LongestMatch": [
        ("disallow: /x/page.html\nallow: /x/", "", "/x/page.html"),
        ("allow: /x/page.html\ndisallow: /x/", "/x/page.html", "/x/"),
        ("disallow: \nallow: ", "/x/page.html", ""),
        ("disallow: /\nallow: /", "/x/page.html", ""),
        ("disallow: /x\nallow: /x/", "/x/", "/x"),
        ("disallow: /x/page.html\nallow: /x/page.html", "/x/page.html", ""),
        ("allow: /page\ndisallow: /*.html", "/page", "/page.html"),
        ("allow: /x/page.\ndisallow: /*.html", "/x/page.html", "/x/y.html"),
        ("disallow: /y/\nuser-agent: *\ndisallow: /x/", "/x/page", "/y/page"),
    ],
    "ID_Encoding": [
        (
            "disallow: /\nallow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par",
            "/foo/bar?qux=taz&baz=http://foo.bar?tar&par",
            "",
        ),
        ("disallow: /\nallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", "/foo/bar/ツ"),
        ("disallow: /\nallow: /foo/bar/%E3%83%84", "/foo/bar/%E3%83%84", "/foo/bar/ツ"),
        ("disallow: /\nallow: /foo/bar/%62%61%7A", "/foo/bar/%62%61%7A", "/foo/bar/baz"),
    ],
    "ID_SpecialCharacters": [
        (
            "disallow: /foo/bar/quz\nallow: /foo/*/qux",
            "/foo/quz /foo//quz /foo/bax/quz",
            "/foo/bar/quz",
        ),
        ("disallow: /foo/bar$\nallow: /foo/bar/qux", "/foo/bar/qux /foo/bar/ /foo/bar/baz", "/foo/bar"),
        ("# disallow: /\ndisallow: /foo/quz#qux\nallow: /", "/foo/bar", "/foo/quz"),
    ],
    "GoogleOnly_LineTooLong": [
        (f"disallow: /x/{'a' * 2083 * 8}/qux", "/fux", ""),
        (f"disallow: /\nallow: /x/{'a' * 2083 * 8}/qux\nallow: /x/{'b' * 2083 * 8}/qux", "", "/"),
    ],
    "GoogleOnly_DocumentationChecks": [
        *(
            (
                f"disallow: /\nallow: {pattern}",
                "/fish /fish.html /fish/salmon.html /fishheads /fishheads/yummy.html /fish.html?id=anything",
                f"/bar {other} /catfish /?id=fish",
            )
            for pattern, other in (("/fish", "/Fish.asp"), ("/fish*", "/Fish.bar"))
        ),
        (
            "disallow: /\nallow: /fish/",
            "/fish/ /fish/salmon /fish/?salmon /fish/salmon.html /fish/?id=anything",
            "/bar /fish /fish.html /Fish/Salmon.html",
        ),
        (
            "disallow: /\nallow: /*.php",
            "/filename.php /folder/filename.php /folder/filename.php?parameters /filename.php/",
            "/bar /php/ /index?php /windows.PHP",
        ),
        ("disallow: /\nallow: /*.php", "//folder/any.php.file.html /index?f=filename.php/", ""),
        (
            "disallow: /\nallow: /*.php$",
            "/filename.php /folder/filename.php",
            "/bar /filename.php?parameters /filename.php/ /filename.php5 /php/ /filename?php",
        ),
        ("disallow: /\nallow: /*.php$", "", "/aaaphpaaa //windows.PHP"),
        (
            "disallow: /\nallow: /fish*.php",
            "/fish.php /fishheads/catfish.php?parameters",
            "/bar /Fish.PHP",
        ),
        ("allow: /p\ndisallow: /", "/page", ""),
        ("allow: /folder\ndisallow: /folder", "/folder/page", ""),
        ("allow: /page\ndisallow: /*.htm", "", "/page.htm"),
        ("allow: /$\ndisallow: /", "/", "/page.html"),
    ],
}


def test_googles_cases() -> None:
    if not CASES.exists():
        pytest.skip("Google's cases lie in ../shared, which is not here")
    given = json.loads(CASES.read_text(encoding="utf-8"))
    wrong = []
    for case in given:
        rules = Robots.parse(case["robots_txt"].encode(), case["user_agent"])
        if case["test"] not in RULES_LOST and rules.allows(case["url"]) is not case["allowed"]:
            wrong.append(str(case))
    written = [
        (text, path, allowed)
        for sections in RULES_LOST.values()
        for text, allow, forbid in sections
        for allowed, paths in ((True, allow), (False, forbid))
        for path in paths.split()
    ]
    for text, path, allowed in written:
        rules = Robots.parse(f"user-agent: FooBot\n{text}\n".encode(), "FooBot")
        if rules.allows(f"http://foo.bar{path}") is not allowed:
            wrong.append(f"{path} {text[:100]}")
    tried = sum(case["test"] not in RULES_LOST for case in given) + len(written)
    row("robots: Google's cases", tried - len(wrong), tried)
    assert not wrong
    assert tried == len(given)


UTF_16 = DENY.decode().encode("utf-16")
MOVED = robots(301, location="https://b.example/robots.txt")
DOWN, ALLOWED, CLOSED = "failed: robots_unreachable", "allowed", "refused: robots"
ANSWERS: list[tuple[str, list[Response | Exception], str]] = [
    ("200", [robots(200, DENY)], CLOSED),
    ("200, empty", [robots(200)], ALLOWED),
    ("200, UTF-8 with a BOM", [robots(200, b"\xef\xbb\xbf" + DENY)], CLOSED),
    ("200, UTF-16", [robots(200, UTF_16)], CLOSED),
    ("200, HTML instead", [robots(200, b"<!doctype html><p>Welcome")], ALLOWED),
    ("301 to another host", [MOVED, robots(200, DENY)], CLOSED),
    ("five redirects", [*[MOVED] * 5, robots(200, DENY)], CLOSED),
    ("six redirects", [*[MOVED] * 6, robots(200, DENY)], ALLOWED),
    ("401", [robots(401, DENY)], ALLOWED),
    ("403", [robots(403, DENY)], ALLOWED),
    ("404", [robots(404)], ALLOWED),
    ("429", [robots(429)], DOWN),
    ("500", [robots(500)], DOWN),
    ("503", [robots(503, b"User-agent: *\nAllow: /")], DOWN),
    ("timeout", [DownloadTimeoutError("60 s")], DOWN),
    ("refused", [DownloadConnectionRefusedError("refused")], DOWN),
    ("no such name", [CannotResolveHostError("a.example")], DOWN),
    ("closed socket", [ConnectionResetError("closed")], DOWN),
    ("cut short", [ResponseDataLossError("cut")], DOWN),
]


def test_statuses_and_transport() -> None:
    found = {name: outcome(Engine(*answers), "/private") for name, answers, _ in ANSWERS}
    expected = {name: [end] for name, _, end in ANSWERS}
    right = sum(found[name] == expected[name] for name in expected)
    row("robots: statuses and transport", right, len(expected))
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", [b"Disallow: /a/folder/of/pages\n", b"# nothing\n", b"User-agent: x\n", b"\n", b"a" * 5_000_000]
)
def test_a_file_of_5_mb_takes_a_tenth_of_a_second(line: bytes) -> None:
    body = b"User-agent: *\n" + line * (5_000_000 // len(line))
    spent = []
    for _ in range(5):
        started = time.process_time()
        Robots.parse(body, "Tamis")
        spent.append(time.process_time() - started)
    row(f"robots: 5 MB in {min(spent):.3f} s of CPU", int(min(spent) <= 0.1), 1)
    assert min(spent) <= 0.1
