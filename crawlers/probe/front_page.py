"""What a site's first page and its robots.txt say of the site: names, languages, feeds, terms, opt-outs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.discovery import Answer
from crawlers.discovery.markup import text_of
from crawlers.permissions import optout
from crawlers.permissions.middleware import PRODUCT
from crawlers.permissions.robots import Robots as RobotsFile
from crawlers.permissions.site_files_cache import SiteFiles
from crawlers.probe.findings import FrontPage, Notice, Robots
from web.urls import canonical

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
_FEED_HREF = re.compile(r"(?:^|[/._=-])(?:rss|atom|feed)(?:[/._?&=-]|$)|\.(?:rss|atom|rdf)$", re.IGNORECASE)
# Feeds of readers' comments list no pages.
_COMMENTS = re.compile(r"comment", re.IGNORECASE)
_TERMS_WORDS = re.compile(
    r"terms\b|legal notice|conditions of use|copyright|licen[cs]e|disclaimer|re-?use\b|permissions?\b"
    r"|版权|版權|使用条款|服务条款|使用條款|法律声明|网站声明|免责声明|隐私政策与|转载",
    re.IGNORECASE,
)
_TERMS_PATH = re.compile(
    r"/(?:terms|legal|copyright|licen[cs]e|disclaimer|bqsm|flsm|mzsm|wzsm)\b", re.IGNORECASE
)
_LICENCE = re.compile(r"creativecommons\.org/|/open-government-licence|/licen[cs]es?/", re.IGNORECASE)
# Crawlers that gather texts for language models, as their operators name them in their documentation.
_AI_CRAWLERS = (
    "GPTBot", "ChatGPT-User", "ClaudeBot", "anthropic-ai", "CCBot", "Google-Extended", "Applebot-Extended",
    "Bytespider", "PerplexityBot", "Meta-ExternalAgent", "Amazonbot", "cohere-ai",
)  # fmt: skip
_SITEMAP = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_SCRIPTS = {"cn": "zh-Hans", "sg": "zh-Hans", "hans": "zh-Hans", "tw": "zh-Hant", "hk": "zh-Hant",
            "mo": "zh-Hant", "hant": "zh-Hant"}  # fmt: skip
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_TERMS_KEPT = 3


@dataclass(frozen=True, slots=True)
class Signs:
    """What the first page gives to go on with: feeds, a WordPress API, whether it asks who you are."""

    feeds: tuple[str, ...]
    api: str
    asks_for_login: bool


def read_robots(files: SiteFiles | None, root: str) -> Robots:
    """What a site's robots.txt and tdmrep.json say, as they were answered; nothing where none came."""
    if files is None:
        return Robots()
    body = files.robots.encode("latin-1")
    own = RobotsFile.parse(body, PRODUCT)
    shut_out = [name for name in _AI_CRAWLERS if not RobotsFile.parse(body, name).allows(root)]
    is_ours = own.allows(root)
    sitemaps = [canonical(url, root) for url in _SITEMAP.findall(files.robots)]
    return Robots(
        exists=bool(files.robots.strip()),
        delay=own.delay,
        sitemaps=tuple(dict.fromkeys(url for url in sitemaps if url)),
        shut_out=tuple(shut_out) if is_ours else (),
        tdmrep=any(rule.reserved for rule in optout.reservations(files.tdmrep.encode("latin-1"))),
    )


def read_front(answer: Answer) -> tuple[FrontPage, Signs]:
    """What a page says of its site, and the signs by which to go on."""
    tree = LexborHTMLParser(text_of(answer))
    links = list(_links(tree, answer.url))
    generator = _content(tree, "generator")
    front = FrontPage(
        url=answer.url,
        name=_name(tree),
        languages=tuple(dict.fromkeys(_languages(tree, links))),
        generator=generator,
        terms=tuple(_terms(links)),
        licences=tuple(dict.fromkeys(href for node, href in links if _is_licence(node, href))),
        opt_outs=tuple(
            filter(None, (optout.in_headers(answer.headers, PRODUCT), optout.in_markup(answer.body)))
        ),
        links=sum(node.tag == "a" for node, _ in links),
    )
    feeds = [href for node, href in links if _is_feed(node, href)]
    return front, Signs(tuple(dict.fromkeys(feeds)), _api(answer, links), _asks_for_login(tree))


