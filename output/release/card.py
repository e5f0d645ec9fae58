"""The card of a release: the README for people, with the metadata that dataset hubs read at its head."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from output.base.wording import counted
from output.formats.untrusted_text import markdown
from output.release.charts import bars_image
from output.release.recipes import QUERIES, READERS

NAME = "README.md"

# Rows of a table of the card; the manifest has all values.
MAX_TABLE_ROWS = 25

_CARD_HEAD = """\
---
pretty_name: Documents sifted by Tamis
{languages}configs:
- config_name: documents
  default: true
  data_files: documents/*.parquet
{tables}---

"""

_CARD = """\
# {documents} as of {day}

Web pages, cleaned of their furniture: each document with where it came from, what was removed of its page
and why, and how it stands to the others. {changes}

{choice}

## What is in it

{sources}

{languages}

{verdicts}

{years}

## How it was cleaned

Each block that left a text is in `removals.parquet` with the rule that removed it; a text that may be cut
says so in `access`. Documents by what cleaned them (a change of these alone is *re-cleaned* in `CHANGES.md`):

{versions}

{removals}

## Known gaps

{gaps}

{rejections}

{left_out}

## Files

| File | Holds |
|---|---|
| `documents/*.parquet` | the newest version of each document, by source, date and id |
| `documents.jsonl.zst` | the same, a document a line |
| `documents.csv` | what fits a spreadsheet, no texts; what looks like a formula begins with a quote |
{others}
| `CHANGES.md`, `changes.parquet` | what changed since the release before, by the page or by us |
| `document.schema.json` | what each field means (JSON Schema) |
| `croissant.json` | the same of all tables, for tools that speak Croissant |
| `manifest.json` | SHA-256, bytes and rows of every file; all counts |

In `text` a paragraph is a line, and a table's row a line with tabs between its cells; footnotes stand where
they stood.

## Open it

From the folder of the release:

{readers}

## Ask it

{questions}

## Rights

Rights lie with the sources; each document's `licence`, `attribution` and `tdm` say what its page said.

{licences}
"""

_TABLE_CONTENTS = {
    "relations": "pairs of documents: `same`, `contains`, `version`, `translation_of`, `attachment_of`; "
    "`a` is the survivor, the whole, the newer, the original; one of the two may be left out here",
    "removals": "receipts: each block that left a text, and the rule that removed it",
    "rejections": "pages that gave no document, and why",
    "pairs": "articles and paragraphs of a text (`a`) and its translation (`b`) side by side, "
    "and what differs between them",
}


def write_card(folder: Path, body: Mapping[str, Any]) -> None:
    """Write README.md and its charts for a release with this manifest."""
    counts = body["counts"]
    charts = folder / "charts"
    charts.mkdir()
    years = [(year or "no date", n) for year, n in counts["documents_by_year"].items()]
    removals = sorted(counts["removals_by_kind"].items(), key=lambda item: (-item[1], item[0]))
    (charts / "years.svg").write_text(bars_image("Documents by year", years), "utf-8")
    (charts / "removals.svg").write_text(bars_image("Removed blocks by kind", removals), "utf-8")
    (folder / NAME).write_text(_head(body) + _text(body), "utf-8")


def _head(body: Mapping[str, Any]) -> str:
    counts = body["counts"]
    primary = {language.partition("-")[0] for language in counts["documents_by_language"]} - {"", "und"}
    plain = sorted(tag for tag in primary if tag.isascii() and tag.isalpha())
    tables = "".join(
        f"- config_name: {name}\n  data_files: {name}.parquet\n"
        for name in counts["tables"]
        if counts["tables"][name]
    )
    return _CARD_HEAD.format(
        languages="".join(["language:\n", *(f"- {tag}\n" for tag in plain)]) if plain else "",
        tables=tables,
    )


def _text(body: Mapping[str, Any]) -> str:
    counts, left_out = body["counts"], body["counts"]["left_out"]
    before = body["before"]
    return _CARD.format(
        documents=counted(counts["documents"], "document"),
        day=body["newest_run"]["time"][:10],
        changes=f"Since `{before}`: {_listed(body['changes']) or 'no document changed'} (`CHANGES.md`)."
        if before
        else "The first release of this selection.",
        choice=_choice(body["parameters"]),
        sources=_table("Source", "documents", counts["documents_by_source"]),
        languages=_table("Language", "documents", counts["documents_by_language"]),
        verdicts=_table("Verdict", "documents", counts["documents_by_access"]),
        years="![Documents by year](charts/years.svg)",
        versions=_versions(body["versions"]),
        removals="![Removed blocks by kind](charts/removals.svg)",
        gaps=_gaps(body["gaps"]),
        rejections=_table("Page without a document, because", "pages", counts["rejections_by_reason"]),
        left_out=_left_out(left_out),
        others="\n".join(
            f"| `{name}.parquet` | {count:,} {_TABLE_CONTENTS.get(name, 'rows')} |"
            for name, count in counts["tables"].items()
        ),
        readers="\n\n".join(f"**{name}**\n\n```{language}\n{code}\n```" for name, language, code in READERS),
        questions="\n\n".join(
            f"**{title}**\n\n```sql\n{query}\n```\n\n{after}".rstrip() for title, query, after in QUERIES
        ),
        licences=_table("Licence as found", "documents", counts["documents_by_licence"]),
    )  # fmt: skip


def _choice(parameters: Mapping[str, Any]) -> str:
    chosen = {
        "sources": parameters["sources"],
        "languages": parameters["languages"],
        "from": parameters["since"],
        "until": parameters["until"],
        "licences with": parameters["licences"],
        "verdicts": parameters["access"] or ["all"],
    }
    words = [
        f"{name} {', '.join(map(markdown, value)) if isinstance(value, list) else value}"
        for name, value in chosen.items()
        if value
    ]
    return f"Chosen: {'; '.join(words)}; duplicates {'kept' if parameters['duplicates'] else 'left out'}."


def _left_out(left_out: Mapping[str, Any]) -> str:
    cut = ", ".join(f"{verdict}: {count:,}" for verdict, count in left_out["cut"].items()) or "none"
    filtered = "".join(f"{n:,} by {why}; " for why, n in left_out["filtered"].items())
    return (
        f"Left out: {filtered}{counted(sum(left_out['cut'].values()), 'text')} cut, or perhaps cut ({cut}); "
        f"{counted(left_out['same'], 'duplicate')} of a document that is here."
    )


def _gaps(gaps: Mapping[str, Mapping[str, int]]) -> str:
    lines = [f"| {markdown(source)} | {_listed(counts)} |" for source, counts in gaps.items() if counts]
    if not lines:
        return "The newest run of each source left no URL unfetched that it had scheduled."
    return "\n".join(
        ["| Source | URLs that its newest run could not, or would not, take |", "|---|---|", *lines]
    )


def _versions(versions: Mapping[str, Mapping[str, int]]) -> str:
    lines = [
        f"| {name} | {markdown(version or 'none')} | {count:,} |"
        for name, counts in versions.items()
        for version, count in _largest(counts)
    ]
    return "\n".join(["| | Version | documents |", "|---|---|---:|", *lines])


def _table(what: str, of: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    lines = [f"| {markdown(value or 'not known')} | {count:,} |" for value, count in _largest(counts)]
    more = [f"| and {len(counts) - MAX_TABLE_ROWS:,} more | |"] if len(counts) > MAX_TABLE_ROWS else []
    return "\n".join([f"| {what} | {of} |", "|---|---:|", *lines, *more])


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_TABLE_ROWS]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {markdown(name)}" for name, count in counts.items())
