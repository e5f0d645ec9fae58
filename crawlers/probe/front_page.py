"""What a front page and a robots.txt say about a site: its name, languages, feeds, terms and opt-outs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.declaration.schema import MAX_DELAY_SECONDS
from crawlers.discovery import FetchedPage
from crawlers.discovery.markup import decoded_body
from crawlers.permissions import optout
from crawlers.permissions.robots import PRODUCT
from crawlers.permissions.robots import Robots as RobotsFile
from crawlers.permissions.site_files_cache import SiteFiles
from crawlers.probe.findings import FrontPage, Notice, Robots
from web.urls import canonical

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
_FEED_URL = re.compile(r"(?:^|[/._=-])(?:rss|atom|feed)(?:[/._?&=-]|$)|\.(?:rss|atom|rdf)$", re.IGNORECASE)
# Feeds of readers' comments list no pages.
_COMMENT_FEED = re.compile(r"comment", re.IGNORECASE)
_TERMS_TEXT = re.compile(
    r"terms\b|legal notice|conditions of use|copyright|licen[cs]e|disclaimer|re-?use\b|permissions?\b"
    r"|版权|版權|使用条款|服务条款|使用條款|法律声明|网站声明|免责声明|隐私政策与|转载",
    re.IGNORECASE,
)
_TERMS_PATH = re.compile(
    r"/(?:terms|legal|copyright|licen[cs]e|disclaimer|bqsm|flsm|mzsm|wzsm)\b", re.IGNORECASE
)
_LICENCE_URL = re.compile(r"creativecommons\.org/|/open-government-licence|/licen[cs]es?/", re.IGNORECASE)
# The product tokens of crawlers that collect texts for language models, from their operators' documentation.
_AI_CRAWLERS = (
    "GPTBot", "ChatGPT-User", "ClaudeBot", "anthropic-ai", "CCBot", "Google-Extended", "Applebot-Extended",
    "Bytespider", "PerplexityBot", "Meta-ExternalAgent", "Amazonbot", "cohere-ai",
)  # fmt: skip
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_CHINESE_SCRIPTS = {
    "cn": "zh-Hans", "sg": "zh-Hans", "hans": "zh-Hans",
    "tw": "zh-Hant", "hk": "zh-Hant", "mo": "zh-Hant", "hant": "zh-Hant",
}  # fmt: skip
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_MAX_TERMS = 3
# The text of a link to the terms is short; a longer one is a headline that mentions them.
_MAX_TERMS_CHARACTERS = 40
# A login page has a password field and fewer links than this.
_MIN_CONTENT_LINKS = 8


@dataclass(frozen=True, slots=True)
class SiteHints:
    """What the front page tells about discovery: feeds, a WordPress API, whether it asks for a login."""

    feeds: tuple[str, ...]
    api: str
    asks_for_login: bool


def read_robots(files: SiteFiles | None, root: str) -> Robots:
    """Read what a site's robots.txt and tdmrep.json say; without files, an empty record."""
    if files is None:
        return Robots()
    body = files.robots.encode("latin-1")
    own = RobotsFile.parse(body, PRODUCT)
    shut_out = [name for name in _AI_CRAWLERS if not RobotsFile.parse(body, name).allows(root)]
    sitemaps = [canonical(url, root) for url in _SITEMAP_LINE.findall(files.robots)]
    return Robots(
        exists=bool(files.robots.strip()),
        # A longer one is no `delay` to declare: a run leaves the host, and says so.
        delay=min(own.delay, MAX_DELAY_SECONDS),
        sitemaps=tuple(dict.fromkeys(url for url in sitemaps if url)),
        shut_out=tuple(shut_out) if own.allows(root) else (),
        tdmrep=any(rule.reserved for rule in optout.read_reservations(files.tdmrep.encode("latin-1"))),
    )


def read_front_page(page: FetchedPage) -> tuple[FrontPage, SiteHints]:
    """Read what a page says about its site, and its hints for discovery."""
    tree = LexborHTMLParser(decoded_body(page).text)
    links = list(_links(tree, page.url))
    generator = _content(tree, "generator")
    front = FrontPage(
        url=page.url,
        name=_name(tree),
        languages=tuple(dict.fromkeys(_languages(tree, links))),
        generator=generator,
        terms=tuple(_terms(links)),
        licences=tuple(dict.fromkeys(href for node, href in links if _is_licence(node, href))),
        opt_outs=tuple(filter(None, (optout.in_headers(page.headers, PRODUCT), optout.in_markup(page.body)))),
        links=sum(node.tag == "a" for node, _ in links),
    )
    feeds = [href for node, href in links if _is_feed(node, href)]
    return front, SiteHints(tuple(dict.fromkeys(feeds)), _api(page, links), _asks_for_login(tree))


