"""robots.txt: what it says, and what it means when it cannot be had."""

from __future__ import annotations

import asyncio
import codecs
import json
import math
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError
from scrapy.http import Response

from crawlers.permissions.hosts import Hosts
from crawlers.permissions.middleware import RobotsMiddleware
from crawlers.permissions.refusal import Postponed, Refused
from crawlers.permissions.robots import MAX_LINE_CHARACTERS, PARSED_BYTES, Robots
from output.base.records import Outcome
from tests import SHARED

STANDARDS = SHARED / "data" / "standards"


MERGED = "User-agent: tamis\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: tamis\nDisallow: /b"


def allows(text: str | bytes, path: str, agent: str = "Tamis") -> bool:
    body = text.encode() if isinstance(text, str) else text
    return Robots.parse(body, agent).allows(f"https://a.example{path}")


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow: /x", "/x/y", False),
        ("User-agent: *\nDisallow: /X", "/x", True),
        ("user-AGENT : tamis\ndisALLOW : /x", "/x", False),
        ("User-agent: Tamis/1.0\nDisallow: /", "/x", False),
        ("User-agent: Tamisbot\nDisallow: /", "/x", True),
        ("Disallow: /", "/x", True),
        # the agent's own groups are merged, and stand instead of those for everybody
        (MERGED, "/b", False),
        (MERGED, "/c", True),
        ("User-agent: other\nUser-agent: *\nDisallow: /x", "/x", False),
        # lines that are no rules do not end a group
        ("User-agent: tamis\nSitemap: https://a.example/s\nUser-agent: *\nDisallow: /", "/x", False),
        # the longest match decides, and of two as long the one that allows
        ("User-agent: *\nDisallow: /a/\nAllow: /a/b", "/a/b", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nAllow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /a*b*c", "/aXbXXc/d", False),
        ("User-agent: *\nDisallow: /a*b*c", "/aXcXXb", True),
        ("User-agent: *\nDisallow: /?s=", "/?s=x", False),
        ("User-agent: *\nDisallow:\nAllow:", "/x", True),
        ("User-agent: *\nDisallow: /x # not this", "/x", False),
        ("User-agent: *\nDisallow /x", "/x", False),
        ("User-agent: *\nDisallow /x y", "/x", True),
        # a group that names the agent and disallows nothing stands instead of that for everybody
        ("User-agent: tamis\nDisallow:\n\nUser-agent: *\nDisallow: /", "/x", True),
        ("User-agent: * all of you\nDisallow: /x", "/x", False),
        ("User-agent: *bot\nDisallow: /x", "/x", True),
        ("User-agent: *\nDisalow: /x", "/x", False),
        ("User-agent: *\nAllow: /a/index.html\nDisallow: /a", "/a/", True),
        ("User-agent: *\nAllow: index.html\nDisallow: /", "/", False),
        ("User-agent: *\rDisallow: /x\r\nDisallow: /y\n", "/y", False),
        ("User-agent: *\nDisallow: /法", "/%E6%B3%95", False),
        ("User-agent: *\nDisallow: /%e6", "/%E6", False),
        ("User-agent: *\nDisallow: /%E6", "/%e6", False),
        # a wildcard and the end anchor together: what follows the wildcard must be the end of the URL
        ("User-agent: *\nDisallow: /fish*.php$", "/fish.php", False),
        ("User-agent: *\nDisallow: /fish*.php$", "/fishheads/catfish.php", False),
        ("User-agent: *\nDisallow: /fish*.php$", "/fish.php?id=1", True),
        ("User-agent: *\nDisallow: /fish*.php$", "/fish.php/.php", False),
        ("User-agent: *\nDisallow: /fish*.php$", "/fish.phps", True),
        ("User-agent: *\nDisallow: /fish*.php$", "/Fish.php", True),
        ("User-agent: *\nDisallow: /fish*.php$", "/x/fish.php", True),
        (
            "User-agent: *\nDisallow: /a*ab$",
            "/ab",
            True,
        ),  # the wildcard matches nothing, but no letter counts twice
        ("User-agent: *\nDisallow: /a*b*bc$", "/abc", True),
        ("User-agent: *\nDisallow: /a*b*bc$", "/abbc", False),
        ("User-agent: *\nDisallow: /*$", "/x", False),
        ("User-agent: *\nDisallow: /$", "/", False),
        ("User-agent: *\nDisallow: /$", "/x", True),
        ("User-agent: *\nDisallow: /a**b", "/ab", False),
        ("User-agent: *\nDisallow: /a$b", "/a$b/c", False),
        ("User-agent: *\nDisallow: /a$b", "/a", True),
        # escapes of unreserved characters mean the same as the characters (RFC 9309, 2.2.2), in rule and URL
        ("User-agent: *\nDisallow: /%7Ejoe/", "/~joe/x", False),
        ("User-agent: *\nDisallow: /~joe/", "/%7ejoe/x", False),
        ("User-agent: *\nDisallow: /%61%62-%5A", "/ab-Z", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /a/b", "/a%2fb", True),
        # the stricter reading of an allowed path: as Google's parser compares it, escapes and all
        ("User-agent: *\nDisallow: /\nAllow: /%7Ejoe/", "/~joe/", False),
        ("User-agent: *\nDisallow: /\nAllow: /%7Ejoe/", "/%7Ejoe/", True),
        # a literal asterisk or dollar is meant by its escape (RFC 9309, 2.2.3)
        ("User-agent: *\nDisallow: /a-%2A.html", "/a-*.html", False),
        ("User-agent: *\nDisallow: /a-%2A.html", "/a-b.html", True),
        ("User-agent: *\nDisallow: /a-%24", "/a-$", False),
    ],
)
def test_rules_are_read_as_rfc_9309_says(text: str, path: str, allowed: bool) -> None:
    assert allows(text, path) is allowed


