"""Pages that come with 200 and say that there is no such page: soft 404s, told by their titles."""

from __future__ import annotations

import re

# Where a title stands; a soft 404 has no large head.
_HEAD_BYTES = 16 * 1024
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})<", re.IGNORECASE)
# The whole title, or all of it before the site's own name: an article about such pages is not one.
_NOT_FOUND = re.compile(
    r"(?:(?:error\s*)?404(?:\s*error)?(?:\s*[-:–—|,.]?\s*(?:(?:page|file)\s*)?not\s*found)?|(?:the\s+)?page\s*(?:was\s+)?not\s*found"
    r"|(?:404)?[\s:：-]*(?:您访问的|您查看的|你访问的)?(?:页面|网页|頁面)(?:不存在|未找到|没有找到|找不到)|找不到(?:页面|网页|頁面))"
    r"[\s!！.。]*(?:[-–—|_·].*)?$",
    re.IGNORECASE,
)


def title_of_gone(body: bytes) -> str:
    """The title of a page that says that there is none; "" for any other page."""
    if not (found := _TITLE.search(body, 0, _HEAD_BYTES)):
        return ""
    try:
        text = found[1].decode()
    except UnicodeDecodeError:
        text = found[1].decode("gb18030", errors="replace")
    title = " ".join(text.split())
    return title if _NOT_FOUND.match(title) else ""
