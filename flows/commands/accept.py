"""`tamis sources accept ID URL`: what cleaning makes of a page today is what it must make from now on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from crawlers.declaration.loading import Source, find_source
from flows.commands.golden import Golden, golden_of
from flows.ingest.profiles import fit_profiles, url_pattern
from flows.workspace.sources import folders
from flows.workspace.workspace import Workspace
from output.archive.archive import read_record
from output.base.errors import UsageError
from output.base.escaping import escape
from web.urls import canonical


def accept(data: Path, name: str, url: str, folder: Path | None) -> None:
    """Freeze a crawled page as a golden one, or accept anew what is made of one that is frozen.

    Raises UsageError where the source or the page is not known, StorageError where it cannot be read or kept.
    """
    source = find_source(name, folders(folder))
    address = canonical(url)
    if address is None:
        raise UsageError(f"{url}: is no http or https URL that a crawler can ask")
    golden = golden_of(source, address)
    if not golden.exists():
        _freeze(golden, source, data, address)
    made = golden.made()
    file = golden.accept(made)
    click.echo(f"{file}: look at it; the tests hold every later version of Tamis to it")
    for document in made.get("documents", []):
        click.echo(
            escape(f"  {document.get('access')}: {document.get('title', '')}: {len(document['text'])} lines")
        )
    if "rejected" in made:
        click.echo(f"  rejected: {made['rejected']}")


def _freeze(golden: Golden, source: Source, data: Path, url: str) -> None:
    with closing(Workspace(data)) as workspace:
        workspace.require()
        known = workspace.ledger.known(source.id, url)
        if known is None or known.ref is None:
            raise UsageError(
                f"{data}: no page {url} of {source.id} is in the archive; "
                f"run the source first, and give the URL as its release has it"
            )
        record = read_record(workspace.archive, known.ref)
        content_type = next((value for name, value in record.headers if name == "content-type"), "")
        profile = fit_profiles(workspace.profiles / source.id, [url], None).get(url_pattern(url))
        golden.keep(url, content_type, record.body, profile.read_bytes() if profile else b"")