def test_a_wildcard_pattern_cannot_stall_the_crawl() -> None:
    assert allows("User-agent: *\nDisallow: /" + "*a" * 4000 + "b", "/" + "a" * 2000)


def test_boms_are_no_letters() -> None:
    text = "User-agent: *\nDisallow: /x\n"
    assert not allows(codecs.BOM_UTF8 + text.encode(), "/x")
    assert not allows(text.encode("utf-16"), "/x")
    assert not allows(codecs.BOM_UTF16_BE + text.encode("utf-16-be"), "/x")


def test_what_lies_beyond_500_kib_is_ignored_and_no_line_is_cut() -> None:
    head = "User-agent: *\n".ljust(PARSED_BYTES - 12, "#") + "\n"
    assert len(head + "Disallow: /") == PARSED_BYTES
    assert allows(head + "Disallow: /x\n", "/x")
    assert allows(head + "Disallow: /x\n", "/")
    assert not allows("Disallow: /\nUser-agent: *\nDisallow: /x\n" + "# and much more\n" * 400_000, "/x")


def test_a_line_is_read_as_far_as_googles_parser_reads_it() -> None:
    line = "Disallow: /".ljust(MAX_LINE_CHARACTERS - 1, "a")
    path = line.removeprefix("Disallow: ")
    assert not allows(f"User-agent: *\n{line}b", path)
    assert allows(f"User-agent: *\n{line}", path[:-1])


def test_no_agent_is_named_by_no_group() -> None:
    assert allows("User-agent: 007\nDisallow: /", "/x", agent="")


def test_crawl_delay_is_that_of_the_groups_that_count() -> None:
    text = b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: tamis\nCrawl-delay: 2.5\nDisallow: /x\n"
    assert Robots.parse(text, "Tamis").delay == 2.5
    assert Robots.parse(text, "Other").delay == 9
    assert (
        Robots.parse(b"User-agent: other\nCrawl-delay: 9\n\nUser-agent: *\nDisallow: /", "Tamis").delay == 0
    )
    assert Robots.parse(b"User-agent: *\nCrawl-delay: 3\nCrawl-delay: 2", "Tamis").delay == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0.5", 0.5),
        ("300", 300),
        ("301", 301),
        ("1e9", 1e9),
        ("1" * 400, math.inf),  # more than a float can hold
        ("inf", math.inf),
        ("Infinity", math.inf),
        ("nan", 0),
        ("-inf", 0),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
        ("5 s", 0),
    ],
)
def test_a_crawl_delay_is_any_number_of_seconds(value: str, seconds: float) -> None:
    """How long is too long, the crawl decides; one that is not a number of seconds is ignored."""
    robots_txt = f"User-agent: *\nCrawl-delay: {value}\nDisallow: /x"
    parsed = Robots.parse(robots_txt.encode(), "Tamis")
    assert parsed.delay == seconds
    assert not parsed.allows("https://a.example/x")


def test_a_url_without_a_path_is_the_root() -> None:
    parsed = Robots.parse(b"User-agent: *\nDisallow: /$\nDisallow: /?q", "Tamis")
    assert not parsed.allows("https://a.example")
    assert not parsed.allows("https://a.example/#top")
    assert not parsed.allows("https://a.example?q=1")
    assert parsed.allows("https://a.example/x")


def test_googles_cases() -> None:
    """Those whose robots.txt the file gives as it was: where one test has several, it repeats the last."""
    path = STANDARDS / "google-robots-cases.json"
    if not path.exists():
        pytest.skip("Google's cases lie in ../shared, which is not here")
    mixed_up = {
        "ID_LongestMatch",
        "ID_Encoding",
        "ID_SpecialCharacters",
        "GoogleOnly_LineTooLong",
        "GoogleOnly_DocumentationChecks",
    }
    cases = [case for case in json.loads(path.read_text(encoding="utf-8")) if case["test"] not in mixed_up]
    assert len(cases) == 51
    for case in cases:
        robots = Robots.parse(case["robots_txt"].encode(), case["user_agent"])
        assert robots.allows(case["url"]) is case["allowed"], case


