"""The rates of bench-marked pages: content kept, furniture leaked, documents, verdicts, dates and numbers
right."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from cleaning.pipeline import clean
from output.base.records import Access, RawPage, sha256_hex
from tests.unit.cleaning.documents.variants import Variant


def cleaned(variant: Variant):  # type: ignore[no-untyped-def]
    """A variant's page, cleaned."""
    page = RawPage(
        variant.name,
        "variants",
        f"https://quay.example/{variant.name}" if "html" in variant.media else "",
        variant.body,
        sha256_hex(variant.body),
        headers=(("content-type", variant.media),),
    )
    return clean(page)


def fold(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def count(variant: Variant) -> tuple[Counter[str], list[str]]:
    """What was right, and a line for each mistake."""
    documents = cleaned(variant).documents
    body = fold("\n".join(f"{d.title}\n{d.text}" for d in documents))
    lines = {fold(line) for d in documents for line in d.text.split("\n")}
    n: Counter[str] = Counter()
    wrong: list[str] = []

    def mark(what: str, right: bool, detail: object) -> None:
        n[what] += 1
        n[f"{what} right"] += right
        if not right:
            wrong.append(f"{variant.name}: {what}: {detail}")

    for wanted in variant.documents:
        for line in wanted.lines:
            mark("content", fold(line) in body, line[:80])
        titles = {fold(title) for title in wanted.titles}
        match = [d for d in documents if fold(d.title) in titles]
        mark("documents", bool(match), (wanted.titles, [d.title for d in documents][:8]))
        for d in match[:1]:
            mark(
                "verdicts",
                (d.access is not Access.FULL) == wanted.cut,
                (d.title, d.access, d.access_evidence),
            )
            if wanted.effective:
                found = [m.date_effective for m in match]
                mark("dates", wanted.effective in found, (d.title, "effective", wanted.effective, found))
            else:
                mark(
                    "dates", not any(m.date_effective for m in match), (d.title, "invented", d.date_effective)
                )
            if wanted.published:
                found = [(m.date_published or "")[:10] for m in match]
                mark("dates", wanted.published in found, (d.title, "published", wanted.published, found))
            if wanted.number:
                mark(
                    "numbers",
                    any(m.document_number in wanted.number for m in match),
                    [m.document_number for m in match],
                )
    for line in variant.furniture:
        mark("furniture", fold(line) not in lines, line)
    for teaser in variant.teasers:
        mark("teasers", fold(teaser) not in body, teaser)
    return n, wrong


def rates(n: Counter[str]) -> dict[str, float]:
    return {what: n[f"{what} right"] / n[what] for what in n if not what.endswith(" right")}
