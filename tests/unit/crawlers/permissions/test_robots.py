"""robots.txt: what it says, and what it means when it cannot be had."""

from __future__ import annotations

import asyncio
import codecs
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError
from scrapy.http import Response

from crawlers.permissions.middleware import Refused, RobotsMiddleware
from crawlers.permissions.robots import PARSED_BYTES, Robots
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
        ("User-agent: *\nDisalow: /x", "/x", False),
        ("User-agent: *\nAllow: /a/index.html\nDisallow: /a", "/a/", True),
        ("User-agent: *\rDisallow: /x\r\nDisallow: /y\n", "/y", False),
        ("User-agent: *\nDisallow: /法", "/%E6%B3%95", False),
        ("User-agent: *\nDisallow: /%e6", "/%E6", False),
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
    head = "User-agent: *\n".ljust(PARSED_BYTES - 11, "#") + "\n"
    assert len(head) == PARSED_BYTES - 10
    assert allows(head + "Disallow: /x\n", "/x")
    assert allows(head + "Disallow: /x\n", "/")
    assert not allows("Disallow: /\nUser-agent: *\nDisallow: /x\n" + "# and much more\n" * 400_000, "/x")


def test_crawl_delay_is_that_of_the_groups_that_count() -> None:
    text = b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: tamis\nCrawl-delay: 2.5\nDisallow: /x\n"
    assert Robots.parse(text, "Tamis").delay == 2.5
    assert Robots.parse(text, "Other").delay == 9
    assert Robots.parse(b"User-agent: *\nCrawl-delay: soon", "Tamis").delay == 0


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
    return SimpleNamespace(engine=engine, settings=settings, get_extension=lambda _: None)


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


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451])
def test_no_robots_txt_allows(status: int) -> None:
    assert outcome(Engine(robots(status, DENY)), "/private") == ["allowed"]


@pytest.mark.parametrize(
    "answer",
    [
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