class Engine:
    """Answers robots.txt with one answer after the other; a class of error is raised."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.downloader = SimpleNamespace(per_slot_settings={}, slots={})

    async def download_async(self, request: Request) -> Response:
        self.asked.append(request.url)
        if request.url.endswith("tdmrep.json"):
            return Response(request.url, status=404)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Settings(dict[str, Any]):
    def getbool(self, name: str) -> bool:
        return bool(self[name])


def crawler_of(engine: Engine, folder: Path | None = None) -> Any:
    book = str(folder or Path(tempfile.mkdtemp()))
    settings = Settings(TAMIS_LOOPBACK=False, TAMIS_SITE_FILES_CACHE=book)
    throttle = SimpleNamespace(hosts=Hosts(120), due_at=lambda _: 0.0)
    return SimpleNamespace(engine=engine, settings=settings, get_extension=lambda _: throttle)


def outcome(engine: Engine, *paths: str, folder: Path | None = None) -> list[str]:
    conduct = RobotsMiddleware(crawler_of(engine, folder))

    async def ask() -> list[str]:
        results = await asyncio.gather(
            *(conduct.process_request(Request(f"https://a.example{path}")) for path in paths),
            return_exceptions=True,
        )
        return [f"{r.outcome}: {r.reason}" if isinstance(r, Refused) else "allowed" for r in results]

    return asyncio.run(ask())


DENY = b"User-agent: *\nDisallow: /private"


def robots(status: int, body: bytes = b"", location: str = "") -> Response:
    headers = {"Location": location} if location else {}
    return Response("https://a.example/robots.txt", status=status, body=body, headers=headers)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_robots_txt_allows(status: int) -> None:
    assert outcome(Engine(robots(status, DENY)), "/private") == ["allowed"]


@pytest.mark.parametrize(
    "answer",
    [
        robots(429, b"User-agent: *\nAllow: /"),
        robots(500),
        robots(502),
        robots(503, b"User-agent: *\nAllow: /"),
        DownloadTimeoutError("60 s"),
        DownloadConnectionRefusedError("refused"),
        ConnectionResetError("closed"),
    ],
)
def test_an_unreachable_robots_txt_forbids_and_the_operator_hears_of_it(answer: Response | Exception) -> None:
    assert outcome(Engine(answer), "/x") == [f"{Outcome.FAILED}: robots_unreachable"]


def test_a_pause_before_robots_txt_sends_the_request_back_and_asks_again() -> None:
    engine = Engine(Postponed(), robots(200))
    conduct = RobotsMiddleware(crawler_of(engine))
    request = Request("https://a.example/x")

    async def ask() -> list[Request | None]:
        waiting = [conduct.process_request(request) for _ in range(2)]
        return [*await asyncio.gather(*waiting), await conduct.process_request(request)]

    assert asyncio.run(ask()) == [request, request, None]
    assert engine.asked.count("https://a.example/robots.txt") == 2


def test_a_host_that_is_left_is_not_asked_for_robots_txt() -> None:
    engine = Engine(robots(200))
    crawler = crawler_of(engine)
    crawler.get_extension(None).hosts.set_crawl_delay("a.example", math.inf)
    with pytest.raises(Refused, match="crawl_delay: Crawl-delay: inf"):
        asyncio.run(RobotsMiddleware(crawler).process_request(Request("https://a.example/x")))
    assert not engine.asked


def test_robots_txt_is_asked_once_for_all_that_wait() -> None:
    engine = Engine(robots(200, DENY))
    assert outcome(engine, "/x", "/private", "/y") == ["allowed", "refused: robots", "allowed"]
    assert engine.asked == ["https://a.example/robots.txt", "https://a.example/.well-known/tdmrep.json"]


def test_robots_txt_is_kept_for_a_day_over_crawls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    for hours, status in ((0, 200), (23, 200), (25, 404), (20, 404)):  # the last: the clock was set back
        monkeypatch.setattr(
            "crawlers.permissions.site_files_cache.time", lambda hours=hours: 1e9 + hours * 3600
        )
        monkeypatch.setattr("crawlers.permissions.middleware.time", lambda hours=hours: 1e9 + hours * 3600)
        engine = Engine(robots(status, DENY))
        refused = outcome(engine, "/private", folder=tmp_path) == ["refused: robots"]
        asked.append((len(engine.asked), refused))
    assert asked == [(2, True), (0, True), (2, False), (2, False)]


def test_an_unreachable_robots_txt_is_asked_again_by_the_next_crawl(tmp_path: Path) -> None:
    assert outcome(Engine(robots(503)), "/x", folder=tmp_path) == ["failed: robots_unreachable"]
    assert outcome(Engine(robots(200)), "/x", folder=tmp_path) == ["allowed"]


def test_robots_txt_may_move_five_times() -> None:
    moved = robots(301, location="https://b.example/robots.txt")
    assert outcome(Engine(*[moved] * 5, robots(200, DENY)), "/private") == ["refused: robots"]
    assert outcome(Engine(*[moved] * 6, robots(200, DENY)), "/private") == ["allowed"]


def test_an_address_that_is_not_on_the_internet_is_refused_before_robots_txt() -> None:
    engine = Engine(robots(200))
    with pytest.raises(Refused, match="address"):
        asyncio.run(
            RobotsMiddleware(crawler_of(engine)).process_request(Request("http://169.254.169.254/latest/"))
        )
    assert not engine.asked
