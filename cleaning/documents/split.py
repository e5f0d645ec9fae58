"""Pages that hold several documents, split: a blog's archive into its posts, a page into its news items.

A thread of a forum stays one document: its messages have no titles of their own.
"""

from __future__ import annotations

import itertools
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
# Words of classes around a byline or the like, within a post; and around furniture, wherever they stand.
_BYLINE: Final = re.compile(r"(?i)meta|byline|dateline|posted|author|tags?\b")
_FURNITURE: Final = re.compile(r"(?i)footer|share|comment")
_TALK: Final = re.compile(r"(?i)comment|reply|message|answer|review")
_SINGLE: Final = re.compile(r"\bsingle(?:-post)?\b|\bpost-template")
_POST_MIN_LETTERS = 120  # of text in a post that is more than a link
_MIN_POSTS = 2
_OWN_TITLES_MIN_SHARE = 0.75  # of the posts, whose title no other has; messages of a thread have all the same
_AROUND_MAX_SHARE = 0.5  # of the text in posts; with more text around them they are cards beside a text
_BESIDE: Final = frozenset({"nav", "aside", "footer", "header", "form", "control", "hidden"})
_HAN_EXTRA_LETTERS = 3  # a hanzi weighs four letters

_TITLE_MAX_CHARACTERS = 250
_LEAD_MIN_BYTES = 75  # in UTF-8, where a hanzi weighs three letters, of a paragraph under a headline
_HEADLINE_MAX_SHARE = 0.7  # of its lead's length: a headline is the shorter
_SENTENCE_END: Final = re.compile(r"[.。;；!！:：,，、]\s*$")
_CLOSED: Final = re.compile(r"[.。;；!！?？”’\"]\s*$")
_QUOTED: Final = re.compile(r"《([^《》]{4,80})》|“([^“”]{8,120})”")


def posts(parsed: Parsed, url: str, canonical: str | None) -> list[Part]:
    """Return the posts of an archive page; [] for any other page."""
    if "article" in parsed.meta.get("og:type", ()) or _is_single(parsed):
        return []
    for selector in _POSTS:
        nodes = parsed.tree.css(selector)
        if len(nodes) < _MIN_POSTS:
            continue
        found = [part for node in _outermost(nodes) if (part := _post(parsed, node, url)) is not None]
        if _is_archive(parsed, found, {url, canonical or ""}):
            return found
    return []


def keep_posts(parsed: Parsed, parts: Sequence[Part], labels: list[Label]) -> None:
    """Keep the texts of an archive's posts, and remove what the engine kept around them.

    An engine that looks for one text takes the other posts for lists. What the lexicon, the source or a
    record's fields removed stays removed.
    """
    bodies = parsed.matching(_BODY)
    inside: set[int] = set()
    for part in parts:
        inside |= part.blocks
        depth, first = _depth(parsed, part.blocks), min(part.blocks)
        body = bodies & part.blocks
        for i in sorted(part.blocks):
            block, label = parsed.blocks[i], labels[i]
            if label.content or label.rule.startswith(("lexicon:", "source:", "fields:")):
                continue
            is_title = bool(block.level) and i == first
            if is_title or (i in body if body else _is_text(block, depth)):
                labels[i] = Label(None, "split:post", score=1.0)
    for i, label in enumerate(labels):
        if label.content and i not in inside:
            labels[i] = Label(RemovalKind.NAV, "split:outside_posts")


