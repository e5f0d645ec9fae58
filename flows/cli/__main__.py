"""The command `tamis`: arguments in, exit codes out.

What a command does lies in the module that it imports when it runs, so that each loads only what it uses.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from flows.cli.sources import sources
from output.base.errors import TamisError
from output.base.escaping import shown

FILE = click.Path(dir_okay=False, path_type=Path)
PATHS = click.Path(path_type=Path)


class Commands(click.Group):
    """Turns the errors a user is meant to read into one line on standard error and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TamisError as error:
            click.echo(f"tamis: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            goes_on = ctx.invoked_subcommand in ("demo", "run", "serve", "clean")
            said = "what was fetched is kept, and the same command goes on from there"
            click.echo(f"tamis: interrupted; {said if goes_on else 'the same command begins anew'}", err=True)
            ctx.exit(130)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception:
            click.echo(shown(traceback.format_exc()), err=True)
            click.echo("tamis: a defect of Tamis, told above; nothing that was stored is lost", err=True)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="TAMIS_DATA",
    default=Path("data"),
    show_default=True,
    help="The folder for archive, ledger, dataset and releases (or TAMIS_DATA).",
)
@click.version_option(package_name="tamis")
@click.pass_context
def main(ctx: click.Context, data: Path) -> None:
    """Turn web pages into a dataset that can be trusted.

    Exit codes: 0 done; 1 done, but something ended as failed; 2 unusable arguments or declaration;
    3 held back by a source's expectations; 4 storage or counts damaged; 130 interrupted.
    """
    ctx.obj = data


