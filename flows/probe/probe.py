"""`tamis probe URL`: how a site can be crawled, three of its pages cleaned, and a draft declaration."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import click

from crawlers.declaration.loading import source_from_url
from crawlers.probe.findings import SURVEY_FILE, Survey
from flows.ingest.crawl import run_crawler
from flows.probe.draft import draft
from flows.probe.samples import CleanedSample, clean_sample
from flows.probe.show import as_json, show
from flows.workspace.progress import step
from output.base.errors import StorageError, UsageError

# A file with such a name gives its source the id.
_SOURCE_ID = r"[a-z0-9]+(?:-[a-z0-9]+){0,19}"


def probe(url: str, *, output: Path | None, in_json: bool) -> int:
    """Probe a site, show the result, and draft a declaration where the site's pages can be listed.

    Returns the exit code: 0 with a draft, 1 without. Raises UsageError for a URL that cannot be requested, a
    missing contact, or a draft file that exists; StorageError where it cannot be written.
    """
    source = source_from_url(url)
    file = output or Path(f"{source.id}.toml")
    if file.exists():
        raise UsageError(f"{file}: exists, and is not overwritten; name another file with --output")
    survey, cleaned = _survey(source.crawl.start[0])
    front, samples = cleaned[:1], cleaned[1:]
    name = file.stem if re.fullmatch(_SOURCE_ID, file.stem) else source.id
    text = draft(survey, name, samples)
    if text:
        _write(file, text)
    if in_json:
        click.echo(as_json(survey, front, samples, file if text else None, text))
    else:
        show(survey, front, samples, file if text else None, text)
    return 0 if text else 1


def _survey(url: str) -> tuple[Survey, list[CleanedSample]]:
    """Probe in a process of its own, and clean the pages it fetched: the first page, then the samples."""
    with tempfile.TemporaryDirectory(prefix="tamis-probe-") as name:
        folder = Path(name)
        with step(f"probing {url}") as progress:
            run_crawler(["crawlers.probe", url, str(folder)], folder / "errors", progress)
        survey = Survey.model_validate_json((folder / SURVEY_FILE).read_bytes())
        return survey, [clean_sample(sample, folder) for sample in survey.samples]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{file}: cannot be written: {error.strerror or error}") from error
