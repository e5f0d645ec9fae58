"""`tamis probe URL`: what a site offers, three of its pages cleaned, and a declaration to begin with."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import click

from crawlers.declaration.loading import source_from_url
from crawlers.probe.findings import SURVEY_FILE, Survey
from flows.ingest.crawl import attend
from flows.probe.draft import draft
from flows.probe.samples import Look, _cleaned
from flows.probe.show import as_json, show
from flows.workspace.progress import step
from output.base.errors import StorageError, UsageError

# A file so named can give its source the id.
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+){0,19}"


def probe(url: str, *, output: Path | None, in_json: bool) -> int:
    """Probe a site, show what it offers, and draft a declaration where there is a way to list it.

    Gives the exit code: 0 with a draft, 1 where none can be made. Raises UsageError for a URL that cannot be
    asked, no contact, or a draft's file that exists; StorageError where it cannot be written.
    """
    source = source_from_url(url)
    file = output or Path(f"{source.id}.toml")
    if file.exists():
        raise UsageError(f"{file}: is there already, and is not overwritten; name another with --output")
    found, looks = _look(source.crawl.start[0])
    front, samples = looks[:1], looks[1:]
    name = file.stem if re.fullmatch(_SLUG, file.stem) else source.id
    text = draft(found, name, samples)
    if text:
        _write(file, text)
    if in_json:
        click.echo(as_json(found, front, samples, file if text else None, text))
    else:
        show(found, front, samples, file if text else None, text)
    return 0 if text else 1


def _look(url: str) -> tuple[Survey, list[Look]]:
    """What the probe's process found, and its pages cleaned: the first page, then the samples."""
    with tempfile.TemporaryDirectory(prefix="tamis-probe-") as name:
        folder = Path(name)
        with step(f"probing {url}") as progress:
            attend(["crawlers.probe", url, str(folder)], folder / "errors", progress)
        found = Survey.model_validate_json((folder / SURVEY_FILE).read_bytes())
        return found, [_cleaned(sample, folder) for sample in found.samples]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{file}: cannot be written: {error.strerror or error}") from error
