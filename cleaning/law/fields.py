"""The labelled fields above a law's text in databases and on portals: number, issuer, dates, status.

They are data about the document, and no part of its text.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Final

from cleaning.text.dates import first_date
from cleaning.text.lines import HAN, fold_line

_LABELS: Final = {
    "number": ("发文字号", "文号", "发布文号", "document number", "document no.", "document no"),
    "issuer": (
        "制定机关", "发文机关", "发布机关", "发布部门", "颁布单位", "发布单位", "颁布机关", "发文单位",
        "issuing authority", "issued by", "promulgating authority", "promulgated by", "issuing body",
    ),
    "issued": (
        "颁布日期", "成文日期", "公布日期", "date issued", "date of issue", "issue date", "promulgation date",
        "date of promulgation", "promulgated on",
    ),
    "published": ("发布日期", "发布时间", "date published", "publication date"),
    "effective": ("实施日期", "施行日期", "生效日期", "effective date", "date of effect", "entry into force"),
    "status": ("时效性", "效力状态", "有效性", "validity status", "validity", "legal status"),
    "level": ("效力位阶", "效力级别", "法规类别", "level of authority"),
    "title": ("标题", "名称"),
    "other": ("索引号", "主题分类", "主题词", "体裁分类", "服务对象", "area of law", "index number",
    "subject category"),
}  # fmt: skip
_FIELD_OF: Final = {label: field for field, labels in _LABELS.items() for label in labels}
_LABEL: Final = re.compile(
    rf"^\W*(?P<en>[A-Za-z][A-Za-z .]{{3,28}}?)?\s*(?P<zh>[{HAN}](?:\s*[{HAN}]){{1,7}})?"
    r"\s*(?::|$)\s*(?P<value>.*)$"
)
_LINE_MAX_CHARACTERS = 240
_RECORD_GAP_BLOCKS = 6  # fields of one record stand close together
_MIN_FIELDS = 2  # fields that make a record; one alone may be a sentence


@dataclasses.dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a record, as written, and the indices of their lines."""

    values: Mapping[str, str]
    lines: frozenset[int]

    def get(self, name: str) -> str:
        """Return the words of a field, or ""."""
        return self.values.get(name, "")

    def date(self, name: str) -> str | None:
        """Return the date in a field, or None."""
        return first_date(self.get(name))


NONE: Final = Fields({}, frozenset())


def read_fields(lines: Sequence[str]) -> Fields:
    """Return the fields of a record among the lines of a page; none where fewer than two stand together."""
    found = [
        (i, pairs)
        for i, line in enumerate(lines)
        if len(line) <= _LINE_MAX_CHARACTERS and (pairs := _pairs(line))
    ]
    groups: list[list[tuple[int, list[tuple[str, str]]]]] = []
    for i, pairs in found:
        if groups and i - groups[-1][-1][0] <= _RECORD_GAP_BLOCKS:
            groups[-1].append((i, pairs))
        else:
            groups.append([(i, pairs)])
    for group in groups:
        values: dict[str, str] = {}
        for _, pairs in group:
            for field, value in pairs:
                values.setdefault(field, value)
        if len({field for field in values if field not in ("title", "other")}) >= _MIN_FIELDS:
            return Fields(values, frozenset(i for i, _ in group))
    return NONE


def _pairs(line: str) -> list[tuple[str, str]]:
    """Return the fields on a line: `label: value`, or alternating cells of a table row."""
    if ":" not in line and "：" not in line and "\t" not in line:
        return []  # a label without its value
    cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
    pairs: list[tuple[str, str]] = []
    label = ""
    for cell in cells:
        match = _LABEL.match(fold_line(cell))
        field = _field(match) if match else ""
        if match and field:
            if match["value"]:
                pairs.append((field, match["value"]))
                label = ""
            else:
                label = field
        elif label:
            pairs.append((label, cell))
            label = ""
    return pairs


def _field(match: re.Match[str]) -> str:
    """Return the name of the field that a label means, or ""."""
    english = " ".join((match["en"] or "").lower().split())
    hanzi = re.sub(r"\s", "", match["zh"] or "")
    return _FIELD_OF.get(hanzi) or _FIELD_OF.get(english) or ""
