"""Media types: what a body is, by its first bytes before its header, since headers may be wrong."""

from __future__ import annotations

import json
import re
from typing import Final

from web.decode import utf16_by_zeros

# The first bytes of file types (IANA media types, the magic of `file`).
_MAGIC_BYTES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"RIFF", "audio/x-riff"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"wOF", "font/woff"),
    (b"BZh", "application/x-bzip2"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
)
# A page saved with its resources (RFC 2557): a mail with several parts.
_MHTML = re.compile(rb"^content-type:\s*multipart/related\b", re.IGNORECASE | re.MULTILINE)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|script|div|p|table|article|h[1-6]|a)\b", re.IGNORECASE
)
_TAG = re.compile(rb"<[a-z][a-z0-9]{0,10}[\s>/]", re.IGNORECASE)
_FEED = re.compile(rb"<(rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b", re.IGNORECASE)
_SNIFF_BYTES = 4096  # WHATWG's MIME sniffing reads 1,445
_TEXT_TYPES = ("text/", "application/xhtml", "application/xml")
# Text holds few control characters; images and archives hold them in each line.
_MAX_CONTROL_SHARE = 0.05
_CONTROL_BYTES = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0C, 0x0D, 0x1B})
_MAX_JSON_BYTES = 20_000_000  # a longer body that starts like JSON is judged by its header


def media_type(body: bytes, content_type: str = "") -> str:
    """Return the body's media type: `text/html`, `text/plain`, or that of something else.

    `content_type` is the header's value. An empty body is `text/plain`.
    """
    declared = content_type.split(";")[0].strip().lower()
    head = body[:_SNIFF_BYTES]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if kind := next((kind for magic, kind in _MAGIC_BYTES if head.startswith(magic)), ""):
        return kind
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if (feed := _FEED.search(head)) and start.startswith((b"<?xml", b"<" + feed[1])):
        return "application/xml"
    if not start.startswith(b"<") and _MHTML.search(head):
        return "multipart/related"
    if _HTML.search(head):
        return "text/plain" if declared == "text/plain" and not start.startswith(b"<") else "text/html"
    if _is_json(body, start, declared):
        return "application/json"
    if _is_binary(head):
        return declared if declared and not declared.startswith("text/") else "application/octet-stream"
    if declared.startswith(("text/html", "application/xhtml")):
        return "text/html"
    if declared and not declared.startswith(_TEXT_TYPES) and declared != "application/octet-stream":
        return declared
    if declared in ("text/css", "text/javascript"):
        return declared
    return "text/html" if not declared.startswith("text/plain") and _TAG.search(body) else "text/plain"


def _is_json(body: bytes, start: bytes, declared: str) -> bool:
    if not start.startswith((b"{", b"[")):
        return False
    if len(body) > _MAX_JSON_BYTES:
        return "json" in declared
    try:
        return isinstance(json.loads(body), dict | list)
    except (ValueError, RecursionError):
        return "json" in declared


def _is_binary(head: bytes) -> bool:
    """Return whether the head holds control characters that no text holds. UTF-16 is text."""
    if not head or head.startswith((b"\xff\xfe", b"\xfe\xff")) or utf16_by_zeros(head):
        return False
    return len(head) - len(head.translate(None, _CONTROL_BYTES)) > _MAX_CONTROL_SHARE * len(head)
