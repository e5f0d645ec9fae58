"""A page that holds several documents, taken apart: a blog's archive into its posts, two news items on one
page.

A thread of a forum stays one document: its messages have no titles of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from cleaning.page.labels import Label
from cleaning.page.links import absolute, base_of
from cleaning.page.parse import Block, Parsed
from cleaning.rules.directives import Part
from cleaning.text.lines import fold_line, word_key
from output.base.records import RemovalKind

_POSTS: Final = (
    "article",
    ".hentry",
    "[itemtype*=BlogPosting], [itemtype*=NewsArticle]",
    ".post, .entry, .blog-post, .post-item",
)
_PERMALINK: Final = "a[rel~=bookmark], h1 a[href], h2 a[href], h3 a[href], h4 a[href]"
_BODY: Final = (
    ".entry-content, .post-content, .entry-summary, .post-body, .article-content, [itemprop=articleBody]"
)
_BYLINE: Final = re.compile(r"(?i)meta|byline|dateline|posted|author|footer|tags?\b|share|comment")
_TALK: Final = re.compile(r"(?i)comment|reply|message|answer|review")
_SINGLE: Final = re.compile(r"\bsingle(?:-post)?\b|\bpost-template")
_TEXT_LEAST = 120  # letters' worth of text in a post that is more than a link
_POSTS_LEAST = 2
_OWN_TITLES = 0.75  # share of the posts whose title no other has; messages of a thread have all the same
_AROUND = 0.5  # text around the posts, of that in them; more of it is a text of its own with cards beside it
_BESIDE: Final = frozenset({"nav", "aside", "footer", "header", "form", "control", "hidden"})
_HAN_WEIGHT = 3

_TITLE_MAX = 250  # characters
_LEAD_MIN = 75  # bytes in UTF-8, where a hanzi weighs three letters, of a paragraph under a headline
_HEADLINE = 0.7  # of its lead's length: a headline is the shorter
_SENTENCE_END: Final = re.compile(r"[.。;；!！:：,，、]\s*$")
_CLOSED: Final = re.compile(r"[.。;；!！?？”’\"]\s*$")
_QUOTED: Final = re.compile(r"《([^《》]{4,80})》|“([^“”]{8,120})”")


def posts(parsed: Parsed, url: str, canonical: str | None) -> list[Part]:
    """The posts of an archive page; [] for any other page."""
    if "article" in parsed.meta.get("og:type", ()) or _is_single(parsed):
        return []
    for selector in _POSTS:
        nodes = parsed.tree.css(selector)
        if len(nodes) < _POSTS_LEAST:
            continue
        found = [part for node in _outermost(nodes) if (part := _post(parsed, node, url)) is not None]
        if _is_archive(parsed, found, {url, canonical or ""}):
            return found
    return []


def keep_posts(parsed: Parsed, parts: Sequence[Part], labels: list[Label]) -> None:
    """Let the texts of an archive's posts stay: an engine that looks for one text takes the others for
    lists.
    """
    inside: set[int] = set()
    for part in parts:
        inside |= part.blocks
    bodies = parsed.matching(_BODY) & inside
    for i in sorted(inside):
        block, label = parsed.blocks[i], labels[i]
        if label.content or label.rule.startswith(("lexicon:", "source:", "fields:")):
            continue
        if (
            i in bodies
            or (block.level and i == min(_part_of(i, parts).blocks))
            or (not bodies and not _BYLINE.search(block.path) and block.links < 0.5)
        ):
            labels[i] = Label(None, "split:post", score=1.0)
    for i, label in enumerate(labels):
        if label.content and i not in inside:
            labels[i] = Label(RemovalKind.NAV, "split:outside_posts")


def items(blocks: Sequence[Block], labels: Sequence[Label]) -> list[Part]:
    """The news items of a page with several, told by their headlines; [] where there is one."""
    shown = [i for i, found in enumerate(labels) if found.content or blocks[i].level == 1]
    starts = headlines(blocks, shown)
    if len(starts) < _POSTS_LEAST:
        return []
    first = min(starts[0], shown[0])
    ends = [*starts[1:], len(blocks)]
    return [
        Part(frozenset(range(first if n == 0 else start, end)), title=blocks[start].text)
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def headlines(blocks: Sequence[Block], content: Sequence[int]) -> list[int]:
    """Where articles begin on a page with several: lines whose quoted title the next paragraph quotes.

    Where the text above does not end with a sentence (a broken line, a heading), only a title that it has
    not named begins another article.
    """
    starts: list[int] = []
    for n, i in enumerate(content):
        line = blocks[i].text
        quoted = [a or b for a, b in _QUOTED.findall(line)]
        if not quoted or not is_title(line):
            continue
        lead = next(
            (blocks[j].text for j in content[n + 1 : n + 4] if len(blocks[j].text.encode()) >= _LEAD_MIN), ""
        )
        if not any(title in lead for title in quoted) or len(line) >= _HEADLINE * len(lead):
            continue
        open_above = n and starts and not _CLOSED.search(blocks[content[n - 1]].text)
        if open_above and any(title in blocks[j].text for title in quoted for j in content[:n]):
            continue
        starts.append(i)
    return starts if starts and content and starts[0] in content[:3] else []


def is_title(line: str) -> bool:
    """Whether a line can be a title: short, and no sentence."""
    return 2 <= len(line) <= _TITLE_MAX and not _SENTENCE_END.search(line)


def _is_single(parsed: Parsed) -> bool:
    body = parsed.tree.body
    return bool(body and _SINGLE.search(body.attributes.get("class") or ""))


def _outermost(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """The matches that lie in no other match, without those in a sidebar or among readers' comments."""
    seen: set[int] = set()
    found = []
    for node in nodes:
        if node.mem_id in seen:
            continue
        seen.update(inner.mem_id for inner in node.traverse(include_text=False))
        if not _TALK.search(f"{node.attributes.get('class')} {node.attributes.get('id')}"):
            found.append(node)
    return found


