"""The kind of a removed block by its position: the names of its element and of the elements around it."""

from __future__ import annotations

import functools
import re
from typing import Final

from cleaning.page.parse import Block
from output.base.records import RemovalKind

# The words of classes and ids for each kind. The first match decides. Comments come first: their words
# must not reach a receipt.
_KIND_PATTERNS: Final = (
    (
        RemovalKind.COMMENT_FORM,
        re.compile(r"comment-?_?form|respond\b|reply-form|#commentform", re.IGNORECASE),
    ),
    (
        RemovalKind.COMMENTS,
        re.compile(r"\bcomment|commentlist|disqus|livefyre|pinglun|reader-?reviews", re.IGNORECASE),
    ),
    (RemovalKind.BREADCRUMB, re.compile(r"breadcrumb|crumbs?\b|weizhi|position-nav", re.IGNORECASE)),
    (RemovalKind.COOKIE, re.compile(r"cookie|consent|gdpr|onetrust", re.IGNORECASE)),
    (RemovalKind.PAYWALL, re.compile(r"paywall|regwall|metered|subscribe-wall", re.IGNORECASE)),
    (
        RemovalKind.SHARE,
        re.compile(r"share|social|sns\b|addtoany|addthis|sharedaddy|fenxiang", re.IGNORECASE),
    ),
    (
        RemovalKind.RELATED,
        re.compile(
            r"related|recommend|more-(?:stories|news|from)|popular|trending|xiangguan|hot-?news|rank",
            re.IGNORECASE,
        ),
    ),
    (RemovalKind.SEARCH, re.compile(r"search", re.IGNORECASE)),
    (
        RemovalKind.LOGIN,
        re.compile(r"log-?in|sign-?in|sign-?up|register|account\b|user-?menu", re.IGNORECASE),
    ),
    (
        RemovalKind.ADVERTISEMENT,
        re.compile(r"advert|\bads?\b|adsense|sponsor|promo|guanggao|[.#]ad-", re.IGNORECASE),
    ),
    (
        RemovalKind.APP_BANNER,
        re.compile(r"app-?(?:banner|download)|qr-?code|erweima|smart-?banner", re.IGNORECASE),
    ),
    (RemovalKind.COPYRIGHT, re.compile(r"copyright|banquan", re.IGNORECASE)),
    (
        RemovalKind.BYLINE,
        re.compile(
            r"byline|author|dateline|post-?meta|entry-?meta|article-?info|pub-?time|timestamp", re.IGNORECASE
        ),
    ),
    (
        RemovalKind.PAGE_TOOLS,
        re.compile(
            r"pag(?:er|ination|enav)|toolbar|page-?tools|print|prev-?next|post-navigation", re.IGNORECASE
        ),
    ),
    (
        RemovalKind.NAV,
        re.compile(r"\bnav|menu|sitemap|navbar|daohang|channel|topbar|header|masthead", re.IGNORECASE),
    ),
)


def kind_by_place(block: Block) -> RemovalKind:
    """Return the kind that path and flags point to, or `other`."""
    if found := _kind_by_names(f"{block.path}/{block.inline}"):
        return found
    if "nav" in block.flags or "header" in block.flags or "footer" in block.flags:
        return RemovalKind.NAV
    if "control" in block.flags or "form" in block.flags:
        return RemovalKind.PAGE_TOOLS
    return RemovalKind.OTHER


@functools.lru_cache(maxsize=8192)  # the blocks of a list share their path
def _kind_by_names(place: str) -> RemovalKind | None:
    rank = min(map(_rank, place.split("/")))
    return _KIND_PATTERNS[rank][0] if rank < len(_KIND_PATTERNS) else None


@functools.lru_cache(maxsize=8192)  # and paths share their beginnings
def _rank(step: str) -> int:
    """Return the index of the first pattern in `_KIND_PATTERNS` that matches an element's names, or its
    length.
    """
    return next((n for n, (_, words) in enumerate(_KIND_PATTERNS) if words.search(step)), len(_KIND_PATTERNS))
