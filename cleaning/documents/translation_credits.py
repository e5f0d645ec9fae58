"""Translation credits and disclaimers of a page, kept as metadata: by whom, for what use, by a machine."""

from __future__ import annotations

import re
from typing import Final

from cleaning.documents.labelled import LabelledPage
from cleaning.rules.directives import Part
from output.base.records import RemovalKind
from web.decode import scrub

_MACHINE: Final = re.compile(
    r"(?i)\b(?:translated|made|generated|produced) (?:\w+ )?by (?:an? )?(?:program|machine"
    r"|computer|software|ai\b|automat)"
    r"|\bmachine[- ]translat|\bautomatic(?:ally)? translat|机器翻译|机翻|自动翻译|程序翻译"
)
_OFFICIAL: Final = re.compile(r"(?i)\bofficial translation\b|官方(?:译文|译本|翻译)|正式译本")
_NOT_OFFICIAL: Final = re.compile(r"(?i)\b(?:unofficial|not (?:an )?official|non-official)\b|非官方|仅供参考")
_HUMAN: Final = re.compile(
    r"(?i)\btranslat(?:ed|ions?|or)\b|\bfor reference (?:purposes )?only\b|\btexts? (?:are"
    r"|is|were|was) (?:made|put) |译者|翻译|译文"
)


def attribution(labelled: LabelledPage, part: Part) -> str | None:
    """Return the credits and disclaimers of a part and those outside all parts, which concern the page.

    What a reader's comment says of a translation is none.
    """
    elsewhere = [other.blocks for other in labelled.parts if other is not part]
    texts = [
        block.text
        for i, (block, label) in enumerate(zip(labelled.parsed.blocks, labelled.labels, strict=True))
        if label.kind is RemovalKind.DISCLAIMER
        and i not in labelled.readers
        and not any(i in blocks for blocks in elsewhere)
    ]
    return scrub("\n".join(dict.fromkeys(texts)))[0] or None


def translation_status(credit: str) -> str | None:
    """Return `machine`, `human` or `official` by the words of the credits; None without a translation."""
    if _MACHINE.search(credit):
        return "machine"
    if _OFFICIAL.search(credit) and not _NOT_OFFICIAL.search(credit):
        return "official"
    return "human" if _HUMAN.search(credit) or _NOT_OFFICIAL.search(credit) else None
