"""The commands that run sources: `tamis demo`, `run`, `clean`, `rebuild` and `serve`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from flows.cli.extras import needs
from flows.cli.options import as_json, sources_folder

LOOKED_UP_FIRST = "A folder of declarations, where ids are looked up before those shipped with Tamis."


@click.command()
@click.pass_obj
@needs("crawl", "dataset")
def demo(data: Path) -> None:
    """Try Tamis on small example sites.

    The sites are served on this machine, and crawled into a dataset in DATA/demo.
    """
    from flows.demo import run_demo

    run_demo(data / "demo")


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@sources_folder(LOOKED_UP_FIRST)
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most this many pages of each source.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Skip pages that the site lists with an earlier date.",
)
@click.option(
    "--accept",
    metavar="REASON",
    help="Publish a run that breaks its source's expectations, and record the reason.",
)
@click.option("--dry-run", is_flag=True, help="Crawl and clean in a temporary folder; keep nothing.")
@as_json("Print one JSON object for each run on standard output.")
@click.pass_obj
@needs("crawl", "dataset")
def run(
    data: Path,
    sources: tuple[str, ...],
    folder: Path | None,
    limit: int | None,
    since: Any,
    accept: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Crawl, clean and publish sources once.

    Each run ends with a release. A SOURCE is the id of a declared source, the path of its .toml file, or a
    URL. Of a URL that page alone is fetched; `tamis probe URL` drafts the declaration of a whole site.
    """
    from flows.commands.run import run_sources

    day = since.date().isoformat() if since else None
    sys.exit(
        run_sources(
            sources,
            data,
            folder=folder,
            limit=limit,
            since=day,
            accept=accept,
            dry_run=dry_run,
            as_json=as_json,
        )
    )


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@sources_folder(LOOKED_UP_FIRST)
@click.option("--publish", "publishing", is_flag=True, help="Publish the pages as today's rules clean them.")
@as_json()
@click.pass_obj
@needs("crawl", "dataset")
def clean(data: Path, sources: tuple[str, ...], folder: Path | None, publishing: bool, as_json: bool) -> None:
    """Clean the archived pages again.

    It uses today's rules, and shows what would change. Nothing is fetched. Without a SOURCE, all sources that
    were run are cleaned.
    """
    from flows.commands.reclean import publish_reclean, show_reclean

    if publishing:
        sys.exit(publish_reclean(data, sources, folder=folder))
    else:
        show_reclean(data, sources, folder=folder, as_json=as_json)


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@sources_folder(LOOKED_UP_FIRST)
@click.pass_obj
@needs("crawl", "dataset")
def rebuild(data: Path, sources: tuple[str, ...], folder: Path | None) -> None:
    """Make a lost dataset again.

    Every published run is repeated from the archived pages, with today's rules and under its own id. Nothing
    is fetched. It says which pages could not be had. A SOURCE is named where its declaration is not found by
    its id.
    """
    from flows.commands.rebuild import rebuild as rebuild_dataset

    sys.exit(rebuild_dataset(data, sources, folder=folder))


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@sources_folder("A folder of declarations. They are served instead of those shipped with Tamis.")
@click.option(
    "--notify",
    envvar="TAMIS_NOTIFY",
    metavar="URL_OR_COMMAND",
    help="A webhook or a command. It gets each run that failed, crashed or was held back, as JSON "
    "(or TAMIS_NOTIFY).",
)
@click.option("--tell", hidden=True, help="The former name of --notify.")
@click.pass_obj
@needs("crawl", "schedule", "dataset")
def serve(
    data: Path, sources: tuple[str, ...], folder: Path | None, notify: str | None, tell: str | None
) -> None:
    """Run sources on their schedules.

    It runs until it is stopped. It needs a Prefect server. Where none answers, it says how to start one.
    """
    from flows.commands.serve import serve as serve_sources

    serve_sources(data, sources, folder=folder, notify=tell or notify)