def _post(parsed: Parsed, node: LexborNode, url: str) -> Part | None:
    link = node.css_first(_PERMALINK)
    if link is None:
        return None
    elements = {inner.mem_id for inner in node.traverse(include_text=False)}
    blocks = [i for i, block in enumerate(parsed.blocks) if block.element in elements]
    heading = next((i for i in blocks if parsed.blocks[i].level), None)
    if heading is None or any(f in parsed.blocks[heading].flags for f in ("nav", "aside", "footer")):
        return None
    written = link.attributes.get("href") or ""
    href = absolute(base_of(parsed, url), written) or written
    time = node.css_first("time[datetime]")
    date = (time.attributes.get("datetime") or "") if time else ""
    return Part(
        frozenset(blocks), href.partition("#")[0], " ".join(parsed.blocks[heading].text.split()), date
    )


def _is_archive(parsed: Parsed, found: Sequence[Part], own: set[str]) -> bool:
    """Whether these are the posts of an archive: each its own page and title, and texts, not only links."""
    if len(found) < _POSTS_LEAST:
        return False
    links, titles = {part.permalink for part in found}, {_topic(part.title) for part in found}
    if len(links) < len(found) or len(titles) < _OWN_TITLES * len(found) or links & own:
        return False
    inside = frozenset().union(*(part.blocks for part in found))
    outside = frozenset(range(len(parsed.blocks))) - inside
    if _weight(parsed, outside) > _AROUND * _weight(parsed, inside):
        return False
    told = [part for part in found if _weight(parsed, part.blocks) >= _TEXT_LEAST]
    return len(told) >= max(_POSTS_LEAST, len(found) / 2)


def _topic(title: str) -> str:
    return word_key(re.sub(r"(?i)^(?:re|aw|回复)\s*:", "", fold_line(title)))


def _weight(parsed: Parsed, blocks: frozenset[int]) -> int:
    """Letters' worth of the text in some blocks: no headings, links, bylines, nor what stands in a
    sidebar.
    """
    texts = [
        parsed.blocks[i].text
        for i in blocks
        if not parsed.blocks[i].level
        and parsed.blocks[i].links < 0.5
        and not _BYLINE.search(parsed.blocks[i].path)
        and not parsed.blocks[i].flags & _BESIDE
    ]
    return sum(len(text) if text.isascii() else len(text) + _HAN_WEIGHT * _hanzi(text) for text in texts)


def _hanzi(text: str) -> int:
    return sum("\u4e00" <= char <= "\u9fff" for char in text)


def _part_of(i: int, parts: Sequence[Part]) -> Part:
    return next(part for part in parts if i in part.blocks)
