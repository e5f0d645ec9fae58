"""The sample pages of a probe, cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cleaning.pipeline import clean
from crawlers.probe.findings import SamplePage
from output.base.records import RawPage, sha256_hex

SHOWN_LINES = 3


@dataclass(frozen=True, slots=True)
class CleanedSample:
    """A cleaned page of the site, by its first document; `reason` says why it has none.

    `lines` are the first lines of the text, `characters` counts those of all documents of the page, and
    `removed` names the kinds of removed blocks.
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


def clean_sample(sample: SamplePage, folder: Path) -> CleanedSample:
    """Clean a page that the probe fetched into its folder."""
    if sample.opt_out:
        return CleanedSample(sample.url, reason=f"opts out of text and data mining: {sample.opt_out}")
    body = (folder / sample.file).read_bytes()
    page = RawPage(
        input_id=sample.url, source_id="probe", url=sample.url, body=body, sha256=sha256_hex(body),
        status=sample.status, headers=sample.headers, robots="allow",
    )  # fmt: skip
    cleaned = clean(page)
    removed = tuple(dict.fromkeys(str(removal.kind) for removal in cleaned.removals))
    if not cleaned.documents:
        return CleanedSample(
            sample.url, reason=cleaned.rejection.reason if cleaned.rejection else "no_text", removed=removed
        )
    document = cleaned.documents[0]
    lines = [line for line in document.text.splitlines() if line.strip() and line != document.title]
    return CleanedSample(
        url=sample.url,
        title=document.title,
        access=document.access,
        language=document.language,
        date=(document.date_published or "")[:10],
        characters=sum(one.characters for one in cleaned.documents),
        lines=tuple(lines[:SHOWN_LINES]),
        removed=removed,
    )
