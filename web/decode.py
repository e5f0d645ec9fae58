"""Decoding: bytes to text, whatever the header says.

Headers and meta tags may be wrong: a page declares one charset and is written in another. So a declaration is
trusted only while the decoded text makes sense. The order is byte order mark, valid UTF-8, the declaration
(header, then meta), then the likeliest charset. gb2312 and gbk are read as gb18030, their superset, since
half of the pages that declare them go beyond them.
"""

from __future__ import annotations

import codecs
import dataclasses
import re
import unicodedata
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Labels that browsers read as a wider charset (WHATWG Encoding), gb18030 among them.
_WIDER_CHARSETS: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
_ALIASES: Final = {"x-gbk": "gbk", "x-sjis": "shift_jis", "ks_c_5601-1987": "euc_kr", "windows-874": "cp874"}
# The charsets of undeclared pages, the likeliest first, and those that a declared language puts before them.
_CANDIDATES: Final = (
    "gb18030",
    "big5hkscs",
    "cp932",
    "euc_jp",
    "cp949",
    "cp1252",
    "cp1251",
    "koi8-r",
    "cp1253",
)
_BY_LANGUAGE: Final = (
    (re.compile(r"zh-(?:tw|hk|mo|hant)"), ("big5hkscs",)),
    (re.compile(r"ja"), ("cp932", "euc_jp")),
    (re.compile(r"ko"), ("cp949",)),
    (re.compile(r"ru|uk|bg|be|sr"), ("cp1251", "koi8-r")),
    (re.compile(r"el"), ("cp1253",)),
    (re.compile(r"he"), ("cp1255",)),
    (re.compile(r"ar|fa"), ("cp1256",)),
    (re.compile(r"tr"), ("cp1254",)),
    (re.compile(r"pl|cs|hu|hr|sl|sk|ro"), ("cp1250",)),
)
_META_CHARSET = re.compile(
    rb"""<(?:meta\b[^>]*?charset|\?xml\b[^>]*?encoding)\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE
)
_HTML_LANG = re.compile(rb"""<html\b[^>]*?\blang\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_PRESCAN_BYTES = 8192  # WHATWG reads 1,024; real pages put scripts before their meta
_SAMPLE_CHARACTERS = 4000  # outside ASCII, by which a decoding is judged
# Of implausible characters; real pages stay below 2%, wrong codecs give more than 20%.
_MAX_NONSENSE_SHARE = 0.1
_MAX_BROKEN_UTF8_SHARE = 0.05  # of the multi-byte sequences in a damaged UTF-8 page
_UNDECODED = re.compile("[\ufffd\x80-\x9f\ue000-\uf8ff]")
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclasses.dataclass(frozen=True, slots=True)
class Decoded:
    """Text without NUL characters, the codec that read it, and warnings about it."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Decode `body` to text; never raises. `content_type` is the header's value, or ""."""
    declared, unknown = _declared(body, content_type)
    if (valid := _utf8(body)) is None:
        encoding = _proven_by_bytes(body) or _likeliest(body, declared)
        text = body.decode(encoding, errors="replace").removeprefix("\ufeff")
        bad = text.count("\ufffd") - body.count("\ufffd".encode())
    else:
        # ASCII is the same in each charset; its links are not, for they may be written as references.
        encoding = declared[0] if declared and body.isascii() else "utf-8"
        text, bad = valid.removeprefix("\ufeff"), 0
    warnings = [f"charset_unknown:{name}" for name in unknown]
    if declared and declared[0] != encoding:
        warnings.append(f"charset_lie:{declared[0]}:{encoding}")
    if bad:
        warnings.append(f"undecodable:{max(bad, 1)}")
    if b"\0" in body and "\0" in text:
        text = text.replace("\0", "\ufffd")
        warnings.append("nul_characters")
    return Decoded(text, encoding, tuple(warnings))


def scrub(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text without characters that break files and terminals, and a warning for each kind found.

    Lone surrogates (from escapes in JSON-LD) become U+FFFD. Control characters become a space, since ESC can
    forge log lines.
    """
    if text.isprintable():  # as most lines are
        return text, ()
    warnings = []
    if not text.isascii() and _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
        warnings.append("lone_surrogates")
    if _CONTROL_CHARACTERS.search(text):
        text = _CONTROL_CHARACTERS.sub(" ", text)
        warnings.append("control_characters")
    return text, tuple(warnings)


def utf16_by_zeros(head: bytes) -> str:
    """Return `utf-16-le` or `utf-16-be` when every second byte is mostly zero, as in markup; else ""."""
    half = len(head) // 2
    if half < 8:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _declared(body: bytes, content_type: str) -> tuple[list[str], list[str]]:
    """Return the codecs that header and meta name, as their superset, and the labels of no known codec."""
    head = _COMMENT.sub(b"", body[:_PRESCAN_BYTES])
    labels = [m[1] for m in [_HEADER_CHARSET.search(content_type)] if m]
    labels += [m[1].decode("ascii", "ignore") for m in _META_CHARSET.finditer(head)][:1]
    known: list[str] = []
    unknown: list[str] = []
    for label in labels:
        codec = _codec(label)
        (known if codec else unknown).append(codec or label[:40].lower())
    return list(dict.fromkeys(known)), list(dict.fromkeys(unknown))


def _codec(label: str) -> str:
    label = label.strip().lower()
    try:
        info = codecs.lookup(_ALIASES.get(label, label))
    except (LookupError, ValueError):
        return ""
    # `hex`, `zip` and their like turn bytes into bytes; UTF-16 cannot hold the ASCII that names it.
    if not info._is_text_encoding or info.name in ("idna", "punycode", "utf-7", "raw_unicode_escape"):
        return ""
    if info.name.startswith(("utf-16", "utf-32", "unicode", "undefined", "cp037", "cp500")):
        return ""
    return _WIDER_CHARSETS.get(info.name, info.name)


def _utf8(body: bytes) -> str | None:
    """Return the text of a valid UTF-8 body, or None. Zeros and escapes point to other codecs."""
    if b"\0" in body or b"\x1b$" in body[:_PRESCAN_BYTES]:
        return None
    try:
        return body.decode()
    except UnicodeError:
        return None


def _proven_by_bytes(body: bytes) -> str:
    """Return the codec that the bytes prove, by a byte order mark, zeros, escapes or valid UTF-8; else ""."""
    if mark := next((name for bom, name in _BOMS if body.startswith(bom)), ""):
        return mark
    if wide := utf16_by_zeros(body[:_PRESCAN_BYTES]):
        return wide
    if b"\x1b$" in body[:_PRESCAN_BYTES] and _is_valid(body, "iso2022_jp"):
        return "iso2022_jp"
    if body.isascii() or _is_valid(body, "utf-8"):
        return "utf-8"
    text = body.decode("utf-8", errors="replace")
    others = len(text) - len(text.encode("ascii", "ignore"))
    return "utf-8" if text.count("\ufffd") <= _MAX_BROKEN_UTF8_SHARE * others else ""


def _is_valid(body: bytes, codec: str) -> bool:
    """Return whether the body is valid in the codec. A last character that was cut off is ignored."""
    try:
        codecs.getincrementaldecoder(codec)().decode(body, final=False)
    except UnicodeError:
        return False
    return True


def _likeliest(body: bytes, declared: list[str]) -> str:
    """Return the declared codec if the text makes sense in it, else the best of all."""
    sample = _sample(body)
    names = [name for name in declared if name != "utf-8"]
    tried: dict[str, float] = {}
    for name in names:
        tried[name] = _nonsense_share(sample.decode(name, errors="replace"), name)
        if tried[name] < _MAX_NONSENSE_SHARE:
            return name
    language = next((m[1].decode().lower() for m in [_HTML_LANG.search(body[:_PRESCAN_BYTES])] if m), "")
    likely = [name for pattern, codecs_ in _BY_LANGUAGE if pattern.match(language) for name in codecs_]
    for name in dict.fromkeys([*likely, *_CANDIDATES]):
        if name not in tried:
            tried[name] = _nonsense_share(sample.decode(name, errors="replace"), name) - 0.02 * (
                name in likely
            )
    best = min(tried.values())
    return next(name for name, nonsense in tried.items() if nonsense <= best + 0.01)


def _sample(body: bytes) -> bytes:
    """Return the lines with bytes outside ASCII, up to a few times `_SAMPLE_CHARACTERS` of them."""
    lines, size = [], 0
    for line in body.splitlines(keepends=True):
        if not line.isascii():
            lines.append(line[: 4 * _SAMPLE_CHARACTERS])
            size += len(line)
            if size > 8 * _SAMPLE_CHARACTERS:
                break
    return b"".join(lines)


def _nonsense_share(text: str, codec: str) -> float:
    """Return the share of implausible characters outside ASCII; -1 for a codec recognised at sight."""
    odd = seen = kana = hangul = 0
    last = before = " "
    for char in text:
        if char >= "\x80":
            seen += 1
            odd += _is_nonsense(last, before, char)
            kana += "\u3040" <= char <= "\u30ff"
            hangul += "\uac00" <= char <= "\ud7a3" and len(char.encode("euc_kr")) == 2
            if seen >= _SAMPLE_CHARACTERS:
                break
        last, before = before, char
    if not seen:
        return 0.0
    # EUC puts kana and hangul where GB 2312 has kana and the first half of its hanzi (A to O by pinyin).
    # A decoding with much kana, or with everyday hangul only, is Japanese or Korean.
    at_sight = (codec == "euc_jp" and kana > 0.2 * seen) or (codec == "cp949" and hangul > 0.9 * seen)
    return -1.0 if at_sight else odd / seen


def _is_nonsense(last: str, before: str, char: str) -> bool:
    if _UNDECODED.match(char) or not (char.isprintable() or char.isspace()):
        return True
    if "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000":
        return not _is_common_hanzi(char)
    if "\uff61" <= char <= "\uff9f":  # half-width katakana: what Shift_JIS makes of other charsets
        return True
    if "\uac00" <= char <= "\ud7a3":  # hangul among hanzi: what EUC-KR makes of them
        return "\u3400" <= before <= "\u9fff"
    if "\u0370" <= char < "\u0530" and before.isascii() and before.isalpha():
        return True  # no word mixes its alphabet with Latin letters
    if char < "\u0530" and char.isalpha():
        # Words do not go from small to capital, and accented Latin letters do not stand three in a row.
        in_row = char < "\u0250" and "\xa1" <= before < "\u0250" and "\xa1" <= last < "\u0250"
        return in_row or (char.isupper() and before.isalpha() and before.islower())
    if char < "\u0100" or (unicodedata.category(char) in ("Sm", "So") and "\u2500" <= char <= "\u25ff"):
        return before.isalpha() and before >= "\x80"
    return False


def _is_common_hanzi(char: str) -> bool:
    """Return whether a hanzi is an everyday one: level 1 of GB 2312 (3,755) or of Big5 (5,401)."""
    for codec, above in (("gb2312", 0xD8), ("big5", 0xC9)):
        try:
            if char.encode(codec)[0] < above:
                return True
        except UnicodeEncodeError:
            continue
    return False
