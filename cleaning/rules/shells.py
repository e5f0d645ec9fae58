"""Pages without a document: those that scripts fill in, and those that ask the visitor to log in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cleaning.page.parse import Block, Parsed

# With fewer characters beside the notices there is no text, only menus and footers.
_MIN_TEXT_CHARACTERS: Final = 40
# With an empty mount, so many characters may be the frame around it, which the server wrote.
_FRAME_MAX_CHARACTERS: Final = 200
# The elements that React, Vue, Next, Nuxt, Angular, Gatsby, Quasar, Svelte, Ember and Blazor fill.
_MOUNT_SELECTOR: Final = (
    "#root, #app, #__next, #__nuxt, #___gatsby, #q-app, #svelte, #ember-app, #react-root, #app-root,"
    " #main-app, #application, app-root, app, [ng-app], [data-reactroot],"
    " [data-server-rendered], body > div[id]"
)
_SCRIPT_NOTICE: Final = re.compile(
    r"(?i)(?:enabl\w+|requir\w+|turn(?:ing)? on|without|need|activat\w+|support\w*|allow)\b"
    r"[^.。]{0,40}\bjava\s?script"
    r"|java\s?script\b[^.。]{0,30}"
    r"\b(?:disabled|required|enabled|necessary|turned (?:on|off)|not (?:supported|available))"
    r"|(?:启用|开启|打开|支持|禁用|关闭|需要)[^。]{0,12}java\s?script"
    r"|java\s?script[^。]{0,12}(?:启用|开启|禁用|关闭|支持|才能)"
)
# A line that says only that the page is loading.
_LOADING_NOTICE: Final = re.compile(
    r"(?i)\W*(?:loading|please wait|just a moment|正在加载|加载中|请稍候|请稍等|数据加载中)[\w\s,，]{0,30}\W*"
)
# A title or heading that says only that this is a login page.
_LOGIN_NAME: Final = re.compile(
    r"(?i)\W*(?:(?:please|user|member|account|customer|staff)\s+)?(?:log|sign)[ -]?[io]n\b[^.!?]{0,30}\W*"
    r"|\W*(?:请|用户|會員|会员|系统|统一|账号|帐号|密码)?(?:身份)?(?:登[录陆錄入]|认证)(?:页面|系统|平台)?\W*"
)
_NAME_SEPARATOR: Final = re.compile(r"\s[|–—-]\s|[|_»]")


def asks_to_log_in(parsed: Parsed, content: Iterable[Block]) -> str:
    """Return the title or heading that names a page a login, or "" where it is none.

    Such a page has a password field and next to no text. `content` are the blocks labelled as text.
    """
    if sum(len(block.text) for block in content) >= _FRAME_MAX_CHARACTERS:
        return ""
    heading = next((block.text for block in parsed.blocks if block.level), "")
    names = [
        part
        for name in (parsed.title, heading)
        for part in _NAME_SEPARATOR.split(name[:_FRAME_MAX_CHARACTERS])
    ]
    login_name = next((name.strip() for name in names if _LOGIN_NAME.fullmatch(name)), "")
    return login_name if login_name and parsed.tree.css_first("input[type=password i]") else ""


def needs_script(parsed: Parsed, content: Iterable[Block]) -> str:
    """Return the evidence that scripts fill in a page, or "". It is a notice, or an empty element that a
    framework fills.

    `content` are the blocks labelled as text. A page that shows its text needs no script, whatever it says
    about scripts.
    """
    text_characters = 0
    for block in content:
        if not _is_notice(block.text) and not _LOADING_NOTICE.fullmatch(block.text):
            text_characters += len(block.text)
            if text_characters >= _FRAME_MAX_CHARACTERS:
                return ""
    notices = [block.text for block in parsed.blocks if _is_notice(block.text)]
    if not (notices or parsed.tree.css_first("script")):
        return ""
    waiting = [block.text for block in parsed.blocks if _LOADING_NOTICE.fullmatch(block.text)]
    empty_mount = _empty_mount(parsed.tree)
    if empty_mount and (text_characters < _MIN_TEXT_CHARACTERS or notices or waiting):
        return (notices or waiting or [empty_mount])[0][:_FRAME_MAX_CHARACTERS]
    if text_characters >= _MIN_TEXT_CHARACTERS:
        return ""
    if notices or waiting:
        return (notices or waiting)[0][:_FRAME_MAX_CHARACTERS]
    return "" if parsed.text.strip() else "no visible text, and scripts"


def _is_notice(text: str) -> bool:
    return len(text) < _FRAME_MAX_CHARACTERS and bool(_SCRIPT_NOTICE.search(text))


def _empty_mount(tree: LexborHTMLParser) -> str:
    """Return the start tag of the first empty element that a framework fills, or ""."""
    for node in tree.css(_MOUNT_SELECTOR):
        if not _is_visible(node):
            name = f" id={node.attributes['id']}" if node.attributes.get("id") else ""
            return f"<{node.tag}{name}> is empty"
    return ""


def _is_visible(node: LexborNode) -> bool:
    """Return whether an element shows anything: words, a picture, a form."""
    return any(
        (inner.tag == "-text" and bool((inner.text_content or "").strip()) and not _is_hidden(inner))
        or inner.tag in ("img", "table", "form", "video", "iframe", "object")
        for inner in node.traverse(include_text=True)
    )


def _is_hidden(text: LexborNode) -> bool:
    parent = text.parent
    return parent is not None and (
        parent.tag in ("script", "style", "template", "noscript")
        or bool(_LOADING_NOTICE.fullmatch(text.text_content or ""))
    )
