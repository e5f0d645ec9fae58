"""Detection of soft 404s: pages with status 200 whose title says that the page does not exist."""

from __future__ import annotations

import re

# The title is searched for in the first bytes: a soft 404 has no large head.
_HEAD_BYTES = 16 * 1024
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})<", re.IGNORECASE)
# Matches the whole title, or all of it before the site's name, so that an article about 404s is not one.
_NOT_FOUND = re.compile(
    r"(?:(?:error\s*)?404(?:\s*error)?(?:\s*[-:–—|,.]?\s*(?:(?:page|file)\s*)?not\s*found)?|(?:the\s+)?page\s*(?:was\s+)?not\s*found"
    r"|(?:404)?[\s:：-]*(?:您访问的|您查看的|你访问的)?(?:页面|网页|頁面)(?:不存在|未找到|没有找到|找不到)|找不到(?:页面|网页|頁面))"
    r"[\s!！.。]*(?:[-–—|_·].*)?$",
    re.IGNORECASE,
)


def soft_404_title(body: bytes) -> str:
    """Return the title of a soft 404; "" for any other page."""
    if not (found := _TITLE.search(body, 0, _HEAD_BYTES)):
        return ""
    try:
        text = found[1].decode()
    except UnicodeDecodeError:
        text = found[1].decode("gb18030", errors="replace")
    title = " ".join(text.split())
    return title if _NOT_FOUND.match(title) else ""