def _links(tree: LexborHTMLParser, page: str) -> Iterator[tuple[LexborNode, str]]:
    for node in tree.css("a[href], link[href]"):
        href = canonical((node.attributes.get("href") or "").strip(), page)
        if href:
            yield node, href


def _name(tree: LexborHTMLParser) -> str:
    """Return the site's name: from a meta tag, else the first part of the title."""
    names = (_content(tree, name) for name in ("og:site_name", "application-name", "sitename"))
    declared = next(filter(None, names), "")
    node = tree.css_first("title")
    title = " ".join(node.text(deep=True).split()) if node else ""
    return (declared or re.split(r"\s[-–—|·]\s|[|_]", title)[0]).strip()[:120]


def _content(tree: LexborHTMLParser, name: str) -> str:
    """Return the content of the first meta tag of that name or property, or ""."""
    for node in tree.css("meta[content]"):
        if name in ((node.attributes.get(key) or "").lower() for key in ("name", "property")):
            return " ".join((node.attributes.get("content") or "").split())
    return ""


def _languages(tree: LexborHTMLParser, links: list[tuple[LexborNode, str]]) -> Iterator[str]:
    root = tree.css_first("html")
    declared = [root.attributes.get("lang") or root.attributes.get("xml:lang") or ""] if root else []
    alternates = [node.attributes.get("hreflang") or "" for node, _ in links if "alternate" in _rel(node)]
    for tag in (*declared, *alternates):
        if _LANGUAGE_TAG.fullmatch(tag) and tag.lower() != "x-default":
            yield language_tag(tag)


def language_tag(tag: str) -> str:
    """Return a language tag without its region, Chinese with its script: en-GB is en, zh-CN is zh-Hans."""
    main, *subtags = tag.replace("_", "-").lower().split("-")
    if main != "zh":
        return main
    scripts = (_CHINESE_SCRIPTS[subtag] for subtag in subtags if subtag in _CHINESE_SCRIPTS)
    return next(scripts, "zh" if subtags else "zh-Hans")


def _terms(links: list[tuple[LexborNode, str]]) -> Iterator[Notice]:
    seen: set[str] = set()
    for node, href in links:
        words = " ".join(node.text(deep=True).split())[:80]
        is_terms = len(words) <= _MAX_TERMS_CHARACTERS and _TERMS_TEXT.search(words)
        if node.tag == "a" and (is_terms or _TERMS_PATH.search(href)) and href not in seen:
            seen.add(href)
            yield Notice(words=words, url=href)
        if len(seen) == _MAX_TERMS:
            return


def _is_licence(node: LexborNode, href: str) -> bool:
    return "license" in _rel(node) or bool(_LICENCE_URL.search(href))


def _is_feed(node: LexborNode, href: str) -> bool:
    if _COMMENT_FEED.search(href) or _COMMENT_FEED.search(node.attributes.get("title") or ""):
        return False
    if node.tag == "link":
        return "alternate" in _rel(node) and (node.attributes.get("type") or "").lower() in _FEED_TYPES
    return bool(_FEED_URL.search(href))


def _api(page: FetchedPage, links: list[tuple[LexborNode, str]]) -> str:
    """Return the root of the WordPress API from the Link header, else from a link of the page, or ""."""
    header = re.search(r'<([^>]+)>;\s*rel="https://api\.w\.org/"', page.header("link"))
    if header:
        return canonical(header.group(1), page.url) or ""
    return next((href for node, href in links if "https://api.w.org/" in _rel(node)), "")


def _asks_for_login(tree: LexborHTMLParser) -> bool:
    """Whether a page is a login form: it has a password field, and hardly any link."""
    has_password = tree.css_first("input[type=password]") is not None
    return has_password and len(tree.css("a[href]")) < _MIN_CONTENT_LINKS


def _rel(node: LexborNode) -> set[str]:
    """Return the `rel` words of a link, in lower case."""
    return set((node.attributes.get("rel") or "").lower().split())
