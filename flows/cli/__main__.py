"""The command `tamis`: arguments in, exit codes out.

Each command imports what it needs when it runs, so that `tamis extract` does not load a crawler or a
database.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import click

from flows.cli.files import dedupe, extract
from flows.cli.inspection import explain, probe, report, verify
from flows.cli.interrupts import sigterm_interrupts
from flows.cli.releases import forget, release
from flows.cli.runs import clean, demo, rebuild, run, serve
from flows.cli.sources import sources
from output.base.errors import TamisError
from output.base.escaping import shown

RESUMABLE = ("demo", "run", "serve", "clean", "rebuild")


class Commands(click.Group):
    """Turns the errors that a user is meant to read into one line on standard error and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            with sigterm_interrupts():
                return super().invoke(ctx)
        except TamisError as error:
            click.echo(f"tamis: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo(f"tamis: interrupted; {_after_interrupt(ctx.invoked_subcommand)}", err=True)
            ctx.exit(130)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception:
            click.echo(shown(traceback.format_exc()), err=True)
            click.echo("tamis: this is a bug in Tamis; the stored data is not damaged by it", err=True)
            ctx.exit(1)


def _after_interrupt(command: str | None) -> str:
    if command in RESUMABLE:
        return "what was fetched is kept, and the same command goes on from there"
    return "the same command starts again from the beginning"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="TAMIS_DATA",
    default=Path("data"),
    show_default=True,
    help="The data folder: archive, ledger, dataset and releases (or TAMIS_DATA).",
)
@click.version_option(package_name="tamis")
@click.pass_context
def main(ctx: click.Context, data: Path) -> None:
    """Turn web pages into a dataset that can be trusted.

    Exit codes: 0 done; 1 done, but something failed; 2 wrong arguments or declaration; 3 held back by a
    source's expectations; 4 storage or counts damaged; 130 interrupted.
    """
    ctx.obj = data


for _command in (
    clean, dedupe, demo, explain, extract, forget, probe, rebuild, release, report, run, serve, sources,
    verify,
):  # fmt: skip
    main.add_command(_command)


if __name__ == "__main__":
    main(prog_name="tamis")
