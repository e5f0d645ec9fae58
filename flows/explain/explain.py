"""`tamis explain`: a page's text, kept and removed side by side, each removed block with its reason.

The receipts were stored with the page's documents. The page, in whose visible text they have their offsets,
is read from the archive.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from output.base.errors import StorageError
from output.base.serialize import as_dict


def explain(data: Path, page: str, *, html: Path | None, as_json: bool) -> None:
    """Show a page of the dataset, or a saved one, on standard output or as an HTML file.

    `page` is the id of a document, the URL of a page, or a file. Raises UsageError where it is none of them,
    StorageError where the archive or the dataset is damaged or the file cannot be written.
    """
    from flows.explain.find import find

    explanation = find(data, page)
    if html is not None:
        from flows.explain.page import explain_page

        try:
            html.write_text(explain_page(explanation), "utf-8", errors="replace")
        except OSError as error:
            raise StorageError(f"{html}: cannot be written: {error.strerror or error}") from error
        click.echo(f"{html}: {explanation.page}", err=True)
    if as_json:
        click.echo(json.dumps(as_dict(explanation), ensure_ascii=False))
    elif html is None:
        from flows.explain.terminal import print_explanation

        print_explanation(explanation)
