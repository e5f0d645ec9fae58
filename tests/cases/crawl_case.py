"""A made-up site and the outcomes that a crawl of it must end in: NAME.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cases.expectation import CaseError, check_keys, named, read, report, value_difference
from tests.unit.crawlers.rig import Crawls, Page, Site

_KEYS = {"why": str, "crawl": dict, "page": list, "expect": dict}
_PAGE_KEYS = {"path": str, "status": int, "headers": dict, "body": str, "links": list}
_EXPECT_KEYS = {"outcomes": dict, "requests": dict}


@dataclass(frozen=True)
class CrawlCase:
    """The answers of a site, the [crawl] section of its source, and the outcome of each address."""

    file: Path
    why: str
    crawl: Mapping[str, Any]
    pages: tuple[Mapping[str, Any], ...]
    outcomes: Mapping[str, str]
    requests: Mapping[str, int]

    def failure(self, site: Site, crawls: Crawls) -> str:
        """Serve the site, crawl it, and tell what is not as expected; an empty text where all is."""
        for page in self.pages:
            site.pages[page["path"]] = _answer(page, site.url)
        crawls.declare(**_placed(self.crawl, site.url))
        crawls.crawl()
        crawls.check()
        wrong = [
            line
            for path in sorted({*self.outcomes, *crawls.outcomes()})
            for line in value_difference(
                f"outcomes.{path!r}", self.outcomes.get(path, ""), crawls.outcomes().get(path)
            )
        ]
        wrong += [
            f"requests.{path!r}: expected {count}, found {site.asked[path]}"
            for path, count in self.requests.items()
            if site.asked[path] != count
        ]
        return report(self.file, self.why, wrong) if wrong else ""


def load_crawl_case(file: Path) -> CrawlCase:
    """Read a case of a crawl."""
    given = read(file)
    check_keys(file, "", given, _KEYS)
    check_keys(file, "expect.", given.get("expect", {}), _EXPECT_KEYS)
    for number, page in enumerate(given.get("page", []), start=1):
        check_keys(file, f"page[{number}].", page, _PAGE_KEYS)
        if "path" not in page:
            raise CaseError(f"{named(file)}: page[{number}].path: missing; give the path that it answers")
    expect = given.get("expect", {})
    if not expect.get("outcomes"):
        raise CaseError(f"{named(file)}: expect.outcomes: missing; give the outcome of each address")
    return CrawlCase(
        file,
        given.get("why", ""),
        given.get("crawl", {}),
        tuple(given.get("page", [])),
        expect["outcomes"],
        expect.get("requests", {}),
    )


def _answer(page: Mapping[str, Any], site: str) -> Page:
    links = "".join(f'<li><a href="{link}">{link}</a>' for link in page.get("links", []))
    body = page.get("body", "") + (f"<ul>{links}</ul>" if links else "")
    headers = {"Content-Type": "text/html; charset=utf-8"} | _placed(page.get("headers", {}), site)
    return Page(_placed(body, site).encode(), page.get("status", 200), headers)


def _placed(value: Any, site: str) -> Any:
    """Put the site's own address for {site}, in texts at any depth."""
    if isinstance(value, str):
        return value.replace("{site}", site)
    if isinstance(value, list):
        return [_placed(item, site) for item in value]
    if isinstance(value, dict):
        return {key: _placed(item, site) for key, item in value.items()}
    return value
