"""`tamis sources accept ID URL`: make a crawled page a golden page, with today's result as expected."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from crawlers.declaration.loading import Source, find_source
from flows.commands.golden import Golden, golden_page
from flows.ingest.profiles import fit_profiles, url_pattern
from flows.workspace.sources import folders
from flows.workspace.workspace import Workspace
from output.archive.archive import read_record
from output.base.errors import UsageError
from output.base.escaping import escape
from output.base.wording import counted
from web.urls import canonical


def accept(data: Path, name: str, url: str, folder: Path | None) -> None:
    """Copy a crawled page as a golden page, or clean an existing copy again, and accept the result.

    Raises UsageError where the source or the page is not known, StorageError where it cannot be read or
    written.
    """
    source = find_source(name, folders(folder))
    address = canonical(url)
    if address is None:
        raise UsageError(f"{url}: is no http or https URL that a crawler can request")
    golden = golden_page(source, address)
    if not golden.exists():
        _copy_page(golden, source, data, address)
    result = golden.current()
    file = golden.accept(result)
    click.echo(f"{file}: check it; the tests compare every later version of Tamis with it")
    for document in result.get("documents", []):
        lines = counted(len(document["text"]), "line")
        click.echo(escape(f"  {document.get('access')}: {document.get('title', '')}: {lines}"))
    if "rejected" in result:
        click.echo(f"  rejected: {result['rejected']}")


def _copy_page(golden: Golden, source: Source, data: Path, url: str) -> None:
    with closing(Workspace(data)) as workspace:
        workspace.require()
        known = workspace.ledger.known(source.id, url)
        if known is None or known.ref is None:
            raise UsageError(
                f"{data}: no page {url} of {source.id} is in the archive; "
                "run the source first, and give the URL as in its release"
            )
        record = read_record(workspace.archive, known.ref)
        content_type = next((value for name, value in record.headers if name == "content-type"), "")
        profile = fit_profiles(workspace.profiles / source.id, [url], None).get(url_pattern(url))
        golden.write(url, content_type, record.body, profile.read_bytes() if profile else b"")
