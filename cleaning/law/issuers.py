"""The bodies that issued a text: their names as written, and their ids from issuers.toml."""

from __future__ import annotations

import dataclasses
import functools
import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Final

from cleaning.text.lines import HAN, fold_line

_LINE_MAX_CHARACTERS = 60  # a signature or an issuer's line says little else
_HEAD_LINES = 6
_FOOT_LINES = 4
_APOSTROPHE: Final = str.maketrans("’‘＇`", "''''")
# How a body that the table does not know is told by its name: by the last word.
_BODY_ZH: Final = re.compile(
    rf"^[{HAN}]{{2,24}}(?:委员会|办公室|办公厅|人民政府|总局|总署|法院|检察院|委员会办公室|部|局|署|厅|院)$"
)
_BODY_EN: Final = re.compile(
    r"^(?:The )?(?:[A-Z][\w’'-]+ (?:(?:of|and|for|the|on) )*)+"
    r"(?:Office|Commission|Committee|Ministry|Bureau|Board|Council|Administration|Agency|Authority|Department"
    r"|Court|Congress|Parliament|House|Government)$"
    r"|^(?:The )?(?:Ministry|Office|Department|Bureau|Government|Council|Court) (?:of|for) "
    r"(?:[A-Z][\w’'-]+(?: (?:of|and|for|the|on))* ?)+$"
)
_PROVINCES: Final = {
    "北京": "BJ", "天津": "TJ", "河北": "HE", "山西": "SX", "内蒙古": "NM", "辽宁": "LN",
    "吉林": "JL", "黑龙江": "HL",
    "上海": "SH", "江苏": "JS", "浙江": "ZJ", "安徽": "AH", "福建": "FJ", "江西": "JX",
    "山东": "SD", "河南": "HA",
    "湖北": "HB", "湖南": "HN", "广东": "GD", "广西": "GX", "海南": "HI", "重庆": "CQ",
    "四川": "SC", "贵州": "GZ",
    "云南": "YN", "西藏": "XZ", "陕西": "SN", "甘肃": "GS", "青海": "QH", "宁夏": "NX",
    "新疆": "XJ", "香港": "HK",
    "澳门": "MO", "台湾": "TW",
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Issuer:
    """A body: its id, its jurisdiction, its names and the codes of its document numbers."""

    id: str
    jurisdiction: str
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """A body as a text names it: the words, where they start, and its id ("" for an unknown body)."""

    text: str
    start: int
    id: str = ""


@functools.cache
def table() -> tuple[Issuer, ...]:
    """Read the bodies of issuers.toml."""
    rows = tomllib.loads(resources.files("cleaning.law").joinpath("issuers.toml").read_text("utf-8"))[
        "issuer"
    ]
    return tuple(
        Issuer(row["id"], row["jurisdiction"], *(tuple(row.get(key, ())) for key in ("zh", "en", "codes")))
        for row in rows
    )


@functools.cache
def _names() -> tuple[dict[str, Issuer], re.Pattern[str]]:
    by_name = {name: issuer for issuer in table() for name in (*issuer.zh, *issuer.en)}
    longest = sorted(by_name, key=len, reverse=True)
    ascii_names, others = (
        "|".join(re.escape(name) for name in longest if name.isascii() == ascii_only)
        for ascii_only in (True, False)
    )
    return by_name, re.compile(rf"\b(?:{ascii_names})\b|{others}")


@functools.cache
def _codes() -> dict[str, Issuer]:
    return {code: issuer for issuer in table() for code in issuer.codes}


def named(text: str) -> list[Named]:
    """Return the known bodies that a text names, in order; a longer name goes before one inside it."""
    by_name, pattern = _names()
    folded = text.translate(_APOSTROPHE)
    return [Named(text[m.start() : m.end()], m.start(), by_name[m[0]].id) for m in pattern.finditer(folded)]


def identify(name: str) -> str | None:
    """Return the id of the body with exactly this name; None for an unknown one."""
    by_name, _ = _names()
    clean = fold_line(name).translate(_APOSTROPHE).removeprefix("The ").removeprefix("the ")
    clean = clean.removeprefix("中华人民共和国").removeprefix("People's Republic of China, ")
    issuer = by_name.get(clean)
    return issuer.id if issuer else None


def issuer_of_code(code: str) -> str | None:
    """Return the id of the body whose document numbers begin with this code (`国发`, `Guo Fa`)."""
    issuer = _codes().get(code.strip())
    return issuer.id if issuer else None


def body_name(line: str) -> str:
    """Return the line where it is a body's name and nothing else, else ""."""
    clean = fold_line(line).strip("()[] ")
    if len(clean) > _LINE_MAX_CHARACTERS or not clean:
        return ""
    return clean if identify(clean) or _BODY_ZH.match(clean) or _BODY_EN.match(clean) else ""


def issuer_of(title: str, lines: Sequence[str], number: str | None = None) -> tuple[str, ...]:
    """Return the names of the bodies that issued a text, as it writes them.

    The name opens the text's title or number, or it stands alone on a line at the head or at the foot. A body
    that the text only mentions did not issue it.
    """
    if number and (owner := owner_of_number(number)):
        return (owner,)
    folded = fold_line(title)
    if opening := [one for one in named(folded) if one.start <= len("The ")]:
        return (opening[0].text,)
    if match := re.search(r"\b(?:of|by) the (?=[A-Z])", folded):
        rest = folded[match.end() :]
        if (behind := [one for one in named(rest) if one.start == 0]) and match.start() < 40:
            return (behind[0].text,)
    head = [name for line in lines[:_HEAD_LINES] if (name := body_name(line))]
    foot = [name for line in lines[-_FOOT_LINES:] if (name := body_name(line))]
    return tuple(dict.fromkeys(head or foot))


def owner_of_number(number: str) -> str:
    """Return the body in a decree's number (`…部令第5号`, `Harbour Board Order No. 5`), or ""."""
    folded = fold_line(number)
    match = re.match(rf"([{HAN}]{{2,24}}?)(?:令|公告)", folded) or re.match(
        r"(?:People[’']s Republic of China,? )?(.+?) (?:Decree|Order)\b", folded
    )
    if not match:
        return ""
    name = match[1].removeprefix("中华人民共和国")
    if name.isascii() or not name:
        return name
    return name if identify(name) or _BODY_ZH.match(name) else ""


def jurisdiction_of(issuer_id: str | None, *texts: str) -> str | None:
    """Return the ISO 3166 code of the body's jurisdiction, else of one that the texts name; or None.

    The texts are title and issuer.
    """
    known = next((issuer.jurisdiction for issuer in table() if issuer.id == issuer_id), None)
    if known:
        return known
    for text in texts:
        folded = fold_line(text)
        if match := re.match(
            rf"({'|'.join(_PROVINCES)})(?=[省市]|自治区|特别行政区|壮族|回族|维吾尔)", folded
        ):
            return f"CN-{_PROVINCES[match[1]]}"
        if "中华人民共和国" in folded or re.search(
            r"People[’']s Republic of China|\bP\.?R\.?C\.?(?=\W|$)", folded
        ):
            return "CN"
    return None