def items(blocks: Sequence[Block], labels: Sequence[Label]) -> list[Part]:
    """Return the news items of a page with several, by their headlines; [] where there is one."""
    shown = [i for i, label in enumerate(labels) if label.content or blocks[i].level == 1]
    starts = headlines(blocks, shown)
    if len(starts) < _MIN_POSTS:
        return []
    first = min(starts[0], shown[0])
    ends = [*starts[1:], len(blocks)]
    return [
        Part(frozenset(range(first if n == 0 else start, end)), title=blocks[start].text)
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def headlines(blocks: Sequence[Block], content: Sequence[int]) -> list[int]:
    """Return where the articles of a page with several begin; [] where it has one.

    An article begins at a line whose quoted title the next paragraph quotes again. Where the line above does
    not end a sentence (a broken line, a heading), only a title that stands nowhere above begins another one.
    """
    starts: list[int] = []
    for n, i in enumerate(content):
        line = blocks[i].text
        quoted = [a or b for a, b in _QUOTED.findall(line)]
        if not quoted or not is_title(line):
            continue
        below = (blocks[j].text for j in content[n + 1 : n + 4])
        lead = next((text for text in below if len(text.encode()) >= _LEAD_MIN_BYTES), "")
        if not any(title in lead for title in quoted) or len(line) >= _HEADLINE_MAX_SHARE * len(lead):
            continue
        open_above = n and starts and not _CLOSED.search(blocks[content[n - 1]].text)
        if open_above and any(title in blocks[j].text for title in quoted for j in content[:n]):
            continue
        starts.append(i)
    return starts if starts and content and starts[0] in content[:3] else []


def is_title(line: str) -> bool:
    """Tell whether a line can be a title: it is short, and no sentence."""
    return 2 <= len(line) <= _TITLE_MAX_CHARACTERS and not _SENTENCE_END.search(line)


def _is_single(parsed: Parsed) -> bool:
    """Tell whether the page's template is that of a single post."""
    body = parsed.tree.body
    return bool(body and _SINGLE.search(body.attributes.get("class") or ""))


def _outermost(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """Return the matches that lie in no other match, without comments, replies and reviews."""
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
    """Return the post in an element with its permalink, title and date; None without link or title."""
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
    """Tell whether these are the posts of an archive.

    Each has its own page, most have a title of their own, and they are texts, not only links.
    """
    if len(found) < _MIN_POSTS:
        return False
    links, titles = {part.permalink for part in found}, {_topic(part.title) for part in found}
    if len(links) < len(found) or len(titles) < _OWN_TITLES_MIN_SHARE * len(found) or links & own:
        return False
    weights = [_weight(parsed, part.blocks, _depth(parsed, part.blocks)) for part in found]
    inside = frozenset().union(*(part.blocks for part in found))
    outside = frozenset(range(len(parsed.blocks))) - inside
    if _weight(parsed, outside, 0) > _AROUND_MAX_SHARE * sum(weights):
        return False
    with_text = sum(weight >= _POST_MIN_LETTERS for weight in weights)
    return with_text >= max(_MIN_POSTS, len(found) / 2)


def _topic(title: str) -> str:
    """Return the words of a title without the mark of a reply, folded."""
    return word_key(re.sub(r"(?i)^(?:re|aw|回复)\s*:", "", fold_line(title)))


def _depth(parsed: Parsed, blocks: frozenset[int]) -> int:
    """Return how many steps the paths of a post's blocks have in common: those of its element."""
    paths = [parsed.blocks[i].path.split("/") for i in blocks]
    shared = itertools.takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False))
    return sum(1 for _ in shared)


def _is_text(block: Block, depth: int) -> bool:
    """Tell whether a block is no list of links, and no byline by its path below `depth` steps."""
    inner = block.path.split("/", depth)[-1]
    return block.links < 0.5 and not _BYLINE.search(inner) and not _FURNITURE.search(block.path)


def _weight(parsed: Parsed, blocks: frozenset[int], depth: int) -> int:
    """Count the letters of the text in some blocks, a hanzi as four.

    Headings, links, bylines and what stands in a sidebar do not count.
    """
    texts = [
        block.text
        for block in (parsed.blocks[i] for i in blocks)
        if not block.level and not block.flags & _BESIDE and _is_text(block, depth)
    ]
    return sum(
        len(text) if text.isascii() else len(text) + _HAN_EXTRA_LETTERS * _hanzi(text) for text in texts
    )


def _hanzi(text: str) -> int:
    return sum("\u4e00" <= char <= "\u9fff" for char in text)
