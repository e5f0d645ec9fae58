"""The commands that only look: `tamis probe`, `explain`, `report` and `verify`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from flows.cli.extras import needs
from flows.cli.options import FILE, as_json
from output.base.escaping import shown


@click.command()
@click.argument("url")
@click.option("--output", type=FILE, help="Write the draft here, instead of to ID.toml in this folder.")
@as_json("Print one JSON object on standard output.")
@needs("crawl")
def probe(url: str, output: Path | None, as_json: bool) -> None:
    """Draft a declaration for a site.

    It shows how the site lists its pages, what it allows, and three pages cleaned. It makes at most 40
    requests, obeys robots.txt, waits between requests, and keeps nothing but the draft. Exit code 1 where no
    draft can be made.
    """
    from flows.probe.probe import probe as probe_site

    sys.exit(probe_site(url, output=output, in_json=as_json))


@click.command()
@click.argument("page", metavar="ID_OR_URL_OR_FILE")
@click.option("--html", type=FILE, help="Write one HTML page that needs no network.")
@as_json()
@click.pass_obj
def explain(data: Path, page: str, html: Path | None, as_json: bool) -> None:
    """Show what was removed from a page, and why.

    Beside it stands the text that was kept, and below it how to keep more. The page is named by the id of a
    document, by its URL, or as a saved file.
    """
    from flows.explain.explain import explain as explain_page

    explain_page(data, page, html=html, as_json=as_json)


@click.command()
@click.argument("source", required=False)
@click.option("--run", "run_id", metavar="ID", help="Show this run, instead of the last one of each source.")
@as_json()
@click.option("--html", "page", type=FILE, help="Write all runs as one HTML page that needs no network.")
@click.pass_obj
@needs("crawl", "dataset")
def report(data: Path, source: str | None, run_id: str | None, as_json: bool, page: Path | None) -> None:
    """Show the results of runs.

    They are the outcomes of URLs, the access verdicts, the removed blocks, the relations, and how complete
    each source is.
    """
    from flows.reports.report import show_report

    show_report(data, source=source, run_id=run_id, as_json=as_json, page=page)


@click.command()
@as_json()
@click.pass_obj
@needs("dataset")
def verify(data: Path, as_json: bool) -> None:
    """Check the stored files by their checksums.

    It reads archive, dataset and releases, and names each damaged path. Exit code 4 where there is one.
    """
    from flows.commands.verify import verify_all
    from output.stores import stores

    damage = verify_all(data)
    lines, advice = damage.lines(), damage.advice(data / "archive", Path(stores(data).dataset))
    if as_json:
        found = {"damaged": lines, "advice": advice, "elsewhere": [*damage.elsewhere]}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for line in (*lines, *advice, *damage.elsewhere):
            click.echo(shown(line))
        click.echo(f"{len(lines)} damaged" if lines else f"{data}: nothing damaged")
    sys.exit(4 if lines else 0)
