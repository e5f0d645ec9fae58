"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from docs.hooks.markdown import code, prose, table
from flows.cli.__main__ import main

_HEAD = """\
# Commands

Every command prints its own help with `--help`. The option `--data` stands before the name of the command:
`tamis --data /srv/tamis run gazette`. [Exit codes](exit-codes.md) are the same for all commands.
"""


def page() -> str:
    """Return the page: a section for each command, subcommands behind their group."""
    return "\n\n".join([_HEAD, *(_section(context) for context in walk(main, "tamis"))]) + "\n"


def walk(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """Return a context for a command and for each of its subcommands, in the order of the help."""
    context = click.Context(command, parent, name, **command.context_settings)
    yield context
    if isinstance(command, click.Group):
        for subcommand in command.list_commands(context):
            yield from walk(command.commands[subcommand], subcommand, context)


def _section(context: click.Context) -> str:
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"## {context.command_path}", prose(command.help), f"```text\n{usage}\n```"]
    options = [param for param in command.get_params(context) if param.name != "help"]
    rows = [record for option in options if (record := option.get_help_record(context))]
    parts.append(table(["Option", "Meaning"], [[code(name), text] for name, text in rows]))
    return "\n\n".join(parts)