def _links(tree: LexborHTMLParser, page: str) -> Iterator[tuple[LexborNode, str]]:
    for node in tree.css("a[href], link[href]"):
        href = canonical((node.attributes.get("href") or "").strip(), page)
        if href:
            yield node, href


def _name(tree: LexborHTMLParser) -> str:
    """The site's name: as it says itself, else the part of the title that names it."""
    said = _content(tree, "og:site_name") or _content(tree, "application-name") or _content(tree, "sitename")
    node = tree.css_first("title")
    title = " ".join(node.text(deep=True).split()) if node else ""
    return (said or re.split(r"\s[-–—|·]\s|[|_]", title)[0]).strip()[:120]


def _content(tree: LexborHTMLParser, name: str) -> str:
    for node in tree.css("meta[content]"):
        if name in ((node.attributes.get(key) or "").lower() for key in ("name", "property")):
            return " ".join((node.attributes.get("content") or "").split())
    return ""


def _languages(tree: LexborHTMLParser, links: list[tuple[LexborNode, str]]) -> Iterator[str]:
    root = tree.css_first("html")
    declared = [root.attributes.get("lang") or root.attributes.get("xml:lang") or ""] if root else []
    twins = [node.attributes.get("hreflang") or "" for node, _ in links if _rel(node) & {"alternate"}]
    for tag in (*declared, *twins):
        if _LANGUAGE.fullmatch(tag) and tag.lower() != "x-default":
            yield language_tag(tag)


def language_tag(tag: str) -> str:
    """A language tag without its region, Chinese with its script: zh-CN is zh-Hans, en-GB is en."""
    main, *rest = tag.replace("_", "-").lower().split("-")
    if main != "zh":
        return main
    return next((_SCRIPTS[part] for part in rest if part in _SCRIPTS), "zh-Hans" if not rest else "zh")


def _terms(links: list[tuple[LexborNode, str]]) -> Iterator[Notice]:
    seen: set[str] = set()
    for node, href in links:
        words = " ".join(node.text(deep=True).split())[:80]
        is_terms = len(words) <= 40 and _TERMS_WORDS.search(words)
        if node.tag == "a" and (is_terms or _TERMS_PATH.search(href)) and href not in seen:
            seen.add(href)
            yield Notice(words=words, url=href)
        if len(seen) == _TERMS_KEPT:
            return


def _is_licence(node: LexborNode, href: str) -> bool:
    return "license" in _rel(node) or bool(_LICENCE.search(href))


def _is_feed(node: LexborNode, href: str) -> bool:
    if _COMMENTS.search(href) or _COMMENTS.search(node.attributes.get("title") or ""):
        return False
    if node.tag == "link":
        return "alternate" in _rel(node) and (node.attributes.get("type") or "").lower() in _FEED_TYPES
    return bool(_FEED_HREF.search(href))


def _api(answer: Answer, links: list[tuple[LexborNode, str]]) -> str:
    """The root of the WordPress API as the page or its Link header names it, or ""."""
    header = re.search(r'<([^>]+)>;\s*rel="https://api\.w\.org/"', answer.header("link"))
    named = next((href for node, href in links if "https://api.w.org/" in _rel(node)), "")
    return canonical(header.group(1), answer.url) or "" if header else named


def _asks_for_login(tree: LexborHTMLParser) -> bool:
    """Whether a page is there for a password: a field for one, and hardly a link beside it."""
    return tree.css_first("input[type=password]") is not None and len(tree.css("a[href]")) < 8


def _rel(node: LexborNode) -> set[str]:
    return set((node.attributes.get("rel") or "").lower().split())
