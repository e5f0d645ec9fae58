"""The pages of a probe as cleaning sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cleaning.pipeline import clean
from crawlers.probe.findings import SamplePage
from output.base.records import RawPage, sha256_hex

LINES = 3


@dataclass(frozen=True, slots=True)
class Look:
    """A page of the site as cleaning sees it: `access` and the texts are those of its first document.

    `reason` says why there is none; `lines` are the first of the text.
    """

    url: str
    title: str = ""
    access: str = ""
    language: str = ""
    date: str = ""
    characters: int = 0
    lines: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str = ""


def _cleaned(sample: SamplePage, folder: Path) -> Look:
    if sample.opt_out:
        return Look(sample.url, reason=f"it opts out of text and data mining: {sample.opt_out}")
    body = (folder / sample.file).read_bytes()
    page = RawPage(
        input_id=sample.url, source_id="probe", url=sample.url, body=body, sha256=sha256_hex(body),
        status=sample.status, headers=sample.headers, robots="allow",
    )  # fmt: skip
    cleaned = clean(page)
    removed = tuple(dict.fromkeys(str(removal.kind) for removal in cleaned.removals))
    if not cleaned.documents:
        return Look(
            sample.url, reason=cleaned.rejection.reason if cleaned.rejection else "no_text", removed=removed
        )
    document = cleaned.documents[0]
    lines = [line for line in document.text.splitlines() if line.strip() and line != document.title]
    return Look(
        url=sample.url,
        title=document.title,
        access=document.access,
        language=document.language,
        date=(document.date_published or "")[:10],
        characters=sum(one.characters for one in cleaned.documents),
        lines=tuple(lines[:LINES]),
        removed=removed,
    )
