"""A site on paper: answers by URL, asked as a probe asks, without a network."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from time import time

from crawlers.discovery import FetchedPage, Hint
from crawlers.permissions.site_files_cache import SiteFiles
from crawlers.probe.findings import Survey
from crawlers.probe.survey import survey
from output.base.records import Outcome
from output.ledger.records import Settled

BASE = "https://site.example/"


@dataclass
class Paper:
    """Pages by path; what has none is a 404, or fails as `failing` says."""

    pages: dict[str, FetchedPage] = field(default_factory=dict)
    failing: dict[str, Settled] = field(default_factory=dict)
    robots: str = ""
    tdmrep: str = ""
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, body: str | bytes, *, status: int = 200, **headers: str) -> None:
        pairs = {"content_type": "text/html; charset=utf-8", **headers}
        named = tuple((name.replace("_", "-"), value) for name, value in pairs.items())
        raw = body if isinstance(body, bytes) else body.encode()
        self.pages[BASE + path] = FetchedPage(BASE + path, status, named, raw, Hint())

    def fail(self, path: str, outcome: Outcome, reason: str) -> None:
        self.failing[BASE + path] = Settled(BASE + path, outcome, reason)

    def links(self, path: str, targets: list[str], *, following: str = "") -> None:
        anchors = "".join(
            f'<li><a href="/{target}">What the council decided on {n}</a>' for n, target in enumerate(targets)
        )
        anchors += f'<a rel=next href="/{following}">2</a>' if following else ""
        self.put(path, f"<html><body><ul>{anchors}</ul></body></html>")

    def sitemap(self, path: str, urls: list[str], *, index: bool = False) -> None:
        outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
        entries = "".join(f"<{inner}><loc>{url}</loc></{inner}>" for url in urls)
        self.put(path, f"<{outer}>{entries}</{outer}>", content_type="application/xml")

    def json(self, path: str, value: object, **headers: str) -> None:
        self.put(path, json.dumps(value))
        named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
        self.pages[BASE + path] = replace(self.pages[BASE + path], headers=named)

    async def ask(self, url: str) -> FetchedPage | Settled:
        self.asked.append(url)
        if url in self.failing:
            return self.failing[url]
        return self.pages.get(url, FetchedPage(url, 404, (), b"", Hint()))

    def survey(self, path: str = "") -> Survey:
        files = SiteFiles(BASE, self.robots, self.tdmrep, time())
        return asyncio.run(survey(BASE + path, self.ask, lambda _: files)).survey