@main.command()
@click.pass_obj
def demo(data: Path) -> None:
    """Serve a small replica site on loopback, and ingest it end to end into DATA/demo."""
    from flows.demo import run_demo

    run_demo(data / "demo")


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--sources",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of declarations to look ids up in, before those that Tamis ships.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most so many pages of a source.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Leave out pages listed with an earlier date."
)
@click.option("--accept", metavar="WHY", help="Publish although expectations are broken, and record why.")
@click.option(
    "--dry-run", is_flag=True, help="Crawl and clean into a folder that is thrown away; touch no state."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a run on standard output.")
@click.pass_obj
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
    """Ingest sources once: crawl, clean, relate, publish, release.

    A SOURCE is the id of a declaration, the path of a .toml file, or a URL.
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


@main.command()
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option(
    "--output", required=True, type=FILE, help="Where the documents go: JSON Lines, a document a line."
)
@click.option("--removals", type=FILE, help="Where the receipts go: JSON Lines, a removed block a line.")
def extract(paths: tuple[Path, ...], output: Path, removals: Path | None) -> None:
    """Clean saved pages: .html, .txt dumps, folders, .warc(.gz), .jsonl(.zst, .gz).

    A JSON line holds `id`, `url`, `site`, and `html` or `html_base64`.
    """
    # The products of one page are small: a second thread, woken for them, spins. Read when numpy is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from flows.extract.extract import extract as extract_pages
    from flows.workspace.progress import step

    with step("extracting") as progress:
        tally = extract_pages(paths, output, removals, progress)
    for line in tally.lines(output):
        click.echo(shown(line), err=True)
    sys.exit(1 if tally.unreadable else 0)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=FILE, help="Where the relations go: JSON Lines.")
@click.pass_obj
def dedupe(data: Path, file: Path, output: Path) -> None:
    """Relate the documents of a JSON Lines file (`id`, `text`, `language`): same, contains, version."""
    from flows.commands.dedupe import dedupe_file
    from output.stores import stores

    counts = dedupe_file(file, output, stores(data).survivor)
    click.echo(", ".join(f"{n} {name}" for name, n in counts.items()) + f" in {output}", err=True)


@main.command()
@click.argument("page", metavar="ID_OR_URL_OR_FILE")
@click.option("--html", type=FILE, help="Write it as one HTML page that needs no network.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.pass_obj
def explain(data: Path, page: str, html: Path | None, as_json: bool) -> None:
    """Show what was kept of a page and what was removed, why, and how to bring it back."""
    from flows.explain.explain import explain as explain_page

    explain_page(data, page, html=html, as_json=as_json)


main.add_command(sources)


@main.command()
@click.argument("url")
@click.option("--output", type=FILE, help="Where the draft goes; without it, ID.toml in this folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def probe(url: str, output: Path | None, as_json: bool) -> None:
    """Look at a site: how its pages can be listed, what it allows, three pages cleaned; draft a declaration.

    Asks at most 40 times, by robots.txt and with a delay, and keeps nothing but the draft. Exit code 1 where
    none can be made.
    """
    from flows.probe.probe import probe as probe_site

    sys.exit(probe_site(url, output=output, in_json=as_json))


@main.command()
@click.argument("source", required=False)
@click.option("--run", "run_id", help="One run, by its id; without it, the last run of each source.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.option("--html", "page", type=FILE, help="Write all runs as one HTML page that needs no network.")
@click.pass_obj
def report(data: Path, source: str | None, run_id: str | None, as_json: bool, page: Path | None) -> None:
    """Say what the runs did: outcomes, verdicts, removals by kind, relations."""
    from flows.reports.report import show_report

    show_report(data, source=source, run_id=run_id, as_json=as_json, page=page)


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--sources",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve the declarations of this folder, and not those that Tamis ships.",
)
@click.option(
    "--tell",
    envvar="TAMIS_NOTIFY",
    metavar="URL_OR_COMMAND",
    help="A webhook, or a command, that gets each failed, crashed or held run as JSON (or TAMIS_NOTIFY).",
)
@click.pass_obj
def serve(data: Path, sources: tuple[str, ...], folder: Path | None, tell: str | None) -> None:
    """Run each source on its own [schedule], for as long as this command lives.

    Needs a Prefect server, and says how to start one.
    """
    from flows.commands.serve import serve as serve_sources

    serve_sources(data, sources, folder=folder, tell=tell)


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--sources",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of declarations to look ids up in, before those that Tamis ships.",
)
@click.option("--publish", "publishing", is_flag=True, help="Publish what today's rules make of the pages.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.pass_obj
def clean(data: Path, sources: tuple[str, ...], folder: Path | None, publishing: bool, as_json: bool) -> None:
    """Clean the archive again with today's rules, and say what would change; nothing is fetched."""
    from flows.commands.reclean import publish_reclean, show_reclean

    if publishing:
        sys.exit(publish_reclean(data, sources, folder=folder))
    else:
        show_reclean(data, sources, folder=folder, as_json=as_json)


@main.command()
@click.option("--source", "sources", multiple=True, help="Of these sources alone; may be given again.")
@click.option("--language", "languages", multiple=True, help="BCP 47; zh takes zh-Hans too.")
@click.option("--since", help="The first day, ISO 8601.")
@click.option("--until", help="The last day, ISO 8601.")
@click.option("--licence", "licences", multiple=True, help="A word that the licence holds.")
@click.option("--access", multiple=True, default=("full",), show_default=True, help="Verdicts to take in.")
@click.option("--duplicates", is_flag=True, help="Take in what a relation names the same as another.")
@click.pass_obj
def release(data: Path, /, **choice: Any) -> None:
    """Cut a release: everything that is whole, or what the filters choose (beside `latest`, which stays)."""
    from flows.commands.release import release as cut
    from output.release.choice import Choice

    made = cut(data, Choice(**choice))
    stands = "" if made.new else " stands already"
    click.echo(f"{made.path}{stands}: {made.manifest['counts']['documents']:,} documents")


@main.command()
@click.argument("url")
@click.option("--by", default="", help="Who withdraws it; without it, the user.")
@click.option("--reason", default="", help="Why.")
@click.pass_obj
def forget(data: Path, url: str, by: str, reason: str) -> None:
    """Withdraw a page from archive reading, index, re-cleaning and every later release."""
    from flows.commands.forget import forget as withdraw

    gone = withdraw(data, url, by=by, reason=reason)
    click.echo(shown(f"{', '.join(gone.urls)}: {gone.documents} documents withdrawn; next: tamis release"))
    for path in gone.releases:
        click.echo(f"still in {path}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.pass_obj
def verify(data: Path, as_json: bool) -> None:
    """Re-hash archive, dataset and releases; name each damaged path (exit code 4)."""
    from flows.commands.verify import verify_all
    from output.stores import stores

    damage = verify_all(data)
    lines, advice = damage.lines(), damage.advice(data / "archive", Path(stores(data).dataset))
    if as_json:
        click.echo(json.dumps({"damaged": lines, "advice": advice}, ensure_ascii=False))
    else:
        for line in (*lines, *advice):
            click.echo(shown(line))
        click.echo(f"{len(lines)} damaged" if lines else f"{data}: nothing damaged")
    sys.exit(4 if lines else 0)


if __name__ == "__main__":
    main(prog_name="tamis")
