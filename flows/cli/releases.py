"""The commands that decide what readers get: `tamis release` and `forget`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flows.cli.extras import needs
from output.base.escaping import shown
from output.base.wording import counted


@click.command()
@click.option("--source", "sources", multiple=True, help="Only this source; may be repeated.")
@click.option("--language", "languages", multiple=True, help="A BCP 47 tag; zh includes zh-Hans.")
@click.option("--since", help="The first day of publication, ISO 8601.")
@click.option("--until", help="The last day of publication, ISO 8601.")
@click.option("--licence", "licences", multiple=True, help="A word of the licence.")
@click.option(
    "--access", multiple=True, default=("full",), show_default=True, help="An access verdict to include."
)
@click.option("--duplicates", is_flag=True, help="Include documents that are the same as another.")
@click.pass_obj
@needs("crawl", "dataset")
def release(data: Path, /, **choice: Any) -> None:
    """Cut a release from the dataset.

    Without filters it holds every full text once, and becomes `latest`. With filters, `latest` stays as it
    is.
    """
    from flows.commands.release import release as cut
    from output.release.choice import Choice

    made = cut(data, Choice(**choice))
    documents = made.manifest["counts"]["documents"]
    already = "" if made.new else " exists already"
    click.echo(f"{made.path}{already}: {counted(documents, 'document')}")
    if not documents:
        click.echo("tamis: no document fits this choice; `tamis report` counts what there is", err=True)


@click.command()
@click.argument("url")
@click.option("--by", default="", help="Who withdraws it; by default the current user.")
@click.option("--reason", default="", help="Why it is withdrawn.")
@click.pass_obj
@needs("crawl", "dataset")
def forget(data: Path, url: str, by: str, reason: str) -> None:
    """Withdraw a page on request.

    Its documents leave the dataset and every later release, and no later run takes them in again.
    """
    from flows.commands.forget import forget as withdraw

    withdrawn = withdraw(data, url, by=by, reason=reason)
    click.echo(shown(withdrawn.line()))
    for path in withdrawn.releases:
        click.echo(f"still in {path}")
